"""Conditions in Loupe's own form: one object a condition, named by the member that says what it looks for.

    {"words": ["refund", "money back"], "role": "CUSTOMER", "first": "60s"}
    {"all": [{"metric": "longest_non_talk", "atLeast": 10}, {"sentiment": "NEGATIVE", "last": "25%"}]}

Durations are texts: ``1500ms``, ``30s``, ``5m``; a window may be a share of the contact, ``25%``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.redaction import ENTITIES
from chalicelib.domain.rules import facts
from chalicelib.domain.rules.limits import Limits
from chalicelib.domain.rules.measures import METRICS
from chalicelib.domain.rules.patterns import pattern
from chalicelib.domain.rules.rule import (
    AnyOf,
    Comparison,
    Condition,
    Edge,
    ExactMatch,
    Fact,
    Group,
    Interrupting,
    Measure,
    Node,
    Number,
    Operator,
    PatternMatch,
    PatternPart,
    PersonalData,
    Plain,
    Proximity,
    RegexMatch,
    Scope,
    SemanticMatch,
    SentimentState,
    Silence,
    Statement,
    Unit,
    Window,
)
from chalicelib.domain.transcript import SentimentLabel
from chalicelib.formats.rule_places import Place, with_words

ROLES = ("AGENT", "CUSTOMER", "ANY")
GROUPS: Mapping[str, Operator] = {"all": Operator.AND, "any": Operator.OR}
EDGES: Mapping[str, Edge] = {
    "first": Edge.FIRST, "last": Edge.LAST, "past": Edge.PAST, "between": Edge.BETWEEN,
}  # fmt: skip
SCOPE = ("role", *EDGES)
REGEX_CHARACTERS, STATEMENT_CHARACTERS, PHRASE_CHARACTERS = 1024, 1000, 500
_DURATION = re.compile(r"(\d{1,9})(ms|s|m|%)")
_MS = {"ms": 1, "s": 1000, "m": 60_000}

Members = Mapping[str, Place]


def read_node(place: Place, limits: Limits) -> Node:
    """A group or condition. Raises ``RuleRefused`` with the place."""
    return _Reading(limits).node(place, 1)


class _Reading:
    """One rule while it is read: counts its conditions."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._conditions = 0

    def node(self, place: Place, depth: int) -> Node:
        if depth > self._limits.depth:
            place.refuse(f"this is nested deeper than {self._limits.depth} levels")
        if not isinstance(place.value, dict):
            place.refuse("this is not an object")
        kinds = [name for name in (*GROUPS, *READERS) if name in place.value]
        if len(kinds) != 1:
            names = ", ".join((*GROUPS, *READERS))
            place.refuse(f"a condition has exactly one of {names}")
        if kinds[0] in GROUPS:
            return self._group(place, kinds[0], depth)
        self._conditions += 1
        if self._conditions > self._limits.conditions:
            place.refuse(f"a rule has at most {self._limits.conditions} conditions")
        further, read = READERS[kinds[0]]
        return read(place.members((kinds[0], "negate", *further), kinds), self._limits)

    def _group(self, place: Place, name: str, depth: int) -> Group:
        members = place.members((name, "negate"), (name,))
        nodes = tuple(self.node(one, depth + 1) for one in members[name].items())
        return Group(GROUPS[name], nodes, _negate(members))


def _negate(members: Members) -> bool | None:
    return members["negate"].truth() if "negate" in members else None


def _role(members: Members) -> str | None:
    return members["role"].one_of(ROLES) if "role" in members else None


def _window(members: Members) -> Window | None:
    named = [name for name in EDGES if name in members]
    if len(named) > 1:
        members[named[1]].refuse(f"a window has {' or '.join(EDGES)}, one of them")
    if not named:
        return None
    place, edge = members[named[0]], EDGES[named[0]]
    if edge is not Edge.BETWEEN:
        end, unit = _length(place)
        return Window(edge, end, unit=unit)
    ends = place.items(2, least=2)
    (begin, unit), (end, other) = _length(ends[0]), _length(ends[1])
    if unit is not other or begin >= end:
        place.refuse("a window goes from an earlier to a later point, both times or both shares")
    return Window(edge, end, begin, unit)


def _length(place: Place) -> tuple[int, Unit]:
    found = _DURATION.fullmatch(place.text())
    if found is None:
        place.refuse("this is no duration such as 30s, 1500ms, 5m or 25%")
    number, unit = int(found[1]), found[2]
    if unit == "%":
        return (number, Unit.PERCENT) if number <= 100 else place.refuse("this is above 100%")
    return number * _MS[unit], Unit.MS


