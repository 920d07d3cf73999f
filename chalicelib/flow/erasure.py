"""Erasing a contact, or all contacts of a customer, so that they never come back.

First it is written down what is wanted (``erasure_ledger``), then the row becomes a tombstone in the commit
that takes it out of the roll-ups, then every holder is asked, then the row forgets the names of what was
removed. Whoever dies in between leaves an open entry: a sweep, or asking again, goes on. Nothing is told
to be done before every store has said so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from chalicelib.domain.contact import ContactRow
from chalicelib.domain.erasure import Erasure, ErasureState, absent, buried, is_erased, sealed
from chalicelib.domain.errors import BadRequest, Contention, NotFound, StateRefused, VersionMoved
from chalicelib.domain.events import Hint
from chalicelib.domain.rollup import add, deltas
from chalicelib.flow import claims, erasure_ledger, holders
from chalicelib.flow.erasure_ledger import ERASE, contact_entry, customer_entry, is_held, marker
from chalicelib.flow.facts import facts_of
from chalicelib.flow.holders import Answers
from chalicelib.formats import object_keys
from chalicelib.ports.erasure import Subject
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Commit, ContactQuery, RowWrite

ROUNDS = 20
PATIENCE_MS = 15 * 60_000
LOOK_AGAIN_S = 30
PAGE = 200
PSEUDONYM = re.compile(r"cu-[0-9a-f]{32}")
HOLD = "legal hold"


def erase(services: Services, contact_id: str, *, by: str, reason: str) -> Erasure:
    """Erase a contact now; how it stands afterwards. Raises what ``order`` raises."""
    order(services, contact_id, by=by, reason=reason)
    return carry(services, contact_id)


def erase_customer(services: Services, customer: str, *, by: str, reason: str) -> Erasure:
    """Erase every contact of a customer now. Raises what ``order_customer`` raises."""
    asked = order_customer(services, customer, by=by, reason=reason)
    for contact_id in _contacts_of(services, asked.customer):
        carry(services, contact_id)
    return carry_customer(services, asked.id)


def order(services: Services, contact_id: str, *, by: str, reason: str) -> Erasure:
    """Ask for it. Raises ``NotFound`` for an unknown contact and ``StateRefused`` for one under legal
    hold; nothing is done then."""
    row = services.contacts.get(contact_id)
    if row is None or row.tombstone == claims.MOVED:
        raise NotFound("there is no such contact")
    _refuse_held(services, [contact_id])
    return erasure_ledger.ask(services, contact_id, by=by, reason=reason)


def order_customer(services: Services, customer: str, *, by: str, reason: str) -> Erasure:
    """Ask for the erasure of every contact of a customer, who is given by the own id, address or number, or
    by the pseudonym. Raises ``NotFound`` when none is known, and ``StateRefused`` when one is under legal
    hold; nothing is done then."""
    known = _pseudonym(services, customer)
    ids = list(_contacts_of(services, known))
    before = erasure_ledger.latest(services, customer_entry(known))
    if not ids and before is None:
        raise NotFound("no contact of this customer is known")
    _refuse_held(services, ids)
    entries = tuple(order(services, one, by=by, reason=reason).id for one in ids)
    return erasure_ledger.ask_for_all(services, known, entries, by=by, reason=reason)


def _pseudonym(services: Services, customer: str) -> str:
    if PSEUDONYM.fullmatch(customer):
        return customer
    if services.after.customers is None:
        raise NotFound("customers are not kept here: there is no secret to make pseudonyms with")
    if not customer.strip():
        raise BadRequest("customer", "a customer's id is not empty")
    return services.after.customers(customer)


def _refuse_held(services: Services, contact_ids: Iterable[str]) -> None:
    held = [one for one in contact_ids if is_held(services, one)]
    if held:
        detail = f"{len(held)} of these contacts is under legal hold: nothing is erased."
        raise StateRefused("contact.held", detail)


def _contacts_of(services: Services, customer: str) -> Iterator[str]:
    query, cursor, more = ContactQuery(customer_refs=(customer,)), None, True
    found: list[str] = []
    while more:
        page = services.contacts.find(query, cursor=cursor, limit=PAGE)
        found += [row.contact_id for row in page.rows]
        cursor, more = page.cursor, page.cursor is not None
    yield from found


def work(services: Services, hint: Hint) -> None:
    """What a hint of the reason ``ERASE`` asks for."""
    if hint.sweep and hint.contact_id is None:
        carry_customer(services, hint.sweep)
    elif hint.contact_id:
        carry(services, hint.contact_id, hint.sweep or "")


def carry(services: Services, contact_id: str, entry_id: str = "") -> Erasure:
    """Do what an entry asks for, as far as it is still to be done. ``entry_id``: of another contact, whose
    provisional contact this one was. Raises ``NotFound`` without an entry."""
    own = contact_entry(services, contact_id)
    entry = erasure_ledger.get(services, entry_id or own)
    if is_held(services, contact_id):
        return erasure_ledger.note(services, entry.id, _held)
    found = bury(services, contact_id)
    known = (entry.of_customer,) if entry.of_customer else ()
    last = _is_long_done(services, entry)
    if entry.id != own and not last:  # the contact itself may have been gone over just before
        last = erasure_ledger.is_settled(services, entry.id)
    subject = replace(found, customers=known, last=last)
    answers = holders.ask(services, subject)
    if not answers.failed:
        _seal(services, subject)
        holders.ask_afterwards(services, subject, answers)
    if entry.id != own and entry.whole and not answers.failed:
        return (
            entry  # noting it, or ending it, would take the last going over from the contact itself
        )
    marks = tuple(map(marker(services), subject.contact_ids))
    after = erasure_ledger.note(
        services, entry.id, lambda before: _after(before, answers, marks, whole=entry.id == own)
    )
    _close(services, entry, after)
    return after


def _close(services: Services, before: Erasure, after: Erasure) -> None:
    """End what was done long ago and was gone over once more, for what was under way then."""
    if after.whole and _is_long_done(services, before):
        erasure_ledger.close(services, after.id)


def _is_long_done(services: Services, entry: Erasure) -> bool:
    return entry.whole and entry.changed_ms < services.clock() - PATIENCE_MS


def _held(entry: Erasure) -> Erasure:
    return replace(entry, state=ErasureState.INCOMPLETE, failed={HOLD: "the contact is under it"})


def _after(entry: Erasure, answers: Answers, marks: tuple[str, ...], *, whole: bool) -> Erasure:
    """``whole``: whether all that the entry is about was asked for."""
    counted = {
        name: entry.removed.get(name, 0) + answers.removed.get(name, 0)
        for name in (*entry.removed, *answers.removed)
    }
    state = ErasureState.DONE if whole else entry.state
    return replace(
        entry,
        state=ErasureState.INCOMPLETE if answers.failed else state,
        marks=tuple(dict.fromkeys((*entry.marks, *marks))),
        removed=counted,
        failed=answers.failed,
        unsearched={**entry.unsearched, **answers.unsearched},
    )


def bury(services: Services, contact_id: str) -> Subject:
    """Make the tombstone, and end provisional contacts with it; what is to be removed."""
    for _ in range(ROUNDS):
        row = services.contacts.get(contact_id)
        others = [
            found for one in _provisional(contact_id, row) if (found := services.contacts.get(one))
        ]
        living = [one for one in (row, *others) if one and not is_erased(one)]
        if row is not None and not living:
            return _subject([row, *others])
        try:
            own = replace(row or absent(contact_id), aliases=tuple(o.contact_id for o in others))
            _bury(
                services, [own if one is row else one for one in living] if row else [own, *living]
            )
        except VersionMoved:
            continue
    raise Contention("a contact that is to be erased kept moving")


def _bury(services: Services, living: list[ContactRow]) -> None:
    now = services.clock()
    ends = [(row, buried(row, now)) for row in living]
    told = tuple(fact for row, end in ends for fact in facts_of(row if row.version else None, end))
    services.contacts.commit(
        Commit(
            rows=[RowWrite(end, row.version or None) for row, end in ends],
            deltas=add(*(deltas(row, end) for row, end in ends)),
            outbox=told,
        )
    )
    if told:
        services.queues.facts.send({"reason": "committed"})


def _provisional(contact_id: str, row: ContactRow | None) -> list[str]:
    """Contacts under which the same media was known before it was known whose it is."""
    keys = (part.key for part in row.parts) if row else ()
    nameless = (key for key in keys if object_keys.contact_id_in(key) is None)
    known = row.aliases if row else ()
    return sorted({*known, *map(object_keys.provisional_id, nameless)} - {contact_id})


def _subject(rows: list[ContactRow]) -> Subject:
    waiting = (note.job for row in rows for note in row.waiting.values())
    return Subject(
        contact_ids=tuple(row.contact_id for row in rows),
        parts=tuple({part.key: part for row in rows for part in row.parts}.values()),
        jobs=tuple(sorted({job for job in waiting if job})),
        actions=tuple(sorted({mark for row in rows for mark in row.told})),
        days=tuple(sorted({row.lake_day for row in rows if row.lake_day})),
    )


def _seal(services: Services, subject: Subject) -> None:
    """Let the rows forget what they named. An erased row is written by nobody else."""
    for contact_id in subject.contact_ids:
        row = services.contacts.get(contact_id)
        left = row and (row.parts or row.waiting)
        if row and (left or (subject.last and (row.lake_day or row.aliases))):
            end = sealed(row, services.clock(), last=subject.last)
            services.contacts.commit(Commit(rows=[RowWrite(end, row.version)]))


def carry_customer(services: Services, entry_id: str) -> Erasure:
    """Ask for contacts of the customer that were not published when it was asked for, and see how the
    others stand. Raises ``NotFound`` without an entry."""
    entry = erasure_ledger.get(services, entry_id)
    new = [
        order(services, one, by=entry.by, reason=entry.reason).id
        for one in _contacts_of(services, entry.customer)
        if _was_there(services, one, entry.asked_ms) and not is_held(services, one)
    ]
    marks = tuple(dict.fromkeys((*entry.marks, *new)))
    parts = [found for one in marks if (found := erasure_ledger.latest(services, one))]
    answers = holders.ask_customer(services, entry.customer)
    after = erasure_ledger.note(
        services, entry_id, lambda before: _summed(before, marks, parts, answers)
    )
    if after.state is ErasureState.PENDING:
        again = Hint(sweep=entry_id, reason=ERASE)
        services.queues.ingest.send(again.to_body(), delay_s=LOOK_AGAIN_S)
    _close(services, entry, after)
    return after


def _was_there(services: Services, contact_id: str, asked_ms: int) -> bool:
    row = services.contacts.get(contact_id)
    return row is not None and row.first_seen_ms <= asked_ms


def _summed(
    entry: Erasure, marks: tuple[str, ...], parts: list[Erasure], answers: Answers
) -> Erasure:
    """The customer's entry, as those of the contacts stand."""
    states = {part.state for part in parts}
    state = next((one for one in _WORST if one in states), ErasureState.DONE)
    removed = dict(answers.removed)
    for part in parts:
        for name, count in part.removed.items():
            removed[name] = removed.get(name, 0) + count
    failed = {name: why for part in parts for name, why in part.failed.items()} | answers.failed
    return replace(
        entry,
        state=ErasureState.INCOMPLETE if failed else state,
        marks=marks,
        removed=removed,
        failed=failed,
        unsearched={name: why for part in parts for name, why in part.unsearched.items()},
        late=sum(part.late for part in parts),
    )


