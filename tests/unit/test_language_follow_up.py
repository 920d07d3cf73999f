"""The follow-up ``language``: what a deeper reading of a contact comes to, and what it says it has not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from chalicelib.adapters.engines.entity_finder import LocalEntities
from chalicelib.adapters.engines.insight_local import LocalInsight
from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.domain.errors import EngineMissing, LanguageNotServed, Unavailable
from chalicelib.domain.follow_up import Kind, Option, Order, Reason, Result, Skipped
from chalicelib.domain.insight import DocumentClass, Feeling, Phrase, Toxicity
from chalicelib.domain.transcript import Engine, SentimentLabel, Transcript
from chalicelib.flow.follow_ups import language
from chalicelib.flow.follow_ups.desk import Desk
from chalicelib.formats.artifact import dump, load
from chalicelib.ports.language import Failed, Guess
from chalicelib.ports.services import After
from tests.fakes.language import FakeIdentifier
from tests.unit.analyses import contact, conversation
from tests.unit.conversations import A, C, call, chat, event, span, wrote
from tests.world import World

NEG, POS = SentimentLabel.NEGATIVE, SentimentLabel.POSITIVE
CALL = call(
    span(C, 1000, 2000, "the router is bad, I am [NAME]"),
    span(A, 3000, 4000, "you idiot"),
    span(C, 5000, 6000, "a router box"),
)


class FakeInsight:
    """Feels and finds "router", is told which words are abuse; ``lacks`` raises, ``breaks`` fails a text."""

    engine = Engine("fake-insight", "1", "reads the words of a test")

    def __init__(self, *, lacks: Exception | None = None, breaks: str = "", short: bool = False):
        self.lacks, self.breaks, self.short = lacks, breaks, short

    def feelings(self, texts: Sequence[str], language: str):
        return self._each(texts, self._feelings)

    def _feelings(self, text: str):
        found = []
        for name, kind in (("router", "OTHER"), ("NAME", "PERSON")):
            if name in text:
                label, score = (NEG, -0.8) if "bad" in text else (POS, 0.2)
                at = text.index(name)
                found.append(Feeling(at, at + len(name), name, kind, label, score))
        if "[NAME]" in text:
            found.append(Feeling(len(text), len(text), "NAME", "PERSON", POS, 0.5))
        return found

    def toxicity(self, texts: Sequence[str], language: str):
        abuse = Toxicity(0.9, {"INSULT": 0.9, "PROFANITY": 0.2})
        return self._each(texts, lambda text: abuse if "idiot" in text else Toxicity(0.1))

    def phrases(self, texts: Sequence[str], language: str):
        return self._each(texts, self._phrases)

    def _phrases(self, text: str):
        known = [word for word in ("the router", "a router", "NAME") if word in text]
        return [Phrase(text.index(word), text.index(word) + len(word)) for word in known]

    def languages(self, texts: Sequence[str]):
        mixed = Guess({"en": 0.9, "de": 0.1})
        return self._each(texts, lambda text: mixed if "router" in text else Guess({"en": 1.0}))

    def classes(self, text: str, language: str):
        if self.lacks:
            raise self.lacks
        return [DocumentClass("billing", 0.7), DocumentClass("other", 0.3)]

    def _each(self, texts, read):
        if self.lacks:
            raise self.lacks
        found = [Failed("broken") if self.breaks and self.breaks in t else read(t) for t in texts]
        return found[1:] if self.short else found


def read(insight: object, *transcripts: Transcript) -> Result:
    return language.result(contact(*map(conversation, transcripts or (CALL,))), insight)


def named(result: Result, name: str) -> list[Reason]:
    return [reason for reason in result.reasons if reason.name == name]


def test_a_contact_with_abuse_is_toxic_and_says_where():
    result = read(FakeInsight())
    assert (result.outcome, result.score) == ("toxic", 0.9)
    assert named(result, "toxicity") == [
        Reason("agent: INSULT", "toxicity", "AGENT-3000", 0.9, begin_ms=3000)
    ]
    assert result.engine == FakeInsight.engine
    assert result.inputs == {"turns": "3", "language": "en-US"}


def test_a_contact_without_is_clean():
    result = read(FakeInsight(), chat(wrote(C, 1000, "my router"), event(A, 2000)))
    assert (result.outcome, result.score, named(result, "toxicity")) == ("clean", 0.1, [])


def test_things_come_with_the_mean_of_their_sentiment_and_never_from_a_mask():
    assert read(FakeInsight()).options == (
        Option("router", -0.3, "OTHER, spoken of 2 times, at worst -0.80"),
    )


def test_key_phrases_are_counted_without_articles_and_never_from_a_mask():
    assert named(read(FakeInsight()), "key-phrase") == [
        Reason("said 2 times", "key-phrase", "router", 2, begin_ms=1000)
    ]


def test_classes_and_languages_come_with_their_certainty():
    result = read(FakeInsight())
    assert [(r.value, r.weight) for r in named(result, "class")] == [
        ("billing", 0.7),
        ("other", 0.3),
    ]
    shares = {r.value: r.weight for r in named(result, "language")}
    assert shares["en"] == pytest.approx(0.917, abs=0.01)
    assert shares["de"] == pytest.approx(0.083, abs=0.01)


def test_what_the_engine_has_not_is_told_with_its_reason():
    lacking = FakeInsight(lacks=LanguageNotServed("x", "nobody reads Finnish"))
    result = read(lacking)
    assert (result.outcome, result.score, result.options) == ("not-read", None, ())
    assert {(r.value, r.text) for r in named(result, "not-available")} == {
        (what, "nobody reads Finnish")
        for what in ("toxicity", "targeted sentiment", "key phrases", "language", "classes")
    }


def test_turns_that_could_not_be_read_are_counted_and_make_nothing_clean():
    result = read(
        FakeInsight(breaks="box"), chat(wrote(C, 0, "a router box"), wrote(A, 1, "hello"))
    )
    assert result.outcome == "not-read"
    assert ("toxicity", "1 of 2 turns: broken") in {
        (r.value, r.text) for r in named(result, "unread")
    }
    assert read(FakeInsight(breaks="box")).outcome == "toxic"


def test_both_conversations_of_a_contact_are_read():
    result = read(FakeInsight(), CALL, chat(wrote(C, 0, "my router")))
    assert result.inputs["turns"] == "4"
    assert result.options[0].reason.startswith("OTHER, spoken of 3 times")


def test_a_contact_in_which_nobody_speaks_has_nothing_to_read():
    with pytest.raises(Skipped, match="nobody says anything"):
        read(FakeInsight(), chat(event(A, 0), wrote(C, 1, " ")))


@pytest.mark.parametrize(
    "insight",
    [FakeInsight(lacks=Unavailable("down")), FakeInsight(short=True)],
    ids=["down", "an_answer_about_fewer_texts"],
)
def test_an_engine_that_does_not_answer_is_asked_again(insight):
    with pytest.raises(Unavailable):
        read(insight)


def test_the_local_engine_reads_a_contact():
    local = LocalInsight(VaderSentiment(), LocalEntities(), FakeIdentifier())
    result = read(local)
    assert result.outcome == "toxic"
    assert [(o.name, o.score < 0) for o in result.options] == [
        ("router", True),
        ("router box", False),
    ]
    assert [r.value for r in named(result, "not-available")] == ["classes"]
    assert [r.value for r in named(result, "language")] == ["en"]


@dataclass(frozen=True)
class Engines(After):
    insight: object = None


def test_it_is_carried_out_by_the_engine_of_the_installation(tmp_path):
    services = World(tmp_path).services
    analysis = contact(conversation(CALL))
    order = Order("o", Kind.LANGUAGE, analysis.contact_id, "k", 1)

    def desk(after: After) -> Desk:
        return Desk(replace(services, after=after), order, None, None, analysis)

    assert language.run(desk(Engines(insight=FakeInsight()))).outcome == "toxic"
    with pytest.raises(Skipped, match="no engine"):
        language.run(desk(Engines()))


def test_missing_is_not_unavailable():
    assert read(FakeInsight(lacks=EngineMissing("classes", "none"))).outcome == "not-read"


def test_the_result_is_kept_as_it_was_made():
    result = read(FakeInsight(breaks="box"))
    assert load(Result, dump(result)) == result
