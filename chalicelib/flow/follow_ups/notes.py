"""How an order stands, in objects that are created and never changed.

    control/follow-ups/<contact>/<order>/asks/<n>.json           it was asked for, for the n-th time
                                        /attempts/<n>-<m>.json   an attempt that failed, and why
                                        /ends/<n>.json           what came of it
    control/follow-up-days/<day>/<ms>-<order>.json               the orders of a day

Only who creates the end has ended it: two workers at once, or one that comes late, change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.errors import NotFound
from chalicelib.domain.follow_up import FollowUp, Order, Result, State
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, load
from chalicelib.ports import dated, numbered
from chalicelib.ports.storage import ObjectStore

FOLLOW_UPS, DAYS = "control/follow-ups/", "control/follow-up-days/"


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that failed and will be made again."""

    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """What came of an order."""

    state: State
    at_ms: int
    attempts: int
    detail: str = ""
    result: Result | None = None


def body(order: Order) -> dict[str, str]:
    """The message that asks the worker for it."""
    return {"contactId": order.contact_id, "followUp": order.id}


def keep(store: ObjectStore, order: Order) -> None:
    """Note the order, once."""
    numbered.put(store, day_key(order), order.contact_id.encode())
    numbered.put(store, _key(order.contact_id, order.id, "asks", 1), dump(order))


def ask_again(store: ObjectStore, order: Order) -> None:
    """Note that an order which failed is asked for once more."""
    numbered.append(store, partial(_key, order.contact_id, order.id, "asks"), dump(order))


def asked(store: ObjectStore, contact_id: str, order_id: str) -> tuple[int, Order]:
    """How often it was asked for, and the order. Raises ``NotFound``."""
    key_of = partial(_key, contact_id, order_id, "asks")
    number = numbered.last(store, key_of)
    if not number:
        raise NotFound(f"there is no such follow-up: {order_id}")
    return number, load(Order, store.read(key_of(number)))


def end(store: ObjectStore, order: Order, number: int) -> End | None:
    """What came of the ``number``-th asking, None while it waits."""
    try:
        return load(End, store.read(_key(order.contact_id, order.id, "ends", number)))
    except NotFound:
        return None


def close(store: ObjectStore, order: Order, number: int, ended: End) -> bool:
    """Note the end, once; whether it was this one that counts."""
    return numbered.put(store, _key(order.contact_id, order.id, "ends", number), dump(ended))


def failed(store: ObjectStore, order: Order) -> bool:
    """Whether it came to an end, and that was a failure."""
    try:
        number, _ = asked(store, order.contact_id, order.id)
    except NotFound:
        return False
    ended = end(store, order, number)
    return ended is not None and ended.state is State.FAILED


def tried(store: ObjectStore, order: Order, number: int, attempt: Tried) -> int:
    """Note a failed attempt; how many there have been."""
    return numbered.append(store, _attempts(order, number), dump(attempt)) or 0


def attempts(store: ObjectStore, order: Order, number: int) -> int:
    """How many attempts have failed."""
    return numbered.last(store, _attempts(order, number))


def stands(store: ObjectStore, contact_id: str, order_id: str) -> FollowUp:
    """The order and how it stands. Raises ``NotFound``."""
    number, order = asked(store, contact_id, order_id)
    ended = end(store, order, number)
    if ended:
        return FollowUp(order, ended.state, ended.attempts, ended.result, ended.detail, ended.at_ms)
    count = attempts(store, order, number)
    last = load(Tried, store.read(_attempts(order, number)(count))) if count else None
    return FollowUp(order, State.WAITING, count, detail=last.reason if last else "")


def of_contact(store: ObjectStore, contact_id: str) -> list[FollowUp]:
    """Everything that was ordered for a contact, the latest first."""
    prefix = prefix_of(contact_id)
    ids = dict.fromkeys(s.key[len(prefix) :].split("/")[0] for s in store.list(prefix))
    found = [stands(store, contact_id, order_id) for order_id in ids]
    return sorted(found, key=lambda one: (-one.order.at_ms, one.order.kind))


def newest(store: ObjectStore, since_ms: int, now_ms: int) -> Iterator[tuple[str, str]]:
    """(contact id, order id) of orders since then, the latest first."""
    for key in dated.newest(store, DAYS, since_ms, now_ms):
        yield store.read(key).decode(), dated.mark_of(key)


def prefix_of(contact_id: str) -> str:
    """Everything that was noted for a contact lies under this prefix."""
    return f"{FOLLOW_UPS}{object_keys.folder_of(contact_id)}/"


def day_key(order: Order) -> str:
    """Where the day's list has the order."""
    return dated.key(DAYS, order.at_ms, order.id)


def _attempts(order: Order, number: int) -> numbered.KeyOf:
    return lambda attempt: (
        f"{prefix_of(order.contact_id)}{order.id}/attempts/{number:04d}-{attempt:04d}.json"
    )


def _key(contact_id: str, order_id: str, what: str, number: int) -> str:
    return f"{prefix_of(contact_id)}{order_id}/{what}/{number:04d}.json"
