"""Contact lists out of the table's indexes.

A list is a merge of streams, each in list order: the days of all contacts, or the months of each agent or
queue asked for, or the states asked for. Which days and months exist is registered (``P#<family>``), so a
quiet year costs nothing. What an index says is a hint; each row is read itself and judged again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge

from chalicelib.adapters import listing
from chalicelib.adapters.aws import dynamo_items as items
from chalicelib.adapters.aws.dynamo_items import Item
from chalicelib.adapters.aws.dynamo_table import Table
from chalicelib.domain.contact import ContactRow
from chalicelib.ports.storage import ContactQuery, Page

READ_BOUND = 2_000
KNOWN_BOUND = 10_000


@dataclass(frozen=True, slots=True)
class _Range:
    """Places ``low .. high`` in list order, and the times they stand for."""

    low: str
    high: str
    oldest_ms: int
    newest_ms: int


class Partitions:
    """The register of list partitions, written before a row gets into one."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: set[tuple[str, str]] = set()

    def register(self, wanted: Iterable[tuple[str, str]]) -> None:
        """One that a failed commit leaves behind is empty and does no harm."""
        for family, unit in set(wanted) - self._known:
            self._table.put(self._table.item(f"P#{family}", unit))
            if len(self._known) >= KNOWN_BOUND:
                self._known.clear()
            self._known.add((family, unit))

    def of(self, family: str, first: str, last: str) -> Iterator[str]:
        """The registered days or months of a family, newest first."""
        for item in self._table.query(f"P#{family}", first, last, backwards=True):
            yield item.sk


class Listing:
    """``find`` of the DynamoDB store; looks at ``bound`` entries at most for one page."""

    def __init__(self, table: Table, partitions: Partitions, *, bound: int = READ_BOUND) -> None:
        self._table = table
        self._partitions = partitions
        self._bound = bound

    def find(self, query: ContactQuery, cursor: str | None, limit: int) -> Page:
        scan = _Scan(self._entries(query, cursor), query, self._bound)
        found: list[ContactRow] = []
        while len(found) <= limit and (places := scan.take(limit + 1 - len(found))):
            found += self._rows(places, query)
        if len(found) > limit:
            last = found[limit - 1]
            return Page(tuple(found[:limit]), listing.pack(listing.sort_ms(last), last.contact_id))
        if scan.stopped_at is None:
            return Page(tuple(found))
        at, contact_id = items.at_position(scan.stopped_at)
        return Page(tuple(found), listing.pack(at, contact_id), at)

    def _rows(self, places: list[str], query: ContactQuery) -> Iterator[ContactRow]:
        """The rows themselves, those that still are where the index had them."""
        ids = {place: items.at_position(place)[1] for place in places}
        found = self._table.get_many(items.row_key(contact_id) for contact_id in ids.values())
        for place, contact_id in ids.items():
            item = found.get(items.row_key(contact_id))
            if (
                item
                and item.position == place
                and listing.matches(row := items.row_of(item), query)
            ):
                yield row

    def _entries(self, query: ContactQuery, cursor: str | None) -> Iterator[Item]:
        within = _range(query, cursor)
        entries = merge(*self._streams(query, within), key=lambda item: item.position)
        after = items.position(*listing.unpack_position(cursor)) if cursor else ""
        return (item for item in entries if item.position > after)

    def _streams(self, query: ContactQuery, within: _Range) -> list[Iterator[Item]]:
        if query.refused or (query.statuses and items.SPARSE.issuperset(query.statuses)):
            states = items.states_of(query.statuses or items.STATES, refused=query.refused)
            return [
                self._table.query(state, within.low, within.high, index="by-state")
                for state in states
            ]
        if query.customer_refs:
            keys = [items.customer_key(each) for each in set(query.customer_refs)]
            return [
                self._table.query(key, within.low, within.high, index="by-customer") for key in keys
            ]
        if query.agent_ids:
            return [self._walk(f"A#{each}", "by-agent", within) for each in set(query.agent_ids)]
        if query.queue_ids:
            return [self._walk(f"Q#{each}", "by-queue", within) for each in set(query.queue_ids)]
        return [self._walk("T", "by-day", within)]

    def _walk(self, family: str, index: str, within: _Range) -> Iterator[Item]:
        """Partition after partition, newest first."""
        unit = items.day_of if family == "T" else items.month_of
        units = self._partitions.of(family, unit(within.oldest_ms), unit(within.newest_ms))
        for each in units:
            yield from self._table.query(f"{family}#{each}", within.low, within.high, index=index)


class _Scan:
    """Picks the entries that may match until a bound is reached."""

    def __init__(self, entries: Iterator[Item], query: ContactQuery, bound: int) -> None:
        self._entries = entries
        self._query = query
        self._left = bound
        self._last = ""
        self.stopped_at: str | None = None

    def take(self, count: int) -> list[str]:
        """The next ``count`` places, fewer at the end or when the bound stopped it."""
        places: list[str] = []
        while len(places) < count and self.stopped_at is None:
            item = next(self._entries, None)
            if item is None:
                break
            if not self._left:
                self.stopped_at = self._last
                break
            self._left -= 1
            self._last = item.position
            if _may_match(item, self._query):
                places.append(item.position)
        return places


def _may_match(item: Item, query: ContactQuery) -> bool:
    return (
        item.status != "DELETED"
        and (not query.statuses or item.status in query.statuses)
        and (not query.channels or not (item.channels or set()).isdisjoint(query.channels))
        and listing.categories_match(query, item.categories or set(), known=True)
        and _figures_may_match(item, query)
    )


def _figures_may_match(item: Item, query: ContactQuery) -> bool:
    known = json.loads(item.figures) if query.ranges and item.figures else None
    return known is None or all(each.holds(known.get(each.figure)) for each in query.ranges)


def _range(query: ContactQuery, cursor: str | None) -> _Range:
    newest = listing.LAST_MS if query.end_ms is None else _clamp(query.end_ms) - 1
    oldest = 0 if query.start_ms is None else _clamp(query.start_ms)
    if cursor:
        newest = min(newest, listing.unpack_position(cursor)[0])
    low, high = listing.LAST_MS - newest, listing.LAST_MS - oldest + 1
    return _Range(f"{low:015d}", f"{high:015d}", _as_time(oldest), _as_time(newest))


def _clamp(at_ms: int) -> int:
    return min(max(at_ms, 0), listing.LAST_MS + 1)


def _as_time(at_ms: int) -> int:
    return min(max(at_ms, 0), listing.LAST_MS)
