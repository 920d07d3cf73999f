"""How large rules may be, and who may say so."""

from dataclasses import replace

import pytest

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.config import Settings
from chalicelib.domain.errors import RuleRefused, SettingsError
from chalicelib.domain.rules.limits import DEFAULTS, limits_of
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.formats import rules_file
from tests.fakes.stores import MemoryObjects

THREE = b'{"rules": [{"name": "Long", "phrases": ["one", "two", "three"]}]}'


def test_without_a_word_the_documented_limits_hold():
    assert Settings.from_env({}).limits == DEFAULTS


def test_some_can_be_replaced():
    settings = Settings.from_env({"LOUPE_RULE_LIMITS": "rules=2000 phrases=300"})
    assert settings.limits == replace(DEFAULTS, rules=2000, phrases=300)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param("words=3", "'words' is no limit", id="an_unknown_name"),
        pytest.param("phrases", "phrases is a whole number", id="no_number"),
        pytest.param("phrases=many", "phrases is a whole number", id="a_word"),
        pytest.param("phrases=0", "phrases is a whole number", id="none"),
        pytest.param("phrases=9999999999", "phrases is a whole number", id="too_many"),
    ],
)
def test_what_is_no_limit_is_refused_at_the_start(given, why):
    with pytest.raises(SettingsError, match=f"LOUPE_RULE_LIMITS: {why}"):
        Settings.from_env({"LOUPE_RULE_LIMITS": given})


def test_a_limit_is_kept_to():
    assert rules_file.load(THREE, limits_of(["phrases=3"])).rules
    with pytest.raises(RuleRefused, match="/rules/0/phrases"):
        rules_file.load(THREE, limits_of(["phrases=2"]))


def test_what_was_saved_under_wider_limits_stays_readable():
    phrases = tuple(f"word{i}" for i in range(DEFAULTS.phrases + 1))
    body = str({"rules": [{"name": "Wide", "phrases": list(phrases)}]}).replace("'", '"').encode()
    (rule,) = rules_file.load(body, limits_of([f"phrases={len(phrases)}"])).rules
    store = MemoryObjects()
    ObjectRuleBook(store, RuleSet("none", ())).save(rule, expected=0, at_ms=1, by="ada")
    (saved,) = ObjectRuleBook(store, RuleSet("none", ())).versions("wide")
    assert saved.rule == rule
