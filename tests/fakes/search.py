"""Finding words in memory: every text is read, so that what a search means is plain."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.adapters import listing
from chalicelib.domain.errors import NotFound
from chalicelib.domain.passages import matches
from chalicelib.ports.search import Document, Hit, Hits, Running, TextQuery, TranscriptSearch
from chalicelib.ports.storage import ContactStore


class MemorySearch:
    """A ``TranscriptSearch`` and ``TranscriptIndex`` over the rows of a store."""

    def __init__(self, contacts: ContactStore) -> None:
        self._contacts = contacts
        self._documents: dict[str, Document] = {}

    def search(self, query: TextQuery, *, cursor: str | None = None, limit: int = 50) -> Hits:
        hits: list[Hit] = []
        while len(hits) <= limit:
            page = self._contacts.find(query.within, cursor=cursor, limit=100)
            for row in page.rows:
                known = self._documents.get(row.contact_id)
                if known and matches(known.passages, query.words):
                    at = listing.sort_ms(row)
                    hits.append(Hit(row.contact_id, at, known.mark, known.passages))
            cursor = page.cursor
            if cursor is None:
                break
        more = len(hits) > limit
        kept = tuple(hits[:limit])
        return Hits(kept, listing.pack(kept[-1].at_ms, kept[-1].contact_id) if more else None)

    def result(self, search_id: str, *, cursor: str | None = None, limit: int = 50) -> Running:
        raise NotFound(search_id)

    def mark(self, contact_id: str) -> str:
        known = self._documents.get(contact_id)
        return known.mark if known else ""

    def put(self, document: Document) -> None:
        row = self._contacts.get(document.contact_id)
        if row and row.tombstone is None:
            self._documents[document.contact_id] = document

    def remove(self, contact_id: str) -> None:
        self._documents.pop(contact_id, None)

    def tidy(self) -> None:
        self._documents = {key: replace(each) for key, each in self._documents.items()}


class LateSearch:
    """A ``TranscriptSearch`` that takes its time: it runs for ``rounds`` questions, then answers."""

    def __init__(self, search: TranscriptSearch, rounds: int = 1) -> None:
        self._search = search
        self._rounds = rounds
        self._running: dict[str, tuple[TextQuery, int]] = {}

    def search(self, query: TextQuery, *, cursor: str | None = None, limit: int = 50) -> Running:
        search_id = f"s-{len(self._running) + 1}"
        self._running[search_id] = (query, self._rounds)
        return Running(search_id)

    def result(
        self, search_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Hits | Running:
        if search_id not in self._running:
            raise NotFound(search_id)
        query, rounds = self._running[search_id]
        self._running[search_id] = (query, rounds - 1)
        if rounds > 0:
            return Running(search_id)
        return self._search.search(query, cursor=cursor, limit=limit)
