"""Contacts by what was said in them: what an index names, judged by the rows and texts themselves.

An index may be behind. What is shown is visible to who asks, matches the filters now, and its words are
in the redacted text that is published now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib import queries
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import EngineMissing, NotFound
from chalicelib.domain.passages import Snippet, matches, passages_of, snippets
from chalicelib.domain.principal import Principal
from chalicelib.ports import matching
from chalicelib.ports.search import Hit, Hits, Running, TextQuery
from chalicelib.ports.services import Services

SNIPPETS = 3
ROUNDS = 10
NO_SEARCH = "no index of transcripts is configured"


@dataclass(frozen=True, slots=True)
class Found:
    row: ContactRow
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """``cursor`` continues after the last one, None at the end."""

    found: tuple[Found, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A search and who asks. ``search_id`` of one that runs already, else empty."""

    services: Services
    principal: Principal
    query: TextQuery
    search_id: str = ""


def find(asked: Asked, *, cursor: str | None, limit: int) -> FoundPage | Running:
    """A page of visible contacts, newest first; full unless nothing is left or an index is far behind.

    Raises ``EngineMissing`` where nothing searches, ``NotFound`` for a search that never ran.
    """
    within = queries.narrowed(asked.principal, asked.query.within)
    if within is None:
        return FoundPage(())
    query = replace(asked.query, within=within)
    found: list[Found] = []
    for _ in range(ROUNDS):
        told = _hits(asked, query, cursor, limit - len(found))
        if isinstance(told, Running):
            return told
        judged = (_judged(asked, query, hit) for hit in told.hits)
        found += [each for each in judged if each]
        cursor = told.cursor
        if cursor is None or len(found) == limit:
            break
    return FoundPage(tuple(found), cursor)


def _hits(asked: Asked, query: TextQuery, cursor: str | None, limit: int) -> Hits | Running:
    search = asked.services.search
    if search is None:
        raise EngineMissing("search", NO_SEARCH)
    if asked.search_id:
        return search.result(asked.search_id, cursor=cursor, limit=limit)
    return search.search(query, cursor=cursor, limit=limit)


def _judged(asked: Asked, query: TextQuery, hit: Hit) -> Found | None:
    """The hit as it is now, if it still is one."""
    try:
        row = queries.contact(asked.services, asked.principal, hit.contact_id)
    except NotFound:
        return None
    key = row.publication.analysis_key if row.publication else ""
    if not key or not matching.matches(row, query.within):
        return None
    passages = hit.passages if hit.mark == key else ()
    if not passages:
        analysis = queries.analysis(asked.services, row)
        passages = passages_of(analysis) if analysis else ()
        if hit.mark != key and not matches(passages, query.words):
            return None
    return Found(row, snippets(passages, query.words, SNIPPETS))
