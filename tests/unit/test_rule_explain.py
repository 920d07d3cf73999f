"""Why a rule matched or did not, in words."""

import pytest

from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.explain import grounds, needed, quoting, told
from chalicelib.domain.rules.finding import State, Tools
from chalicelib.domain.rules.rule import (
    AnyOf,
    Comparison,
    Edge,
    ExactMatch,
    Fact,
    Ground,
    Group,
    Interrupting,
    Measure,
    Number,
    Operator,
    PatternMatch,
    PersonalData,
    Plain,
    Proximity,
    RegexMatch,
    Rule,
    RuleSet,
    Scope,
    SemanticMatch,
    SentimentState,
    Silence,
    Statement,
    Unit,
    Window,
)
from chalicelib.domain.transcript import SentimentLabel
from chalicelib.formats.rule_text import categories, lines
from tests.rules import subject
from tests.unit.test_rules_engine import transcript, turn

FIRST = Window(Edge.FIRST, 30_000)
NEEDED = {
    "words": (ExactMatch(("a", "b")), 'anybody says "a" or "b"'),
    "words_of_a_side": (ExactMatch(("a",), Scope("AGENT")), 'the agent says "a"'),
    "words_of_anybody": (ExactMatch(("a",), Scope("ANY")), 'anybody says "a"'),
    "words_not": (ExactMatch(("a",), Scope("CUSTOMER"), True), 'not: the customer says "a"'),
    "words_expressly": (ExactMatch(("a",), negate=False), 'anybody says "a"'),
    "five_phrases": (ExactMatch(tuple("abcde")), 'anybody says "a", "b", "c", "d" or "e"'),
    "many_phrases": (ExactMatch(tuple("abcdef")), 'anybody says "a", "b", "c", "d" or 2 more'),
    "first": (ExactMatch(("a",), Scope(None, FIRST)), 'anybody says "a" in the first 30 s'),
    "last": (
        ExactMatch(("a",), Scope(None, Window(Edge.LAST, 1500))),
        'anybody says "a" in the last 1.5 s',
    ),
    "past": (
        ExactMatch(("a",), Scope(None, Window(Edge.PAST, 60_000))),
        'anybody says "a" in the last 60 s',
    ),
    "between_shares": (
        ExactMatch(("a",), Scope(None, Window(Edge.BETWEEN, 75, 25, Unit.PERCENT))),
        'anybody says "a" from 25 % to 75 % of the contact',
    ),
    "pattern": (
        PatternMatch(
            (
                (Plain("ab*"), Proximity(3), AnyOf((Plain("c"), Plain("d")))),
                (Plain("e"), Number(), Proximity(1, within=False), Number(decimal=True)),
            )
        ),
        (
            'anybody says "ab*" within 3 words of ("c" or "d") or '
            '"e" then a whole number not within 1 words of a number'
        ),
    ),
    "meaning": (SemanticMatch(("go",), Scope("AGENT")), 'the agent says something like "go"'),
    "statement": (Statement("It rains."), 'a language model finds true: "It rains."'),
    "expression": (RegexMatch(("a+",)), "anybody says what fits /a+/"),
    "personal_data": (PersonalData(("PIN",)), "anybody says personal data (PIN)"),
    "any_personal_data": (PersonalData(()), "anybody says personal data"),
    "a_label": (
        SentimentState(SentimentLabel.NEGATIVE, Scope("CUSTOMER", FIRST)),
        "a turn of the customer NEGATIVE in the first 30 s",
    ),
    "a_share_of_labels": (
        SentimentState(SentimentLabel.MIXED, share=0.5),
        "at least 50 % of the turns of anybody MIXED",
    ),
    "a_field": (Fact("queue", ("a", "b")), 'queue is "a" or "b"'),
    "no_value": (Fact("queue", (), True), "not: queue is empty"),
    "a_field_with_more": (
        Fact("ai_agent", ("a",), None, (("Use", "X"),)),
        'ai_agent with Use = X is "a"',
    ),
    "a_figure": (
        Measure("hold", Comparison.AT_LEAST, 120),
        "hold is at least 120 s",
    ),
    "a_figure_of_a_side": (
        Measure("talk_speed", Comparison.AT_MOST, 90.5, "AGENT"),
        "talk_speed of the agent is at most 90.5 words/min",
    ),
    "a_figure_of_either_side": (
        Measure("sentiment", Comparison.AT_MOST, -2),
        "sentiment of either side is at most -2 score",
    ),
    "silence": (Silence(8000, FIRST), "nobody speaks for 8 s in the first 30 s"),
    "interruption": (Interrupting(2500, Scope("AGENT")), "the agent interrupts for 2.5 s"),
    "any_interruption": (Interrupting(0, negate=True), "not: anybody interrupts"),
    "all": (Group(Operator.AND, ()), "all of these"),
    "any": (Group(Operator.OR, (), False), "any of these"),
    "not_all": (Group(Operator.AND, (), True), "not all of these"),
}


