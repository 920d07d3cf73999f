"""Actions of rules, carried out: each on its own, tried again with growing pauses, with an end that shows.

An order is a row of numbered objects, one for each attempt and the time it may begin. To begin an attempt
is to create the object of the next one, which only one worker can; a worker that dies leaves an attempt
that is due later. What came of an order is one object that stays. So a fact that is delivered twice, or
two workers at once, carry an action out once; only a worker that dies between doing and noting does it
again, under the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from chalicelib.domain.erasure import is_erased
from chalicelib.domain.errors import InputRefused, NotFound, Unavailable
from chalicelib.domain.events import Fact
from chalicelib.domain.follow_up import Kind
from chalicelib.domain.rules import actions
from chalicelib.domain.rules.actions import Order, order_of
from chalicelib.flow import auto_evaluations, reviews
from chalicelib.flow.follow_ups.orders import ask
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports import dated, numbered
from chalicelib.ports.actions import Notice
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore

PENDING, FINISHED = "control/actions-pending/", "control/actions/"
SLOTS, ALERTS = "control/action-slots/", "control/alerts/"
DONE, FAILED, SUPPRESSED, NOT_CARRIED_OUT = "DONE", "FAILED", "SUPPRESSED", "NOT_CARRIED_OUT"
ATTEMPTS = 8
TURN_MS = 10_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 60, 900
JSON = "application/json"
HOUR_MS = 3_600_000
LIMITED = "LIMIT_EXCEEDED"
FAILURE, FAILURE_TYPE = "RuleActionFailed", "Amazon Connect Rules Action Execution Failed"
WEBHOOK_CHANNEL = "webhook"


@dataclass(frozen=True, slots=True)
class Attempt:
    """``number`` counts from 0; ``reason`` is why the one before it failed."""

    order: Order
    number: int
    not_before_ms: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of an order: DONE, FAILED, SUPPRESSED by the rate limit, or NOT_CARRIED_OUT."""

    order: Order
    state: str
    at_ms: int
    attempts: int
    reason: str = ""


def take(services: Services, fact: Fact) -> None:
    """Make orders of a ``RuleAction`` fact, unless they were made before."""
    store = services.redacted
    for via in _channels(services, str(fact.detail["kind"])):
        order = order_of(fact, via)
        if store.stat(_finished_key(order)) is None:
            first = Attempt(order, 0, 0)
            store.put_if_absent(_key(order, 0), dump(first), content_type=JSON)


def _channels(services: Services, kind: str) -> Sequence[str]:
    """A notification goes over every channel there is; each is an order of its own."""
    if kind == actions.NOTIFICATION:
        return tuple(services.notifiers) or ("",)
    return (WEBHOOK_CHANNEL,) if kind == actions.WEBHOOK else ("",)


def carry_out(services: Services) -> int:
    """Try orders that are due; how many were tried. What a turn has no time for, the next one does."""
    waiting, tried = pending(services), 0
    now = services.clock()  # a turn has time for attempts, however long it took to find them
    for attempt in waiting:
        if services.clock() > now + TURN_MS:
            _ask(services)
            break
        if attempt.not_before_ms <= now:
            tried += _try(services, attempt)
    return tried


def pending(services: Services) -> list[Attempt]:
    """The next attempt of every order that has not come to an end."""
    latest: dict[str, str] = {}
    for stat in services.redacted.list(PENDING):
        latest[stat.key.rpartition("/")[0]] = stat.key
    found = (_read(services.redacted, key) for key in latest.values())
    return [attempt for attempt in found if attempt]


def _read(store: ObjectStore, key: str) -> Attempt | None:
    try:
        return load(Attempt, store.read(key))
    except NotFound:
        return None  # it came to its end while we looked


def _try(services: Services, attempt: Attempt) -> bool:
    """One attempt, if it is still to be had."""
    pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt.number)
    after = Attempt(
        attempt.order, attempt.number + 1, services.clock() + pause_s * 1000, attempt.reason
    )
    store, key = services.redacted, _key(attempt.order, attempt.number + 1)
    if not store.put_if_absent(key, dump(after), content_type=JSON):
        return False
    if store.stat(_finished_key(attempt.order)):  # all others are gone, or it was not told whole
        _close(services, attempt.order)
        return False
    if is_erased(services.contacts.get(attempt.order.contact_id)):
        _clear(services, attempt.order)
        return False
    if attempt.number >= ATTEMPTS:
        reason = attempt.reason or "no attempt came to an end"
        _finish(services, attempt, FAILED, reason)
        return True
    try:
        state, reason = _outcome(services, attempt)
    except Unavailable as error:
        if error.retryable:
            store.put(key, dump(replace(after, reason=str(error))), content_type=JSON)
            _ask(services, pause_s)
            return True
        state, reason = FAILED, str(error)
    _finish(services, attempt, state, reason)
    return True


def _ask(services: Services, delay_s: int = 0) -> None:
    services.queues.facts.send({"reason": "action"}, delay_s=delay_s)


