"""Entities of a conversation: from the redacted text, grouped for people, honest about the rest."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.entities import TYPES, Entities, Entity, EntityGroup, grouped, quoted
from chalicelib.domain.errors import InputRefused, SettingsError, Unavailable
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.transcript import Channel
from chalicelib.formats import connect_chat, entity_list
from chalicelib.formats.artifact import dump, load
from chalicelib.formats.native import document
from chalicelib.ports.entities import Mention
from chalicelib.stages import entities as stage
from chalicelib.stages.conversation import Material, Standing, analyse
from chalicelib.text_engines import entity_finder
from tests.chat_files import body, chat, message
from tests.fakes.language import FakeEntities, FakePiiDetector, fake_readers
from tests.unit.analyses import contact, faults

SAID = (
    ("CUSTOMER", "Kim needs it tomorrow, really Tomorrow"),
    ("AGENT", "tomorrow works, Kim"),
    ("SYSTEM", "closed tomorrow"),
)
KINDS = {"tomorrow": "DATE", "Tomorrow": "DATE", "Kim": "PERSON", "NAME": "PERSON"}


def spoken(*lines, language="en-US"):
    items = [message(role, text, at=n) for n, (role, text) in enumerate(lines)]
    return connect_chat.read(body(chat(*items)), language=language)


def readings(finder=None, **kw):
    raw = spoken(*SAID)
    return analyse(
        Material(Channel.CHAT, "k", "e", raw),
        settings=Settings(),
        rules=RuleSet("none", ()),
        readers=fake_readers(
            pii=FakePiiDetector({"Kim": "NAME"}), entities=finder or FakeEntities(KINDS)
        ),
        **kw,
    )


def test_entities_are_found_in_the_redacted_text_and_nothing_masked_is_named():
    finder = FakeEntities(KINDS)
    made = readings(finder).redacted
    assert finder.asked == ["[NAME] needs it tomorrow, really Tomorrow", "tomorrow works, [NAME]"]
    assert [(e.kind, text) for e, text in quoted(made.entities, made.transcript)] == [
        ("DATE", "tomorrow"),
        ("DATE", "Tomorrow"),
        ("DATE", "tomorrow"),
    ]
    assert made.engines["entities"] == FakeEntities.engine


def test_beside_the_original_text_they_point_into_that():
    made = readings().original
    assert [text for _, text in quoted(made.entities, made.transcript)] == [
        "tomorrow",
        "Tomorrow",
        "tomorrow",
    ]


def test_people_see_each_thing_once():
    made = readings().redacted
    (group,) = grouped(made.entities, made.transcript)
    turns = [t.id for t in made.transcript.turns][:2]
    assert group == EntityGroup("tomorrow", "DATE", 3, tuple(turns))


def test_what_was_not_looked_for_is_told():
    made = Entities(FakeEntities.engine, ("DATE", "PERSON"))
    assert made.not_looked_for == tuple(t for t in TYPES if t not in ("DATE", "PERSON"))


def test_a_turn_that_cannot_be_read_is_told_and_the_others_are_read():
    made = stage.make(spoken(*SAID), FakeEntities(KINDS, unreadable="works"))
    assert [*made.unread.values()] == ["unreadable"]
    assert len(made.found) == 3


def test_a_language_that_the_engine_does_not_read_is_a_skipped_analysis():
    made = stage.make(spoken(*SAID, language="de-DE"), FakeEntities())
    assert made == SkippedAnalysis(
        "entities",
        "LANGUAGE_NOT_SUPPORTED",
        "fake-entities finds no entities, the conversation is in 'de-DE'",
        "chat",
    )


@pytest.mark.parametrize(
    "mention",
    [Mention(0, 0, "DATE"), Mention(0, 999, "DATE"), Mention(-1, 2, "DATE"), Mention(0, 2, "CAR")],
    ids=["nothing", "behind_the_end", "before_the_begin", "another_type"],
)
def test_an_engine_that_marks_what_is_not_there_is_not_believed(mention):
    class Wrong(FakeEntities):
        def _found(self, text):
            return [mention]

    with pytest.raises(Unavailable, match="not in the conversation"):
        stage.make(spoken(*SAID), Wrong())


def test_an_engine_that_answers_about_other_texts_is_not_believed():
    class Short(FakeEntities):
        def find(self, texts, language):
            return []

    with pytest.raises(Unavailable, match="0 of 2"):
        stage.make(spoken(*SAID), Short())


def test_a_product_that_stands_is_not_made_again():
    finder = FakeEntities(KINDS)
    kept = Entities(FakeEntities.engine, ("DATE",), (Entity("customer-0", 0, 3, "DATE"),))
    assert readings(finder, standing=Standing(entities=kept)).redacted.entities == kept
    assert finder.asked == []


def test_the_document_shows_them_and_keeps_its_schema():
    made = readings()
    shown = contact(made.redacted)
    tree = document(shown, contact(made.original))
    assert faults("loupe-1.json", tree) == []
    told = tree["conversations"][0]["entities"]
    assert told["groups"][0]["text"] == "tomorrow"
    assert told["lookedFor"] == ["DATE", "PERSON"]
    assert "EVENT" in told["notLookedFor"]


def test_an_analysis_from_before_entities_is_read():
    shown = contact(replace(readings().redacted, language=None, entities=None))
    plain = json.loads(dump(shown))
    for one in plain["conversations"]:
        del one["language"], one["entities"], one["transcript"]["language_stated"]
    read = load(ContactAnalysis, json.dumps(plain).encode())
    assert read == shown
    assert document(read)["conversations"][0]["entities"] is None


# The list


def test_a_list_is_read_with_its_types():
    read = entity_list.load(
        b"Type\tPhrase\r\nCOMMERCIAL_ITEM\tBasic Internet\n\nORGANIZATION\tAT&T\n"
    )
    assert read.phrases == {"basic internet": "COMMERCIAL_ITEM", "at&t": "ORGANIZATION"}
    assert read.id != entity_list.load(b"Type\tPhrase\nOTHER\tx\n").id


BAD = {
    "empty": (b"", "line 1: the header"),
    "no_header": (b"OTHER\tx\n", "line 1: the header"),
    "one_cell": (b"Type\tPhrase\nOTHER\n", "line 2: has 1 cells"),
    "unknown_type": (b"Type\tPhrase\nCAR\tx\n", "line 2: Type is one of"),
    "only_marks": (b"Type\tPhrase\nOTHER\t?!\n", "line 2: Phrase has"),
    "too_many_words": (b"Type\tPhrase\nOTHER\t" + b"x " * 17, "line 2: Phrase has"),
    "two_types": (b"Type\tPhrase\nOTHER\tx\nEVENT\tX\n", "line 3: has a phrase"),
    "not_utf8": (b"\xff", "not UTF-8"),
    "too_large": (b"x" * (1024**2 + 1), "more than"),
}


@pytest.mark.parametrize(("given", "told"), BAD.values(), ids=BAD)
def test_a_bad_list_is_refused_with_its_line(given, told):
    with pytest.raises(InputRefused, match=told):
        entity_list.load(given)


def test_a_bad_list_stops_the_start_and_a_good_one_is_part_of_the_engine(tmp_path):
    file = tmp_path / "list.tsv"
    settings = Settings(pii="patterns", entity_list=str(file))
    with pytest.raises(SettingsError, match="LOUPE_ENTITY_LIST: No such file"):
        entity_finder(settings)
    file.write_bytes(b"nonsense")
    with pytest.raises(SettingsError, match="LOUPE_ENTITY_LIST: line 1"):
        entity_finder(settings)
    file.write_bytes(b"Type\tPhrase\nEVENT\tBlack Friday\n")
    finder = entity_finder(settings)
    assert "names by list" in finder.engine.detail
    assert "EVENT" in finder.types("en-US")
