"""Tests that rules carry: what a snippet becomes, which engines are asked, what passes, fails, is skipped."""

from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.errors import EngineMissing, NotFound
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import (
    Comparison,
    ExactMatch,
    Example,
    ExampleTurn,
    Fact,
    Group,
    Interrupting,
    Measure,
    Operator,
    PersonalData,
    Rule,
    Scope,
    SemanticMatch,
    SentimentState,
    Silence,
)
from chalicelib.domain.transcript import Channel, Engine, Role, SentimentLabel
from chalicelib.stages.rule_tests import TURN_MS, Ground, Result, run, snippet
from tests.fakes.language import FakePiiDetector, FakeSentiment
from tests.rules import subject
from tests.unit.test_rules_engine import transcript, turn

REFUND = ExactMatch(("refund",), Scope("CUSTOMER"))
BAD = SentimentState(SentimentLabel.NEGATIVE, Scope("CUSTOMER"))
ENDING = Measure("sentiment_end", Comparison.AT_MOST, -1, "CUSTOMER")
CARD = PersonalData(("CREDIT_DEBIT_NUMBER",))


class NoPii:
    engine = Engine("none", "")

    def spans(self, turns, language):
        raise EngineMissing("pii", "no model for names")


def ground(**changes):
    plain = Ground(Settings(), FakeSentiment(), FakePiiDetector(), Tools())
    return replace(plain, **changes)


def said(*texts, matches=True, pause=0, **more):
    """A customer who says all this."""
    turns = tuple(ExampleTurn("CUSTOMER", text, pause if n else 0) for n, text in enumerate(texts))
    return Example(matches, turns, **more)


def rule(when, *examples, **fields):
    return Rule("r", "Rule", 1, when, examples=examples, **fields)


def results(tested, on=None):
    return [test.result.value for test in run(tested, on or ground())]


JUDGED = {
    "a_match_that_must_be": (REFUND, said("a refund"), "PASSED"),
    "a_match_that_must_not_be": (REFUND, said("a refund", matches=False), "FAILED"),
    "no_match_where_one_must_be": (REFUND, said("hello"), "FAILED"),
    "no_match_where_none_may_be": (REFUND, said("hello", matches=False), "PASSED"),
    "a_pause": (Silence(12_000), said("a", "b", pause=12_000), "PASSED"),
    "a_shorter_pause": (Silence(12_001), said("a", "b", pause=12_000), "FAILED"),
    "a_figure_that_is_found_out": (
        Measure("duration", Comparison.AT_LEAST, 20),
        said("a", "b", pause=12_000),
        "PASSED",
    ),
    "a_figure_that_is_stated": (
        Measure("hold", Comparison.AT_LEAST, 100),
        said("a", figures=(("hold", 100),)),
        "PASSED",
    ),
    "a_stated_figure_takes_the_place_of_another": (
        Measure("longest_non_talk", Comparison.AT_LEAST, 5),
        said("a", "b", pause=12_000, figures=(("longest_non_talk", 4),)),
        "FAILED",
    ),
    "a_field": (Fact("queue", ("billing",)), said("a", facts=(("queue", ("billing",)),)), "PASSED"),
    "a_field_that_is_not_stated": (Fact("queue", ("billing",)), said("a"), "FAILED"),
    "a_label": (BAD, said("that is bad"), "PASSED"),
    "personal_data": (CARD, said("4111"), "PASSED"),
}


@pytest.mark.parametrize(("when", "example", "result"), JUDGED.values(), ids=JUDGED)
def test_an_example_is_judged(when, example, result):
    pii = FakePiiDetector({"4111": "CREDIT_DEBIT_NUMBER"})
    assert results(rule(when, example), ground(pii=pii)) == [result]


def test_turns_follow_each_other_with_their_pauses_and_overlaps():
    turns = (
        ExampleTurn("AGENT", "one"),
        ExampleTurn("CUSTOMER", "two", 5000),
        ExampleTurn("AGENT", "three", -3000),
    )
    seen = snippet(rule(REFUND), Example(True, turns), ground())
    assert [(line.role, line.begin_ms) for line in seen.lines] == [
        (Role.AGENT, 0),
        (Role.CUSTOMER, TURN_MS + 5000),
        (Role.AGENT, TURN_MS + 5000 + TURN_MS - 3000),
    ]


def test_an_overlap_is_an_interruption():
    turns = (ExampleTurn("CUSTOMER", "it all began"), ExampleTurn("AGENT", "stop it there", -3000))
    by_agent = Interrupting(2000, Scope("AGENT"))
    assert results(rule(by_agent, Example(True, turns))) == ["PASSED"]


