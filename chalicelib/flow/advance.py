"""``look``: read the row, then the objects, make what is due, commit row and roll-ups together.

Any number of looks, in any order, at any time, ends in the state that the objects imply. The order
(row first, objects second, one conditional transaction, and again until nothing changes) is what
makes that true; see ``docs/flow.md``.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.contact import ContactRow, PartKind, PartState
from chalicelib.domain.erasure import ERASED
from chalicelib.domain.errors import Contention, NotFound, VersionMoved
from chalicelib.domain.events import Hint
from chalicelib.domain.rollup import add, deltas
from chalicelib.flow import claims, erased, erasure, leftovers, outputs, release, rows, sweeps
from chalicelib.flow.converge import converge
from chalicelib.flow.erasure_ledger import ERASE
from chalicelib.flow.facts import facts_of
from chalicelib.flow.follow_ups import orders
from chalicelib.flow.identify import JOB, SHARED, Concern, identify
from chalicelib.flow.outcome import Outcome, with_actions
from chalicelib.flow.survey import Survey, survey
from chalicelib.formats import object_keys
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Commit, RowWrite

ROUNDS = 20
RECONCILE, RETRY = "reconcile", "retry"


def advance(services: Services, hint: Hint) -> tuple[str, ...]:
    """Look at every contact that the hint concerns; their ids.

    Raises ``Contention`` or ``Unavailable`` when the hint should be given back to its queue.
    """
    if hint.reason == ERASE:
        erasure.work(services, hint)
        return (hint.contact_id,) if hint.contact_id else ()
    if hint.sweep:
        sweeps.step(services, hint.sweep)
        return ()
    concerned = identify(services, hint)
    for concern in concerned:
        look(services, concern, hint.reason)
    return tuple(concern.contact_id for concern in concerned)


def look(services: Services, concern: Concern, reason: str = "event") -> ContactRow | None:
    """Bring one contact to the state that its objects imply; its row afterwards.

    Only a look that changes nothing ends it. What came between reading and commit may have been told
    to somebody who still saw the former row, found it right and had nothing to write.
    """
    for _ in range(ROUNDS):
        row = services.contacts.get(concern.contact_id)
        try:
            if not _step(services, concern, row, reason) and not _settle(services, concern, row):
                return row
        except (VersionMoved, NotFound):
            continue
        reason = "event"
    raise Contention(f"contact {concern.contact_id} kept moving for {ROUNDS} rounds")


def _step(services: Services, concern: Concern, row: ContactRow | None, reason: str) -> bool:
    """One reading of the objects and one commit; False when there was nothing to change.

    Raises ``VersionMoved`` and ``NotFound`` when row or objects changed under the reading.
    """
    if row and row.tombstone in (claims.MOVED, ERASED):
        return False
    keys = _hinted(services, concern)
    found = survey(services, concern.contact_id, row, keys, afresh=reason == RETRY)
    outcome = converge(
        services,
        rows.retried(row) if row and reason == RETRY else row,
        found,
        ask_again=reason in (RECONCILE, RETRY),
    )
    if outcome is None or rows.same(row, outcome.row):
        return False
    _commit(services, row, outcome, found)
    return True


def _settle(services: Services, concern: Concern, row: ContactRow | None) -> bool:
    """Bring what follows the row to what it says; whether anything was written or removed."""
    if row and row.tombstone == ERASED:
        hinted = _hinted(services, concern)
        return erased.settle(services, row, hinted[0] if hinted else None)
    return (
        outputs.settle(services, row)
        or release.settle(services, row)
        or leftovers.settle(services, row, concern.product)
    )


def _hinted(services: Services, concern: Concern) -> list[str]:
    """The hinted key, unless it has come to belong to another contact."""
    if concern.key is None:
        return []
    guess = object_keys.provisional_id(concern.key)
    owners = (None, SHARED, guess, concern.contact_id)
    return [concern.key] if services.contacts.owner_of(concern.key) in owners else []


def _commit(services: Services, row: ContactRow | None, outcome: Outcome, found: Survey) -> None:
    now = services.clock()
    new, actions = with_actions(row, outcome, now)
    new = replace(
        new,
        version=row.version + 1 if row else 1,
        updated_ms=now,
        first_seen_ms=row.first_seen_ms if row else now,
    )
    facts = (*facts_of(row, new), *actions, *orders.due(services, row, new))
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


def _owners(new: ContactRow, found: Survey) -> dict[str, str]:
    """Keys and job names that lead to this contact from now on, media still to come included."""
    here = [part for part in found.parts if part.state is not PartState.GONE]
    records = {part.key: SHARED for part in here if part.kind is PartKind.CONTACT_RECORD}
    names = [part.key for part in here] + [JOB + n.job for n in new.waiting.values() if n.job]
    names += found.record.media_keys if found.record else ()
    return {**dict.fromkeys(names, new.contact_id), **records}
