"""Rows that an earlier version counted otherwise, or by another time zone, are counted anew.

Each is committed again, its roll-ups corrected in the same transaction: a row says by which scheme it is
counted, so a sweep may be cut off at any row, run twice at once, or meet the flow at the same contact.
When a whole walk met none that is left, the store is told; until then metrics are not answered.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.errors import VersionMoved
from chalicelib.domain.rollup import deltas, scheme
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Commit, RowWrite

AT_ONCE = 20_000


def recount(services: Services, *, at_most: int = AT_ONCE) -> bool:
    """Count so many rows anew; whether every row is counted by the scheme in force."""
    wanted = scheme(services.settings.time_zone)
    if services.contacts.counted_by() == wanted:
        return True
    left = at_most
    for contact_id in services.contacts.ids():
        if _recounted(services, contact_id, wanted):
            left -= 1
        if left <= 0:
            return False
    services.contacts.mark_counted(wanted)
    return True


def _recounted(services: Services, contact_id: str, wanted: str) -> bool:
    """Whether the row had to be committed again. One that moves meanwhile is read once more."""
    while True:
        row = services.contacts.get(contact_id)
        if row is None or row.counted == wanted:
            return False
        new = replace(row, version=row.version + 1, counted=wanted, updated_ms=services.clock())
        try:
            services.contacts.commit(Commit([RowWrite(new, row.version)], deltas(row, new)))
        except VersionMoved:
            continue
        return True
