"""Searches that people keep under a name, for themselves or for everybody.

A saved search holds what is asked, never what was found: whoever runs it sees the own contacts only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.principal import Principal
from chalicelib.flow.numbered_book import NumberedBook
from chalicelib.ports.services import Services

PREFIX = "control/saved-searches/"
MOST = 1000


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """``query`` as the API takes it. ``request`` identifies what created it."""

    id: str
    name: str
    query: Mapping[str, Any]
    owner: str
    shared: bool
    at_ms: int
    revision: int = 1
    deleted: bool = False
    request: str = ""


def book(services: Services) -> NumberedBook[SavedSearch]:
    return NumberedBook(services.redacted, PREFIX, SavedSearch, MOST)


def listed(services: Services, principal: Principal) -> list[SavedSearch]:
    """The own ones and the shared ones, by name."""
    found = (one for one in book(services).all() if _sees(principal, one))
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def get(services: Services, principal: Principal, search_id: str) -> SavedSearch:
    """Raises ``NotFound`` for another's that is not shared, as for one that was never there."""
    found = book(services).latest(search_id)
    if not _sees(principal, found):
        raise NotFound(search_id)
    return found


def editable(services: Services, principal: Principal, search_id: str) -> SavedSearch:
    """As ``get``. Raises ``Forbidden`` for a shared one of somebody else; admins may edit those."""
    found = get(services, principal, search_id)
    if found.owner != principal.id and not principal.unlimited:
        raise Forbidden("saved-searches")
    return found


def written(services: Services, before: SavedSearch, **changed: Any) -> SavedSearch:  # noqa: ANN401 - fields
    """The search with these fields changed. Raises ``VersionMoved``."""
    after = replace(before, revision=before.revision + 1, at_ms=services.clock(), **changed)
    book(services).write(after)
    return after


def _sees(principal: Principal, one: SavedSearch) -> bool:
    return not one.deleted and (one.shared or one.owner == principal.id)
