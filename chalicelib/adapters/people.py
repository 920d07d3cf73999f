"""People over an object store: one object each, under a hash of the subject."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from chalicelib.domain.errors import NotFound
from chalicelib.formats.artifact import dump, load
from chalicelib.ports.people import Person
from chalicelib.ports.storage import ObjectStore

PEOPLE = "control/people/"


class ObjectPeople:
    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def get(self, sub: str) -> Person | None:
        try:
            return load(Person, self._store.read(_key(sub)))
        except NotFound:
            return None

    def put(self, person: Person) -> None:
        self._store.put(_key(person.sub), dump(person), content_type="application/json")

    def all(self) -> Iterator[Person]:
        for stat in self._store.list(PEOPLE):
            yield load(Person, self._store.read(stat.key))


def _key(sub: str) -> str:
    return f"{PEOPLE}{hashlib.sha256(sub.encode('utf-8', 'surrogatepass')).hexdigest()}.json"
