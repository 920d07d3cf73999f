"""Where things are kept: objects, contact rows with their roll-ups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.events import Fact
from chalicelib.domain.rollup import Counters, RollupKey


@dataclass(frozen=True, slots=True)
class Stat:
    """An object as it is now. ``etag`` without quotes; ``modified_ms`` epoch milliseconds."""

    key: str
    etag: str
    size: int
    modified_ms: int
    content_type: str = "application/octet-stream"


class ObjectStore(Protocol):
    """One bucket. Keys are used verbatim, up to 1,024 bytes, and never become paths.

    Reads are strongly consistent. Every method raises ``Unavailable`` when the store does not answer.
    """

    def stat(self, key: str) -> Stat | None:
        """The object now, or None."""

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Bytes ``[start, start+length)``, fewer at the end. Raises ``NotFound``."""

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """A readable, seekable binary file of the whole object, for streaming. Raises ``NotFound``."""

    def put(self, key: str, body: bytes | BinaryIO, *, content_type: str = "") -> Stat:
        """Write or overwrite atomically; durable when it returns."""

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "") -> bool:
        """Write only if there is no object; False when there is one already."""

    def delete(self, key: str, *, etag: str = "") -> None:
        """Remove; a missing object is no error. With ``etag`` other bytes under this key stay."""

    def replace(self, key: str, body: bytes, *, etag: str) -> bool:
        """Overwrite just these bytes; False when others lie there by now, or none."""

    def purge(self, key: str, *, former: bool = False) -> int:
        """Remove an object for good, with every version and marker that the store keeps of it (``former``:
        only those that are not the latest); how many there were. Raises ``Unavailable`` when one stays."""

    def purge_under(self, prefix: str, *, but: str = "") -> int:
        """``purge`` everything under a prefix, but what lies under ``but``; how many there were."""

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """All objects under a prefix, in key order, paging hidden."""

    def sign(self, key: str, *, expires_s: int, content_type: str = "") -> str:
        """A URL that reads exactly this object until it expires, answering Range."""


@dataclass(frozen=True, slots=True)
class RowWrite:
    """Put ``row`` if the stored version is still ``expected_version`` (None: no row is stored)."""

    row: ContactRow
    expected_version: int | None


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything that changes together: all of it or nothing.

    ``owners``: object keys and job names that from now on belong to a contact (None removes one).
    ``outbox``: facts to deliver after the commit, each exactly once under its id.
    """

    rows: Sequence[RowWrite]
    deltas: Mapping[RollupKey, Counters] = field(default_factory=dict)
    owners: Mapping[str, str | None] = field(default_factory=dict)
    outbox: Sequence[Fact] = ()


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """Filters of a contact list; empty means any. Time is the disconnect time in epoch ms,
    ``start_ms`` inclusive, ``end_ms`` exclusive. Newest first.

    ``customer_refs``: pseudonyms. ``refused``: only rows with a refused part that is present, or with a
    failed stage, whatever their status."""

    start_ms: int | None = None
    end_ms: int | None = None
    channels: tuple[str, ...] = ()
    queue_ids: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    categories: tuple[str, ...] = ()
    refused: bool = False
    customer_refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """``cursor`` continues after the last row, None at the end. ``searched_to_ms`` is set when a
    read bound stopped the scan before the page was full."""

    rows: tuple[ContactRow, ...]
    cursor: str | None = None
    searched_to_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows in the order of their commits; ``cursor`` is where to go on."""

    rows: tuple[ContactRow, ...]
    cursor: str


class ContactStore(Protocol):
    """Contact rows, owners and roll-ups, committed together.

    The sort time of a row is its publication's disconnect time, else ``first_seen_ms``. Rows with
    status DELETED are never returned by ``find``.
    """

    def get(self, contact_id: str) -> ContactRow | None:
        """The row, read consistently."""

    def commit(self, change: Commit) -> None:
        """All writes in one transaction; raises ``VersionMoved`` and writes nothing otherwise."""

    def owner_of(self, name: str) -> str | None:
        """The contact that an object key or job name belongs to."""

    def find(self, query: ContactQuery, *, cursor: str | None = None, limit: int = 50) -> Page:
        """Rows that match, newest first, ties by contact id. ``cursor`` as a page returned it."""

    def changes(self, *, cursor: str | None = None, limit: int = 50) -> Changes:
        """Rows committed after ``cursor`` (each row once, as it is now). Without a cursor: the
        latest ``limit`` rows, oldest of them first."""

    def unfinished(self) -> Iterator[ContactRow]:
        """All rows with status IN_PROGRESS."""

    def ids(self) -> Iterator[str]:
        """All contact ids with a row, tombstones included."""

    def rollups(
        self, period: str, dimension: str, value: str, *, first: str, last: str
    ) -> Mapping[str, Counters]:
        """Counters by bucket for ``first <= bucket <= last``, shards summed."""

    def outbox(self, limit: int = 50) -> Sequence[Fact]:
        """Facts that wait for delivery, oldest first."""

    def delivered(self, fact_id: str) -> None:
        """Take a delivered fact out of the outbox."""