def milliseconds(place: Place) -> int:
    """A time such as 30s."""
    length, unit = _length(place)
    return length if unit is Unit.MS else place.refuse("this is a share, not a time")


def _scope(members: Members) -> Scope:
    return Scope(_role(members), _window(members))


def _texts(place: Place, most: int, characters: int = PHRASE_CHARACTERS) -> tuple[str, ...]:
    return tuple(one.filled(characters) for one in place.items(most))


def phrases(place: Place, limits: Limits) -> tuple[str, ...]:
    """Words and phrases that are looked for, each with a word in it."""
    return tuple(
        with_words((one.filled(PHRASE_CHARACTERS).strip(),), one)[0]
        for one in place.items(limits.phrases)
    )


def _exact(members: Members, limits: Limits) -> Condition:
    return ExactMatch(phrases(members["words"], limits), _scope(members), _negate(members))


def _pattern(members: Members, limits: Limits) -> Condition:
    patterns = tuple(_parts(one, limits) for one in members["pattern"].items(limits.patterns))
    language = members["language"].filled(10) if "language" in members else None
    return PatternMatch(patterns, _scope(members), language, _negate(members))


def _parts(place: Place, limits: Limits) -> tuple[PatternPart, ...]:
    parts = tuple(_part(one, limits) for one in place.items(limits.parts))
    try:
        made = pattern(parts)
    except ValueError as ambiguous:
        place.refuse(str(ambiguous))
    return parts if made else place.refuse("there is no word in it")


def _part(place: Place, limits: Limits) -> PatternPart:
    if isinstance(place.value, str):
        return Plain(place.text(PHRASE_CHARACTERS))
    if isinstance(place.value, list):
        some = place.items(limits.alternatives)
        return AnyOf(tuple(Plain(one.text(PHRASE_CHARACTERS)) for one in some))
    members = place.members(("within", "notWithin", "number"))
    if len(members) != 1:
        place.refuse("a part is a text, a list of texts, or one of within, notWithin, number")
    name, value = next(iter(members.items()))
    if name == "number":
        return Number(value.one_of(("whole", "decimal")) == "decimal")
    return Proximity(value.whole(0, limits.distance), name == "within")


def _meaning(members: Members, limits: Limits) -> Condition:
    threshold = _share(members["threshold"]) if "threshold" in members else None
    examples = _texts(members["meaning"], limits.examples)
    return SemanticMatch(examples, _scope(members), _negate(members), threshold)


def _share(place: Place) -> float:
    value = place.number()
    return float(value) if 0 <= value <= 1 else place.refuse("this is not a number from 0 to 1")


def _statement(members: Members, _: Limits) -> Condition:
    return Statement(members["statement"].filled(STATEMENT_CHARACTERS), _negate(members))


def _regex(members: Members, limits: Limits) -> Condition:
    patterns = _texts(members["regex"], limits.patterns, REGEX_CHARACTERS)
    return RegexMatch(patterns, _scope(members), _negate(members))


def _personal(members: Members, _: Limits) -> Condition:
    place = members["personalData"]
    entities = tuple(one.one_of(ENTITIES) for one in place.items(len(ENTITIES), least=0))
    return PersonalData(entities, _scope(members), _negate(members))


def _sentiment(members: Members, _: Limits) -> Condition:
    label = SentimentLabel(members["sentiment"].one_of(tuple(SentimentLabel)))
    share = _share(members["share"]) if "share" in members else None
    return SentimentState(label, _scope(members), share, _negate(members))


def _field(members: Members, limits: Limits) -> Condition:
    name = field_name(members["field"])
    values = tuple(one.text(1000) for one in members["values"].items(limits.agents, least=0))
    filters = members.get("filters", Place({})).entries()
    more = tuple((key, one.text(300)) for key, one in filters.items())
    return Fact(name, values, _negate(members), more)


def field_name(place: Place) -> str:
    """The name of a field of the contact record."""
    name = place.filled(300)
    if name not in facts.NAMES and not name.startswith((facts.ATTRIBUTE, facts.SEGMENT)):
        known = ", ".join((*facts.NAMES, f"{facts.ATTRIBUTE}KEY", f"{facts.SEGMENT}KEY"))
        place.refuse(f"this is not one of {known}")
    return name


