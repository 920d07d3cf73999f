"""Parts that came before it was known whose they are: they move from their provisional contact in one
transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.contact import ContactRow, PartKind, PartState, Status
from chalicelib.domain.erasure import ERASED
from chalicelib.domain.rollup import Deltas, deltas
from chalicelib.flow.survey import Survey
from chalicelib.formats import object_keys
from chalicelib.ports.services import Services
from chalicelib.ports.storage import RowWrite

MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Move:
    """The provisional contact's last row, and what its going takes out of the roll-ups."""

    write: RowWrite
    deltas: Deltas


def moves(services: Services, found: Survey, now_ms: int) -> tuple[Move, ...]:
    """Provisional contacts whose parts this contact takes over. A named contact never loses a part.

    For media that a contact record names their end is written even when they have no row: somebody
    may still hold a recording that was there before the record was.
    """
    claimed = set(_provisional(found, found.record.media_keys if found.record else ()))
    rivals = sorted(claimed | set(_provisional(found, [part.key for part in found.parts])))
    rows = ((contact_id, services.contacts.get(contact_id)) for contact_id in rivals)
    return tuple(
        _leave(i, row, now_ms)
        for i, row in rows
        if _to_end(row, i in claimed) and not _only_there(services, row)
    )


def _provisional(found: Survey, keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        guess = object_keys.provisional_id(key)
        if object_keys.contact_id_in(key) is None and guess != found.contact_id:
            yield guess


def _to_end(row: ContactRow | None, claimed: bool) -> bool:
    if row is None:
        return claimed
    return row.tombstone not in (MOVED, ERASED) if claimed else row.status is not Status.DELETED


def _only_there(services: Services, row: ContactRow | None) -> bool:
    """Whether Loupe removed what the other contact would be made of: then all that is known of it is
    under this one, and stays."""
    gone = row is not None and any(
        part.state is PartState.RELEASED and part.kind is not PartKind.CONTACT_RECORD
        for part in row.parts
    )
    return gone and not services.settings.keeps_raw


def _leave(contact_id: str, row: ContactRow | None, now_ms: int) -> Move:
    version = row.version if row else 0
    empty = replace(
        ContactRow(contact_id, version + 1, Status.DELETED, now_ms),
        tombstone=MOVED,
        first_seen_ms=row.first_seen_ms if row else now_ms,
    )
    return Move(RowWrite(empty, row.version if row else None), deltas(row, empty))
