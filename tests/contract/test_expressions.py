"""What engines for regular expressions promise to rules; what RE2 refuses; that its time is linear."""

from __future__ import annotations

import time

import pytest

from chalicelib.adapters.engines.re2_expressions import MOST, PATTERN_BYTES, Re2Expressions
from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import Expressions, State, Tools
from chalicelib.domain.rules.rule import RegexMatch, Rule, RuleSet
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.transcript import Channel, Role
from chalicelib.formats import rule_expressions, rules_file
from chalicelib.text_engines import check_expressions
from tests.fakes.rule_tools import FakeExpressions
from tests.rules import says


@pytest.fixture(params=[Re2Expressions, FakeExpressions], ids=["re2", "fake"])
def engine(request: pytest.FixtureRequest) -> Expressions:
    return request.param()


FINDS = {
    "every_place_in_order": ("a1 b2 c3", r"[a-z]\d", ["a1", "b2", "c3"]),
    "case_does_not_count": ("Order ABC-12", r"abc-\d+", ["ABC-12"]),
    "case_counts_where_it_is_asked_for": ("abc ABC", r"(?-i:ABC)", ["ABC"]),
    "offsets_after_emoji_are_characters": ("👩‍👩‍👧 😀 ref 77", r"ref \d+", ["ref 77"]),
    "offsets_after_accents_are_characters": ("naïve résumé ref 77", r"ref \d+", ["ref 77"]),
    "accents_and_emoji_are_found": ("un café ☕ et 😀😀", r"café ☕|😀+", ["café ☕", "😀😀"]),
    "capitals_with_accents_are_alike": ("RÉSUMÉ", "résumé", ["RÉSUMÉ"]),
    "groups_do_not_matter": ("ab ab", "(a)(b)", ["ab", "ab"]),
    "matches_do_not_overlap": ("aaaa", "aa", ["aa", "aa"]),
    "nothing_is_no_match": ("abc", "x*", []),
    "half_a_surrogate_pair_is_a_character": ("\ud83d ref 7", r"ref \d", ["ref 7"]),
    "an_empty_text": ("", "a", []),
}


@pytest.mark.parametrize(("text", "pattern", "found"), FINDS.values(), ids=FINDS)
def test_an_expression_in_a_text(engine, text, pattern, found):
    assert [text[begin:end] for begin, end in engine.find(pattern, text)] == found


def test_what_is_no_expression_is_refused(engine):
    with pytest.raises(RuleRefused):
        list(engine.find("(", "text"))


REFUSED = {
    "look_behind": (r"(?<=x)y", "(?<="),
    "negative_look_behind": (r"(?<!x)y", "(?<!"),
    "look_ahead": (r"x(?=y)", "(?="),
    "negative_look_ahead": (r"x(?!y)", "(?!"),
    "a_back_reference": (r"(a)\1", r"\1"),
    "a_named_back_reference": (r"(?P<n>a)(?P=n)", "(?P"),
    "an_atomic_group": (r"(?>a)", "(?>"),
    "a_possessive_repetition": (r"a++", "++"),
    "a_missing_bracket": ("(", "missing )"),
    "a_range_the_wrong_way": ("[z-a]", "z-a"),
    "many_repetitions": ("a{1001}", "{1001}"),
    "repetitions_of_repetitions": ("((a{100}){100}){10}", "repetition"),
    "a_program_too_large": (r"(\pL{1,9}\s){1,99}" * 9, "too large"),
    "a_single_byte": (r"caf\C", "byte"),
    "found_in_every_text": ("x*", "every text"),
    "half_a_surrogate_pair": ("a\ud800", "surrogate"),
    "too_long": ("a" * (PATTERN_BYTES + 1), "1025 bytes"),
    "too_long_in_bytes": ("é" * 513, "1026 bytes"),
}


