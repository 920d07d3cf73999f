"""The counters of every group and period that a question asks for."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from chalicelib.domain.contact import ContactRow, Publication, Status
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.principal import Principal
from chalicelib.domain.rollup import (
    CATEGORY_DIMENSIONS,
    WITHIN,
    Counters,
    RollupKey,
    counters_of,
    scheme,
)
from chalicelib.domain.zones import zone
from chalicelib.metric_queries import pieces
from chalicelib.metric_queries.question import (
    AGENT,
    CATEGORY,
    CHANNEL,
    FROM_CATEGORIES,
    QUEUE,
    MetricRefused,
    Question,
)
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ContactQuery
from chalicelib.queries import contacts, narrowed

PAGE = 500
NAMED_ONE_BY_ONE = 20
Place = tuple[tuple[str, ...], int]
"""The values of the groupings, and the number of the span."""


@dataclass
class Cells:
    """``whole``: the same places whatever the category, under the other groupings' values.
    ``recounted``: spans of which some contacts were counted one by one."""

    by_place: dict[Place, Counter[str]] = field(default_factory=dict)
    whole: dict[Place, Counter[str]] = field(default_factory=dict)
    recounted: set[int] = field(default_factory=set)

    def add(self, place: Place, counters: Counters) -> None:
        self.by_place.setdefault(place, Counter()).update(counters)


def count(services: Services, principal: Principal, question: Question) -> Cells:
    """Raises ``Unavailable`` while contacts are counted anew, ``MetricRefused`` beyond the read bound."""
    known = services.contacts.counted_by()
    if known not in (None, scheme(services.settings.time_zone)):
        raise Unavailable("contacts are being counted anew")
    scope = narrowed(
        principal,
        ContactQuery(
            start_ms=question.start_ms,
            end_ms=question.end_ms,
            channels=question.channels,
            queue_ids=question.queues,
            agent_ids=question.agents,
        ),
    )
    if scope is None:
        return Cells()
    return _Count(services, principal, question, scope).made()


class _Count:
    """One question on its way: where each number comes from, and the sums so far."""

    def __init__(
        self, services: Services, principal: Principal, question: Question, scope: ContactQuery
    ) -> None:
        self.services = services
        self.principal = principal
        self.question = question
        self.scope = scope
        self.spans = question.spans()
        self.dimension = _dimension(question, scope)
        self.cells = Cells()
        self.left = services.settings.metrics_read_bound

    def made(self) -> Cells:
        where = zone(self.services.settings.time_zone)
        held = self._held()
        hours = held and self.dimension != AGENT and not self.question.categorised
        parts = pieces.cut(self.spans, where, days=held, hours=hours)
        self._from_rollups("D", parts.days)
        self._from_rollups("H", parts.hours)
        for start, end in parts.rows:
            self._from_rows(start, end)
        return self.cells

    def _held(self) -> bool:
        """Whether roll-ups hold the counters that are asked for."""
        question = self.question
        if any(w.threshold and not w.threshold.exact for w in question.wanted):
            return False
        if not question.categorised:
            return True
        needed = frozenset[str]().union(*(w.metric.counters for w in question.wanted))
        return needed <= FROM_CATEGORIES and (question.by_category or len(question.categories) == 1)

    def _from_rollups(self, period: str, buckets: Mapping[str, int]) -> None:
        if not buckets:
            return
        dimensions = [self.dimension]
        if self.question.categorised:
            dimensions.append(CATEGORY_DIMENSIONS[self.dimension])
        for dimension in dimensions:
            for key, counters in self._items(period, dimension, buckets):
                if self._inside(key):
                    self._add_item(key, counters, buckets[key.bucket])

    def _items(
        self, period: str, dimension: str, buckets: Mapping[str, int]
    ) -> Iterator[tuple[RollupKey, Counters]]:
        first, last = min(buckets), max(buckets)
        store = self.services.contacts
        named = self.scope.agent_ids if self.dimension == AGENT else self.scope.queue_ids
        one_by_one: Iterable[str | None] = (
            dict.fromkeys(named) if 0 < len(named) <= NAMED_ONE_BY_ONE else (None,)
        )
        for of in one_by_one:
            for key, counters in store.rollup_items(
                period, dimension, first=first, last=last, of=of
            ):
                if key.bucket in buckets:
                    yield key, counters

    def _inside(self, key: RollupKey) -> bool:
        """Whether the filters let these contacts through."""
        agent, queue = self._who(key)
        return (
            (not self.scope.agent_ids or agent in self.scope.agent_ids)
            and (not self.scope.queue_ids or queue in self.scope.queue_ids)
            and (
                not self.scope.channels
                or not set(self.scope.channels).isdisjoint(key.channels.split("+"))
            )
        )

    def _who(self, key: RollupKey) -> tuple[str, str]:
        if self.dimension == AGENT:
            agent, _, queue = key.value.partition(WITHIN)
            return agent, queue
        return "", key.value if self.dimension == QUEUE else ""

    def _add_item(self, key: RollupKey, counters: Counters, span: int) -> None:
        agent, queue = self._who(key)
        known = {AGENT: [agent], QUEUE: [queue], CHANNEL: self._channels(key.channels.split("+"))}
        if key.dimension == self.dimension:
            self._add(known, span, self._with_beyond(counters))
            return
        for name, of_one in _by_category(counters).items():
            if self._named(name):
                self._add({**known, CATEGORY: [name]}, span, of_one, categorised=True)

    def _with_beyond(self, counters: Counters) -> Counters:
        told = {w.beyond: w.threshold.count(counters) for w in self.question.wanted if w.threshold}
        return {**counters, **told}

    def _channels(self, channels: Iterable[str]) -> list[str]:
        """Groups that a contact of these channels is in."""
        return [c for c in channels if not self.scope.channels or c in self.scope.channels]

    def _named(self, category: str) -> bool:
        return not self.question.categories or category in self.question.categories

    def _add(
        self,
        known: Mapping[str, list[str]],
        span: int,
        counters: Counters,
        *,
        categorised: bool = False,
    ) -> None:
        """Add to every group that the values are of; what has no value of a grouping is in none."""
        question, cells = self.question, self.cells
        if question.categorised and not categorised:
            others = [known[g] for g in question.groupings if g != CATEGORY]
            for values in product(*others):
                if all(values):
                    cells.whole.setdefault((values, span), Counter()).update(counters)
            return
        for values in product(*(known[g] for g in question.groupings)):
            if all(values):
                cells.add((values, span), counters)

    def _from_rows(self, start: int, end: int) -> None:
        begins = [span[0] for span in self.spans]
        for row in self._rows(start, end):
            told = row.publication
            if told is None or row.status is Status.DELETED or not told.analysis_key:
                continue
            span = bisect_right(begins, told.disconnect_ms) - 1
            self.cells.recounted.add(span)
            self._add_row(told, span)
        self.cells.recounted |= {n for n, s in enumerate(self.spans) if s[0] < end and start < s[1]}

    def _add_row(self, told: Publication, span: int) -> None:
        question = self.question
        counters = counters_of(told)
        for wanted in question.wanted:
            if wanted.threshold and wanted.threshold.holds(told):
                counters[wanted.beyond] = 1
        known = {
            AGENT: [told.agent_id or ""],
            QUEUE: [told.queue_id or ""],
            CHANNEL: self._channels(sorted({*told.channels, told.channel})),
        }
        self._add(known, span, counters)
        found = [name for name in dict.fromkeys(told.categories) if self._named(name)]
        if question.by_category:
            self._add({**known, CATEGORY: found}, span, counters, categorised=True)
        elif question.categories and found:
            self._add(known, span, counters, categorised=True)

    def _rows(self, start: int, end: int) -> Iterator[ContactRow]:
        """Raises ``MetricRefused`` beyond the read bound."""
        query = ContactQuery(
            start_ms=start,
            end_ms=end,
            channels=self.scope.channels,
            queue_ids=self.scope.queue_ids,
            agent_ids=self.scope.agent_ids,
        )
        cursor, more = None, True
        while more:
            page = contacts(self.services, self.principal, query, cursor=cursor, limit=PAGE)
            self.left -= len(page.rows)
            if self.left < 0:
                raise MetricRefused(
                    "metrics.bound",
                    "No roll-up holds this answer, and counting contact by contact would take more"
                    " than LOUPE_METRICS_READ_BOUND of them. Ask for a shorter range, whole days of"
                    " the reporting time zone, or thresholds on the edges of a distribution.",
                    "/body/startTime",
                )
            yield from page.rows
            cursor, more = page.cursor, page.cursor is not None


def _dimension(question: Question, scope: ContactQuery) -> str:
    if scope.agent_ids or AGENT in question.groupings:
        return AGENT
    if scope.queue_ids or QUEUE in question.groupings:
        return QUEUE
    return "ALL"


def _by_category(counters: Counters) -> dict[str, dict[str, int]]:
    """The counters of each category under the names that a contact's own have."""
    names = {"cat": "n", "cat_sent_x10": "sent_customer_x10", "cat_sent_n": "sent_customer_x10_n"}
    out: dict[str, dict[str, int]] = {}
    for name, number in counters.items():
        kind, _, category = name.partition(":")
        if kind in names:
            out.setdefault(category, {})[names[kind]] = number
    return out
