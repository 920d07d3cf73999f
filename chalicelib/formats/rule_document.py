"""One rule that somebody hands in as JSON, whatever its form; written back in any form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.rules.limits import DEFAULTS, Limits
from chalicelib.domain.rules.rule import Rule
from chalicelib.formats import rule_forms, rules_file
from chalicelib.formats.rule_forms import Form
from chalicelib.formats.rule_places import Place


@dataclass(frozen=True, slots=True)
class Handed:
    """``pointer``: where the rule stands in the document."""

    rule: Rule
    pointer: str = ""


def read(document: Mapping[str, Any], limits: Limits = DEFAULTS) -> Handed:
    """The rule in a document: one rule of Loupe's own form, or any document that holds one rule.

    Raises ``RuleRefused``.
    """
    body = json.dumps(document).encode()
    place = rules_file.place_of(body, limits)
    alone = "name" in document
    rule = rules_file.read(place, limits) if alone else _only(place, body, limits)
    return Handed(rule, "" if alone else "/rules/0")


def _only(place: Place, body: bytes, limits: Limits) -> Rule:
    rules = rule_forms.load(body, limits)
    if len(rules) != 1:
        place.refuse(f"there are {len(rules)} rules in it, and one is asked for")
    return rules[0]


def write(rule: Rule, form: Form) -> dict[str, Any]:
    """The document of one rule: in Loupe's own form what ``read`` takes without ``rules`` around it.

    Raises ``RuleRefused`` with ``rules.not_expressible``.
    """
    return rules_file.write(rule) if form is Form.LOUPE else rule_forms.export(rule, form)