_WORST = (ErasureState.INCOMPLETE, ErasureState.PENDING)


def hints(services: Services, contact_ids: Iterable[str], *, late_ms: int) -> Iterator[Hint]:
    """What is still to be done for open entries. One that is done since before ``late_ms`` is gone over a
    last time."""
    due = [
        entry
        for entry in erasure_ledger.still_open(services)
        if not entry.whole or entry.changed_ms < late_ms
    ]
    if not due:
        return
    yield from (Hint(sweep=entry.id, reason=ERASE) for entry in due if entry.customer)
    wanted = {mark: entry.id for entry in due if not entry.customer for mark in _marks(entry)}
    mark = marker(services)
    for contact_id in contact_ids:
        entry_id = wanted.get(mark(contact_id))
        if entry_id:
            yield Hint(contact_id=contact_id, sweep=entry_id, reason=ERASE)


def _marks(entry: Erasure) -> tuple[str, ...]:
    """The contact's own, which the id holds, and those of its provisional contacts."""
    return (entry.id.rpartition("-")[2], *entry.marks)


def replay(services: Services) -> list[Erasure]:
    """After a restore of the contact table: erase again whoever the ledger names and the table has back."""
    wanted = {
        mark: entry.id
        for entry in erasure_ledger.every(services)
        if not entry.customer
        for mark in _marks(entry)
    }
    found, mark = [], marker(services)
    for contact_id in list(services.contacts.ids()):
        entry_id = wanted.get(mark(contact_id))
        if entry_id and not is_erased(services.contacts.get(contact_id)):
            found.append(carry(services, contact_id, entry_id))
    return found
