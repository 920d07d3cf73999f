"""docs/risk.md names what there is: variables, rules in their order, weights, least numbers."""

from __future__ import annotations

import re
from pathlib import Path

from chalicelib.adapters.engines.risk_training import LEAST_LABELS, LEAST_OF_EACH
from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.risk.features import ATTRIBUTES, Repeats, features
from chalicelib.domain.risk.rules import OUTCOMES, WEIGHTS, Thresholds, rules
from tests.unit.analyses import CONTACT, contact, conversation
from tests.unit.conversations import C, call, span
from tests.unit.test_risk import PUBLISHED

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "risk.md").read_text("utf-8")


def section(title: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    body = TEXT.partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_every_variable_is_documented_and_no_other():
    record = ContactRecord(CONTACT, attributes={"aniChanged": "1"})
    spoken = contact(conversation(call(span(C, 0, 1))), record=record)
    known = features(PUBLISHED, spoken, Repeats(0, 0)).variables
    named = {name for row in section("Variables") for name in re.findall(r"`(\w+)`", row[0])}
    assert named == set(known)


def test_every_attribute_is_documented():
    told = {name.replace("_", "") for name in re.findall(r"`(\w+)`", str(section("Variables")))}
    assert {name for names in ATTRIBUTES.values() for name in names} <= told


def test_the_rules_stand_in_their_order_with_their_outcomes():
    told = [(row[0].strip("`"), row[2].strip("`")) for row in section("Rules")]
    assert told == [(rule.id, rule.outcome) for rule in rules(Thresholds())]


def test_the_conditions_of_the_rules_are_as_documented():
    for row, rule in zip(section("Rules"), rules(Thresholds()), strict=True):
        for least in rule.when:
            name = least.name if least.name == "score" else f"`{least.name}`"
            assert re.search(rf"{name} ≥ .*{least.value:g}", row[1]), (rule.id, row[1])


def test_the_weights_are_as_documented():
    told = [(row[0].strip("`"), float(row[1]), int(row[2])) for row in section("Score: rules only")]
    assert told == [(weight.name, weight.points, weight.units) for weight in WEIGHTS]


def test_outcomes_and_least_numbers_are_as_documented():
    head = TEXT.partition("\n## ")[0]
    assert re.findall(r"^\| `([\w-]+)`", head, re.MULTILINE) == list(OUTCOMES)
    assert f"From {LEAST_LABELS} verdicts on, at least {LEAST_OF_EACH} of each kind" in TEXT
