"""A durable work queue in a SQLite file, with the contract of SQS.

A message is hidden from others while ``visible_ms`` lies ahead; its receipt counts only as long. One that
was received ``max_receives`` times and not worked off is a dead letter from the next receive on.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chalicelib.adapters.local.database import Database, now_ms
from chalicelib.ports.messaging import Depth, Message

FIRST_NAP_S = 0.02
LONGEST_NAP_S = 0.5

MIGRATIONS = (
    (
        """CREATE TABLE messages (
             position INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
             body TEXT NOT NULL, sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL,
             receives INTEGER NOT NULL DEFAULT 0, receipt TEXT, dead INTEGER NOT NULL DEFAULT 0)""",
        "CREATE INDEX messages_by_queue ON messages (queue, dead, visible_ms, position)",
    ),
)


class SqliteQueue:
    """``WorkQueue`` named ``name``; several queues, threads and processes may share one file."""

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        visibility_s: int,
        max_receives: int,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.name = name
        self._database = Database(path, "queues", MIGRATIONS)
        self._visibility_ms = visibility_s * 1000
        self._max_receives = max_receives
        self._clock = clock

    def close(self) -> None:
        """Close idle connections."""
        self._database.close()

    def send(self, body: Mapping[str, str], *, delay_s: int = 0) -> None:
        now = self._clock()
        self._write(
            "INSERT INTO messages (queue, id, body, sent_ms, visible_ms) VALUES (?, ?, ?, ?, ?)",
            (self.name, uuid.uuid4().hex, json.dumps(dict(body)), now, now + delay_s * 1000),
        )

    def receive(self, limit: int = 1, *, wait_s: float = 0) -> Sequence[Message]:
        deadline, nap = time.monotonic() + wait_s, FIRST_NAP_S
        while not (messages := self._take(limit)):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(nap, left))
            nap = min(nap * 2, LONGEST_NAP_S)
        return messages

    def done(self, message: Message) -> None:
        self._write(
            "DELETE FROM messages WHERE id = ? AND receipt = ? AND visible_ms > ?",
            (message.id, message.receipt, self._clock()),
        )

    def retry(self, message: Message, *, delay_s: int = 0) -> None:
        now = self._clock()
        self._write(
            "UPDATE messages SET visible_ms = ?, receipt = NULL"
            " WHERE id = ? AND receipt = ? AND visible_ms > ?",
            (now + delay_s * 1000, message.id, message.receipt, now),
        )

    def extend(self, message: Message, *, timeout_s: int) -> None:
        now = self._clock()
        self._write(
            "UPDATE messages SET visible_ms = ? WHERE id = ? AND receipt = ? AND visible_ms > ?",
            (now + timeout_s * 1000, message.id, message.receipt, now),
        )

    def release(self) -> int:
        """Show every hidden message again, for a system that starts alone on its folder; how many.

        A delivery that the end of the former system cut off does not count against the message.
        """
        now = self._clock()
        return self._write(
            "UPDATE messages SET visible_ms = ?, receives = receives - (receipt IS NOT NULL),"
            " receipt = NULL WHERE queue = ? AND dead = 0 AND visible_ms > ?",
            (now, self.name, now),
        )

    def depth(self) -> Depth:
        now = self._clock()
        with self._database.reading() as connection:
            alive, held, dead, oldest = connection.execute(
                "SELECT count(*) FILTER (WHERE NOT dead),"
                " count(*) FILTER (WHERE NOT dead AND receipt IS NOT NULL AND visible_ms > ?),"
                " count(*) FILTER (WHERE dead), min(sent_ms) FILTER (WHERE NOT dead)"
                " FROM messages WHERE queue = ?",
                (now, self.name),
            ).fetchone()
        age = None if oldest is None else max(0.0, (now - oldest) / 1000)
        return Depth(alive - held, held, dead, age)

    def dead(self, limit: int = 10) -> Sequence[Message]:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT id, body, receives FROM messages WHERE queue = ? AND dead"
                " ORDER BY position LIMIT ?",
                (self.name, limit),
            ).fetchall()
        return tuple(Message(id_, json.loads(body), "", receives) for id_, body, receives in found)

    def redrive(self) -> int:
        return self._write(
            "UPDATE messages SET dead = 0, receives = 0, receipt = NULL, visible_ms = ?"
            " WHERE queue = ? AND dead",
            (self._clock(), self.name),
        )

    def forget(self, names: frozenset[str]) -> int:
        """Also messages that somebody works on now: those find a tombstone."""
        with self._database.writing() as connection:
            found = connection.execute(
                "SELECT position, body FROM messages WHERE queue = ?", (self.name,)
            ).fetchall()
            naming = [
                (at,) for at, body in found if not names.isdisjoint(json.loads(body).values())
            ]
            connection.executemany("DELETE FROM messages WHERE position = ?", naming)
        return len(naming)

    def _take(self, limit: int) -> Sequence[Message]:
        now, receipt = self._clock(), uuid.uuid4().hex
        if not self._anything_visible(now):
            return ()
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE messages SET dead = 1, receipt = NULL"
                " WHERE queue = ? AND dead = 0 AND visible_ms <= ? AND receives >= ?",
                (self.name, now, self._max_receives),
            )
            found = connection.execute(
                "UPDATE messages SET receives = receives + 1, receipt = ?, visible_ms = ?"
                " WHERE position IN (SELECT position FROM messages WHERE queue = ? AND dead = 0"
                " AND visible_ms <= ? ORDER BY visible_ms, position LIMIT ?)"
                " RETURNING position, id, body, receives",
                (receipt, now + self._visibility_ms, self.name, now, limit),
            ).fetchall()
        return tuple(
            Message(id_, json.loads(body), receipt, receives)
            for _, id_, body, receives in sorted(found)
        )

    def _anything_visible(self, now: int) -> bool:
        """A look without the write lock: an idle queue disturbs nobody."""
        with self._database.reading() as connection:
            return bool(
                connection.execute(
                    "SELECT 1 FROM messages WHERE queue = ? AND dead = 0 AND visible_ms <= ? LIMIT 1",
                    (self.name, now),
                ).fetchone()
            )

    def _write(self, sql: str, values: tuple[object, ...]) -> int:
        with self._database.writing() as connection:
            return connection.execute(sql, values).rowcount
