"""Interactions in an object store: one object each, created once, under the customer it is of.

The customer comes first in the key, as a hash of the pseudonym: what is known of one customer is found,
and removed, without reading what is known of others. A customer who is forgotten leaves one mark for all,
which tells other processes to look again before they rank.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from threading import Lock

from chalicelib.domain.errors import NotFound
from chalicelib.domain.next_action import Interaction
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, load
from chalicelib.ports.storage import ObjectStore

PREFIX = "control/interactions/"
FORGOTTEN = "control/interactions-forgotten.json"
JSON = "application/json"


class InteractionLog:
    """The log, with a copy in memory of what was read."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._read: dict[str, Interaction] = {}
        self._lock = Lock()

    def add(self, one: Interaction) -> bool:
        """Keep it; False when its id is known already."""
        key = _key(one)
        new = self._store.put_if_absent(key, dump(one), content_type=JSON)
        if new:
            with self._lock:
                self._read[key] = one
        return new

    def knows(self, one: Interaction) -> bool:
        return self._store.stat(_key(one)) is not None

    def of(self, customer_ref: str) -> Sequence[Interaction]:
        """A customer's, oldest first, as they are now."""
        keys = [stat.key for stat in self._store.list(_folder(customer_ref))]
        return _in_time(one for key in keys if (one := self._get(key)))

    def all(self) -> Sequence[Interaction]:
        """Everybody's, oldest first, as they are now; only what is new is read."""
        keys = [stat.key for stat in self._store.list(PREFIX)]
        with self._lock:
            known = {key: self._read[key] for key in keys if key in self._read}
        fresh = {key: one for key in keys if key not in known and (one := self._get(key))}
        with self._lock:
            self._read = known | fresh
            return _in_time(self._read.values())

    def forget(self, customer_ref: str) -> int:
        """Remove a customer; how many interactions there were."""
        keys = [stat.key for stat in self._store.list(_folder(customer_ref))]
        for key in keys:
            self._store.purge(key)
        with self._lock:
            self._read = {key: one for key, one in self._read.items() if key not in keys}
        self._store.put(FORGOTTEN, dump(uuid.uuid4().hex), content_type=JSON)
        return len(keys)

    def mark(self) -> str:
        """Another one after each customer who was forgotten."""
        found = self._store.stat(FORGOTTEN)
        return found.etag if found else ""

    def _get(self, key: str) -> Interaction | None:
        try:
            return load(Interaction, self._store.read(key))
        except NotFound:
            return None  # forgotten while we looked


def _in_time(found: Iterable[Interaction]) -> Sequence[Interaction]:
    return sorted(found, key=lambda one: (one.at_ms, one.id))


def _folder(customer_ref: str) -> str:
    return object_keys.interactions_prefix(customer_ref)


def _key(one: Interaction) -> str:
    return f"{_folder(one.customer_ref)}{_hash(one.id)}.json"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
