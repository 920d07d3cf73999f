"""The words of all contacts in an FTS5 index, in the file of the contact rows.

A search is one statement over rows and words, so what it finds is of one moment. A row that is deleted
takes its words with it in the same transaction. The index keeps traces of removed words until it is
merged: ``tidy`` merges them away, in small steps that let others write in between.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from chalicelib.adapters import listing
from chalicelib.adapters.local.database import Database
from chalicelib.adapters.local.sqlite_listing import conditions
from chalicelib.adapters.local.sqlite_schema import MIGRATIONS
from chalicelib.domain.errors import NotFound
from chalicelib.domain.passages import OTHER, Passage, Words, text_by_role
from chalicelib.domain.transcript import Role
from chalicelib.ports.search import Document, Hit, Hits, Running, TextQuery

COLUMN = {Role.AGENT.value: "agent", Role.CUSTOMER.value: "customer", OTHER: "others"}
MERGE_PAGES = 200
FEW = 2000
"""Rarer words lead from the index to rows that are then sorted; from commoner ones it is shorter to go
through the rows, newest first, until the page is full."""
FROM_WORDS = "transcripts CROSS JOIN contacts ON contact_id = owner WHERE transcripts.id"
# The plus keeps SQLite from trying every place of the words for each row.
FROM_ROWS = "contacts CROSS JOIN transcripts ON owner = contact_id WHERE +transcripts.id"

_PLACES = "SELECT rowid FROM transcript_words WHERE transcript_words MATCH ? LIMIT ?"
_FOUND = (
    "SELECT contact_id, sort_ms, mark, passages FROM (SELECT contact_id, sort_ms, transcripts.id AS place"
    " FROM {tables} IN"
    " (SELECT rowid FROM transcript_words WHERE transcript_words MATCH ?)"
    " AND {where} ORDER BY sort_ms DESC, contact_id LIMIT ?)"
    " JOIN transcripts ON transcripts.id = place ORDER BY sort_ms DESC, contact_id"
)


class SqliteTranscripts:
    """``TranscriptSearch`` and ``TranscriptIndex`` over the file that ``SqliteContacts`` made."""

    def __init__(self, path: Path, *, few: int = FEW) -> None:
        self._database = Database(path, "contacts", MIGRATIONS)
        self._few = few

    def close(self) -> None:
        """Close idle connections."""
        self._database.close()

    def search(
        self, query: TextQuery, *, cursor: str | None = None, limit: int = 50
    ) -> Hits | Running:
        where, values = conditions(query.within, cursor)
        asked = _expression(query.words)
        with self._database.reading() as connection:
            few = len(connection.execute(_PLACES, (asked, self._few)).fetchall()) < self._few
            found = connection.execute(
                _FOUND.format(tables=FROM_WORDS if few else FROM_ROWS, where=where),
                (asked, *values, limit + 1),
            ).fetchall()
        hits = tuple(Hit(each[0], each[1], each[2], _passages(each[3])) for each in found[:limit])
        more = len(found) > limit
        return Hits(hits, listing.pack(hits[-1].at_ms, hits[-1].contact_id) if more else None)

    def result(
        self,
        search_id: str,
        *,
        cursor: str | None = None,  # noqa: ARG002 - of the port
        limit: int = 50,  # noqa: ARG002
    ) -> Hits | Running:
        """Every search answers at once."""
        raise NotFound(f"no search is running as {search_id!r}")

    def mark(self, contact_id: str) -> str:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT mark FROM transcripts WHERE owner = ?", (contact_id,)
            ).fetchone()
        return str(found[0]) if found else ""

    def put(self, document: Document) -> None:
        """A contact that is deleted meanwhile is not indexed."""
        told = document.passages
        with self._database.writing() as connection:
            forget(connection, document.contact_id)
            connection.execute(
                "INSERT INTO transcripts (owner, mark, passages, agent, customer, others)"
                " SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM contacts"
                " WHERE contact_id = ? AND status != 'DELETED')",
                (
                    document.contact_id,
                    document.mark,
                    _text(told),
                    *(text_by_role(told, role) for role in COLUMN),
                    document.contact_id,
                ),
            )

    def remove(self, contact_id: str) -> None:
        with self._database.writing() as connection:
            forget(connection, contact_id)

    def tidy(self) -> None:
        with self._database.reading() as connection:
            traces = connection.execute("SELECT 1 FROM transcript_traces").fetchall()
        if not traces:
            return
        with self._database.writing() as connection:
            connection.execute("DELETE FROM transcript_traces")
        pages = -MERGE_PAGES  # the first step asks for everything to become one, the others go on
        while self._merged(pages):
            pages = MERGE_PAGES

    def _merged(self, pages: int) -> bool:
        with self._database.writing() as connection:
            before = connection.total_changes
            connection.execute(
                "INSERT INTO transcript_words (transcript_words, rank) VALUES ('merge', ?)",
                (pages,),
            )
            return connection.total_changes - before > 1


def forget(connection: sqlite3.Connection, contact_id: str) -> None:
    """Take the contact's words out, within a transaction of the caller."""
    connection.execute("DELETE FROM transcripts WHERE owner = ?", (contact_id,))


def _expression(words: Words) -> str:
    """Folded words hold letters and digits only: no operator of FTS5 comes from a caller."""
    joined = (" AND " if words.every else " OR ").join(
        f'"{" ".join(phrase)}"' for phrase in words.phrases
    )
    return f"{{{COLUMN[words.role]}}} : ({joined})" if words.role else joined


def _text(passages: Iterable[Passage]) -> str:
    told = [(p.segment_id, p.channel, p.role, p.text, p.hidden) for p in passages]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _passages(text: str) -> tuple[Passage, ...]:
    return tuple(
        Passage(segment_id, channel, role, said, tuple((b, e) for b, e in hidden))
        for segment_id, channel, role, said, hidden in json.loads(text)
    )