def test_a_stated_length_moves_the_last_seconds():
    last = ExactMatch(("bye",), Scope(None, None))
    windowed = replace(last, scope=Scope("CUSTOMER", _last(10_000)))
    assert results(rule(windowed, said("bye"))) == ["PASSED"]
    assert results(rule(windowed, said("bye", figures=(("duration", 60),)))) == ["FAILED"]


def _last(milliseconds):
    from chalicelib.domain.rules.rule import Edge, Window

    return Window(Edge.LAST, milliseconds)


@pytest.mark.parametrize("channel", [None, *Channel])
def test_a_snippet_has_the_channel_of_its_rule(channel):
    seen = snippet(rule(REFUND, channel=channel), said("a"), ground())
    assert seen.channel is (channel or Channel.VOICE)


def test_a_snippet_has_the_tags_that_its_rule_asks_for():
    assert results(rule(REFUND, said("a refund"), tags=(("tier", "gold"),))) == ["PASSED"]


ASKED = {
    "words_need_no_labels": (REFUND, said("a refund"), 0),
    "labels_are_asked_for_once": (Group(Operator.AND, (BAD, BAD)), said("bad", "bad"), 1),
    "a_score_needs_labels": (ENDING, said(*["bad"] * 8), 1),
    "a_stated_score_needs_none": (
        ENDING,
        said("bad", figures=(("sentiment_end:CUSTOMER", -3),)),
        0,
    ),
}


@pytest.mark.parametrize(("when", "example", "batches"), ASKED.values(), ids=ASKED)
def test_the_sentiment_engine_is_asked_only_where_it_is_needed(when, example, batches):
    mood = FakeSentiment()
    assert results(rule(when, example), ground(sentiment=mood)) == ["PASSED"]
    assert len(mood.batches) == batches


def test_personal_data_is_looked_for_only_where_it_is_needed():
    assert results(rule(REFUND, said("a refund")), ground(pii=NoPii())) == ["PASSED"]


WITHOUT = {
    "labels": (BAD, {"sentiment": FakeSentiment(languages=("de",))}, "no sentiment for en-US"),
    "personal_data": (CARD, {"pii": NoPii()}, "no model for names"),
    "meaning": (SemanticMatch(("a",)), {}, "no engine for sentence vectors is installed"),
}


@pytest.mark.parametrize("matches", [True, False])
@pytest.mark.parametrize(("when", "engines", "reason"), WITHOUT.values(), ids=WITHOUT)
def test_without_its_engine_a_test_is_skipped_with_the_reason(when, engines, reason, matches):
    (test,) = run(rule(when, said("bad", matches=matches)), ground(**engines))
    assert (test.result, test.reason) == (Result.SKIPPED, reason)


def test_a_missing_engine_is_no_excuse_where_the_rest_decides():
    either = Group(Operator.OR, (REFUND, SemanticMatch(("a",))))
    assert results(rule(either, said("a refund", matches=False))) == ["FAILED"]


HELD = {
    "matches": (subject(transcript(turn("a refund"))),),
    "other": (subject(transcript(turn("hello"))),),
    "both": (
        subject(transcript(turn("hello"))),
        subject(transcript(turn("a refund"), channel=Channel.CHAT)),
    ),
    "gone": (),
}


def held(contact_id):
    if contact_id not in HELD:
        raise NotFound(f"there is no contact {contact_id}")
    return HELD[contact_id]


CONTACTS = {
    "that_matches": ("matches", True, "PASSED"),
    "that_matches_and_must_not": ("matches", False, "FAILED"),
    "that_does_not_match": ("other", True, "FAILED"),
    "that_does_not_match_and_must_not": ("other", False, "PASSED"),
    "of_which_one_conversation_matches": ("both", True, "PASSED"),
    "that_is_not_there": ("nowhere", False, "FAILED"),
    "of_which_nothing_is_kept": ("gone", False, "SKIPPED"),
}


@pytest.mark.parametrize(("contact", "matches", "result"), CONTACTS.values(), ids=CONTACTS)
def test_a_contact(contact, matches, result):
    example = Example(matches, contact_id=contact)
    assert results(rule(REFUND, example), ground(stored=held)) == [result]


@pytest.mark.parametrize(("matches", "result"), [(True, "FAILED"), (False, "PASSED")])
def test_a_contact_that_the_rule_is_not_for_does_not_match(matches, result):
    example = Example(matches, contact_id="matches")
    tested = rule(REFUND, example, channel=Channel.CHAT)
    assert results(tested, ground(stored=held)) == [result]


def test_without_contacts_a_test_of_one_is_skipped():
    (test,) = run(rule(REFUND, Example(True, contact_id="x")), ground())
    assert test.result is Result.SKIPPED
    assert "no data folder" in test.reason
