"""Numbers over many contacts, for tiles, charts and tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from chalicelib.api import metric_models as models
from chalicelib.api import metric_views as views
from chalicelib.api.call import Call
from chalicelib.api.filters import check_range, ms
from chalicelib.api.models import ChannelName
from chalicelib.api.params import Time, Word
from chalicelib.domain.errors import BadRequest, NotFound
from chalicelib.domain.metrics import BY_NAME
from chalicelib.domain.thresholds import Threshold
from chalicelib.domain.zones import DAY_MS, zone
from chalicelib.formats.instants import iso
from chalicelib.metric_queries import boards
from chalicelib.metric_queries.answer import answer
from chalicelib.metric_queries.question import (
    AGENT,
    CATEGORY,
    QUEUE,
    MetricRefused,
    Question,
    Wanted,
)

USUAL_MS = 30 * DAY_MS
LONGEST_MS = 3660 * DAY_MS
MOST_RESULTS = 10_000
TOO_LONG = "A range lies between the years 1970 and 9999 and is ten years at most."
NO_ZONE = "This is no IANA time zone."
LAST_MS = 253_370_764_800_000  # 9999, but for its last days
ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When, and of which channels; the last thirty days unless times are given."""

    start_time: Annotated[Time | None, Query(description="Disconnected at or after.")] = None
    end_time: Annotated[Time | None, Query(description="Disconnected before.")] = None
    time_zone: Annotated[
        models.ZoneName | None, Query(description="Where days and hours begin.")
    ] = None
    channel: Annotated[list[ChannelName] | None, Query()] = None

    def question(self, call: Call) -> Question:
        """Raises ``BadRequest``."""
        end = _or(ms(self.end_time), call.services.clock())
        start = _or(ms(self.start_time), max(end - USUAL_MS, 0))
        _check_query(start, end, "/query/startTime")
        where = _zone(call, self.time_zone)
        if where is None:
            raise BadRequest("time_zone", NO_ZONE, pointer="/query/timeZone")
        return Question(start, end, (), where, channels=tuple(self.channel or ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Times):
    """Of which queues, agents and categories too; alternatives within one, all of them together."""

    queue_id: Annotated[list[Word] | None, Query(max_length=100)] = None
    agent_id: Annotated[list[Word] | None, Query(max_length=100)] = None
    category: Annotated[list[Word] | None, Query(max_length=100)] = None

    def question(self, call: Call) -> Question:
        return replace(
            Times.question(self, call),
            queues=tuple(self.queue_id or ()),
            agents=tuple(self.agent_id or ()),
            categories=tuple(self.category or ()),
        )


def _or(given: int | None, usual: int) -> int:
    return usual if given is None else given


def zone_name(call: Call, given: str | None) -> str:
    return given or call.services.settings.time_zone


def _zone(call: Call, given: str | None) -> tzinfo | None:
    try:
        return zone(zone_name(call, given))
    except ValueError:
        return None


def _check_query(start: int, end: int, pointer: str) -> None:
    check_range(start, end, pointer)
    if not _answerable(start, end):
        raise BadRequest("range", TOO_LONG, pointer=pointer)


def _answerable(start: int, end: int) -> bool:
    return 0 <= start <= end <= LAST_MS and end - start <= LONGEST_MS


@contextmanager
def in_query() -> Iterator[None]:
    """Refusals name the parameter of the query, where there is no body."""
    try:
        yield
    except MetricRefused as refused:
        pointer = refused.pointer.replace("/body/", "/query/", 1)
        raise MetricRefused(refused.code, refused.detail, pointer) from refused


def query_metrics(
    call: Call, *, body: Annotated[models.MetricsQuestion, Body()]
) -> models.MetricAnswer:
    """Metrics over a range, by interval, filters and up to two groupings, beside an earlier period.
    Values come from roll-ups, or from counting contacts where no roll-up holds them."""
    name = zone_name(call, body.interval.time_zone)
    where = _zone(call, body.interval.time_zone)
    if where is None:
        raise MetricRefused("time_zone", NO_ZONE, "/body/interval/timeZone")
    question = _question(body, where)
    question.check()
    found = answer(call.services, call.principal, question, _compare_to(body, question))
    if len(found) > MOST_RESULTS:
        detail = f"These are more than {MOST_RESULTS} results; ask for fewer groups or periods."
        raise MetricRefused("metrics.results", detail, "/body/groupings")
    return models.MetricAnswer(
        metric_results=views.results(question, name, found),
        as_of=iso(call.services.clock()),
        approximate=any(wanted.metric.approximate for wanted in question.wanted),
    )


def _question(body: models.MetricsQuestion, where: tzinfo) -> Question:
    filters: dict[str, tuple[str, ...]] = {}
    for number, each in enumerate(body.filters):
        if each.key in filters:
            detail = "A key has one filter, with all its values."
            raise MetricRefused("metrics.filters", detail, f"/body/filters/{number}/key")
        filters[each.key] = tuple(each.values)
    unknown = set(filters.get("CHANNEL", ())) - {"VOICE", "CHAT"}
    if unknown:
        number = [each.key for each in body.filters].index("CHANNEL")
        detail = "A channel is VOICE or CHAT."
        raise MetricRefused("metrics.filters", detail, f"/body/filters/{number}/values")
    if len(set(body.groupings)) < len(body.groupings):
        raise MetricRefused("metrics.groupings", "A grouping comes once.", "/body/groupings")
    start, end = ms(body.start_time) or 0, ms(body.end_time) or 0
    _check_length(start, end, "/body/startTime")
    return Question(
        start,
        end,
        _wanted(body),
        where,
        body.interval.period,
        queues=filters.get("QUEUE", ()),
        agents=filters.get("AGENT", ()),
        channels=filters.get("CHANNEL", ()),
        categories=filters.get("CATEGORY", ()),
        groupings=tuple(body.groupings),
    )


def _check_length(start: int, end: int, pointer: str) -> None:
    if end < start:
        raise MetricRefused("range", "The range ends before it begins.", pointer)
    if not _answerable(start, end):
        raise MetricRefused("range", TOO_LONG, pointer)


def _wanted(body: models.MetricsQuestion) -> tuple[Wanted, ...]:
    out: dict[str, Wanted] = {}
    for number, each in enumerate(body.metrics):
        metric, given = BY_NAME[each.name], each.threshold
        told = each.metric_id or each.name
        if told in out:
            detail = "Two metrics of one name need each its own metricId."
            raise MetricRefused("metrics.id", detail, f"/body/metrics/{number}/metricId")
        threshold = (
            Threshold(metric.figure, given.comparison, given.value)
            if given and metric.figure
            else None
        )
        if given and not metric.figure:
            detail = f"{metric.name} takes no threshold."
            raise MetricRefused("metrics.threshold", detail, f"/body/metrics/{number}/threshold")
        out[told] = Wanted(told, metric, threshold)
    return tuple(out.values())


def _compare_to(body: models.MetricsQuestion, question: Question) -> tuple[int, int] | None:
    if body.compare_to is None:
        return None
    start, end = ms(body.compare_to.start_time), ms(body.compare_to.end_time)
    if start is None and end is None:
        return max(2 * question.start_ms - question.end_ms, 0), question.start_ms
    if start is None or end is None:
        detail = "A comparison names both times or neither."
        raise MetricRefused("metrics.compare", detail, "/body/compareTo")
    _check_length(start, end, "/body/compareTo/startTime")
    return start, end


def get_catalog(call: Call) -> models.MetricCatalog:  # noqa: ARG001 - every endpoint has one
    """Every metric: unit, what it means when it rises, definition, its name in Amazon Connect."""
    return views.catalog()


def get_heatmap(
    call: Call,
    *,
    scope: Scope,
    metric: Annotated[models.HourlyMetric, Query()] = "CONTACTS_ANALYZED",
) -> models.Heatmap:
    """One metric by weekday and hour."""
    with in_query():
        question = scope.question(call)
        cells = boards.heatmap(call.services, call.principal, question, BY_NAME[metric])
    return models.Heatmap(
        metric=metric,
        time_zone=zone_name(call, scope.time_zone),
        cells=[[models.HeatCell(value=v.number, n=v.n) for v in day] for day in cells],
    )


def get_distribution(
    call: Call,
    *,
    scope: Scope,
    metric: Annotated[models.FigureName, Query()] = "SENTIMENT_CUSTOMER",
) -> models.Distribution:
    """How many contacts lie where on a scale: customer sentiment in half points, length in seconds."""
    with in_query():
        bars = boards.distribution(call.services, call.principal, scope.question(call), metric)
    return models.Distribution(
        metric=metric, bars=[views.bar(each) for each in bars], n=sum(each.count for each in bars)
    )


def get_movers(
    call: Call,
    *,
    scope: Scope,
    compare_start: Annotated[Time | None, Query(description="The period before, from.")] = None,
    compare_end: Annotated[Time | None, Query(description="The period before, to.")] = None,
) -> models.MoverList:
    """Categories whose number changed, the largest change first; against the period of the same length
    before unless another is given."""
    question = scope.question(call)
    start, end = ms(compare_start), ms(compare_end)
    if (start is None) is not (end is None):
        detail = "A comparison names both times or neither."
        raise BadRequest("range", detail, pointer="/query/compareStart")
    if start is not None and end is not None:
        _check_query(start, end, "/query/compareStart")
    length = question.end_ms - question.start_ms
    usual = max(question.start_ms - length, 0), question.start_ms
    before = usual if start is None or end is None else (start, end)
    with in_query():
        found = boards.movers(call.services, call.principal, question, before)
    return models.MoverList(movers=[views.mover(each) for each in found])


Rows = Annotated[int, Query(ge=1, le=100, description="Rows that are answered.")]


def list_queues(call: Call, *, scope: Scope, max_results: Rows = ROWS) -> models.DimensionList:
    """Queues with their headline metrics."""
    return _listed(call, scope, QUEUE, max_results)


def list_agents(call: Call, *, scope: Scope, max_results: Rows = ROWS) -> models.DimensionList:
    """Agents with their headline metrics."""
    return _listed(call, scope, AGENT, max_results)


def list_categories(call: Call, *, scope: Scope, max_results: Rows = ROWS) -> models.DimensionList:
    """Categories with their headline metrics."""
    return _listed(call, scope, CATEGORY, max_results)


def _listed(call: Call, scope: Scope, kind: str, most: int) -> models.DimensionList:
    with in_query():
        found = boards.rows(call.services, call.principal, scope.question(call), kind)
    items = [
        views.row(result, id_, _named(call, kind, id_))
        for result in found[:most]
        for id_ in [result.dimensions[kind]]
    ]
    return models.DimensionList(
        items=items, total_count=len(found), truncated=len(found) > len(items)
    )


def _named(call: Call, kind: str, id_: str) -> str:
    if kind == CATEGORY:
        return id_
    return boards.name_of(call.services, call.principal, kind, id_) or id_


QueueId = Annotated[str, Path(description="The queue's id.")]
AgentId = Annotated[str, Path(description="The agent's id.")]
CategoryName = Annotated[str, Path(description="The category's name.")]


def get_queue(call: Call, *, queue_id: QueueId, times: Times) -> models.DimensionRow:
    """One queue with its headline metrics."""
    return _one(call, times, QUEUE, queue_id)


def get_agent(call: Call, *, agent_id: AgentId, times: Times) -> models.DimensionRow:
    """One agent with headline metrics."""
    return _one(call, times, AGENT, agent_id)


def get_category(call: Call, *, category_name: CategoryName, times: Times) -> models.DimensionRow:
    """One category with its headline metrics."""
    return _one(call, times, CATEGORY, category_name)


def _one(call: Call, times: Times, kind: str, id_: str) -> models.DimensionRow:
    """Raises ``NotFound`` where no visible contact was ever of it."""
    named = boards.name_of(call.services, call.principal, kind, id_)
    if named is None:
        raise NotFound
    with in_query():
        found = boards.one(call.services, call.principal, times.question(call), kind, id_)
    return views.row(found, id_, named)
