"""Erasures as the API takes and tells them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from chalicelib.api.model_base import Model
from chalicelib.domain.erasure import Erasure
from chalicelib.formats.instants import iso

ErasureStateName = Literal["PENDING", "INCOMPLETE", "DONE"]
RESTORABLE_MS = 35 * 86_400_000
Reason = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


class ErasureRequest(Model):
    """``customer``: the customer's own id, e-mail address or telephone number, or the pseudonym.
    ``reason``: a word, kept with the receipt; it is not the place for names."""

    model_config = ConfigDict(extra="forbid")

    customer: str = Field(min_length=1, max_length=256)
    reason: Reason = "request"


class Receipt(Model):
    """``state``: PENDING until every store has reported, INCOMPLETE when one could not remove everything
    and is tried again, else DONE.

    ``removed``: things by store. ``failed``: by store, why something may be left. ``unsearched``: what
    cannot be searched, and what it may still hold. ``late``: what came after the erasure, and went.
    ``contacts``: of a customer. ``backupsUntil``: until then the contact table can be restored to a time at
    which the contact was there; null where there are no such backups.
    """

    erasure_id: str
    state: ErasureStateName
    asked_at: str
    changed_at: str
    by: str
    reason: str
    contacts: int
    removed: dict[str, int]
    failed: dict[str, str]
    unsearched: dict[str, str]
    late: int
    backups_until: str | None


def receipt(entry: Erasure, *, backed_up: bool) -> Receipt:
    """The entry as its receipt; ``backed_up``: whether the table can be restored to earlier times."""
    return Receipt(
        erasure_id=entry.id,
        state=entry.state.value,
        asked_at=iso(entry.asked_ms),
        changed_at=iso(entry.changed_ms),
        by=entry.by,
        reason=entry.reason,
        contacts=len(entry.marks) if entry.customer else 1,
        removed=dict(entry.removed),
        failed=dict(entry.failed),
        unsearched=dict(entry.unsearched),
        late=entry.late,
        backups_until=iso(entry.changed_ms + RESTORABLE_MS) if backed_up else None,
    )
