"""The bus of one machine: published facts in a table, each id once, for whoever reads on from a place."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from chalicelib.adapters.local.database import Database, now_ms
from chalicelib.domain.events import Fact
from chalicelib.formats import artifact

MIGRATIONS = (
    (
        """CREATE TABLE facts (
             position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
             published_ms INTEGER NOT NULL, fact TEXT NOT NULL)""",
    ),
)


class LocalFacts:
    """``Facts`` kept in a SQLite file; a fact that comes again under its id is taken and not doubled."""

    def __init__(self, path: Path, *, clock: Callable[[], int] = now_ms) -> None:
        self._database = Database(path, "facts", MIGRATIONS)
        self._clock = clock

    def close(self) -> None:
        """Close idle connections."""
        self._database.close()

    def publish(self, facts: Sequence[Fact]) -> Sequence[str]:
        now = self._clock()
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT INTO facts (id, published_ms, fact) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                [(fact.id, now, artifact.dump(fact).decode()) for fact in facts],
            )
        return tuple(fact.id for fact in facts)

    def forget(self, contact_ids: Collection[str], *, keep: Collection[str] = ()) -> int:
        about = [(contact_id, json.dumps(sorted(keep))) for contact_id in contact_ids]
        with self._database.writing() as connection:
            done = connection.executemany(
                "DELETE FROM facts WHERE json_extract(fact, '$.contact_id') = ?"
                " AND json_extract(fact, '$.name') NOT IN (SELECT value FROM json_each(?))",
                about,
            )
            return done.rowcount if about else 0

    def published(self, *, after: int = 0, limit: int = 100) -> Sequence[tuple[int, Fact]]:
        """Facts with their positions, oldest first, from the one after position ``after`` on."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT position, fact FROM facts WHERE position > ? ORDER BY position LIMIT ?",
                (after, limit),
            ).fetchall()
        return tuple((position, artifact.load(Fact, fact.encode())) for position, fact in found)
