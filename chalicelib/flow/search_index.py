"""The index of words follows the rows: what is published is in it, what is deleted is not.

Nothing but the row decides. A crash between commit and index leaves a difference that the next look or
the reconciliation mends.
"""

from __future__ import annotations

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import NotFound
from chalicelib.domain.passages import passages_of
from chalicelib.formats.artifact import load
from chalicelib.ports.search import Document
from chalicelib.ports.services import Services


def settle(services: Services, row: ContactRow | None) -> bool:
    """Bring the index to what the row says; whether anything was written or removed."""
    index = services.index
    if index is None or row is None or not behind(services, row):
        return False
    mark = _wanted(row)
    if not mark:
        index.remove(row.contact_id)
        return True
    try:
        analysis = load(ContactAnalysis, services.redacted.read(mark))
    except NotFound:  # a text that is not there cannot be found
        return False
    index.put(Document(row.contact_id, mark, passages_of(analysis)))
    return True


def behind(services: Services, row: ContactRow) -> bool:
    """Whether the index holds another text than the row publishes."""
    return services.index is not None and services.index.mark(row.contact_id) != _wanted(row)


def _wanted(row: ContactRow) -> str:
    if row.publication is None or row.status is Status.DELETED:
        return ""
    return row.publication.analysis_key
