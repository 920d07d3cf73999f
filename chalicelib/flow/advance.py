"""``look``: read the row, then the objects, make what is due, commit row and roll-ups together.

Any number of looks, in any order, at any time, ends in the state that the objects imply. The order
(row first, objects second, one conditional transaction) is what makes that true; see
``docs/flow.md``.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.contact import ContactRow, PartKind, PartState, Status
from chalicelib.domain.errors import Contention, VersionMoved
from chalicelib.domain.events import Hint
from chalicelib.domain.rollup import add, deltas
from chalicelib.flow import claims, products, rows
from chalicelib.flow.converge import converge, slots_of
from chalicelib.flow.facts import facts_of
from chalicelib.flow.identify import JOB, SHARED, Concern, identify
from chalicelib.flow.survey import Survey, survey
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Commit, RowWrite

ROUNDS = 20
RECONCILE, RETRY = "reconcile", "retry"


def advance(services: Services, hint: Hint) -> tuple[str, ...]:
    """Look at every contact that the hint concerns; their ids.

    Raises ``Contention`` or ``Unavailable`` when the hint should be given back to its queue.
    """
    concerned = identify(services, hint)
    for concern in concerned:
        look(services, concern, hint.reason)
    return tuple(concern.contact_id for concern in concerned)


def look(services: Services, concern: Concern, reason: str = "event") -> ContactRow | None:
    """Bring one contact to the state that its objects imply; its row afterwards."""
    for _ in range(ROUNDS):
        row = services.contacts.get(concern.contact_id)
        if row and row.tombstone == claims.MOVED:
            return row
        keys = _hinted(services, concern)
        found = survey(services, concern.contact_id, row, keys, afresh=reason == RETRY)
        new = converge(
            services,
            rows.retried(row) if row and reason == RETRY else row,
            found,
            ask_again=reason in (RECONCILE, RETRY),
        )
        if new is None or rows.same(row, new):
            return row
        try:
            committed = _commit(services, row, new, found)
        except VersionMoved:
            continue
        if not _came_meanwhile(services, committed, found):
            return committed
        reason = "event"
    raise Contention(f"contact {concern.contact_id} kept moving for {ROUNDS} rounds")


def _hinted(services: Services, concern: Concern) -> list[str]:
    """The hinted key, unless it has come to belong to another contact."""
    if concern.key is None:
        return []
    mine = services.contacts.owner_of(concern.key) in (None, SHARED, concern.contact_id)
    return [concern.key] if mine else []


def _commit(
    services: Services, row: ContactRow | None, new: ContactRow, found: Survey
) -> ContactRow:
    now = services.clock()
    new = replace(
        new,
        version=row.version + 1 if row else 1,
        updated_ms=now,
        first_seen_ms=row.first_seen_ms if row else now,
    )
    facts = facts_of(row, new)
    owners = _owners(new, found)
    moves = claims.moves(services, found, now)
    services.contacts.commit(
        Commit(
            rows=[RowWrite(new, row.version if row else None), *(m.write for m in moves)],
            deltas=add(deltas(row, new), *(m.deltas for m in moves)),
            owners=owners,
            outbox=facts,
        )
    )
    if facts:
        services.queues.facts.send({"reason": "committed"})
    return new


def _owners(new: ContactRow, found: Survey) -> dict[str, str]:
    """Keys and job names that lead to this contact from now on, media still to come included."""
    here = [part for part in found.parts if part.state is not PartState.GONE]
    records = {part.key: SHARED for part in here if part.kind is PartKind.CONTACT_RECORD}
    names = [part.key for part in here] + [JOB + n.job for n in new.waiting.values() if n.job]
    names += found.record.media_keys if found.record else ()
    return {**dict.fromkeys(names, new.contact_id), **records}


def _came_meanwhile(services: Services, row: ContactRow, found: Survey) -> bool:
    """Whether a product was finished before the row said that it waits for it."""
    return row.status is Status.IN_PROGRESS and any(
        slot.name in row.waiting and products.fetch(services, slot) is not None
        for slot in slots_of(services, row, found)
    )