def _outcome(services: Services, attempt: Attempt) -> tuple[str, str]:
    order = attempt.order
    reason = _why_not(services, order)
    if reason:
        return NOT_CARRIED_OUT, reason
    if attempt.number == 0 and not _slot(services, order):
        limit = services.settings.action_rate_per_hour
        return SUPPRESSED, f"the rule has had {limit} actions in this hour"
    if order.kind == actions.EVALUATION:
        return _evaluated(services, order)
    if order.kind == actions.FOLLOW_UP:
        return _followed_up(services, order)
    if order.kind == actions.TASK:
        reviews.open_item(services, order)
    elif order.kind == actions.ALERT:
        services.redacted.put_if_absent(_alert_key(order), dump(order), content_type=JSON)
    else:
        services.notifiers[order.via].send(_notice(order))
    return DONE, ""


def _evaluated(services: Services, order: Order) -> tuple[str, str]:
    try:
        return DONE, auto_evaluations.fill_in(services, order)
    except auto_evaluations.NotBegun as none:
        return NOT_CARRIED_OUT, str(none)


def _followed_up(services: Services, order: Order) -> tuple[str, str]:
    row = services.contacts.get(order.contact_id)
    if row is None:
        return NOT_CARRIED_OUT, "the contact is gone"
    try:
        ask(services, row, Kind(str(order.body.get("FollowUp"))))
    except ValueError:
        return NOT_CARRIED_OUT, f"its FollowUp is none of {', '.join(Kind)}"
    except InputRefused as refused:
        return NOT_CARRIED_OUT, refused.detail
    return DONE, ""


def _why_not(services: Services, order: Order) -> str:
    reason = actions.why_not(order.kind)
    outward = order.kind in (actions.NOTIFICATION, actions.WEBHOOK)
    if not reason and outward and order.via not in services.notifiers:
        return f"no {order.via or 'channel for notifications'} is configured"
    return reason


def _slot(services: Services, order: Order) -> bool:
    """Take one of the rule's slots of this hour. A crash can lose one; none is given out twice."""
    store, limit = services.redacted, services.settings.action_rate_per_hour
    hour = services.clock() // HOUR_MS
    key_of = partial(_slot_key, hour, order.rule_id)
    return numbered.append(store, key_of, dump(order.id), limit) is not None


def _notice(order: Order) -> Notice:
    body = order.body
    return Notice(
        id=order.id,
        rule_id=order.rule_id,
        rule_name=order.rule_name,
        rule_version=order.rule_version,
        contact_id=order.contact_id,
        channel=order.channel,
        at_ms=order.at_ms,
        agent_id=order.agent_id,
        queue_id=order.queue_id,
        subject=str(body.get("Subject") or body.get("Name") or order.rule_name),
        content=str(body.get("Content") or body.get("Description") or ""),
    )


def _finish(services: Services, attempt: Attempt, state: str, reason: str) -> None:
    """Note the end before it is told: a bus that is away must not have the order tried again."""
    order, store = attempt.order, services.redacted
    tries = min(attempt.number + 1, ATTEMPTS)
    done = Finished(order, state, services.clock(), tries, reason)
    store.put_if_absent(_finished_key(order), dump(done), content_type=JSON)
    _close(services, order)


def _close(services: Services, order: Order) -> None:
    """Tell of a failure, and clear the attempts away. Done again, it tells the same under the same id."""
    done = load(Finished, services.redacted.read(_finished_key(order)))
    if done.state in (FAILED, SUPPRESSED):
        failure = _failure(order, done.state, done.reason)
        if not services.facts.publish([failure]):
            raise Unavailable("the bus did not take that an action failed")
    _clear(services, order)


def _clear(services: Services, order: Order) -> None:
    for stat in list(services.redacted.list(f"{PENDING}{order.id}/")):
        services.redacted.delete(stat.key)


def _failure(order: Order, state: str, reason: str) -> Fact:
    """AWS's event of an action that failed. A receiver's own words are not in it."""
    detail = {
        "ruleId": order.rule_id,
        "actionType": order.kind,
        "reasonCode": LIMITED if state == SUPPRESSED else "ACTION_FAILED",
        "error": reason,
    }
    return Fact(fingerprint(["failed", order.id]), FAILURE, FAILURE_TYPE, order.contact_id, detail)


def finished(services: Services, since_ms: int, limit: int) -> list[Finished]:
    """Orders that came to an end, of matches since then, the latest day first; at most ``limit``."""
    keys = dated.newest(services.redacted, FINISHED, since_ms, services.clock())
    return [load(Finished, services.redacted.read(key)) for key in islice(keys, limit)]


def alerts(services: Services, since_ms: int, limit: int) -> list[Order]:
    """Alerts of matches since then, the latest first; at most ``limit``."""
    keys = dated.newest(services.redacted, ALERTS, since_ms, services.clock())
    return [load(Order, services.redacted.read(key)) for key in islice(keys, limit)]


def _finished_key(order: Order) -> str:
    return dated.key(FINISHED, order.at_ms, order.id)


def _alert_key(order: Order) -> str:
    return dated.key(ALERTS, order.at_ms, order.id)


def _slot_key(hour: int, rule_id: str, number: int) -> str:
    return f"{SLOTS}{hour:08d}/{rule_id}/{number:08d}.json"


def _key(order: Order, attempt: int) -> str:
    return f"{PENDING}{order.id}/{attempt:04d}.json"
