"""One condition of the Contact Lens rule language, out: what it cannot say is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from chalicelib.domain.rules.facts import ATTRIBUTE, SEGMENT
from chalicelib.domain.rules.rule import (
    Comparison,
    Condition,
    Edge,
    ExactMatch,
    Fact,
    Measure,
    PatternMatch,
    Scope,
    SemanticMatch,
    SentimentState,
    Statement,
    Unit,
    Window,
)
from chalicelib.formats.connect_patterns import write_pattern
from chalicelib.formats.connect_table import (
    AT_LEAST,
    AT_MOST,
    EQUALS,
    LANGUAGE,
    ROLE,
    ROWS,
    USE_CASE,
    Kind,
    Row,
    Source,
)
from chalicelib.formats.rule_places import not_expressible

KINDS: Mapping[type, Kind] = {
    ExactMatch: Kind.EXACT,
    SemanticMatch: Kind.MEANING,
    Statement: Kind.STATEMENT,
    PatternMatch: Kind.PATTERN,
    SentimentState: Kind.STATE,
}
NAMED = {(row.kind, row.name): row for row in ROWS}
OPERATORS = {Comparison.AT_LEAST: AT_LEAST, Comparison.AT_MOST: AT_MOST}


@dataclass(frozen=True, slots=True)
class Writing:
    """A document while it is written; ``order`` and ``without`` as they were read."""

    source: Source
    order: Mapping[str, Sequence[str]] = field(default_factory=dict)
    without: frozenset[str] = frozenset()


def write_condition(node: Condition, pointer: str, writing: Writing) -> dict[str, Any]:
    """Raises ``RuleRefused`` with ``rules.not_expressible`` and the place where it would stand."""
    row, key = _row(node, pointer)
    if writing.source.letter not in row.sources:
        _no(f"{writing.source.event} has no condition {row.path}", pointer)
    written: dict[str, Any] = {"Operator": _operator(node, row)}
    operands = _operands(node, pointer)
    if operands or f"{pointer}/Operands" not in writing.without:
        written["Operands"] = operands
    written["ComparisonValue"] = f"{writing.source.prefix}{row.path}{key}"
    clause = f"{pointer}/FilterClause"
    filters = _filters(node, row, clause, writing.source)
    if filters:
        order = _order(filters, writing.order.get(clause, ()))
        listed = [{"Type": name, "Data": filters[name]} for name in order]
        written["FilterClause"] = {"LogicOperator": "AND", "Filters": listed}
    if node.negate is not None:
        written["Negate"] = node.negate
    return written


def _no(reason: str, pointer: str) -> NoReturn:
    raise not_expressible(f"in Contact Lens {reason}", pointer)


def _row(node: Condition, pointer: str) -> tuple[Row, str]:
    if isinstance(node, Fact):
        for begin in (ATTRIBUTE, SEGMENT):
            if node.name.startswith(begin):
                return NAMED[Kind.FACT, begin], node.name.removeprefix(begin)
        row = NAMED.get((Kind.FACT, node.name))
        return (row, "") if row else _no(f"there is no condition on {node.name}", pointer)
    if isinstance(node, Measure):
        row = NAMED.get((Kind.NUMBER, node.metric))
        return (row, "") if row else _no(f"there is no condition on {node.metric}", pointer)
    kind = KINDS.get(type(node))
    if kind is None:
        _no(f"there is no condition like {type(node).__name__}", pointer)
    return next(row for row in ROWS if row.kind is kind), ""


def _operator(node: Condition, row: Row) -> str:
    if isinstance(node, Measure):
        return OPERATORS[node.comparison]
    return EQUALS if isinstance(node, Fact) and not node.values else row.operator


def _operands(node: Condition, pointer: str) -> list[Any]:
    writer = _WRITERS.get(type(node))
    return writer(node, pointer) if writer else []


def _meaning(node: SemanticMatch, pointer: str) -> list[Any]:
    if node.threshold is not None:
        _no("a semantic match has no threshold of its own", pointer)
    return list(node.examples)


def _state(node: SentimentState, pointer: str) -> list[Any]:
    if node.share is not None:
        _no("a sentiment is that of any turn, not of a share of them", pointer)
    return [node.label.value]


_WRITERS: Mapping[type, Callable[[Any, str], list[Any]]] = {
    ExactMatch: lambda node, _: list(node.phrases),
    SemanticMatch: _meaning,
    Statement: lambda node, _: [node.text],
    PatternMatch: lambda node, _: [write_pattern(parts) for parts in node.patterns],
    SentimentState: _state,
    Fact: lambda node, _: list(node.values),
    Measure: lambda node, _: [node.value],
}


def _filters(node: Condition, row: Row, pointer: str, source: Source) -> dict[str, Any]:
    scope = getattr(node, "scope", None) or Scope(getattr(node, "role", None))
    filters: dict[str, Any] = {}
    if scope.role is not None:
        filters[ROLE] = scope.role
    if scope.window is not None:
        filters[source.period] = _period(scope.window, pointer, source)
    if isinstance(node, PatternMatch) and node.language is not None:
        filters[LANGUAGE] = node.language
    if isinstance(node, Fact):
        filters |= {name: _data(name, value) for name, value in node.filters}
    allowed = row.allowed(source)
    for name in filters:
        if name not in allowed:
            _no(f"{row.path} of {source.event} has no filter {name}", pointer)
    return {name: filters[name] for name in allowed if name in filters}


def _data(name: str, value: str) -> object:
    return {"Value": value} if name == USE_CASE else value


def _period(window: Window, pointer: str, source: Source) -> dict[str, int]:
    names = {edge: name for name, edge in source.edges.items()}
    if window.edge is Edge.BETWEEN or window.unit is Unit.PERCENT or window.end % 1000:
        _no("a window is the first or the last whole seconds", pointer)
    if window.edge not in names:
        _no(f"a window of {source.event} is {' or '.join(source.edges)}", pointer)
    return {names[window.edge]: window.end // 1000}


def _order(filters: Mapping[str, Any], order: Sequence[str]) -> Sequence[str]:
    """The order in which they were read, if they still are the same."""
    return order if sorted(order) == sorted(filters) else list(filters)
