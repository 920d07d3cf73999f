"""What contacts say of themselves, with vectors: a product that is made when it is first asked for.

It is kept beside the analysis that it quotes, under a name made of that analysis, the engine and the way
excerpts are chosen: a new analysis has a new name, so that nothing stale is ever read, and what stands is
not made again. It lies among the contact's products and goes with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib import queries
from chalicelib.domain.contact import ContactRow, Publication
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.themes import EXCERPTS_VERSION, Excerpt, Told, excerpts, meaning
from chalicelib.formats import object_keys, theme_vectors
from chalicelib.formats.artifact import fingerprint
from chalicelib.ports.services import Services
from chalicelib.ports.vectors import SentenceVectors

STAGE = "vectors"
BATCH = 256
"""Contacts whose analyses are read and whose texts are compared at once: it bounds the memory."""


def told_by(services: Services, rows: Sequence[ContactRow]) -> list[Told]:
    """What each analysed contact says of itself, in the order of ``rows``. A contact that goes meanwhile
    is left out. Raises ``EngineMissing``, ``Unavailable``."""
    return [
        told
        for start in range(0, len(rows), BATCH)
        for told in _batch(services, rows[start : start + BATCH])
    ]


def key_of(row: ContactRow, vectors: SentenceVectors) -> str:
    """Where the product of the analysis that the row names lies."""
    engine = vectors.engine
    mark = [_published(row).analysis_key, engine.name, engine.version, EXCERPTS_VERSION]
    return object_keys.artifact_key("redacted", row.contact_id, STAGE, fingerprint(mark))


def _batch(services: Services, rows: Sequence[ContactRow]) -> Iterator[Told]:
    kept = {row.contact_id: _kept(services, row) for row in rows}
    missing = [row for row in rows if kept[row.contact_id] is None]
    made = {told.contact_id: told for told in _make(services, missing)} if missing else {}
    found = (kept[row.contact_id] or made.get(row.contact_id) for row in rows)
    return (told for told in found if told is not None)


def _kept(services: Services, row: ContactRow) -> Told | None:
    try:
        return theme_vectors.read(services.redacted.read(key_of(row, services.vectors)))
    except NotFound:
        return None


def _make(services: Services, rows: Sequence[ContactRow]) -> Iterator[Told]:
    said = [(row, found) for row in rows if (found := _said(services, row)) is not None]
    texts = [meaning(excerpt) for _, found in said for excerpt in found]
    vectors = iter(services.vectors.vectors(texts) if texts else ())
    for row, found in said:
        told = Told(row.contact_id, found, tuple(next(vectors) for _ in found))
        if _keep(services, row, told):
            yield told


def _said(services: Services, row: ContactRow) -> tuple[Excerpt, ...] | None:
    try:
        analysis = queries.analysis(services, row)
    except Unavailable:
        if _stands(services, row):
            raise
        return None
    return excerpts(analysis) if analysis else None


def _keep(services: Services, row: ContactRow, told: Told) -> bool:
    """Write it; False when the contact went or was analysed anew meanwhile: whoever removed its products
    may not have seen this one."""
    key = key_of(row, services.vectors)
    body = theme_vectors.write(told)
    services.redacted.put_if_absent(key, body, content_type="application/json")
    if _stands(services, row):
        return True
    services.redacted.delete(key)
    return False


def _stands(services: Services, row: ContactRow) -> bool:
    now = services.contacts.get(row.contact_id)
    published = now.publication if now else None
    return published is not None and published.analysis_key == _published(row).analysis_key


def _published(row: ContactRow) -> Publication:
    if row.publication is None:
        raise ValueError("an analysed contact has a publication")
    return row.publication
