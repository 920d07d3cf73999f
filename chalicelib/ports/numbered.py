"""Objects that are numbered from 1 without gaps: written once, never changed.

Only one writer gets a number, and the last number is found by a few questions: listing a store may cost
as much as all that is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chalicelib.domain.errors import NotFound
from chalicelib.ports.storage import ObjectStore

JSON = "application/json"

KeyOf = Callable[[int], str]


def last(store: ObjectStore, key_of: KeyOf) -> int:
    """The highest number that is taken, 0 for none, by doubling and halving."""
    free = 1
    while store.stat(key_of(free)):
        free *= 2
    taken = free // 2
    while free - taken > 1:
        middle = (taken + free) // 2
        if store.stat(key_of(middle)):
            taken = middle
        else:
            free = middle
    return taken


def put(store: ObjectStore, key: str, body: bytes) -> bool:
    """Write under this number; False when it is taken."""
    return store.put_if_absent(key, body, content_type=JSON)


def append(store: ObjectStore, key_of: KeyOf, body: bytes, most: int | None = None) -> int | None:
    """Write under the next free number and tell it; None when that is above ``most``."""
    number = last(store, key_of) + 1
    while most is None or number <= most:
        if put(store, key_of(number), body):
            return number
        number += 1
    return None


def bodies(store: ObjectStore, key_of: KeyOf) -> Iterator[bytes]:
    """All of them, in order."""
    number = 1
    while True:
        try:
            body = store.read(key_of(number))
        except NotFound:
            return
        yield body
        number += 1
