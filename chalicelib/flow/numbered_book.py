"""Small things that people save: each a row of numbered records, in a numbered list of things.

A record is what the thing was after one write, so two people who save at once cannot undo each other. The
list bounds how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Generic, Protocol, TypeVar

from chalicelib.domain.errors import InputRefused, NotFound, VersionMoved
from chalicelib.formats.artifact import dump, load
from chalicelib.ports import numbered
from chalicelib.ports.storage import ObjectStore

ID = re.compile(r"[0-9a-f]{32}")


class Record(Protocol):
    """``revision`` counts writes from 1."""

    @property
    def id(self) -> str: ...

    @property
    def revision(self) -> int: ...


R = TypeVar("R", bound=Record)


class NumberedBook(Generic[R]):
    """Records of one kind under ``prefix``, at most ``most`` things. Ids are 32 hex digits."""

    def __init__(self, store: ObjectStore, prefix: str, kind: type[R], most: int) -> None:
        self._store = store
        self._prefix = prefix
        self._kind = kind
        self._most = most

    def all(self) -> Iterator[R]:
        """Everything as it is now, in the order of creation."""
        bodies = numbered.bodies(self._store, self._place)
        for thing in dict.fromkeys(body.decode() for body in bodies):
            try:
                yield self.latest(thing)
            except NotFound:  # whoever took the place did not come to write the thing
                continue

    def latest(self, thing: str) -> R:
        """As it is now. Raises ``NotFound``."""
        if not ID.fullmatch(thing):
            raise NotFound(thing)
        return self._record(thing, numbered.last(self._store, partial(self._key, thing)))

    def create(self, record: R) -> R:
        """Write the first record, or leave the one that is there; the first one. Raises
        ``InputRefused`` when there are as many as there may be."""
        if self._store.stat(self._key(record.id, 1)) is None:
            body = record.id.encode()
            if numbered.append(self._store, self._place, body, self._most) is None:
                raise InputRefused("limit", f"there are at most {self._most} of these")
            self._put(record)
        return self._record(record.id, 1)

    def write(self, record: R) -> None:
        """Write the record after the one it was made from. Raises ``VersionMoved``."""
        if not self._put(record):
            raise VersionMoved(f"{record.id} was changed by somebody else")

    def _put(self, record: R) -> bool:
        return numbered.put(self._store, self._key(record.id, record.revision), dump(record))

    def _record(self, thing: str, revision: int) -> R:
        return load(self._kind, self._store.read(self._key(thing, revision)))

    def _place(self, number: int) -> str:
        return f"{self._prefix}places/{number}"

    def _key(self, thing: str, revision: int) -> str:
        return f"{self._prefix}{thing}/{revision:08d}.json"
