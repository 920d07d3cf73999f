"""Ready-made questions of a dashboard: the week's heatmap, distributions, movers, and the rows of queues,
agents and categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.domain.metrics import BY_NAME, Metric, Value, evaluate
from chalicelib.domain.principal import Principal
from chalicelib.domain.thresholds import PREFIX, SCALE, SENTIMENT, Bounds, buckets
from chalicelib.domain.zones import local
from chalicelib.metric_queries.answer import Listed, Result, answer, bounds_filters
from chalicelib.metric_queries.question import AGENT, CATEGORY, QUEUE, Question, Wanted
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ContactQuery
from chalicelib.queries import contacts

FEW = 20
"""Below so many contacts a number stands alone: it is not ranked."""
HEADLINES: Mapping[str, tuple[str, ...]] = {
    QUEUE: (
        "CONTACTS_ANALYZED",
        "AVG_SENTIMENT_CUSTOMER",
        "AVG_HANDLE_TIME",
        "PERCENT_NON_TALK_TIME",
        "AVG_INTERRUPTIONS_AGENT",
    ),
    CATEGORY: ("CONTACTS_ANALYZED", "PERCENT_CONTACTS_IN_CATEGORY", "AVG_SENTIMENT_CUSTOMER"),
}
HEADLINES = {**HEADLINES, AGENT: HEADLINES[QUEUE]}


def headlines(kind: str) -> tuple[Wanted, ...]:
    return tuple(Wanted(name, BY_NAME[name]) for name in HEADLINES[kind])


def heatmap(
    services: Services, principal: Principal, question: Question, metric: Metric
) -> list[list[Value]]:
    """Seven days from Monday, each with 24 local hours."""
    asked = replace(question, period="HOUR", groupings=(), wanted=(Wanted(metric.name, metric),))
    places: dict[tuple[int, int], Counter[str]] = {}
    for result in answer(services, principal, asked):
        begins = local(result.start_ms, question.zone)
        place = begins.weekday(), begins.hour
        places.setdefault(place, Counter()).update(result.cell)
    return [
        [
            evaluate(metric, cell, whole=cell)
            for cell in (places.get((day, hour), Counter()) for hour in range(24))
        ]
        for day in range(7)
    ]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket of a distribution in seconds or points, both ends included as lists count."""

    least: float | None
    most: float | None
    count: int
    listed: Listed


def distribution(
    services: Services, principal: Principal, question: Question, figure: str
) -> list[Bar]:
    """How many contacts lie in each bucket of a figure's histogram."""
    name = "AVG_SENTIMENT_CUSTOMER" if figure == SENTIMENT else "P50_CONVERSATION_DURATION"
    asked = replace(question, period="TOTAL", groupings=(), wanted=(Wanted(name, BY_NAME[name]),))
    results = answer(services, principal, asked)
    cell = results[0].cell if results else {}
    listed = results[0].told[0].listed if results else Listed(asked.start_ms, asked.end_ms, {})
    return [
        _bar(figure, bucket, cell.get(f"{PREFIX[figure]}{number}", 0), listed)
        for number, bucket in enumerate(buckets(figure))
    ]


def _bar(figure: str, bucket: Bounds, count: int, listed: Listed) -> Bar:
    scale = SCALE[figure]
    least, most = (None if end is None else end / scale for end in (bucket.least, bucket.most))
    return Bar(
        least,
        most,
        count,
        replace(listed, filters={**listed.filters, **bounds_filters(figure, bucket)}),
    )


def movers(
    services: Services, principal: Principal, question: Question, compare_to: tuple[int, int]
) -> list[Result]:
    """Categories, the largest change of their number first; those of either period."""
    asked = replace(question, period="TOTAL", groupings=(CATEGORY,), wanted=headlines(CATEGORY))
    now = answer(services, principal, asked, compare_to)
    there = {result.dimensions[CATEGORY] for result in now}
    before = replace(asked, start_ms=compare_to[0], end_ms=compare_to[1])
    gone = [
        _gone(result, asked)
        for result in answer(services, principal, before)
        if result.dimensions[CATEGORY] not in there
    ]
    return sorted((*now, *gone), key=lambda r: (-_moved(r), r.dimensions[CATEGORY]))


def _gone(result: Result, asked: Question) -> Result:
    """A category that nobody has any more."""
    span = asked.start_ms, asked.end_ms
    told = tuple(
        replace(
            each,
            value=Value(0 if each.wanted.metric.name == "CONTACTS_ANALYZED" else None, 0),
            former=each.value,
            listed=replace(each.listed, start_ms=span[0], end_ms=span[1]),
        )
        for each in result.told
    )
    return replace(result, start_ms=span[0], end_ms=span[1], told=told)


def _moved(result: Result) -> float:
    """By how much the number of contacts changed, relative to what it was; a new one by its number."""
    first = result.told[0]
    now, before = first.value.n, first.former.n if first.former else 0
    return abs(now - before) / before if before else float(now)


def rows(services: Services, principal: Principal, question: Question, kind: str) -> list[Result]:
    """Queues, agents or categories with their headline metrics, those with most contacts first."""
    asked = replace(question, period="TOTAL", groupings=(kind,), wanted=headlines(kind))
    found = answer(services, principal, asked)
    return sorted(found, key=lambda r: (-r.told[0].value.n, r.dimensions[kind]))


def one(
    services: Services, principal: Principal, question: Question, kind: str, value: str
) -> Result:
    """One of the rows, also where no contact is in the range."""
    names = {QUEUE: "queues", AGENT: "agents", CATEGORY: "categories"}
    only = {names[kind]: (value,)}
    asked = replace(question, period="TOTAL", groupings=(), wanted=headlines(kind), **only)  # type: ignore[arg-type]
    return answer(services, principal, asked)[0]


def name_of(services: Services, principal: Principal, kind: str, value: str) -> str | None:
    """What the newest visible contact calls a queue or an agent; None when there is no contact."""
    filters = {QUEUE: "queue_ids", AGENT: "agent_ids", CATEGORY: "categories"}
    query = ContactQuery(**{filters[kind]: (value,)})  # type: ignore[arg-type]
    page = contacts(services, principal, query, cursor=None, limit=1)
    known = page.rows[0].publication if page.rows else None
    if known is None:
        return None
    named = {QUEUE: known.queue_name, AGENT: known.agent_name}.get(kind)
    return named or value
