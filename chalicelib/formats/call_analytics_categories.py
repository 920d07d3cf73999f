"""Transcribe Call Analytics categories: CreateCallAnalyticsCategory's input, in and out.

A category is a list of filters that all have to match; every filter can be negated. Guide texts give
thresholds in seconds, the API in milliseconds: milliseconds are read. What a document says and a rule
does not is kept in ``extra["call-analytics"]`` and means nothing to any other form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.rules.actions import CATEGORY
from chalicelib.domain.rules.limits import DEFAULTS, Limits
from chalicelib.domain.rules.rule import (
    ANY,
    Condition,
    Edge,
    ExactMatch,
    Group,
    Interrupting,
    Node,
    Operator,
    Publish,
    Rule,
    Scope,
    SentimentState,
    Silence,
    Unit,
    Window,
)
from chalicelib.domain.transcript import Channel, SentimentLabel
from chalicelib.formats.rule_places import Place, id_of, not_expressible, parsed, with_words

FORM = "call-analytics"
REQUIRED = ("CategoryName", "Rules")
TYPE = "InputType"
POST_CALL, REAL_TIME = "POST_CALL", "REAL_TIME"
CARRIED = ("Tags", "CreateTime", "LastUpdateTime")
DESCRIBED, LISTED = "CategoryProperties", "Categories"
SHARE = 0.5

ROLES = ("AGENT", "CUSTOMER")
RANGES: Mapping[str, Unit] = {"AbsoluteTimeRange": Unit.MS, "RelativeTimeRange": Unit.PERCENT}
BETWEEN: Mapping[Unit, tuple[str, str]] = {
    Unit.MS: ("StartTime", "EndTime"),
    Unit.PERCENT: ("StartPercentage", "EndPercentage"),
}
ENDS = {"First": Edge.FIRST, "Last": Edge.LAST}


def load(body: bytes, limits: Limits = DEFAULTS) -> Rule:
    """The category in a document. Raises ``RuleRefused`` (``rules.json``, ``rules.encoding``,
    ``rules.schema``, ``object.empty``, ``object.too_large``)."""
    return read(parsed(body, "", limits.document_bytes), limits)


def load_all(body: bytes, limits: Limits = DEFAULTS) -> tuple[Rule, ...]:
    """The categories of a document that holds one, a list of them, or what the service lists."""
    place = parsed(body, "", limits.document_bytes)
    if isinstance(place.value, dict) and place.value.keys() <= {LISTED, "NextToken"}:
        place = place.members((LISTED, "NextToken"), (LISTED,))[LISTED]
    if not isinstance(place.value, list):
        return (read(place, limits),)
    items = place.items(limits.rules)
    rules = tuple(read(item, limits) for item in items)
    for number, (rule, item) in enumerate(zip(rules, items, strict=True)):
        if any(rule.name == other.name for other in rules[:number]):
            item.refuse(f"another category is called {rule.name}")
    return rules


def read(place: Place, limits: Limits = DEFAULTS) -> Rule:
    """The rule that a parsed document is; ``{"CategoryProperties": ...}`` is what is answered for one."""
    kept: dict[str, Any] = {}
    if isinstance(place.value, dict) and place.value.keys() == {DESCRIBED}:
        kept["described"] = True
        place = place.members((DESCRIBED,))[DESCRIBED]
    members = place.members((*REQUIRED, TYPE, *CARRIED), REQUIRED)
    name = members["CategoryName"].filled(limits.name)
    kind = members[TYPE].one_of((POST_CALL, REAL_TIME)) if TYPE in members else POST_CALL
    without: list[str] = [] if TYPE in members else [f"/{TYPE}"]
    filters = [_Filter(item, limits) for item in members["Rules"].items(limits.category_rules)]
    nodes = tuple(one.read(kind) for one in filters)
    without += [one.threshold.removeprefix(place.pointer) for one in filters if one.threshold]
    kept |= {"members": {n: members[n].value for n in CARRIED if n in members}, "without": without}
    extra = {what: value for what, value in kept.items() if value}
    return Rule(
        id=id_of(name),
        name=name,
        version=1,
        when=Group(Operator.AND, nodes),
        channel=Channel.VOICE,
        real_time=kind == REAL_TIME,
        extra={FORM: extra} if extra else {},
    )


class _Filter:
    """One entry of ``Rules``. ``threshold``: where one was left out, which means any length."""

    def __init__(self, place: Place, limits: Limits) -> None:
        self.place = place
        self.limits = limits
        self.threshold = ""

    def read(self, kind: str) -> Condition:
        named = self.place.members(FILTERS)
        if len(named) != 1:
            self.place.refuse(f"this has exactly one of {', '.join(FILTERS)}")
        ((name, body),) = named.items()
        if kind == REAL_TIME and name != "TranscriptFilter":
            body.refuse("a category in real time has the filter TranscriptFilter alone")
        return FILTERS[name](self, body)

    def silence(self, body: Place) -> Condition:
        members = body.members(("Threshold", *RANGES, "Negate"))
        return Silence(
            self._threshold(body, members), self._window(body, members), _negate(members)
        )

    def interruption(self, body: Place) -> Condition:
        members = body.members(("Threshold", "ParticipantRole", *RANGES, "Negate"))
        scope = self._scope(body, members)
        return Interrupting(self._threshold(body, members), scope, _negate(members))

    def transcript(self, body: Place) -> Condition:
        needed = ("TranscriptFilterType", "Targets")
        members = body.members((*needed, "ParticipantRole", *RANGES, "Negate"), needed)
        members["TranscriptFilterType"].one_of(("EXACT",))
        targets = members["Targets"].items(self.limits.targets)
        phrases = [target.filled(self.limits.target) for target in targets]
        with_words(phrases, members["Targets"])
        return ExactMatch(tuple(phrases), self._scope(body, members), _negate(members))

    def sentiment(self, body: Place) -> Condition:
        needed = ("Sentiments",)
        members = body.members((*needed, "ParticipantRole", *RANGES, "Negate"), needed)
        (label,) = members["Sentiments"].items(1)
        chosen = SentimentLabel(label.one_of(tuple(SentimentLabel)))
        return SentimentState(chosen, self._scope(body, members), SHARE, _negate(members))

    def _threshold(self, body: Place, members: Mapping[str, Place]) -> int:
        if "Threshold" in members:
            return members["Threshold"].whole(0, self.limits.range_ms)
        self.threshold = f"{body.pointer}/Threshold"
        return 0

    def _scope(self, body: Place, members: Mapping[str, Place]) -> Scope:
        role = members.get("ParticipantRole")
        return Scope(role.one_of(ROLES) if role else None, self._window(body, members))

    def _window(self, body: Place, members: Mapping[str, Place]) -> Window | None:
        ranges = [name for name in RANGES if name in members]
        if not ranges:
            return None
        if len(ranges) > 1:
            body.refuse("there is an absolute and a relative range, only one is possible")
        return self._range(members[ranges[0]], RANGES[ranges[0]])

    def _range(self, place: Place, unit: Unit) -> Window:
        most = 100 if unit is Unit.PERCENT else self.limits.range_ms
        start, end = BETWEEN[unit]
        numbers = {
            name: value.whole(0, most) for name, value in place.members((start, end, *ENDS)).items()
        }
        if numbers.keys() == {start, end}:
            if numbers[start] >= numbers[end]:
                place.refuse(f"{start} is not before {end}")
            return Window(Edge.BETWEEN, numbers[end], numbers[start], unit)
        if len(numbers) != 1 or not numbers.keys() & ENDS.keys():
            place.refuse(f"this has First, or Last, or both {start} and {end}")
        ((name, number),) = numbers.items()
        return Window(ENDS[name], number, unit=unit)


FILTERS: Mapping[str, Callable[[_Filter, Place], Condition]] = {
    "NonTalkTimeFilter": _Filter.silence,
    "InterruptionFilter": _Filter.interruption,
    "TranscriptFilter": _Filter.transcript,
    "SentimentFilter": _Filter.sentiment,
}


def _negate(members: Mapping[str, Place]) -> bool | None:
    return members["Negate"].truth() if "Negate" in members else None


def dump(rule: Rule, limits: Limits = DEFAULTS) -> bytes:
    """The document as UTF-8 JSON."""
    return json.dumps(export(rule, limits), ensure_ascii=False, indent=2).encode()


def export(rule: Rule, limits: Limits = DEFAULTS) -> dict[str, Any]:
    """The category that a rule is. Raises ``RuleRefused`` with ``rules.not_expressible``.

    ``ANY`` is written as no role at all. Version, id, description and examples have no place there.
    """
    kept: Mapping[str, Any] = rule.extra.get(FORM, {})
    without = frozenset(kept.get("without", ()))
    _check_whole(rule)
    document: dict[str, Any] = {
        "CategoryName": rule.name,
        TYPE: REAL_TIME if rule.real_time else POST_CALL,
        "Rules": [
            _written(node, f"/Rules/{number}", without)
            for number, node in enumerate(_flat(rule.when))
        ],
        **kept.get("members", {}),
    }
    if f"/{TYPE}" in without and not rule.real_time:
        del document[TYPE]
    try:
        read(Place(document), limits)
    except RuleRefused as refused:
        raise not_expressible(refused.reason, refused.pointer) from refused
    return {DESCRIBED: document} if kept.get("described") else document


def _no(reason: str, pointer: str) -> NoReturn:
    raise not_expressible(f"in Call Analytics {reason}", pointer)


def _check_whole(rule: Rule) -> None:
    """What is true of every category."""
    if rule.channel is not Channel.VOICE:
        _no("a category is for calls only", "")
    if rule.status is not Publish.PUBLISHED:
        _no("a category has no draft", "")
    if rule.tags:
        _no("a category does not ask for tags of the contact", "")
    for action in rule.actions:
        if action.kind != CATEGORY:
            _no(f"a category has no action {action.kind}", "")


def _flat(node: Node) -> tuple[Condition, ...]:
    if not isinstance(node, Group):
        return (node,)
    if node.operator is not Operator.AND or node.negate:
        _no("all filters of a category have to match; this is a group of another kind", "/Rules")
    members: list[Condition] = []
    for number, member in enumerate(node.members):
        if isinstance(member, Group):
            _no("there are no groups of filters", f"/Rules/{number}")
        members.append(member)
    return tuple(members)


def _written(node: Condition, pointer: str, without: frozenset[str]) -> dict[str, Any]:
    name = _NAMES.get(type(node))
    if name is None:
        _no(f"there is no filter like {type(node).__name__}", pointer)
    pointer = f"{pointer}/{name}"
    body: dict[str, Any] = {}
    if isinstance(node, ExactMatch):
        body = {"TranscriptFilterType": "EXACT", "Targets": list(node.phrases)}
    elif isinstance(node, SentimentState):
        body = {"Sentiments": [_label(node, pointer)]}
    elif isinstance(node, Silence | Interrupting):
        left_out = not node.threshold_ms and f"{pointer}/Threshold" in without
        body = {} if left_out else {"Threshold": node.threshold_ms}
    scope = Scope(window=node.window) if isinstance(node, Silence) else node.scope  # type: ignore[union-attr]
    body |= _scope(scope, pointer)
    if node.negate is not None:
        body["Negate"] = node.negate
    return {name: body}


_NAMES: Mapping[type, str] = {
    Silence: "NonTalkTimeFilter",
    Interrupting: "InterruptionFilter",
    ExactMatch: "TranscriptFilter",
    SentimentState: "SentimentFilter",
}


def _label(node: SentimentState, pointer: str) -> str:
    if node.share != SHARE:
        _no("a sentiment is that of at least half of the turns", pointer)
    return node.label.value


def _scope(scope: Scope, pointer: str) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if scope.role not in (None, ANY):
        written["ParticipantRole"] = scope.role
    if scope.window is not None:
        name = next(name for name, unit in RANGES.items() if unit is scope.window.unit)
        written[name] = _range(scope.window, f"{pointer}/{name}")
    return written


def _range(window: Window, pointer: str) -> dict[str, int]:
    if window.edge is Edge.BETWEEN:
        start, end = BETWEEN[window.unit]
        return {start: window.begin, end: window.end}
    names = {edge: name for name, edge in ENDS.items()}
    if window.edge not in names:
        _no("there is no window of the past seconds", pointer)
    return {names[window.edge]: window.end}