@pytest.mark.parametrize(("node", "text"), NEEDED.values(), ids=NEEDED)
def test_what_is_needed(node, text):
    assert needed(node) == text


SPOKEN = subject(
    transcript(
        turn("I want a refund, a refund!", id="t1"),
        turn("x" * 200, id="t2", begin_ms=65_000, end_ms=70_000),
    ),
    facts={"queue": ("billing",), "attribute:tier": ("gold",), "attribute:none": ()},
)
REFUND = ExactMatch(("refund",))
LONG = ExactMatch(("x" * 200,))


def verdict(node):
    (found,) = CompiledRules(RuleSet("s", (Rule("r", "Refund", 3, node),))).explain(SPOKEN, Tools())
    return found


def saw(node, quote):
    return told(verdict(node).finding, quote).saw


SAW = {
    "words": (REFUND, '"refund" at 0:01, "refund" at 0:01', "it at 0:01, at 0:01"),
    "no_words": (ExactMatch(("no",)), "nothing of it", "nothing of it"),
    "words_that_were_not_to_be": (
        ExactMatch(("want",), negate=True),
        '"want" at 0:01',
        "it at 0:01",
    ),
    "words_that_rightly_were_not": (
        ExactMatch(("no",), negate=True),
        "nothing of it",
        "nothing of it",
    ),
    "a_long_turn_is_cut": (LONG, f'"{"x" * 79}…" at 1:05', "it at 1:05"),
    "nobody_of_the_side": (
        ExactMatch(("a",), Scope("AGENT")),
        "nobody can know: no agent said anything",
        "nobody can know: no agent said anything",
    ),
    "a_field": (Fact("queue", ("a",)), "billing", "billing"),
    "an_attribute": (Fact("attribute:tier", ("a",)), "gold", "a value that is not shown here"),
    "no_attribute": (Fact("attribute:none", ("a",)), "nothing", "nothing"),
    "a_figure": (Measure("duration", Comparison.AT_LEAST, 100), "70 s", "70 s"),
    "a_missing_engine": (
        SemanticMatch(("a",)),
        "nobody can know: no engine for sentence vectors is installed",
        "nobody can know: no engine for sentence vectors is installed",
    ),
    "a_group": (
        Group(Operator.OR, (REFUND, LONG, ExactMatch(("no",)))),
        "2 of 3 hold",
        "2 of 3 hold",
    ),
}


@pytest.mark.parametrize(("node", "open_text", "closed_text"), SAW.values(), ids=SAW)
def test_what_was_seen_is_quoted_for_those_alone_who_may_read_it(node, open_text, closed_text):
    assert saw(node, quoting(SPOKEN.lines)) == open_text
    assert saw(node, None) == closed_text


def test_more_than_three_places_are_counted():
    assert saw(ExactMatch(("a", "i", "want", "refund")), None).endswith("and 3 more")


