"""What rules find is what a slow search finds, its evidence satisfies it, and their order is no matter."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import State, Tools
from chalicelib.domain.rules.patterns import pattern_finder
from chalicelib.domain.rules.rule import (
    Edge,
    ExactMatch,
    Number,
    PatternMatch,
    Plain,
    Proximity,
    Rule,
    RuleSet,
    Scope,
    Unit,
    Window,
)
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.rules.words import spoken, tokens
from chalicelib.domain.transcript import Channel, Role
from tests.unit import rule_oracle
from tests.unit.rule_strategies import SAID, categories, connect_rules, patterns, subjects

TOOLS = Tools()
ENDS = {Unit.MS: 5000, Unit.PERCENT: 100}


def window(edge, unit, ends):
    begin, end = (share * ENDS[unit] // 10 for share in sorted(ends))
    return Window(edge, end, begin if edge is Edge.BETWEEN else 0, unit)


shares = st.lists(st.integers(0, 10), min_size=2, max_size=2, unique=True)
windows = st.none() | st.builds(window, st.sampled_from(Edge), st.sampled_from(Unit), shares)
scopes = st.builds(Scope, st.sampled_from((None, "ANY", "AGENT", "CUSTOMER")), windows)
exact = st.builds(ExactMatch, st.lists(SAID, min_size=1, max_size=3).map(tuple), scopes)
patterned = st.builds(PatternMatch, st.lists(patterns(), min_size=1, max_size=3).map(tuple), scopes)


def found(node, subject):
    (verdict,) = CompiledRules(RuleSet("s", (Rule("r", "r", 1, node),))).explain(subject, TOOLS)
    return verdict.finding


def judged(rules, subject):
    compiled = CompiledRules(RuleSet("s", tuple(rules)))
    return compiled.judge(subject, TOOLS, any_channel=True).verdicts


def timed(subject):
    """The subject with a time for each word."""
    lines = [
        replace(
            line,
            word_begins=tuple(
                (t.begin, line.begin_ms + 10 * n) for n, t in enumerate(tokens(line.text))
            ),
        )
        for line in subject.lines
    ]
    return replace(subject, lines=tuple(lines))


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(exact | patterned, subjects(), st.booleans())
def test_words_are_found_where_a_slow_search_finds_them(node, subject, by_word):
    subject = timed(subject) if by_word else subject
    expected = rule_oracle.said(node, subject)
    finding = found(node, subject)
    spoke = any(node.scope.role in (None, "ANY", line.role) for line in subject.lines)
    assert finding.state is (State.MET if expected else State.NOT_MET if spoke else State.UNKNOWN)
    lines = {line.id: line for line in subject.lines}
    places = {(line.id, offset) for line, offset in expected}
    for point in finding.points:
        assert (point.turn_id, point.begin) in places
        assert rule_oracle.satisfies(node, lines[point.turn_id].text[point.begin : point.end])


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(connect_rules() | categories(), min_size=1, max_size=6), subjects(), st.randoms())
def test_what_matches_does_not_depend_on_the_order_of_rules(rules, subject, random):
    rules = [replace(rule, id=f"r{n}", tags=()) for n, rule in enumerate(rules)]
    shuffled = random.sample(rules, len(rules))
    first, second = (
        {verdict.rule.id: verdict for verdict in judged(some, subject)}
        for some in (rules, shuffled)
    )
    assert first == second
    every = CompiledRules(RuleSet("s", tuple(rules))).explain(subject, TOOLS)
    assert {v.rule.id for v in every if v.finding.met} == set(first)


def subject(text, *begins):
    words = tuple(zip((t.begin for t in tokens(text)), begins, strict=False))
    line = Line("t", Role.CUSTOMER, 0, 9000, text, word_begins=words)
    return Subject(Channel.VOICE, "en-US", 9000, (line,))


def test_what_begins_before_the_window_hides_nothing_in_it():
    node = ExactMatch(("cancel my", "my account"), Scope(None, Window(Edge.LAST, 8500)))
    finding = found(node, subject("cancel my account", 0, 600, 1200))
    assert [(p.begin, p.end) for p in finding.points] == [(7, 17)]


@pytest.mark.parametrize(
    ("text", "decimal", "numbers"),
    [
        pytest.param("pay 42 now", False, ["42"], id="a_whole_number"),
        pytest.param("pay 1,234 now", False, ["1,234"], id="a_whole_number_in_groups"),
        pytest.param("pay 3.50 now", False, [], id="a_fraction_is_no_whole_number"),
        pytest.param("pay 3.50 now", True, ["3.50"], id="a_fraction"),
        pytest.param("pay 3 now", True, ["3"], id="a_whole_number_where_fractions_may_be"),
        pytest.param("on the 3rd", True, [], id="an_ordinal"),
        pytest.param("call 5.", False, ["5"], id="a_number_at_the_end_of_a_sentence"),
    ],
)
def test_numbers(text, decimal, numbers):
    finder = pattern_finder([(Number(decimal),)])
    assert [text[b:e] for b, e in finder.places(spoken(text))] == numbers


def test_wide_proximities_cost_no_more_than_the_words_they_span():
    parts = [part for _ in range(12) for part in (Plain("a"), Proximity(40))]
    finder = pattern_finder([(*parts, Plain("b"))])
    text = "a " * 120
    began = time.perf_counter()
    assert list(finder.places(spoken(text))) == []
    assert time.perf_counter() - began < 5


def test_the_slow_search_finds_what_it_should():
    node = PatternMatch(((Plain("send"), Proximity(1), Plain("invoice*")),))
    line = Line("t", Role.AGENT, 0, 1, "Send the invoices! send me an invoice, send invoice")
    assert rule_oracle.begins(node, line) == [
        m.start() for m in re.finditer("[sS]end (the )?inv", line.text)
    ]
