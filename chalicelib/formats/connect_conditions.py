"""One condition of the Contact Lens rule language, in: checked against its row of the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.rules.limits import Limits
from chalicelib.domain.rules.rule import (
    Comparison,
    Condition,
    ExactMatch,
    Fact,
    Measure,
    PatternMatch,
    Scope,
    SemanticMatch,
    SentimentState,
    Statement,
    Window,
)
from chalicelib.domain.transcript import SentimentLabel
from chalicelib.formats.connect_patterns import read_pattern
from chalicelib.formats.connect_table import (
    AT_LEAST,
    AT_MOST,
    CONTAINS_ANY,
    EQUALS,
    ESCALATED,
    LANGUAGE,
    LANGUAGES,
    OPERATORS,
    ROLE,
    SOURCES,
    USE_CASE,
    USE_CASES,
    Kind,
    Row,
    Source,
    row_of,
)
from chalicelib.formats.rule_places import Place, with_words

MEMBERS = ("Operator", "Operands", "ComparisonValue", "FilterClause", "Negate")
LONGEST_S = 24 * 3600
COMPARISONS = {AT_LEAST: Comparison.AT_LEAST, AT_MOST: Comparison.AT_MOST}


@dataclass(slots=True)
class Reading:
    """A document while it is read. ``order`` and ``without`` are what a rule does not say of it: filters
    in another order than they are written, and members that were left out, by pointer."""

    source: Source
    limits: Limits
    order: dict[str, list[str]] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    count: int = 0
    cards: Counter[str] = field(default_factory=Counter)

    def take(self, row: Row, place: Place) -> None:
        """Count a condition."""
        self.count += 1
        if self.count > self.limits.conditions:
            place.refuse(f"a rule has at most {self.limits.conditions} conditions")
        if row.cards:
            self.cards[row.cards] += 1
            if self.cards[row.cards] > getattr(self.limits, row.cards):
                most = getattr(self.limits, row.cards)
                place.refuse(f"a rule has at most {most} conditions on {row.cards}")


@dataclass(frozen=True, slots=True)
class Parts:
    """The members of a condition, each checked but for its operands."""

    place: Place
    row: Row
    key: str
    operator: str
    operands: Place | None
    filters: Mapping[str, Place]
    scope: Scope
    negate: bool | None
    limits: Limits

    def values(self) -> list[Place]:
        if self.operands is None:
            self.place.refuse("Operands is missing")
        return self.operands.items(getattr(self.limits, self.row.limit) if self.row.limit else None)

    def single(self) -> Place:
        first, *more = self.values()
        return more[0].refuse("there is only one operand here") if more else first


def read_condition(place: Place, reading: Reading) -> Condition:
    """A condition of the reading's event source. Raises ``RuleRefused``."""
    members = place.members(MEMBERS, ("Operator", "ComparisonValue"))
    row, key = _row(members["ComparisonValue"], reading.source)
    reading.take(row, place)
    if "Operands" not in members:
        reading.without.append(f"{place.pointer}/Operands")
    filters = _filters(members.get("FilterClause"), row, reading)
    _needed(row, filters, members.get("FilterClause", place))
    parts = Parts(
        place=place,
        row=row,
        key=key,
        operator=_operator(members["Operator"], row, reading.source),
        operands=members.get("Operands"),
        filters=filters,
        scope=_scope(filters, row, reading.source),
        negate=_negate(members.get("Negate"), row, reading.source),
        limits=reading.limits,
    )
    return _READERS[row.kind](parts)


def _row(place: Place, source: Source) -> tuple[Row, str]:
    value = place.filled()
    if not value.startswith(source.prefix):
        other = next((s for s in SOURCES if value.startswith(s.prefix)), None)
        told = f", this one is of {other.event}" if other else ""
        place.refuse(f"comparison values of {source.event} begin with {source.prefix}{told}")
    path = value.removeprefix(source.prefix)
    row = row_of(path)
    if row is None:
        place.refuse("there is no such comparison value")
    if source.letter not in row.sources:
        place.refuse(f"{source.event} does not have this comparison value")
    return row, path.removeprefix(row.path)


def _operator(place: Place, row: Row, source: Source) -> str:
    operator = place.one_of(OPERATORS)
    possible = [row.operator]
    if row.kind is Kind.NUMBER:
        possible = [AT_MOST, AT_LEAST]
    elif source.letter in row.no_value:
        possible.append(EQUALS)
    if operator not in possible:
        place.refuse(f"{row.path} is compared with {' or '.join(possible)}")
    return operator


