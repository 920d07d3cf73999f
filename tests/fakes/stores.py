"""Stores in memory, written for the ports: simple enough to be believed."""

from __future__ import annotations

import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import BinaryIO

from chalicelib.adapters import listing
from chalicelib.adapters.object_key import DEFAULT_CONTENT_TYPE, key_bytes
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.events import Fact
from chalicelib.domain.rollup import Counters, RollupKey
from chalicelib.ports.storage import Changes, Commit, ContactQuery, Page, Stat


class Ticking:
    """A clock that tells a later millisecond each time it is asked."""

    def __init__(self, start_ms: int = 1_800_000_000_000) -> None:
        self.now_ms = start_ms

    def __call__(self) -> int:
        self.now_ms += 1
        return self.now_ms

    def advance(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)


class MemoryObjects:
    """An ``ObjectStore``."""

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        self._clock = clock or Ticking()
        self._objects: dict[str, tuple[Stat, bytes]] = {}
        self._lock = Lock()

    def stat(self, key: str) -> Stat | None:
        key_bytes(key)
        found = self._objects.get(key)
        return found[0] if found else None

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        if key not in self._objects:
            raise NotFound("there is no such object")
        return self._objects[key][1][start : None if length is None else start + length]

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        yield io.BytesIO(self.read(key))

    def put(self, key: str, body: bytes | BinaryIO, *, content_type: str = "") -> Stat:
        key_bytes(key)
        content = body if isinstance(body, bytes) else body.read()
        etag = hashlib.sha256(content).hexdigest()
        kind = content_type or DEFAULT_CONTENT_TYPE
        stat = Stat(key, etag, len(content), self._clock(), kind)
        self._objects[key] = (stat, content)
        return stat

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "") -> bool:
        with self._lock:
            if key in self._objects:
                return False
            self.put(key, body, content_type=content_type)
            return True

    def delete(self, key: str, *, etag: str = "") -> None:
        found = self._objects.get(key)
        if found and etag in ("", found[0].etag):
            del self._objects[key]

    def replace(self, key: str, body: bytes, *, etag: str) -> bool:
        with self._lock:
            found = self._objects.get(key)
            if found is None or found[0].etag != etag:
                return False
            self.put(key, body, content_type=found[0].content_type)
            return True

    def purge(self, key: str, *, former: bool = False) -> int:
        if former or key not in self._objects:
            return 0
        del self._objects[key]
        return 1

    def purge_under(self, prefix: str, *, but: str = "") -> int:
        found = [key for key in self._objects if key.startswith(prefix)]
        return sum(self.purge(key) for key in found if not (but and key.startswith(but)))

    def list(self, prefix: str = "") -> Iterator[Stat]:
        return iter(
            [self._objects[key][0] for key in sorted(self._objects) if key.startswith(prefix)]
        )

    def sign(self, key: str, *, expires_s: int, content_type: str = "") -> str:
        return f"memory:{key}?expires={expires_s}&type={content_type or DEFAULT_CONTENT_TYPE}"


@dataclass
class _State:
    rows: dict[str, ContactRow] = field(default_factory=dict)  # in the order of latest commits
    commits: dict[str, int] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    outbox: dict[str, Fact] = field(default_factory=dict)
    rollups: defaultdict[RollupKey, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )


class MemoryContacts:
    """A ``ContactStore``."""

    def __init__(self) -> None:
        self._state = _State()
        self._commits = 0
        self._lock = Lock()

    def get(self, contact_id: str) -> ContactRow | None:
        return self._state.rows.get(contact_id)

    def commit(self, change: Commit) -> None:
        with self._lock:
            for write in change.rows:
                stored = self._state.rows.get(write.row.contact_id)
                if (stored.version if stored else None) != write.expected_version:
                    raise VersionMoved(write.row.contact_id)
            self._apply(change)

    def _apply(self, change: Commit) -> None:
        state = self._state
        for write in change.rows:
            self._commits += 1
            state.rows.pop(write.row.contact_id, None)
            state.rows[write.row.contact_id] = write.row
            state.commits[write.row.contact_id] = self._commits
        for key, counters in change.deltas.items():
            state.rollups[key].update(counters)
        for name, contact_id in change.owners.items():
            if contact_id is None:
                state.owners.pop(name, None)
            else:
                state.owners[name] = contact_id
        for fact in change.outbox:
            state.outbox.setdefault(fact.id, fact)

    def owner_of(self, name: str) -> str | None:
        return self._state.owners.get(name)

    def find(self, query: ContactQuery, *, cursor: str | None = None, limit: int = 50) -> Page:
        places = sorted(
            (-listing.sort_ms(row), row.contact_id)
            for row in self._state.rows.values()
            if listing.matches(row, query)
        )
        if cursor:
            at, contact_id = listing.unpack_position(cursor)
            places = [place for place in places if place > (-at, contact_id)]
        rows = tuple(self._state.rows[contact_id] for _, contact_id in places[:limit])
        more = len(places) > limit
        return Page(
            rows, listing.pack(-places[limit - 1][0], rows[-1].contact_id) if more else None
        )

    def changes(self, *, cursor: str | None = None, limit: int = 50) -> Changes:
        state = self._state
        after = listing.unpack_number(cursor) if cursor else 0
        rows = [row for row in state.rows.values() if state.commits[row.contact_id] > after]
        rows = rows[:limit] if cursor else rows[-limit:]
        last = state.commits[rows[-1].contact_id] if rows else after
        return Changes(tuple(rows), listing.pack(last))

    def unfinished(self) -> Iterator[ContactRow]:
        return iter([r for r in self._state.rows.values() if r.status is Status.IN_PROGRESS])

    def ids(self) -> Iterator[str]:
        return iter(list(self._state.rows))

    def rollups(
        self, period: str, dimension: str, value: str, *, first: str, last: str
    ) -> Mapping[str, Counters]:
        wanted = (period, dimension, value)
        found = {
            key.bucket: {name: n for name, n in counters.items() if n}
            for key, counters in self._state.rollups.items()
            if (key.period, key.dimension, key.value) == wanted and first <= key.bucket <= last
        }
        return {bucket: counters for bucket, counters in found.items() if counters}

    def all_rollups(self) -> dict[RollupKey, Counters]:
        """Every counter that is not zero."""
        summed = {
            key: {name: n for name, n in counters.items() if n}
            for key, counters in self._state.rollups.items()
        }
        return {key: counters for key, counters in summed.items() if counters}

    def outbox(self, limit: int = 50) -> Sequence[Fact]:
        return tuple(self._state.outbox.values())[:limit]

    def delivered(self, fact_id: str) -> None:
        self._state.outbox.pop(fact_id, None)
