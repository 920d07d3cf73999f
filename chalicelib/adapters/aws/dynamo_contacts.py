"""Contact rows, owners, roll-ups and outbox in one DynamoDB table.

A commit is one ``TransactWriteItems``: rows conditioned on their versions, roll-ups as ``ADD`` without a
condition (the rows' conditions protect them), owners, outbox and feed. Its size does not grow with the
number of categories. Correctness never rests on the client request token: an attempt whose answer was
lost meets its own version and raises ``VersionMoved``.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.aws import dynamo_items as items
from chalicelib.adapters.aws import dynamo_rollups as rollups
from chalicelib.adapters.aws.dynamo_feed import Feed
from chalicelib.adapters.aws.dynamo_listing import READ_BOUND, Listing, Partitions
from chalicelib.adapters.aws.dynamo_table import TRIES, Table
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.events import Fact
from chalicelib.domain.rollup import Counters, RollupKey, without_zeros
from chalicelib.formats import artifact
from chalicelib.ports.storage import Changes, Commit, ContactQuery, Page

BATCH = 100
END = "~"


def wall_clock() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


class DynamoContacts:
    """``ContactStore`` over the table ``name``. Indexes may lag: ``find``, ``unfinished``, ``ids`` and
    ``outbox`` see a commit a moment later, ``get``, ``owner_of``, ``rollups`` and ``changes`` at once.

    ``shards`` spreads hot roll-ups; it may grow, never shrink, while the table lives.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - botocore makes its classes
        name: str,
        *,
        shards: int = 8,
        clock: Callable[[], int] = wall_clock,
        sleep: Callable[[float], None] = time.sleep,
        read_bound: int = READ_BOUND,
    ) -> None:
        self._table = Table(client, name, sleep=sleep)
        self._partitions = Partitions(self._table)
        self._listing = Listing(self._table, self._partitions, bound=read_bound)
        self._feed = Feed(self._table, clock)
        self._shards = shards
        self._clock = clock

    def get(self, contact_id: str) -> ContactRow | None:
        item = self._table.get(items.row_key(contact_id))
        return items.row_of(item) if item else None

    def commit(self, change: Commit) -> None:
        rows = [write.row for write in change.rows]
        lists = {place for row in rows for place in items.partitions_of(row).values()}
        months = {(rollups.MONTHS, key.bucket[:7]) for key in change.deltas}
        self._partitions.register(lists | months)
        # Without a row no condition would stop a second application of an answer that was lost.
        tries = TRIES if rows else 1
        self._table.transact(lambda transaction: self._fill(transaction, change), tries=tries)

    def owner_of(self, name: str) -> str | None:
        item = self._table.get(items.owner_key(name))
        return item.contact_id if item else None

    def find(self, query: ContactQuery, *, cursor: str | None = None, limit: int = 50) -> Page:
        return self._listing.find(query, cursor, limit)

    def changes(self, *, cursor: str | None = None, limit: int = 50) -> Changes:
        """Reaches back seven days; an older cursor raises ``BadRequest``."""
        return self._feed.latest(limit) if cursor is None else self._feed.after(cursor, limit)

    def unfinished(self) -> Iterator[ContactRow]:
        cursor, more = None, True
        while more:
            page = self.find(
                ContactQuery(statuses=(Status.IN_PROGRESS,)), cursor=cursor, limit=BATCH
            )
            yield from page.rows
            cursor, more = page.cursor, page.cursor is not None

    def ids(self) -> Iterator[str]:
        return (key.removeprefix("C#") for key in self._table.scan_keys("by-day"))

    def rollups(
        self, period: str, dimension: str, value: str, *, first: str, last: str
    ) -> Mapping[str, Counters]:
        totals: dict[str, Counter[str]] = {}
        for key, counters in self.rollup_items(period, dimension, first=first, last=last, of=value):
            if key.value == value:
                totals.setdefault(key.bucket, Counter()).update(counters)
        return without_zeros(totals)

    def rollup_items(
        self, period: str, dimension: str, *, first: str, last: str, of: str | None = None
    ) -> Iterator[tuple[RollupKey, Counters]]:
        months = self._partitions.of(rollups.MONTHS, first[:7] or " ", last[:7] or " ")
        return rollups.stored(
            self._table,
            [
                rollups.partition(period, dimension, month, shard)
                for month in months
                for shard in rollups.shards_of(dimension, self._shards)
            ],
            rollups.Wanted(period, dimension, first, last, of),
        )

    def counted_by(self) -> str | None:
        found = self._table.get(rollups.COUNTED)
        if found:
            return str(found.counted)
        return "" if any(self._partitions.of(rollups.FORMER_MONTHS, "0", END)) else None

    def mark_counted(self, scheme: str) -> None:
        self._table.put(self._table.item(*rollups.COUNTED, counted=scheme))

    def outbox(self, limit: int = 50) -> Sequence[Fact]:
        facts: list[Fact] = []
        entries = self._table.query(items.OUTBOX, "0", END, index="by-state")
        while len(facts) < limit:
            keys = [(item.pk, item.sk) for item, _ in zip(entries, range(limit), strict=False)]
            found = self._table.get_many(keys)
            facts += [artifact.load(Fact, found[key].body) for key in keys if key in found]
            if len(keys) < limit:
                break
        return tuple(facts[:limit])

    def delivered(self, fact_id: str) -> None:
        self._table.delete(items.fact_key(fact_id))

    def _fill(self, transaction: TransactWrite, change: Commit) -> None:
        now = self._clock()
        model = self._table.item
        for number, write in enumerate(change.rows):
            condition = _at_version(write.expected_version)
            transaction.save(items.row_item(model, write.row), condition=condition)
            transaction.save(self._feed.entry(write.row, now, number))
        shard = self._shard(change)
        for key, counters in change.deltas.items():
            if counters:
                item = model(*rollups.item_key(key, shard))
                transaction.update(item, actions=rollups.additions(counters))
        for name, contact_id in change.owners.items():
            item = model(*items.owner_key(name), contact_id=contact_id)
            transaction.delete(item) if contact_id is None else transaction.save(item)
        for number, fact in enumerate(change.outbox):
            transaction.save(items.fact_item(model, fact, now, number))

    def _shard(self, change: Commit) -> int:
        """By the contact alone, so that a re-analysis corrects the items that it had added to."""
        if not change.rows:
            return 0
        return zlib.crc32(change.rows[0].row.contact_id.encode()) % self._shards


def _at_version(expected: int | None) -> Condition:
    return items.Item.pk.does_not_exist() if expected is None else items.Item.version == expected