def _negate(place: Place | None, row: Row, source: Source) -> bool | None:
    if place is None:
        return None
    negate = place.truth()
    if negate and source.letter not in row.negate:
        place.refuse(f"{row.path} cannot be negated in rules of {source.event}")
    return negate


def _filters(clause: Place | None, row: Row, reading: Reading) -> dict[str, Place]:
    if clause is None:
        return {}
    members = clause.members(("LogicOperator", "Filters"), ("LogicOperator", "Filters"))
    members["LogicOperator"].one_of(("AND",))
    allowed = row.allowed(reading.source)
    found: dict[str, Place] = {}
    for place in members["Filters"].items():
        one = place.members(("Type", "Data"), ("Type", "Data"))
        name = one["Type"].text()
        if name not in allowed:
            possible = ", ".join(allowed) or "none"
            one["Type"].refuse(f"this filter is not possible for {row.path}: {possible}")
        if name in found:
            one["Type"].refuse("there are two filters of this type")
        found[name] = one["Data"]
    if list(found) != [name for name in allowed if name in found]:
        reading.order[clause.pointer] = list(found)
    return found


def _needed(row: Row, filters: Mapping[str, Place], place: Place) -> None:
    for name in row.needs:
        if name not in filters:
            place.refuse(f"{row.path} needs the filter {name}")


def _scope(filters: Mapping[str, Place], row: Row, source: Source) -> Scope:
    role = filters[ROLE].one_of(row.roles) if ROLE in filters else None
    period = filters.get(source.period)
    return Scope(role, _window(period, source) if period else None)


def _window(place: Place, source: Source) -> Window:
    members = place.members(source.edges)
    if len(members) != 1:
        place.refuse(f"this has {' or '.join(source.edges)}, and nothing else")
    ((name, seconds),) = members.items()
    return Window(source.edges[name], seconds.whole(1, LONGEST_S) * 1000)


def _exact(parts: Parts) -> Condition:
    phrases = [value.text() for value in parts.values()]
    return ExactMatch(with_words(phrases, parts.place), parts.scope, parts.negate)


def _meaning(parts: Parts) -> Condition:
    examples = tuple(value.filled() for value in parts.values())
    return SemanticMatch(examples, parts.scope, parts.negate)


def _statement(parts: Parts) -> Condition:
    return Statement(parts.single().filled(), parts.negate)


def _pattern(parts: Parts) -> Condition:
    patterns = tuple(read_pattern(value, parts.limits) for value in parts.values())
    language = parts.filters[LANGUAGE].one_of(LANGUAGES) if LANGUAGE in parts.filters else None
    return PatternMatch(patterns, parts.scope, language, parts.negate)


def _fact(parts: Parts) -> Condition:
    row = parts.row
    return Fact(f"{row.name}{parts.key}", _fact_values(parts), parts.negate, _fact_filters(parts))


def _fact_values(parts: Parts) -> tuple[str, ...]:
    row = parts.row
    if row.operator == CONTAINS_ANY and parts.operator == EQUALS:
        if parts.operands is not None:
            for value in parts.operands.items(least=0):
                value.refuse("EQUALS asks for an empty field here and has no operand")
        return ()
    if row.operator == EQUALS:
        return (parts.single().text(),)
    return tuple(p.one_of(row.values) if row.values else p.filled() for p in parts.values())


def _fact_filters(parts: Parts) -> tuple[tuple[str, str], ...]:
    there = [name for name in parts.row.filters if name in parts.filters]
    return tuple((name, _AGENT_FILTERS[name](parts.filters[name])) for name in there)


_AGENT_FILTERS: Mapping[str, Callable[[Place], str]] = {
    USE_CASE: lambda data: data.members(("Value",), ("Value",))["Value"].one_of(USE_CASES),
    ESCALATED: lambda data: data.one_of(("TRUE", "FALSE")),
}


def _state(parts: Parts) -> Condition:
    label = parts.single().one_of(parts.row.values)
    return SentimentState(SentimentLabel(label), parts.scope, negate=parts.negate)


def _number(parts: Parts) -> Condition:
    value = parts.single().whole(parts.row.low, parts.row.high)
    comparison = COMPARISONS[parts.operator]
    return Measure(parts.row.name, comparison, value, parts.scope.role, parts.negate)


_READERS: Mapping[Kind, Callable[[Parts], Condition]] = {
    Kind.EXACT: _exact,
    Kind.MEANING: _meaning,
    Kind.STATEMENT: _statement,
    Kind.PATTERN: _pattern,
    Kind.FACT: _fact,
    Kind.STATE: _state,
    Kind.NUMBER: _number,
}
