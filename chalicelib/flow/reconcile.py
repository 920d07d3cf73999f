"""The sweep that repairs lost events in both directions.

It looks at every object without an up-to-date row and at every row whose objects are away or whose
work takes too long, and sends hints; the looks do the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.contact import PartState, Status
from chalicelib.domain.erasure import is_erased
from chalicelib.domain.events import Hint
from chalicelib.flow import erasure, human_loops, release, sweeps
from chalicelib.flow.identify import SHARED
from chalicelib.formats import object_keys
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Stat


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found: how many objects and rows, and how many hints were sent."""

    objects: int
    contacts: int
    hints: int


def reconcile(services: Services, *, patience_ms: int = 15 * 60_000) -> Sweep:
    """Send a hint for every difference between the source bucket and the rows.

    ``patience_ms``: work that waits longer than this is asked for again.
    """
    present = {stat.key: stat for stat in services.sources.list()}
    hints = list(_strange_objects(services, present))
    if not services.settings.keeps_raw:
        hints += _originals(services, services.clock() - patience_ms)
    ids = list(services.contacts.ids())
    late = services.clock() - patience_ms
    hints += erasure.hints(services, ids, late_ms=late)
    for contact_id in ids:
        if _differs(services, contact_id, present, patience_ms):
            hints.append(Hint(contact_id=contact_id, reason="reconcile"))
    for hint in hints:
        services.queues.ingest.send(hint.to_body())
    sweeps.resume(services, patience_ms=patience_ms)
    if services.after.loops:
        human_loops.collect(services, services.after.loops)
    return Sweep(len(present), len(ids), len(hints))


def _strange_objects(services: Services, present: dict[str, Stat]) -> Iterator[Hint]:
    """Objects of nobody, and of contacts that were erased: those went when they came."""
    erased: dict[str, bool] = {}
    for key in present:
        owner = services.contacts.owner_of(key)
        if owner is None:
            yield Hint(key=key, reason="event")
        elif owner != SHARED:
            if owner not in erased:
                erased[owner] = is_erased(services.contacts.get(owner))
            if erased[owner]:
                yield Hint(key=key, reason="event")


def _originals(services: Services, late_ms: int) -> Iterator[Hint]:
    """Unredacted products that lie there for a while though none is to be stored."""
    for stat in services.raw.list("raw/"):
        named = object_keys.contact_id_in(stat.key)
        if stat.modified_ms < late_ms:
            if object_keys.contact_of_artifact(stat.key):
                yield Hint(key=stat.key, reason="reconcile")
            elif named:
                yield Hint(contact_id=named, reason="reconcile")


def _differs(
    services: Services, contact_id: str, present: dict[str, Stat], patience_ms: int
) -> bool:
    row = services.contacts.get(contact_id)
    if row is None or is_erased(row):
        return False
    late = services.clock() - patience_ms
    if row.status is Status.IN_PROGRESS and any(
        note.since_ms < late for note in row.waiting.values()
    ):
        return True
    if not services.settings.keeps_raw and release.outstanding(row):
        return True
    return any(_moved(part.etag, part.state, present.get(part.key)) for part in row.parts)


def _moved(etag: str, state: PartState, now: Stat | None) -> bool:
    if now is None:
        return state is PartState.PRESENT
    return state is not PartState.PRESENT or now.etag != etag
