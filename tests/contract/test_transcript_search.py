"""What every search in transcripts promises: the same words find the same contacts, page by page."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.adapters.local.sqlite_transcripts import SqliteTranscripts
from chalicelib.domain.figures import Figure, Range
from chalicelib.domain.passages import Passage, WordMatch, matches, snippets, words_of
from chalicelib.ports.search import Document, Hits, TextQuery
from chalicelib.ports.storage import CategoryMatch, ContactQuery
from tests.contract.rows import HOUR, NOON, commit, row, tombstone
from tests.fakes.search import MemorySearch
from tests.fakes.stores import MemoryContacts

AGENT, CUSTOMER, OTHER = "AGENT", "CUSTOMER", "OTHER"


@dataclass
class World:
    """A store with its search and index."""

    contacts: object
    search: object
    index: object

    def add(self, new, *said: tuple[str, str] | Passage, mark: str = "m-1") -> None:
        old = self.contacts.get(new.contact_id)
        commit(self.contacts, replace(new, version=old.version + 1 if old else 1), old)
        self.index.put(Document(new.contact_id, mark, passages(*said)))

    def found(self, q: str, match: str = "ALL", role: str | None = None, **within) -> list[str]:
        return [hit.contact_id for page in self.pages(q, match, role, 3, **within) for hit in page]

    def pages(self, q: str, match: str, role: str | None, limit: int, **within):
        query = TextQuery(words_of(q, WordMatch(match), role), ContactQuery(**within))
        cursor = None
        while True:
            told = self.search.search(query, cursor=cursor, limit=limit)
            assert isinstance(told, Hits)
            yield told.hits
            cursor = told.cursor
            if cursor is None:
                return


def passages(*said: tuple[str, str] | Passage) -> tuple[Passage, ...]:
    return tuple(
        each if isinstance(each, Passage) else Passage(f"t-{number}", "VOICE", *each)
        for number, each in enumerate(said, 1)
    )


@pytest.fixture(params=["fake", "sqlite", "sqlite from rows"])
def world(request, tmp_path) -> World:
    if request.param == "fake":
        contacts = MemoryContacts()
        both = MemorySearch(contacts)
        yield World(contacts, both, both)
        return
    contacts = SqliteContacts(tmp_path / "contacts.db")
    few = 0 if request.param == "sqlite from rows" else 2000
    both = SqliteTranscripts(tmp_path / "contacts.db", few=few)
    yield World(contacts, both, both)
    contacts.close()
    both.close()


MASKED = Passage("t-1", "VOICE", CUSTOMER, "I am called [NAME] and I wait", ((12, 18),))
SAID = {
    "refund": ((AGENT, "Good morning, how can I help?"), (CUSTOMER, "I want a full refund, now!")),
    "offer": ((AGENT, "I can offer a refund."), (CUSTOMER, "Good. The morning is fine.")),
    "turkish": ((CUSTOMER, "Şikâyetim var: İADE istiyorum"), (AGENT, "Anlıyorum")),
    "accents": ((CUSTOMER, "Le CAFÉ était cafe\u0301s, STRASSE 42b"), (OTHER, "système prêt")),
    "masked": (MASKED, (AGENT, "NAME noted")),
    "odd": ((AGENT, 'a "quoted" word OR another* NEAR(x y) -minus col:umn'), (CUSTOMER, "e-mail 😀 日本語")),
    "none": (),
}  # fmt: skip
FOUND = {
    "a_word": (("refund",), "offer refund"),
    "a_word_of_one_speaker": (("refund", "ALL", AGENT), "offer"),
    "a_word_of_the_other_speaker": (("refund", "ALL", CUSTOMER), "refund"),
    "case_is_ignored": (("REFUND",), "offer refund"),
    "a_part_of_a_word_is_not_found": (("refun",), ""),
    "a_star_is_no_prefix_search": (("refun*",), ""),
    "all_words_in_any_turn": (("morning refund",), "offer refund"),
    "all_words_of_one_speaker": (("morning refund", "ALL", CUSTOMER), ""),
    "any_word": (("full offer", "ANY"), "offer refund"),
    "any_word_of_one_speaker": (("full offer", "ANY", CUSTOMER), "refund"),
    "a_phrase_in_quotes": (('"full refund"',), "refund"),
    "a_phrase_in_another_order": (('"refund full"',), ""),
    "typographic_quotes": (("“full refund”",), "refund"),
    "a_phrase_beside_a_word": (('"good morning" help',), "refund"),
    "exact_is_one_phrase": (("good morning", "EXACT"), "refund"),
    "punctuation_within_a_phrase_is_skipped": (("refund now", "EXACT"), "refund"),
    "quotes_within_an_exact_search": (('want "a full"', "EXACT"), "refund"),
    "a_phrase_does_not_reach_into_the_next_turn": (("help i want", "EXACT"), ""),
    "a_quote_that_never_ends": (('"full refund',), "refund"),
    "diacritics_are_ignored": (("sikayetim iade",), "turkish"),
    "diacritics_in_the_question_are_ignored": (("réfûnd",), "offer refund"),
    "composed_and_decomposed_are_the_same": (("cafés cafe",), "accents"),
    "letters_with_digits": (("42B",), "accents"),
    "somebody_else_is_heard_without_a_speaker": (("systeme",), "accents"),
    "somebody_else_is_neither_speaker": (("systeme", "ALL", AGENT), ""),
    "a_masked_span_is_not_found": (("name",), "masked"),
    "a_mask_is_no_word_of_its_turn": (("name", "ALL", CUSTOMER), ""),
    "no_phrase_reaches_over_a_mask": (("called and", "EXACT"), ""),
    "the_rest_of_a_masked_turn_is_found": (("and i wait", "EXACT"), "masked"),
    "operators_are_words": (("OR another",), "odd"),
    "near_is_a_word": (("near",), "odd"),
    "a_column_is_not_a_filter": (("col:umn",), "odd"),
    "a_hyphen_makes_a_phrase": (("e-mail",), "odd"),
    "other_scripts": (("日本語",), "odd"),
    "within_a_queue": (("refund", "ALL", None, {"queue_ids": ("q-1",)}), "refund"),
    "within_a_time": (("refund", "ALL", None, {"start_ms": NOON + 1}), "offer"),
    "without_a_category": (
        ("refund", "ALL", None, {"categories": ("Refund",), "category_match": CategoryMatch.NONE}), "offer"),
    "within_a_range": (("refund", "ALL", None, {"ranges": (Range(Figure.INTERRUPTIONS, 2, None),)}), "offer"),
    "with_an_attribute": (("refund", "ALL", None, {"attributes": (("tier", ("gold",)),)}), "refund"),
}  # fmt: skip


def fill(world: World) -> None:
    for number, (name, said) in enumerate(SAID.items()):
        more = {
            "refund": {
                "queue_id": "q-1",
                "categories": ("Refund",),
                "attributes": {"tier": "gold"},
            },
            "offer": {"interruptions": 2},
        }.get(name, {})
        world.add(row(name, NOON + number * HOUR, **more), *said)


def test_every_search(world, subtests):
    fill(world)
    for name, ((q, *rest), expected) in FOUND.items():
        match, role, within = (*rest, *("ALL", None, {})[len(rest) :])
        with subtests.test(name):
            assert world.found(q, match, role, **within) == expected.split()


def test_a_snippet_shows_what_was_found_where_it_was_said(world):
    fill(world)
    for q, role in (("refund", None), ("name", None), ("cafes", CUSTOMER), ("e-mail", None)):
        words = words_of(q, WordMatch.ALL, role)
        told = world.search.search(TextQuery(words, ContactQuery()))
        assert told.hits
        for hit in told.hits:
            given = hit.passages or passages(*SAID[hit.contact_id])
            for cut in snippets(given, words, 3):
                said = next(p for p in given if p.segment_id == cut.segment_id)
                assert said.text[cut.offset :].startswith(cut.text)
                assert cut.ranges
                for begin, end in cut.ranges:
                    assert 0 <= begin < end <= len(cut.text)
                    piece = Passage("x", "VOICE", cut.role, cut.text[begin:end])
                    assert matches([piece], words)


def test_pages_are_full_and_go_on_while_contacts_come_and_go(world):
    for n in range(7):
        world.add(row(f"c-{n}", NOON + n), (AGENT, "a refund" if n % 2 == 0 else "nothing"))
    query = TextQuery(words_of("refund", WordMatch.ALL, None), ContactQuery())
    first = world.search.search(query, limit=2)
    world.add(row("c-new", NOON + 100), (AGENT, "refund"))
    commit(world.contacts, tombstone(world.contacts.get("c-4")), world.contacts.get("c-4"))
    second = world.search.search(query, cursor=first.cursor, limit=2)
    assert [hit.contact_id for hit in first.hits] == ["c-6", "c-4"]
    assert [hit.contact_id for hit in second.hits] == ["c-2", "c-0"]
    assert second.cursor is None


def test_ties_are_ordered_by_contact_id(world):
    for name in "bca":
        world.add(row(f"c-{name}"), (AGENT, "refund"))
    told = [[hit.contact_id for hit in page] for page in world.pages("refund", "ALL", None, 2)]
    assert told == [["c-a", "c-b"], ["c-c"]]


def test_a_text_takes_the_place_of_the_former_one(world):
    world.add(row("c-1"), (CUSTOMER, "my pin is four"))
    world.add(row("c-1"), (CUSTOMER, "my pin is gone"), mark="m-2")
    assert world.found("four") == []
    assert world.found("gone") == ["c-1"]
    assert world.index.mark("c-1") == "m-2"


def test_what_is_deleted_or_removed_is_never_found(world):
    for name in ("deleted", "removed", "kept"):
        world.add(row(name), (CUSTOMER, "a refund"))
    commit(world.contacts, tombstone(world.contacts.get("deleted")), world.contacts.get("deleted"))
    world.index.remove("removed")
    world.index.remove("never-there")
    world.index.put(Document("deleted", "m-3", passages((CUSTOMER, "a refund"))))
    world.index.tidy()
    assert world.found("refund") == ["kept"]
    assert world.index.mark("removed") == ""


def test_a_contact_without_a_text_has_no_mark(world):
    assert world.index.mark("nobody") == ""


@pytest.mark.parametrize("q", ["", "  ", '""', "!!! -- *", "\ue000", "\x00"])
def test_a_question_without_a_word_has_no_phrases(q):
    for match in WordMatch:
        assert words_of(q, match, None).phrases == ()
