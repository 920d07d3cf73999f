"""Contact rows, owners, roll-ups and outbox in one SQLite file.

A commit is one transaction with the version in each row's condition. ``seq`` numbers the rows in the
order of their latest commits: writers are alone, so it is exact, and ``changes`` follows it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.adapters import listing
from chalicelib.adapters.local import sqlite_rollups, sqlite_transcripts
from chalicelib.adapters.local.database import Database
from chalicelib.adapters.local.sqlite_listing import FIGURES, columns_of, conditions, tags_of
from chalicelib.adapters.local.sqlite_schema import MIGRATIONS
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import VersionMoved
from chalicelib.domain.events import Fact
from chalicelib.domain.rollup import Counters, RollupKey, without_zeros
from chalicelib.formats import artifact
from chalicelib.ports.storage import Changes, Commit, ContactQuery, Page, RowWrite

BATCH = 200
COLUMNS = ("version", "status", "sort_ms", "queue_id", "agent_id", "refused", *FIGURES, "body")

_INSERT = (
    f"INSERT INTO contacts ({', '.join(COLUMNS)}, contact_id, seq)"  # noqa: S608 - fixed texts
    f" SELECT {', '.join('?' * len(COLUMNS))}, ?, coalesce(max(seq), 0) + 1 FROM contacts WHERE true"
    " ON CONFLICT (contact_id) DO NOTHING"
)
_UPDATE = (
    f"UPDATE contacts SET {', '.join(f'{name} = ?' for name in COLUMNS)},"  # noqa: S608 - fixed texts
    " seq = (SELECT max(seq) + 1 FROM contacts) WHERE contact_id = ? AND version = ?"
)


class SqliteContacts:
    """``ContactStore`` for one machine; any number of threads and processes may share the file."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, "contacts", MIGRATIONS)
        Database(path, "rollups", sqlite_rollups.MIGRATIONS).close()

    def close(self) -> None:
        """Close idle connections."""
        self._database.close()

    def get(self, contact_id: str) -> ContactRow | None:
        rows = self._rows("SELECT body FROM contacts WHERE contact_id = ?", (contact_id,))
        return rows[0] if rows else None

    def commit(self, change: Commit) -> None:
        with self._database.writing() as connection:
            for write in change.rows:
                _put_row(connection, write)
            sqlite_rollups.add(connection, change.deltas)
            _own(connection, change.owners)
            connection.executemany(
                "INSERT INTO outbox (id, fact) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
                [(fact.id, artifact.dump(fact)) for fact in change.outbox],
            )

    def owner_of(self, name: str) -> str | None:
        found = self._select("SELECT contact_id FROM owners WHERE name = sha256(?)", (name,))
        return str(found[0][0]) if found else None

    def find(self, query: ContactQuery, *, cursor: str | None = None, limit: int = 50) -> Page:
        where, values = conditions(query, cursor)
        rows = self._rows(
            f"SELECT body FROM contacts WHERE {where}"  # noqa: S608 - fixed texts and placeholders
            " ORDER BY sort_ms DESC, contact_id LIMIT ?",
            (*values, limit + 1),
        )
        page = tuple(rows[:limit])
        more = len(rows) > limit
        return Page(
            page, listing.pack(listing.sort_ms(page[-1]), page[-1].contact_id) if more else None
        )

    def changes(self, *, cursor: str | None = None, limit: int = 50) -> Changes:
        if cursor is None:
            found = self._select(
                "SELECT seq, body FROM contacts ORDER BY seq DESC LIMIT ?", (limit,)
            )[::-1]
            after = 0
        else:
            after = listing.unpack_number(cursor)
            found = self._select(
                "SELECT seq, body FROM contacts WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
            )
        last = found[-1][0] if found else after
        return Changes(tuple(_row(body) for _, body in found), listing.pack(last))

    def unfinished(self) -> Iterator[ContactRow]:
        after = ""
        while rows := self._rows(
            "SELECT body FROM contacts WHERE status = ? AND contact_id > ?"
            " ORDER BY contact_id LIMIT ?",
            (Status.IN_PROGRESS.value, after, BATCH),
        ):
            yield from rows
            after = rows[-1].contact_id

    def ids(self) -> Iterator[str]:
        after = ""
        while found := self._select(
            "SELECT contact_id FROM contacts WHERE contact_id > ? ORDER BY contact_id LIMIT ?",
            (after, BATCH),
        ):
            yield from (str(row[0]) for row in found)
            after = found[-1][0]

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
        with self._database.reading() as connection:
            found = sqlite_rollups.items(connection, period, dimension, first, last, of)
        yield from map(sqlite_rollups.item, found)

    def counted_by(self) -> str | None:
        found = self._select("SELECT scheme FROM counting", ())
        return str(found[0][0]) if found else None

    def mark_counted(self, scheme: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM counting")
            connection.execute("INSERT INTO counting VALUES (?)", (scheme,))

    def outbox(self, limit: int = 50) -> Sequence[Fact]:
        found = self._select("SELECT fact FROM outbox ORDER BY position LIMIT ?", (limit,))
        return tuple(artifact.load(Fact, body) for (body,) in found)

    def delivered(self, fact_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM outbox WHERE id = ?", (fact_id,))

    def _rows(self, sql: str, values: Sequence[object]) -> list[ContactRow]:
        return [_row(body) for (body,) in self._select(sql, values)]

    def _select(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._database.reading() as connection:
            return connection.execute(sql, values).fetchall()


def _row(body: bytes) -> ContactRow:
    return artifact.load(ContactRow, body)


def _put_row(connection: sqlite3.Connection, write: RowWrite) -> None:
    row = write.row
    values = (
        row.version,
        row.status.value,
        listing.sort_ms(row),
        listing.queue_id(row),
        listing.agent_id(row),
        listing.refused(row),
        *columns_of(row),
        artifact.dump(row),
        row.contact_id,
    )
    if write.expected_version is None:
        done = connection.execute(_INSERT, values)
    else:
        done = connection.execute(_UPDATE, (*values, write.expected_version))
    if done.rowcount != 1:
        raise VersionMoved(row.contact_id)
    _tag(connection, row)
    if row.status is Status.DELETED:
        sqlite_transcripts.forget(connection, row.contact_id)


def _tag(connection: sqlite3.Connection, row: ContactRow) -> None:
    connection.execute("DELETE FROM contact_tags WHERE contact_id = ?", (row.contact_id,))
    connection.executemany(
        "INSERT INTO contact_tags VALUES (?, ?, ?)",
        [(row.contact_id, kind, value) for kind, value in tags_of(row)],
    )


def _own(connection: sqlite3.Connection, owners: Mapping[str, str | None]) -> None:
    connection.executemany(
        "INSERT INTO owners VALUES (sha256(?), ?)"
        " ON CONFLICT (name) DO UPDATE SET contact_id = excluded.contact_id",
        [(name, contact_id) for name, contact_id in owners.items() if contact_id is not None],
    )
    connection.executemany(
        "DELETE FROM owners WHERE name = sha256(?)",
        [(name,) for name, contact_id in owners.items() if contact_id is None],
    )
