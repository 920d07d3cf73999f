"""The values of metrics for every group and period, each with the contacts that it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.metrics import Kind, Value, evaluate
from chalicelib.domain.principal import Principal
from chalicelib.domain.thresholds import SENTIMENT, Bounds
from chalicelib.metric_queries.cells import Cells, Place, count
from chalicelib.metric_queries.question import CATEGORY, Question, Wanted
from chalicelib.ports.services import Services


@dataclass(frozen=True, slots=True)
class Listed:
    """The filters of the contact list whose rows a value counts, by their names in the API."""

    start_ms: int
    end_ms: int
    filters: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Told:
    """One value. ``recounted``: some of it was counted contact by contact. ``former``: the same of the
    comparison's period, where one was asked for."""

    wanted: Wanted
    value: Value
    recounted: bool
    listed: Listed
    former: Value | None = None

    @property
    def change(self) -> float | None:
        """Relative to the former value."""
        if self.former is None or not self.former.number or self.value.number is None:
            return None
        return (self.value.number - self.former.number) / abs(self.former.number)


@dataclass(frozen=True, slots=True)
class Result:
    """The values of one group in one period."""

    dimensions: Mapping[str, str]
    start_ms: int
    end_ms: int
    told: tuple[Told, ...]
    cell: Mapping[str, int] = field(default_factory=dict)


def answer(
    services: Services,
    principal: Principal,
    question: Question,
    compare_to: tuple[int, int] | None = None,
) -> list[Result]:
    """Results by group, then by time. Without groupings there is one for each period, also for one
    without contacts."""
    question.check()
    cells = count(services, principal, question)
    results = _results(question, cells)
    if compare_to is None:
        return results
    before = replace(question, start_ms=compare_to[0], end_ms=compare_to[1])
    before.check()
    former = _results(before, count(services, principal, before))
    return _compared(question, results, before, former)


def _results(question: Question, cells: Cells) -> list[Result]:
    spans = question.spans()
    groups = sorted({values for values, _ in cells.by_place})
    if not question.groupings:
        groups = [()]
    return [
        _result(question, cells, (group, number), span)
        for group in groups
        for number, span in enumerate(spans)
        if not question.groupings or (group, number) in cells.by_place
    ]


def _result(question: Question, cells: Cells, place: Place, span: tuple[int, int]) -> Result:
    cell = cells.by_place.get(place, Counter())
    dimensions = dict(zip(question.groupings, place[0], strict=True))
    others = tuple(v for g, v in dimensions.items() if g != CATEGORY)
    whole = cells.whole.get((others, place[1]), cell)
    told = (
        Told(
            wanted,
            evaluate(wanted.metric, cell, whole=whole, beyond=cell.get(wanted.beyond, 0)),
            place[1] in cells.recounted,
            Listed(*span, _filters(question, dimensions, wanted)),
        )
        for wanted in question.wanted
    )
    return Result(dimensions, *span, tuple(told), cell)


def _filters(
    question: Question, dimensions: Mapping[str, str], wanted: Wanted
) -> dict[str, tuple[str, ...]]:
    def of(name: str, asked: tuple[str, ...]) -> tuple[str, ...]:
        return (dimensions[name],) if name in dimensions else asked

    found = {
        "queueId": of("QUEUE", question.queues),
        "agentId": of("AGENT", question.agents),
        "channel": of("CHANNEL", question.channels),
        "category": of("CATEGORY", question.categories),
        "measured": (wanted.metric.measure,),
    }
    if wanted.metric.kind is Kind.SHARE:
        found["category"] = ()
    if wanted.threshold and wanted.metric.kind is Kind.BEYOND:
        found |= bounds_filters(wanted.threshold.figure, wanted.threshold.bounds)
    return {name: values for name, values in found.items() if values}


def bounds_filters(figure: str, bounds: Bounds) -> dict[str, tuple[str, ...]]:
    """The filters of the contact list that are this range; an end that leaves nothing out is none."""
    sentiment = figure == SENTIMENT
    name, scale = ("sentiment", 10) if sentiment else ("duration", 1)
    least, most = bounds.least, bounds.most
    if least is not None and least <= (-50 if sentiment else 0):
        least = None
    if sentiment and most is not None and most >= 50:
        most = None
    ends = {f"{name}Min": least, f"{name}Max": most}
    return {key: (_plain(number, scale),) for key, number in ends.items() if number is not None}


def _plain(number: int, scale: int) -> str:
    return str(number) if scale == 1 else str(number / scale)


def _compared(
    question: Question, results: list[Result], before: Question, former: list[Result]
) -> list[Result]:
    """Each result with the one of the same group, and of the period of the same number."""
    now, then = _numbers(question), _numbers(before)
    places = {
        (tuple(r.dimensions.items()), then[r.start_ms]): {t.wanted.id: t.value for t in r.told}
        for r in former
    }
    blank = {w.id: evaluate(w.metric, {}, whole={}) for w in question.wanted}

    def beside(result: Result) -> Result:
        place = (tuple(result.dimensions.items()), now[result.start_ms])
        known = places.get(place, blank)
        return replace(
            result, told=tuple(replace(t, former=known[t.wanted.id]) for t in result.told)
        )

    return [beside(result) for result in results]


def _numbers(question: Question) -> dict[int, int]:
    return {span[0]: number for number, span in enumerate(question.spans())}