def test_a_tree_is_one_condition_a_line():
    node = Group(
        Operator.AND, (REFUND, Group(Operator.OR, (ExactMatch(("no",)), SemanticMatch(("a",)))))
    )
    assert list(lines(told(verdict(node).finding))) == [
        "unknown: needed: all of these; saw: 1 of 2 hold",
        '  yes: needed: anybody says "refund"; saw: it at 0:01, at 0:01',
        "  unknown: needed: any of these; saw: 0 of 2 hold",
        '    no: needed: anybody says "no"; saw: nothing of it',
        (
            '    unknown: needed: anybody says something like "a"; '
            "saw: nobody can know: no engine for sentence vectors is installed"
        ),
    ]


def test_control_characters_of_a_rule_do_not_steer_the_terminal():
    (line,) = lines(told(verdict(ExactMatch(("a\x1b[31m",))).finding))
    assert "\x1b" not in line


def test_the_state_of_each_condition_is_told():
    found = told(verdict(Group(Operator.OR, (REFUND, LONG))).finding)
    assert [part.state for part in found.parts] == [State.MET, State.MET]


OUTCOMES = {
    "matched": (REFUND, "Refund (r, version 3): matched"),
    "not_matched": (ExactMatch(("no",)), "Refund (r, version 3): not matched"),
    "not_known": (
        SemanticMatch(("a",)),
        (
            "Refund (r, version 3): not matched, as it cannot be judged: "
            "no engine for sentence vectors is installed"
        ),
    ),
}


@pytest.mark.parametrize(("node", "head"), OUTCOMES.values(), ids=OUTCOMES)
def test_a_category_is_told_with_its_version_and_outcome(node, head):
    assert categories([verdict(node)], None).splitlines()[1] == head


def test_matched_rules_come_first():
    text = categories([verdict(ExactMatch(("no",))), verdict(REFUND)], None)
    assert text.index(": matched") < text.index(": not matched")


A_REFUND, NO_PARROT = ExactMatch(("refund",)), ExactMatch(("parrot",), negate=True)
LONG_SILENCE = Measure("non_talk", Comparison.AT_LEAST, 10)
GOLD = Fact("attribute:tier", ("gold",))
NOT_SAID = Ground('not: anybody says "parrot"', "nothing of it")
SILENT_FOR = Ground("non_talk is at least 10 s", "12 s")
GROUNDS = {
    "words_have_a_place": (A_REFUND, ()),
    "what_was_not_said": (NO_PARROT, (NOT_SAID,)),
    "a_figure": (LONG_SILENCE, (SILENT_FOR,)),
    "a_field_shows_no_value": (
        GOLD,
        (Ground('attribute:tier is "gold"', "a value that is not shown here"),),
    ),
    "all_of_a_group": (
        Group(Operator.AND, (A_REFUND, NO_PARROT, LONG_SILENCE)),
        (NOT_SAID, SILENT_FOR),
    ),
    "of_several_those_that_hold": (
        Group(Operator.OR, (LONG_SILENCE, ExactMatch(("never",)))),
        (SILENT_FOR,),
    ),
    "a_group_that_does_not_hold": (
        Group(Operator.AND, (ExactMatch(("never",)), ExactMatch(("ever",))), negate=True),
        (Ground("not all of these", "0 of 2 hold"),),
    ),
    "what_does_not_match": (ExactMatch(("never",)), ()),
}


@pytest.mark.parametrize(("node", "told_of"), GROUNDS.values(), ids=GROUNDS)
def test_what_is_met_without_a_place_has_grounds(node, told_of):
    seen = subject(
        transcript(turn("a refund")),
        figures={"non_talk": 12.0},
        facts={"attribute:tier": ("gold",)},
    )
    (verdict,) = CompiledRules(RuleSet("s", (Rule("r", "r", 1, node),))).explain(seen, Tools())
    assert grounds(verdict.finding) == told_of
