"""Themes of a set of contacts: those that the asker may see, the newest of them, compared and named.

Nothing of it is kept but the vectors of each contact: the set is whatever was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from chalicelib import queries
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.principal import Principal
from chalicelib.domain.themes import ThemeSet, themes_of
from chalicelib.flow.theme_vectors import told_by
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ContactQuery

PAGE = 100


def find_themes(services: Services, principal: Principal, query: ContactQuery) -> ThemeSet:
    """Themes over the newest ``themes_max_contacts`` analysed contacts of the query.

    The same contacts give the same themes, in whatever order they came. Raises ``EngineMissing`` where
    there are no vectors: no themes would say that nothing is alike.
    """
    services.vectors.check()
    most = services.settings.themes_max_contacts
    rows = list(islice(analysed(services, principal, query), most + 1))
    looked = rows[:most]
    told = sorted(told_by(services, looked), key=lambda one: one.contact_id)
    speaking = [one for one in told if one.vectors]
    clusters = services.clusterer.clusters([one.vectors for one in speaking])
    return ThemeSet(
        themes=themes_of(speaking, clusters),
        considered=len(told),
        silent=len(told) - len(speaking),
        unassigned=len(speaking) - sum(len(cluster.members) for cluster in clusters),
        engines=(services.vectors.engine, services.clusterer.engine),
        searched_to_ms=_ended_ms(looked[-1]) if len(rows) > most else None,
    )


def analysed(services: Services, principal: Principal, query: ContactQuery) -> Iterator[ContactRow]:
    cursor: str | None = None
    while True:
        page = queries.contacts(services, principal, query, cursor=cursor, limit=PAGE)
        yield from (row for row in page.rows if row.publication and row.publication.analysis_key)
        cursor = page.cursor
        if cursor is None:
            return


def _ended_ms(row: ContactRow) -> int | None:
    return row.publication.disconnect_ms if row.publication else None
