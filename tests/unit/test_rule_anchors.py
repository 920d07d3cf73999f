"""The words of many texts at once are those of each, and anchors are where they are said."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.rules import sets
from bench.rules.__main__ import Expressions
from chalicelib.domain.rules.anchors import Anchor, AnchorIndex
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import ExactMatch, Rule, RuleSet
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.rules.words import BREAK, all_words, tokens, words
from chalicelib.domain.transcript import Channel, Role
from tests.unit.rule_strategies import categories, connect_rules, subjects

ODD = st.text(st.sampled_from("ab1_'`’‘ʼ＇´ .,-\n\t\x00\x1cÉßé我退\u0301"), max_size=12)


@given(st.lists(ODD | st.text(max_size=8), max_size=5))
def test_the_words_of_many_texts_are_those_of_each(texts):
    assert all_words(texts) == [w for text in texts for w in (*words(text), BREAK)]


@given(ODD | st.text())
def test_words_are_those_of_tokens(text):
    assert words(text) == [token.word for token in tokens(text)]


def lines(*texts):
    return [Line(str(n), Role.AGENT, 0, 1, text) for n, text in enumerate(texts)]


SAID = {
    "a_word": ((("refund",), False), ("no", "a Refund!", "refund"), [1, 2]),
    "words_in_order": ((("my", "bill"), False), ("my bill", "bill my", "my, bill"), [0, 2]),
    "not_across_turns": ((("my", "bill"), False), ("it is my", "bill"), []),
    "three_words_whole": ((("a", "b", "a"), False), ("a b", "b a b a", "a b b a"), [1]),
    "at_the_begin_the_key_has_nothing_before_it": ((("a", "b"), False), ("b a", "b"), []),
    "a_word_that_begins_so": ((("can",), True), ("cancelled", "a can", "ca"), [0, 1]),
    "an_apostrophe_of_either_kind": ((("don't",), False), ("I don’t", "don't"), [0, 1]),
}


@pytest.mark.parametrize(("anchor", "texts", "numbers"), SAID.values(), ids=SAID)
def test_where_an_anchor_is_said(anchor, texts, numbers):
    made = Anchor(*anchor)
    others = [Anchor(("bill",)), Anchor(("b", "b")), Anchor(("x",), prefix=True)]
    heard = AnchorIndex([made, *others]).heard(lines(*texts))
    assert sorted(heard.lines([made])) == numbers


few = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4)


@given(st.lists(few, min_size=1, max_size=6), st.lists(few.map(" ".join) | ODD, max_size=4))
def test_anchors_stand_where_a_slow_search_finds_them(phrases, texts):
    anchors = {Anchor(tuple(phrase)) for phrase in phrases}
    heard = AnchorIndex(anchors).heard(lines(*texts))
    said = all_words(texts)
    assert heard.places == {
        anchor: places
        for anchor in anchors
        if (places := [n for n in range(len(said)) if _stands(said[n:], anchor.words)])
    }
    for at in (at for places in heard.places.values() for at in places):
        line = said[:at].count(BREAK)
        assert heard.line_of[at] == line
        assert words(texts[line])[at - heard.first[line]] == said[at]


def _stands(said, phrase):
    return tuple(said[: len(phrase)]) == phrase


OVERLAPS = {
    "the_longest_of_those_that_begin_together": (("my", "my account"), [(0, 10), (12, 14)]),
    "the_leftmost_hides_what_begins_in_it": (("account", "my account"), [(0, 10)]),
    "one_behind_the_other": (("account", "my"), [(0, 2), (3, 10), (12, 14)]),
    "the_same_twice": (("my", "My!"), [(0, 2), (12, 14)]),
}


@pytest.mark.parametrize(("phrases", "places"), OVERLAPS.values(), ids=OVERLAPS)
def test_a_word_is_evidence_once(phrases, places):
    rules = RuleSet("s", (Rule("r", "r", 1, ExactMatch(phrases)),))
    said = Subject(Channel.VOICE, "en-US", 1, tuple(lines("My account; my!")))
    (verdict,) = CompiledRules(rules).judge(said, Tools()).verdicts
    assert [(p.begin, p.end) for p in verdict.finding.points] == places


def test_that_nothing_is_said_holds_for_phrases_without_words_too():
    rule = Rule("r", "r", 1, ExactMatch(("?",), negate=True))
    compiled = CompiledRules(RuleSet("s", (rule,)))
    said = Subject(Channel.VOICE, "en-US", 1, tuple(lines("hello")))
    assert [v.rule for v in compiled.judge(said, Tools()).verdicts] == [rule]
    assert compiled.matching(said, Tools()) == [rule]


@settings(deadline=None, max_examples=60)
@given(st.lists(connect_rules() | categories(), min_size=1, max_size=6), subjects())
def test_what_matches_without_evidence_is_what_matches_with_it(rules, subject):
    rules = [replace(rule, id=f"r{n}", tags=()) for n, rule in enumerate(rules)]
    compiled = CompiledRules(RuleSet("s", tuple(rules)))
    judged = [v.rule for v in compiled.judge(subject, Tools()).verdicts if v.matched]
    assert compiled.matching(subject, Tools()) == judged


def test_the_bench_compares_like_with_like():
    rules, subject = sets.rules(120), sets.contact(3)
    compiled = CompiledRules(rules)
    matched = [rule.id for rule in compiled.matching(subject, Tools())]
    assert matched == Expressions(rules)(subject)
    assert [v.rule.id for v in compiled.judge(subject, Tools()).verdicts] == matched
    assert matched
