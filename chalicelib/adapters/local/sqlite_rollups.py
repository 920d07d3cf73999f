"""Roll-ups in SQLite: one row per key with all its counters, changed within the commit's transaction.

Writers are alone, so reading, adding and writing back is exact. The migration forgets what an earlier
version counted, and marks its rows as not counted: they are committed again one by one.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.rollup import WITHIN, Counters, RollupKey

MIGRATIONS = (
    (
        """CREATE TABLE rollup_items (
             period TEXT NOT NULL, dimension TEXT NOT NULL, value TEXT NOT NULL,
             bucket TEXT NOT NULL, channels TEXT NOT NULL, counters BLOB NOT NULL,
             PRIMARY KEY (period, dimension, value, bucket, channels)) WITHOUT ROWID""",
        "CREATE INDEX rollups_by_bucket ON rollup_items (period, dimension, bucket)",
        "DROP TABLE rollups",
        "CREATE TABLE counting (scheme TEXT NOT NULL)",
        "INSERT INTO counting SELECT '' WHERE EXISTS (SELECT 1 FROM contacts)",
        """UPDATE contacts SET body =
             CAST(json_set(CAST(body AS TEXT), '$.counted', '') AS BLOB)""",
    ),
)
_KEY = "period = ? AND dimension = ? AND value = ? AND bucket = ? AND channels = ?"
_ITEMS = (
    "SELECT period, dimension, value, bucket, channels, counters FROM rollup_items"
    " WHERE period = ? AND dimension = ? AND bucket BETWEEN ? AND ?"
)
_OF = f"{_ITEMS} AND value = ? UNION ALL {_ITEMS} AND value >= ? AND value < ?"


def add(connection: sqlite3.Connection, deltas: Mapping[RollupKey, Counters]) -> None:
    """Add deltas; what comes to nothing is removed."""
    for key, change in deltas.items():
        place = (key.period, key.dimension, key.value, key.bucket, key.channels)
        stored = connection.execute(
            f"SELECT counters FROM rollup_items WHERE {_KEY}",  # noqa: S608 - a fixed text
            place,
        ).fetchone()
        counters = Counter(json.loads(stored[0]) if stored else {})
        counters.update(change)
        left = {name: n for name, n in counters.items() if n}
        if left:
            connection.execute(
                "INSERT OR REPLACE INTO rollup_items VALUES (?, ?, ?, ?, ?, ?)",
                (*place, json.dumps(left, separators=(",", ":"))),
            )
        elif stored:
            connection.execute(
                f"DELETE FROM rollup_items WHERE {_KEY}",  # noqa: S608 - a fixed text
                place,
            )


def items(
    connection: sqlite3.Connection,
    period: str,
    dimension: str,
    first: str,
    last: str,
    of: str | None,
) -> list[tuple[Any, ...]]:
    """As ``ContactStore.rollup_items``, undecoded."""
    asked = (period, dimension, first, last)
    if of is None:
        return connection.execute(_ITEMS, asked).fetchall()
    after = chr(ord(WITHIN) + 1)
    values = (*asked, of, *asked, of + WITHIN, of + after)
    return connection.execute(_OF, values).fetchall()


def item(found: tuple[Any, ...]) -> tuple[RollupKey, Counters]:
    return RollupKey(*found[:5]), json.loads(found[5])
