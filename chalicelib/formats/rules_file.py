"""Loupe's own rule files, YAML or JSON, read strictly: a mistyped rule that never matches helps nobody.

    rules:
      - name: Refund request
        phrases: [refund, money back]
        role: CUSTOMER
        tests:
          - {matches: true, turns: [{customer: I want a refund}]}

``id`` is made of the name where it is missing, ``version`` is 1, ``channel`` is ANY (voice and chat). What
a rule looks for stands in ``when``; ``phrases`` with ``role`` and ``negate`` is short for exact words. The
id of a rule set is the hash of what its rules say, whatever the file looks like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.rules.limits import DEFAULTS, NONE, Limits
from chalicelib.domain.rules.rule import (
    EVERYWHERE,
    Action,
    ExactMatch,
    Node,
    Publish,
    Rule,
    RuleSet,
    Scope,
)
from chalicelib.domain.transcript import Channel
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.rule_examples import read_example, write_example
from chalicelib.formats.rule_nodes import ROLES, phrases, read_node, write_node
from chalicelib.formats.rule_places import ID, Place, id_of, parsed
from chalicelib.formats.rules_yaml import yaml_place

CHANNELS: Mapping[str, Channel | None] = {
    "VOICE": Channel.VOICE, "CHAT": Channel.CHAT, "ANY": None,
}  # fmt: skip
SHORT = ("phrases", "role", "negate")
MEMBERS = (
    "id", "name", "version", "description", "channel", "realTime", "status", "when", *SHORT, "actions",
    "tags", "tests", "extra",
)  # fmt: skip
UNSAID = ("examples", "description")


def load(body: bytes, limits: Limits = DEFAULTS) -> RuleSet:
    """The rule set in a file.

    Raises ``RuleRefused`` with the JSON pointer of the place: ``rules.json``, ``rules.yaml``,
    ``rules.encoding``, ``rules.schema``, ``object.empty``, ``object.too_large``.
    """
    return rule_set(read_all(place_of(body, limits), limits))


def place_of(body: bytes, limits: Limits = DEFAULTS) -> Place:
    """The document in these bytes: JSON where it begins as JSON does, else YAML."""
    if body.lstrip()[:1] in (b"{", b"[", b"") or b"\x00" in body[:4]:
        return parsed(body, "", limits.document_bytes)
    return yaml_place(body, limits.document_bytes)


def read_all(place: Place, limits: Limits = DEFAULTS) -> tuple[Rule, ...]:
    """The rules of a parsed file; names and ids are each there once."""
    members = place.members(("rules",), ("rules",))
    items = members["rules"].items(limits.rules, least=0)
    rules = tuple(read(item, limits) for item in items)
    for what in ("name", "id"):
        _unique(what, rules, items)
    return rules


def rule_set(rules: Iterable[Rule]) -> RuleSet:
    """Rules with the id that their content has: what they look for, not their tests or their prose."""
    rules = tuple(rules)
    return RuleSet(fingerprint([_content(rule) for rule in rules]), rules)


@cache
def starter() -> RuleSet:
    """The categories that a new installation begins with: the rule pack, theme by theme."""
    pack = files("chalicelib.formats").joinpath("rules/pack")
    themes = sorted((f for f in pack.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return rule_set(rule for theme in themes for rule in read_all(place_of(theme.read_bytes())))


def read(place: Place, limits: Limits = DEFAULTS) -> Rule:
    """One rule. Raises ``RuleRefused``."""
    members = place.members(MEMBERS, ("name",))
    name = members["name"].filled(limits.name).strip()

    def told(key: str, default: Any, reader: Callable[[Place], Any]) -> Any:  # noqa: ANN401
        return reader(members[key]) if key in members else default

    return Rule(
        id=told("id", None, _id) or id_of(name),
        name=name,
        version=told("version", 1, lambda at: at.whole(1)),
        when=_when(place, members, limits),
        channel=CHANNELS[told("channel", "ANY", lambda at: at.one_of(CHANNELS))],
        real_time=told("realTime", False, Place.truth),
        actions=told("actions", (), lambda at: tuple(map(_action, at.items(least=0)))),
        status=Publish(told("status", Publish.PUBLISHED, lambda at: at.one_of(tuple(Publish)))),
        description=told("description", "", lambda at: at.text(4000)),
        tags=told("tags", (), _tags),
        examples=told("tests", (), lambda at: tuple(map(read_example, at.items(1000, least=0)))),
        extra=told("extra", {}, _object),
    )


def _id(place: Place) -> str:
    own = place.filled(200)
    return own if ID.fullmatch(own) else place.refuse("an id has letters, digits and . _ : - only")


def _when(place: Place, members: Mapping[str, Place], limits: Limits) -> Node:
    if ("when" in members) == ("phrases" in members):
        place.refuse("a rule has when or phrases, one of them")
    if "when" in members:
        for name in SHORT:
            if name in members:
                members[name].refuse(f"beside when there is no {name}: it stands in the condition")
        return read_node(members["when"], limits)
    role = members["role"].one_of(ROLES) if "role" in members else "ANY"
    negate = members["negate"].truth() if "negate" in members else False
    scope = EVERYWHERE if role == "ANY" else Scope(role)
    return ExactMatch(phrases(members["phrases"], limits), scope, negate or None)


def _object(place: Place) -> Mapping[str, Any]:
    return place.value if isinstance(place.value, dict) else place.refuse("this is not an object")


def _action(place: Place) -> Action:
    members = place.members(("kind", "body"), ("kind",))
    return Action(
        members["kind"].filled(100), _object(members["body"]) if "body" in members else {}
    )


def _tags(place: Place) -> tuple[tuple[str, str], ...]:
    return tuple((key, one.text(300)) for key, one in place.entries().items())


def _unique(what: str, rules: Iterable[Rule], items: Iterable[Place]) -> None:
    values = [getattr(rule, what) for rule in rules]
    counts = Counter(values)
    for value, item in zip(values, items, strict=True):
        if counts[value] > 1:
            item.refuse(f"two rules have the {what} {value}")


def document(rules: Iterable[Rule]) -> dict[str, Any]:
    """The file's content: ``read_all`` gives equal rules back."""
    return {"rules": [write(rule) for rule in rules]}


