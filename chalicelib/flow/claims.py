"""Media that came before its contact record: it moves from its provisional contact in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.contact import ContactRow, Status
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
    """Provisional contacts whose part this contact takes over. A named contact never loses a part."""
    return tuple(_leave(row, now_ms) for row in _provisional(services, found))


def _provisional(services: Services, found: Survey) -> Iterator[ContactRow]:
    named = found.record.media_keys if found.record else ()
    for part in found.parts:
        guess = object_keys.provisional_id(part.key)
        if part.key not in named or guess == found.contact_id:
            continue
        row = services.contacts.get(guess)
        if row and row.status is not Status.DELETED:
            yield row


def _leave(row: ContactRow, now_ms: int) -> Move:
    empty = replace(
        ContactRow(row.contact_id, row.version + 1, Status.DELETED, now_ms),
        tombstone=MOVED,
        first_seen_ms=row.first_seen_ms,
    )
    return Move(RowWrite(empty, row.version), deltas(row, empty))
