"""The rules that ship with Loupe: each carries tests, and all of them pass."""

from dataclasses import replace

import pytest

from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.config import Settings
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import ExactMatch, RuleSet
from chalicelib.formats import rules_file
from chalicelib.stages.rule_tests import Ground, Result, run
from tests.fakes.language import FakeSentiment

PACK = rules_file.starter().rules
BEGAN_WITH = (
    "Recording disclosure", "Missing recording disclosure", "Cancellation", "Refund request",
    "Billing dispute", "Escalation request", "Legal threat", "Repeat contact", "Callback promise",
    "Apology", "Strong language", "Satisfied closing",
)  # fmt: skip
MOOD = FakeSentiment()
GROUND = Ground(Settings(), MOOD, PatternPii(), Tools())
TESTS = [
    pytest.param(replace(rule, examples=(example,)), id=f"{rule.id}-{number}")
    for rule in PACK
    for number, example in enumerate(rule.examples, 1)
]


@pytest.mark.parametrize("rule", TESTS)
def test_the_pack(rule):
    (test,) = run(rule, GROUND)
    assert test.result is Result.PASSED, (test.reason, test.finding)
    assert not MOOD.batches, "a test of the pack depends on a model"


@pytest.mark.parametrize("rule", PACK, ids=lambda rule: rule.id)
def test_every_rule_has_a_description_and_tests_of_both_kinds(rule):
    assert rule.description
    assert sum(example.matches for example in rule.examples) >= 3
    assert sum(not example.matches for example in rule.examples) >= 2


@pytest.mark.parametrize("rule", PACK, ids=lambda rule: rule.id)
def test_a_rule_that_says_the_opposite_fails_tests_of_both_kinds(rule):
    """The tests would notice: none passes because it cannot be judged."""
    opposite = replace(rule, when=replace(rule.when, negate=not rule.when.negate))
    results = [test.result for test in run(opposite, GROUND)]
    judged = [test for test in run(rule, GROUND) if test.finding.state != "UNKNOWN"]
    assert results.count(Result.FAILED) == len(judged)
    assert {True, False} == {test.example.matches for test in judged}


def test_names_and_ids_are_there_once():
    assert len({rule.name for rule in PACK}) == len({rule.id for rule in PACK}) == len(PACK) >= 28


def test_the_rules_of_the_first_starter_set_are_what_they_were():
    """Contacts that were categorised by them stay as they are."""
    kept = [rule for rule in PACK if rule.name in BEGAN_WITH]
    assert len(kept) == len(BEGAN_WITH)
    assert {rule.version for rule in kept} == {1}
    assert all(isinstance(rule.when, ExactMatch) for rule in kept)
    assert {"recording-disclosure", "satisfied-closing"} <= {rule.id for rule in kept}


def test_tests_and_prose_do_not_change_the_version_of_the_rule_set():
    bare = (replace(rule, examples=(), description="") for rule in PACK)
    assert rules_file.rule_set(bare) == RuleSet(
        rules_file.starter().id, tuple(replace(r, examples=(), description="") for r in PACK)
    )