def write(rule: Rule) -> dict[str, Any]:
    """One rule as ``read`` reads it; what has its default is left out."""
    channel = next(name for name, one in CHANNELS.items() if one is rule.channel)
    told = {
        "id": rule.id,
        "name": rule.name,
        "version": rule.version,
        "description": rule.description,
        "channel": channel,
        "realTime": rule.real_time,
        "status": rule.status.value,
        "when": write_node(rule.when),
        "actions": [{"kind": a.kind, **({"body": a.body} if a.body else {})} for a in rule.actions],
        "tags": dict(rule.tags),
        "tests": [write_example(one) for one in rule.examples],
        "extra": dict(rule.extra),
    }
    default = {"description": "", "channel": "ANY", "realTime": False, "status": "PUBLISHED"}
    return {
        key: value
        for key, value in told.items()
        if value != default.get(key) and value not in ([], {})
    }


def read_again(rule: Rule) -> Rule:
    """The rule as it is read from what ``write`` makes of it, however large it is.

    Raises ``RuleRefused`` for what other forms have and this one has not.
    """
    try:
        return read(Place(write(rule)), NONE)
    except RuleRefused as refused:
        reason = f"{refused.reason} (in Loupe's own form)"
        raise RuleRefused(refused.code, reason, refused.pointer) from refused


def _content(value: object) -> object:
    """A rule as plain values, with the kinds of its conditions."""
    if is_dataclass(value) and not isinstance(value, type):
        unsaid = UNSAID if isinstance(value, Rule) else ()
        said = [f.name for f in fields(value) if f.name not in unsaid]
        return {"kind": type(value).__name__} | {n: _content(getattr(value, n)) for n in said}
    if isinstance(value, tuple):
        return [_content(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
