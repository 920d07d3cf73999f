"""Erasing a contact: what is left of its row, what is asked for, and what came of it.

A contact that was erased stays erased: its tombstone is never lifted, whatever comes later under its id
or its keys. A row passes two states. *Buried*, it is out of every list and roll-up and still names what has
to be removed. *Sealed*, it holds ids and hashes alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from chalicelib.domain.contact import ContactRow, Part, PartState, Status

ERASED = "erased"


class ErasureState(StrEnum):
    """``PENDING``: asked for. ``INCOMPLETE``: a store could not remove everything, it is tried again.
    ``DONE``: every store has reported."""

    PENDING = "PENDING"
    INCOMPLETE = "INCOMPLETE"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One revision of the ledger's entry. It outlives the contact and names no person.

    ``marks`` are keyed hashes of the contacts; of a customer's erasure, ids of those of its contacts.
    ``removed`` counts by store, over all attempts; ``failed`` says by store why something may be left;
    ``unsearched`` names stores that cannot be searched, with what they may still hold. ``late`` counts what
    came after the contact was erased, and went. ``customer``: the pseudonym, of a customer's erasure;
    ``of_customer``: that of a contact's customer.
    """

    id: str
    revision: int
    state: ErasureState
    asked_ms: int
    changed_ms: int
    by: str
    reason: str
    marks: tuple[str, ...] = ()
    customer: str = ""
    of_customer: str = ""
    removed: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    unsearched: Mapping[str, str] = field(default_factory=dict)
    late: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is left to do."""
        return self.state is ErasureState.DONE


def is_erased(row: ContactRow | None) -> bool:
    """Whether the contact was erased, for good."""
    return row is not None and row.tombstone == ERASED


def buried(row: ContactRow, now_ms: int) -> ContactRow:
    """The row without anything that was said or is known of the contact, but for the names of objects and
    jobs that are to be removed."""
    return ContactRow(
        contact_id=row.contact_id,
        version=row.version + 1,
        status=Status.DELETED,
        updated_ms=now_ms,
        parts=tuple(_name_of(part) for part in row.parts),
        waiting=row.waiting,
        tombstone=ERASED,
        first_seen_ms=row.first_seen_ms,
        told=row.told,
        lake_day=row.lake_day or _day(row),
        aliases=row.aliases,
    )


def _day(row: ContactRow) -> str:
    """The day (UTC) on which it ended, which names a file of the lake."""
    known = row.publication
    return (
        datetime.fromtimestamp(known.disconnect_ms / 1000, UTC).strftime("%Y-%m-%d")
        if known
        else ""
    )


def _name_of(part: Part) -> Part:
    return replace(part, state=PartState.GONE, refusal=None, flags=(), copy_key="")


def sealed(row: ContactRow, now_ms: int, *, last: bool) -> ContactRow:
    """The row when everything that it named is removed: ids and hashes, and until it is gone over for the
    ``last`` time the day that it was of, and what it was known as."""
    after = replace(row, version=row.version + 1, updated_ms=now_ms, parts=(), waiting={})
    return replace(after, lake_day="", aliases=()) if last else after


def absent(contact_id: str) -> ContactRow:
    """A contact without a row, so that its tombstone can be made."""
    return ContactRow(contact_id, 0, Status.DELETED, 0)