def _metric(members: Members, _: Limits) -> Condition:
    name = members["metric"].one_of(tuple(METRICS))
    bounds = [bound for bound in COMPARISONS if bound in members]
    if len(bounds) != 1:
        members["metric"].refuse("a metric has atLeast or atMost, one of them")
    role = _role(members)
    if role and not METRICS[name].by_role:
        members["role"].refuse(f"{name} is one figure for the whole contact")
    value = members[bounds[0]].number()
    return Measure(name, COMPARISONS[bounds[0]], value, role, _negate(members))


def _silence(members: Members, _: Limits) -> Condition:
    return Silence(milliseconds(members["silence"]), _window(members), _negate(members))


def _interruption(members: Members, _: Limits) -> Condition:
    length = milliseconds(members["interruption"])
    return Interrupting(length, _scope(members), _negate(members))


COMPARISONS: Mapping[str, Comparison] = {
    "atLeast": Comparison.AT_LEAST, "atMost": Comparison.AT_MOST,
}  # fmt: skip
READERS: Mapping[str, tuple[tuple[str, ...], Callable[[Members, Limits], Condition]]] = {
    "words": (SCOPE, _exact),
    "pattern": ((*SCOPE, "language"), _pattern),
    "meaning": ((*SCOPE, "threshold"), _meaning),
    "statement": ((), _statement),
    "regex": (SCOPE, _regex),
    "personalData": (SCOPE, _personal),
    "sentiment": ((*SCOPE, "share"), _sentiment),
    "field": (("values", "filters"), _field),
    "metric": ((*COMPARISONS, "role"), _metric),
    "silence": (tuple(EDGES), _silence),
    "interruption": (SCOPE, _interruption),
}


def write_node(node: Node) -> dict[str, Any]:
    """The condition as ``read_node`` reads it."""
    if isinstance(node, Group):
        name = next(name for name, operator in GROUPS.items() if operator is node.operator)
        told: dict[str, Any] = {name: [write_node(member) for member in node.members]}
    else:
        told = _write(node)
    return told if node.negate is None else {**told, "negate": node.negate}


def _write(node: Condition) -> dict[str, Any]:  # noqa: C901, PLR0911 one line a kind
    match node:
        case ExactMatch(phrases=said):
            return {"words": list(said), **_write_scope(node.scope)}
        case PatternMatch():
            language = {"language": node.language} if node.language else {}
            patterns = [[_write_part(part) for part in parts] for parts in node.patterns]
            return {"pattern": patterns, **language, **_write_scope(node.scope)}
        case SemanticMatch():
            threshold = {} if node.threshold is None else {"threshold": node.threshold}
            return {"meaning": list(node.examples), **threshold, **_write_scope(node.scope)}
        case Statement():
            return {"statement": node.text}
        case RegexMatch():
            return {"regex": list(node.patterns), **_write_scope(node.scope)}
        case PersonalData():
            return {"personalData": list(node.entities), **_write_scope(node.scope)}
        case SentimentState():
            share = {} if node.share is None else {"share": node.share}
            return {"sentiment": node.label.value, **share, **_write_scope(node.scope)}
        case Fact():
            filters = {"filters": dict(node.filters)} if node.filters else {}
            return {"field": node.name, "values": list(node.values), **filters}
        case Measure():
            bound = next(name for name, one in COMPARISONS.items() if one is node.comparison)
            role = {"role": node.role} if node.role else {}
            return {"metric": node.metric, bound: node.value, **role}
        case Silence():
            return {"silence": duration(node.threshold_ms), **_write_window(node.window)}
        case Interrupting():
            return {"interruption": duration(node.threshold_ms), **_write_scope(node.scope)}


def _write_part(part: PatternPart) -> object:
    match part:
        case Plain(text):
            return text
        case AnyOf(alternatives):
            return [one.text for one in alternatives]
        case Proximity(distance, within):
            return {"within" if within else "notWithin": distance}
        case Number(decimal):
            return {"number": "decimal" if decimal else "whole"}


def _write_scope(scope: Scope) -> dict[str, Any]:
    role = {"role": scope.role} if scope.role else {}
    return {**role, **_write_window(scope.window)}


def _write_window(window: Window | None) -> dict[str, Any]:
    if window is None:
        return {}
    name = next(name for name, edge in EDGES.items() if edge is window.edge)
    write = (lambda value: f"{value}%") if window.unit is Unit.PERCENT else duration
    between = window.edge is Edge.BETWEEN
    return {name: [write(window.begin), write(window.end)] if between else write(window.end)}


def duration(length_ms: int) -> str:
    """A time as it is read."""
    return f"{length_ms}ms" if length_ms % 1000 else f"{length_ms // 1000}s"
