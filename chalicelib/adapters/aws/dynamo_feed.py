"""The feed of commits: what ``changes`` reads.

DynamoDB gives no order of commits, so each transaction writes a feed entry under its own commit time,
taken anew for each attempt. An entry can appear a little behind the newest one (another clock, a slow
request): a cursor therefore stays ``SETTLE_MS`` behind and remembers what it has seen since. An entry
counts only while its row still has the entry's version, so a row comes once, at its latest commit.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from chalicelib.adapters import listing
from chalicelib.adapters.aws import dynamo_items as items
from chalicelib.adapters.aws.dynamo_items import Item
from chalicelib.adapters.aws.dynamo_table import Table
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import BadRequest
from chalicelib.ports.storage import Changes

SETTLE_MS = 10_000
KEPT_MS = 7 * 24 * 3600 * 1000
DAY_MS = 24 * 3600 * 1000
MARK = 6
LARGEST_MARKS = 500
END = "~"


class Feed:
    """Reads and makes feed entries; ``clock`` gives epoch milliseconds."""

    def __init__(self, table: Table, clock: Callable[[], int]) -> None:
        self._table = table
        self._clock = clock

    def entry(self, row: ContactRow, at_ms: int, number: int) -> Item:
        """To be written with the row, the ``number``-th of its commit; it expires."""
        return self._table.item(
            f"F#{items.day_of(at_ms)}",
            f"{at_ms:015d}.{number:03d}#{row.contact_id}#{row.version}",
            expires_s=(at_ms + KEPT_MS + DAY_MS) // 1000,
        )

    def latest(self, limit: int) -> Changes:
        """The newest rows of the kept days, oldest of them first, and where to go on."""
        now = self._clock()
        settling = [item.sk for item in self._upwards(now - SETTLE_MS, now)]
        rows: list[ContactRow] = []
        entries = self._downwards(now)
        while len(rows) < limit and (chunk := list(islice(entries, limit - len(rows)))):
            rows += self._current(chunk)
        return Changes(tuple(rows[::-1]), _cursor(now - SETTLE_MS, settling))

    def after(self, cursor: str, limit: int) -> Changes:
        """Rows since the cursor. Raises ``BadRequest`` for one older than the feed is kept."""
        now = self._clock()
        floor, seen = _unpack(cursor)
        if floor < now - KEPT_MS:
            raise BadRequest("cursor", "the cursor is older than the feed of changes")
        entries = self._upwards(floor, now)
        read: list[str] = []
        rows: list[ContactRow] = []
        while chunk := list(islice(entries, limit - len(rows))):
            read += [item.sk for item in chunk]
            rows += self._current(item for item in chunk if _mark(item.sk) not in seen)
        newest = now if len(rows) < limit else _time(read[-1])
        return Changes(tuple(rows), _cursor(max(floor, newest - SETTLE_MS), read))

    def _current(self, entries: Iterable[Item]) -> list[ContactRow]:
        """The rows whose latest commit these entries are, in their order."""
        named = [_named(item.sk) for item in entries]
        found = self._table.get_many(items.row_key(contact_id) for contact_id, _ in named)
        stored = ((found.get(items.row_key(id_)), version) for id_, version in named)
        return [items.row_of(item) for item, version in stored if item and item.version == version]

    def _upwards(self, first_ms: int, now: int) -> Iterator[Item]:
        for day in range(first_ms // DAY_MS, (now + SETTLE_MS) // DAY_MS + 1):
            yield from self._table.query(_partition(day), f"{max(first_ms, 0):015d}", END)

    def _downwards(self, now: int) -> Iterator[Item]:
        newest = (now + SETTLE_MS) // DAY_MS
        for day in range(newest, newest - KEPT_MS // DAY_MS - 1, -1):
            yield from self._table.query(_partition(day), "0", END, backwards=True)


def _partition(day: int) -> str:
    return f"F#{items.day_of(max(day, 0) * DAY_MS)}"


def _time(sk: str) -> int:
    return int(sk[:15])


def _named(sk: str) -> tuple[str, int]:
    contact_id, _, version = sk[20:].rpartition("#")
    return contact_id, int(version)


def _mark(sk: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(sk.encode()).digest()).decode()[:MARK]


def _cursor(floor: int, read: list[str]) -> str:
    """Beyond ``LARGEST_MARKS`` entries within the settling time the floor rises, so that a cursor stays
    short enough for a URL."""
    recent = sorted(sk for sk in read if _time(sk) >= floor)[-LARGEST_MARKS:]
    if len(recent) == LARGEST_MARKS:
        floor = _time(recent[0])
    return listing.pack(max(floor, 0), "".join(_mark(sk) for sk in recent))


def _unpack(cursor: str) -> tuple[int, frozenset[str]]:
    floor, marks = listing.unpack_position(cursor)
    return floor, frozenset(marks[n : n + MARK] for n in range(0, len(marks), MARK))
