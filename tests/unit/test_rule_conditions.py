"""Conditions at their bounds: shares of turns, languages of patterns."""

import pytest

from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import State, Tools
from chalicelib.domain.rules.rule import PatternMatch, Plain, Rule, RuleSet, SentimentState
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.transcript import Channel, Role, SentimentLabel

MET, NOT_MET, UNKNOWN = State


def judged(node, lines, language="en-US"):
    subject = Subject(Channel.VOICE, language, 1000, tuple(lines))
    (verdict,) = CompiledRules(RuleSet("s", (Rule("r", "r", 1, node),))).explain(subject, Tools())
    return verdict.finding.state


def line(label, text="hello"):
    return Line("t", Role.CUSTOMER, 0, 1, text, label)


@pytest.mark.parametrize("percent", range(1, 101))
def test_a_share_of_turns_includes_itself(percent):
    node = SentimentState(SentimentLabel.NEGATIVE, share=percent / 100)
    angry, calm = line(SentimentLabel.NEGATIVE), line(SentimentLabel.NEUTRAL)
    assert judged(node, [angry] * percent + [calm] * (100 - percent)) is MET
    assert judged(node, [angry] * (percent - 1) + [calm] * (101 - percent)) is NOT_MET


LANGUAGES = {
    "any_language": (None, "de-DE", MET),
    "a_language_means_all_its_regions": ("EN", "en-GB", MET),
    "a_language_alone": ("en", "en", MET),
    "the_region_itself": ("en-GB", "en-GB", MET),
    "another_region": ("en-GB", "en-US", UNKNOWN),
    "another_language": ("DE", "en-US", UNKNOWN),
    "a_language_that_begins_alike": ("fi", "fil-PH", UNKNOWN),
}


@pytest.mark.parametrize(("wanted", "spoken", "state"), LANGUAGES.values(), ids=LANGUAGES)
def test_a_pattern_is_for_its_language(wanted, spoken, state):
    node = PatternMatch(((Plain("hello"),),), language=wanted)
    assert judged(node, [line(None)], spoken) is state
