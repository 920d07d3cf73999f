"""The worker of the follow-ups: one order at a time, tried again with growing pauses, with an end that shows.

A service that is down, slow or throttled keeps its own orders waiting and nothing else. What came of an order
is kept before anybody is told; a worker that dies between the call and the note calls again under the same
id, which the service knows.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.errors import LoupeError, NotFound, Unavailable
from chalicelib.domain.follow_up import Kind, Order, Result, Skipped, State
from chalicelib.flow import lake
from chalicelib.flow.follow_ups import notes
from chalicelib.flow.follow_ups.desk import Desk, Runner
from chalicelib.flow.follow_ups.kinds import RUNNERS
from chalicelib.flow.follow_ups.orders import PUBLICATION, STANDS_ON, is_published
from chalicelib.formats.artifact import load
from chalicelib.ports.services import Services

ATTEMPTS = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30, 900
GONE = "the contact has no analysis in force any more"
NEWER = "a newer publication of this contact has its own"


def follow_up(
    services: Services, body: Mapping[str, str], runners: Mapping[Kind, Runner] = RUNNERS
) -> None:
    """Carry out the order that a message asks for; one that ended, or is unknown, is nothing to do."""
    store = services.redacted
    found = _asked(services, body)
    if found is None:
        return
    number, order = found
    if notes.end(store, order, number) is not None:
        lake.assessed(services, order, number)
        return
    try:
        ended = _attempt(services, order, number, runners)
    except Unavailable as error:
        if not error.retryable:
            ended = _failed(services, order, number, str(error))
        else:
            _again(services, order, number, str(error))
            return
    except LoupeError as error:
        ended = _failed(services, order, number, str(error))
    notes.close(store, order, number, ended)
    lake.assessed(services, order, number)


def give_up(services: Services, body: Mapping[str, str], why: str) -> None:
    """Note that an order failed for a reason nobody expected."""
    found = _asked(services, body)
    if found:
        number, order = found
        notes.close(services.redacted, order, number, _failed(services, order, number, why))


def _asked(services: Services, body: Mapping[str, str]) -> tuple[int, Order] | None:
    """The order of a message; None for one that was erased."""
    try:
        return notes.asked(services.redacted, body.get("contactId", ""), body.get("followUp", ""))
    except NotFound:
        return None


def _attempt(
    services: Services, order: Order, number: int, runners: Mapping[Kind, Runner]
) -> notes.End:
    try:
        result = runners[order.kind](_desk(services, order))
    except Skipped as none:
        return _end(services, order, number, State.SKIPPED, detail=str(none))
    return _end(services, order, number, State.DONE, result=result)


def _desk(services: Services, order: Order) -> Desk:
    row = services.contacts.get(order.contact_id)
    if row is None or row.publication is None or not is_published(row):
        raise Skipped(GONE)
    known = row.publication
    if STANDS_ON[order.kind] == PUBLICATION and known.analysis_key != order.analysis_key:
        raise Skipped(NEWER)
    try:
        analysis = load(ContactAnalysis, services.redacted.read(known.analysis_key))
    except NotFound:
        raise Skipped(GONE) from None
    return Desk(services, order, row, known, analysis)


def _again(services: Services, order: Order, number: int, reason: str) -> None:
    tried = notes.Tried(services.clock(), reason)
    count = notes.tried(services.redacted, order, number, tried)
    if count >= ATTEMPTS:
        notes.close(services.redacted, order, number, _failed(services, order, number, reason))
        return
    pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (count - 1))
    services.queues.follow_ups.send(notes.body(order), delay_s=pause_s)


def _failed(services: Services, order: Order, number: int, reason: str) -> notes.End:
    return _end(services, order, number, State.FAILED, detail=reason)


def _end(
    services: Services,
    order: Order,
    number: int,
    state: State,
    *,
    detail: str = "",
    result: Result | None = None,
) -> notes.End:
    failures = notes.attempts(services.redacted, order, number)
    tries = failures if state is State.FAILED and failures else failures + 1
    return notes.End(state, services.clock(), tries, detail, result)