@pytest.mark.parametrize(("pattern", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_re2_cannot_do_is_refused_with_its_place_and_reason(pattern, reason):
    rules = (says("a", "A", 1, ("x",)), Rule("b", "B", 1, RegexMatch(("fine", pattern))))
    with pytest.raises(RuleRefused) as refused:
        check_expressions(rules)
    assert refused.value.code == "rules.regex"
    assert refused.value.pointer == "/rules/1/when/regex/1"
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    "pattern", [r"\bré\w+", r"a\\C", r"(?P<n>a)", "a" * PATTERN_BYTES, r"\b(?:\d[ -]*?){13,16}\b"]
)
def test_what_re2_can_do_is_accepted(pattern):
    check_expressions((Rule("a", "A", 1, RegexMatch((pattern,))),))


FILE = b"""
rules:
  - name: Nested
    when:
      all:
        - words: [refund]
        - any:
            - regex: ["ok", "(a)\\\\1"]
"""


def test_the_place_is_that_of_the_document():
    rules = rules_file.load(FILE).rules
    with pytest.raises(RuleRefused) as refused:
        check_expressions(rules)
    assert refused.value.pointer == "/rules/0/when/all/1/any/0/regex/1"
    with pytest.raises(RuleRefused) as refused:
        check_expressions(rules[0])
    assert refused.value.pointer == "/when/all/1/any/0/regex/1"


def test_a_rule_set_has_so_many_expressions_and_no_more():
    many = [
        Rule(str(n), str(n), 1, RegexMatch((f"a{n}", f"b{n}")))
        for n in range(rule_expressions.MOST // 2)
    ]
    check_expressions(many)
    with pytest.raises(RuleRefused) as refused:
        check_expressions([*many, Rule("x", "x", 1, RegexMatch(("c",)))])
    assert refused.value.pointer == "/rules/100/when/regex/0"


SLOW = {
    "nested_plus": ("(a+)+$", "a", "!"),
    "nested_star": ("(a*)*b", "a", "!"),
    "alternatives_alike": ("(a|aa)+$", "a", "!"),
    "overlapping_classes": (r"(\w|\d)+$", "1", "!"),
    "words_and_blanks": (r"^(\w+\s?)*$", "word ", "!"),
    "mail_address": (r"^([a-z0-9]+[-._]?)+@", "a", "!"),
    "dots": (r"(.*a){12}$", "a", "!"),
    "a_suffix_that_never_comes": ("a.*z|a", "a", "!"),
}


def seconds(pattern: str, text: str) -> float:
    engine, best = Re2Expressions(), float("inf")
    for _ in range(5):
        began = time.perf_counter()
        list(engine.find(pattern, text))
        best = min(best, time.perf_counter() - began)
    return best


@pytest.mark.parametrize(("pattern", "unit", "end"), SLOW.values(), ids=SLOW)
def test_eight_times_the_text_takes_about_eight_times_as_long(pattern, unit, end):
    short, long = (unit * count + end for count in (40_000, 320_000))
    seconds(pattern, short)
    assert seconds(pattern, long) <= 30 * max(seconds(pattern, short), 1e-5)


def test_of_very_many_matches_the_first_are_told():
    assert list(Re2Expressions().find("a", "a" * (MOST + 5))) == [(n, n + 1) for n in range(MOST)]


def judged(*rules: Rule):
    line = Line("t1", Role.CUSTOMER, 0, 900, "My order is AB-1234, ok?")
    subject = Subject(Channel.VOICE, "en-US", 1000, (line,))
    compiled = CompiledRules(RuleSet("x", rules))
    return compiled.explain(subject, Tools(expressions=Re2Expressions()))


def test_a_rule_finds_its_expression_and_shows_where():
    (verdict,) = judged(Rule("r", "r", 1, RegexMatch((r"[a-z]{2}-\d+",))))
    assert [(p.turn_id, p.begin, p.end) for p in verdict.finding.points] == [("t1", 12, 19)]


def test_an_expression_that_was_never_checked_fails_its_own_rule_alone():
    bad, good = judged(
        Rule("bad", "bad", 1, RegexMatch(("(",))), Rule("good", "good", 1, RegexMatch(("order",)))
    )
    assert "RE2 refuses this: missing ): (" in bad.error
    assert good.finding.state is State.MET
