"""Small contact rows for the store suites."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.domain.contact import (
    ContactRow,
    Part,
    PartKind,
    PartState,
    Publication,
    Refusal,
    Status,
)
from chalicelib.domain.events import Fact
from chalicelib.domain.rollup import deltas
from chalicelib.domain.transcript import Channel
from chalicelib.ports.storage import Commit, RowWrite

NOON = 1_764_590_400_000  # 2025-12-01T12:00Z
HOUR = 3_600_000


def publication(at_ms: int = NOON, **fields: Any) -> Publication:
    given = {
        "analysis_key": "redacted/a.json",
        "channel": Channel.VOICE,
        "channels": (Channel.VOICE,),
        "initiation_ms": at_ms - 60_000,
        "disconnect_ms": at_ms,
        "duration_ms": 60_000,
    }
    return Publication(**(given | fields))


def row(contact_id: str, at_ms: int = NOON, *, version: int = 1, **fields: Any) -> ContactRow:
    """A completed row; ``status`` and publication fields may be given."""
    status = fields.pop("status", Status.COMPLETED)
    return ContactRow(contact_id, version, status, at_ms, publication=publication(at_ms, **fields))


def bare(contact_id: str, at_ms: int = NOON, *, version: int = 1, **fields: Any) -> ContactRow:
    """A row without a publication."""
    given = {"status": Status.IN_PROGRESS, "updated_ms": at_ms, "first_seen_ms": at_ms}
    return ContactRow(contact_id, version, **(given | fields))


def refused_part(state: PartState = PartState.PRESENT) -> Part:
    refusal = Refusal("audio.header", "short", 5)
    return Part("bad.wav", "e", PartKind.RECORDING, "wav", 1, 1, state, refusal=refusal)


def tombstone(old: ContactRow) -> ContactRow:
    return replace(
        old,
        version=old.version + 1,
        status=Status.DELETED,
        publication=None,
        tombstone="deleted",
    )


def commit(store, new: ContactRow, old: ContactRow | None = None, **more: Any) -> ContactRow:
    """Commit as the flow does: the row with the roll-up deltas that it causes."""
    expected = old.version if old else None
    store.commit(Commit([RowWrite(new, expected)], deltas(old, new), **more))
    return new


def fact(fact_id: str, contact_id: str = "c-1") -> Fact:
    return Fact(
        fact_id, "ContactAnalyzed", "Contact Lens Analysis State Change", contact_id, {"n": 1}
    )
