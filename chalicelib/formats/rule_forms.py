"""Rule documents of every form, told apart by what they hold, in and out.

| Form | A document holds |
|---|---|
| `loupe` | `rules`, in YAML or JSON |
| `contact-lens` | what CreateRule takes or DescribeRule answers, or a list of these |
| `call-analytics` | what CreateCallAnalyticsCategory takes or answers, or a list of these |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.rules.limits import DEFAULTS, Limits
from chalicelib.domain.rules.rule import Rule, RuleSet
from chalicelib.formats import call_analytics_categories, connect_rules, rules_file
from chalicelib.formats.rule_places import SCHEMA, Place
from chalicelib.formats.rules_yaml import yaml_bytes


class Form(StrEnum):
    LOUPE = "loupe"
    CONTACT_LENS = connect_rules.FORM
    CALL_ANALYTICS = call_analytics_categories.FORM


MARKS: Mapping[Form, tuple[str, ...]] = {
    Form.LOUPE: ("rules",),
    Form.CONTACT_LENS: ("TriggerEventSource", "Function", "Rule"),
    Form.CALL_ANALYTICS: ("CategoryName", "CategoryProperties", "Categories"),
}
LOAD: Mapping[Form, Callable[[bytes, Limits], tuple[Rule, ...]]] = {
    Form.CONTACT_LENS: connect_rules.load_all,
    Form.CALL_ANALYTICS: call_analytics_categories.load_all,
}
EXPORT: Mapping[Form, Callable[[Rule, Limits], dict[str, Any]]] = {
    Form.CONTACT_LENS: connect_rules.export,
    Form.CALL_ANALYTICS: call_analytics_categories.export,
}


def load(body: bytes, limits: Limits = DEFAULTS) -> tuple[Rule, ...]:
    """The rules in a document, whatever its form.

    Raises ``RuleRefused``: ``rules.json``, ``rules.yaml``, ``rules.encoding``, ``rules.schema``,
    ``object.empty``, ``object.too_large``.
    """
    place = rules_file.place_of(body, limits)
    form = form_of(place)
    return rules_file.read_all(place, limits) if form is Form.LOUPE else LOAD[form](body, limits)


def form_of(place: Place) -> Form:
    """The form that the members of a document show. Raises ``RuleRefused`` for none of them."""
    first = place.items()[0] if isinstance(place.value, list) else place
    if isinstance(first.value, dict):
        for form, marks in MARKS.items():
            if any(mark in first.value for mark in marks):
                return form if first is place or form is not Form.LOUPE else _no_form(first)
    return _no_form(first)


def _no_form(place: Place) -> Form:
    place.refuse(
        "this is no rule document: it has neither rules (Loupe), nor TriggerEventSource and Function "
        "(Contact Lens), nor CategoryName (Call Analytics)"
    )


def rule_set(documents: Iterable[tuple[str, bytes]], limits: Limits = DEFAULTS) -> RuleSet:
    """One rule set of several named documents; a refusal says in which of them.

    Raises ``RuleRefused``, also where two rules have one name or one id.
    """
    names: dict[str, str] = {}
    ids: dict[str, str] = {}
    rules: list[Rule] = []
    for source, body in documents:
        for rule in _load_named(source, body, limits):
            _once("name", rule.name, source, names)
            _once("id", rule.id, source, ids)
            rules.append(rule)
    return rules_file.rule_set(rules)


def _load_named(source: str, body: bytes, limits: Limits) -> tuple[Rule, ...]:
    try:
        return load(body, limits)
    except RuleRefused as refused:
        reason = f"{refused.reason} (in {source})"
        raise RuleRefused(refused.code, reason, refused.pointer) from refused


def _once(what: str, value: str, source: str, seen: dict[str, str]) -> None:
    if value in seen:
        both = source if seen[value] == source else f"{seen[value]} and {source}"
        raise RuleRefused(SCHEMA, f"two rules have the {what} {value} (in {both})")
    seen[value] = source


def export(rule: Rule, form: Form, limits: Limits = DEFAULTS) -> dict[str, Any]:
    """The document of one rule. Raises ``RuleRefused`` with ``rules.not_expressible``."""
    return rules_file.document((rule,)) if form is Form.LOUPE else EXPORT[form](rule, limits)


def dump(rules: Sequence[Rule], form: Form, limits: Limits = DEFAULTS) -> bytes:
    """All rules as one document that ``load`` reads: YAML in Loupe's form, else JSON.

    Raises ``RuleRefused`` with ``rules.not_expressible`` and the name of the rule.
    """
    if form is Form.LOUPE:
        return yaml_bytes(rules_file.document(rules))
    documents = [_named(rule, form, limits) for rule in rules]
    whole: object = documents[0] if len(documents) == 1 else documents
    return json.dumps(whole, ensure_ascii=False, indent=2).encode() + b"\n"


def _named(rule: Rule, form: Form, limits: Limits) -> dict[str, Any]:
    try:
        return export(rule, form, limits)
    except RuleRefused as refused:
        reason = f"{refused.reason} (rule {rule.name})"
        raise RuleRefused(refused.code, reason, refused.pointer) from refused
