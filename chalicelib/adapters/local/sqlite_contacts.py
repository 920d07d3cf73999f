"""Contact rows, owners, roll-ups and outbox in one SQLite file.

A commit is one transaction with the version in each row's condition. ``seq`` numbers the rows in the
order of their latest commits: writers are alone, so it is exact, and ``changes`` follows it.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.adapters import listing
from chalicelib.adapters.local.database import Database
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import VersionMoved
from chalicelib.domain.events import Fact
from chalicelib.domain.rollup import Counters, RollupKey
from chalicelib.formats import artifact
from chalicelib.ports.storage import Changes, Commit, ContactQuery, Page, RowWrite

BATCH = 200

MIGRATIONS = (
    (
        """CREATE TABLE contacts (
             contact_id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL,
             sort_ms INTEGER NOT NULL, queue_id TEXT, agent_id TEXT,
             seq INTEGER NOT NULL UNIQUE, body BLOB NOT NULL)""",
        """CREATE INDEX contacts_by_time ON contacts (sort_ms DESC, contact_id)
             WHERE status != 'DELETED'""",
        """CREATE INDEX contacts_by_queue ON contacts (queue_id, sort_ms DESC, contact_id)
             WHERE status != 'DELETED'""",
        """CREATE INDEX contacts_by_agent ON contacts (agent_id, sort_ms DESC, contact_id)
             WHERE status != 'DELETED'""",
        "CREATE INDEX contacts_by_status ON contacts (status, sort_ms DESC, contact_id)",
        """CREATE TABLE contact_tags (
             contact_id TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
             PRIMARY KEY (contact_id, kind, value)) WITHOUT ROWID""",
        "CREATE INDEX contacts_by_tag ON contact_tags (kind, value, contact_id)",
        """CREATE TABLE rollups (
             period TEXT NOT NULL, dimension TEXT NOT NULL, value TEXT NOT NULL,
             bucket TEXT NOT NULL, counter TEXT NOT NULL, n INTEGER NOT NULL,
             PRIMARY KEY (period, dimension, value, bucket, counter)) WITHOUT ROWID""",
        "CREATE TABLE owners (name TEXT PRIMARY KEY, contact_id TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE outbox (
             position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, fact BLOB NOT NULL)""",
    ),
    (
        "ALTER TABLE contacts ADD COLUMN refused INTEGER NOT NULL DEFAULT 0",
        """UPDATE contacts SET refused = 1
             WHERE json_extract(CAST(body AS TEXT), '$.failure') IS NOT NULL
             OR EXISTS (SELECT 1 FROM json_each(CAST(body AS TEXT), '$.parts') AS part
               WHERE json_extract(part.value, '$.refusal') IS NOT NULL
               AND json_extract(part.value, '$.state') = 'PRESENT')""",
        """CREATE INDEX contacts_refused ON contacts (sort_ms DESC, contact_id)
             WHERE refused = 1 AND status != 'DELETED'""",
    ),
    # An object's key may hold a customer's name: owners are known by its hash.
    ("UPDATE owners SET name = sha256(name)",),
)

_TAGGED = (
    "EXISTS (SELECT 1 FROM contact_tags AS tag WHERE tag.contact_id = contacts.contact_id"
    " AND tag.kind = '{kind}' AND tag.value IN ({marks}))"
)


class SqliteContacts:
    """``ContactStore`` for one machine; any number of threads and processes may share the file."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, "contacts", MIGRATIONS)

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
            _add(connection, change.deltas)
            _own(connection, change.owners)
            connection.executemany(
                "INSERT INTO outbox (id, fact) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
                [(fact.id, artifact.dump(fact)) for fact in change.outbox],
            )

    def owner_of(self, name: str) -> str | None:
        found = self._select("SELECT contact_id FROM owners WHERE name = sha256(?)", (name,))
        return str(found[0][0]) if found else None

    def find(self, query: ContactQuery, *, cursor: str | None = None, limit: int = 50) -> Page:
        where, values = _conditions(query, cursor)
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
        found = self._select(
            "SELECT bucket, counter, n FROM rollups WHERE period = ? AND dimension = ? AND value = ?"
            " AND bucket BETWEEN ? AND ? AND n != 0",
            (period, dimension, value, first, last),
        )
        counters: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for bucket, counter, n in found:
            counters[bucket][counter] = n
        return dict(counters)

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
        artifact.dump(row),
        row.contact_id,
    )
    if write.expected_version is None:
        done = connection.execute(
            "INSERT INTO contacts"
            " (version, status, sort_ms, queue_id, agent_id, refused, body, contact_id, seq)"
            " SELECT ?, ?, ?, ?, ?, ?, ?, ?, coalesce(max(seq), 0) + 1 FROM contacts WHERE true"
            " ON CONFLICT (contact_id) DO NOTHING",
            values,
        )
    else:
        done = connection.execute(
            "UPDATE contacts SET version = ?, status = ?, sort_ms = ?, queue_id = ?, agent_id = ?,"
            " refused = ?, body = ?, seq = (SELECT max(seq) + 1 FROM contacts)"
            " WHERE contact_id = ? AND version = ?",
            (*values, write.expected_version),
        )
    if done.rowcount != 1:
        raise VersionMoved(row.contact_id)
    _tag(connection, row)


def _tag(connection: sqlite3.Connection, row: ContactRow) -> None:
    connection.execute("DELETE FROM contact_tags WHERE contact_id = ?", (row.contact_id,))
    tags = [("channel", value) for value in listing.channels(row)]
    tags += [("category", value) for value in listing.categories(row)]
    if customer := listing.customer_ref(row):
        tags.append(("customer", customer))
    connection.executemany(
        "INSERT INTO contact_tags VALUES (?, ?, ?)",
        [(row.contact_id, kind, value) for kind, value in tags],
    )


def _add(connection: sqlite3.Connection, deltas: Mapping[RollupKey, Counters]) -> None:
    connection.executemany(
        "INSERT INTO rollups VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET n = n + excluded.n",
        [
            (key.period, key.dimension, key.value, key.bucket, counter, n)
            for key, counters in deltas.items()
            for counter, n in counters.items()
        ],
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


def _conditions(query: ContactQuery, cursor: str | None) -> tuple[str, list[object]]:
    """The WHERE text, made of fixed parts, and the values for its placeholders."""
    parts, values = ["status != 'DELETED'"], list[object]()
    for text, given in _filters(query):
        parts.append(text)
        values += given
    if cursor is not None:
        at, contact_id = listing.unpack_position(cursor)
        parts.append("(sort_ms < ? OR (sort_ms = ? AND contact_id > ?))")
        values += [at, at, contact_id]
    return " AND ".join(parts), values


def _filters(query: ContactQuery) -> Iterator[tuple[str, Iterable[object]]]:
    if query.start_ms is not None:
        yield "sort_ms >= ?", (query.start_ms,)
    if query.end_ms is not None:
        yield "sort_ms < ?", (query.end_ms,)
    if query.refused:
        yield "refused = 1", ()
    columns = {
        "status": query.statuses,
        "queue_id": query.queue_ids,
        "agent_id": query.agent_ids,
    }
    for column, wanted in columns.items():
        if wanted:
            yield f"{column} IN ({_marks(wanted)})", wanted
    tagged = {
        "channel": query.channels,
        "category": query.categories,
        "customer": query.customer_refs,
    }
    for kind, tags in tagged.items():
        if tags:
            yield _TAGGED.format(kind=kind, marks=_marks(tags)), tags


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
