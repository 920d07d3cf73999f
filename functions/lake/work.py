"""The work of one message, free of any cloud: a day's rows become its file.

What the file is to hold is read from the order that stands now, not from the message: a message that comes
late, twice or beside another writes the same. After writing the order is read once more, because a newer one
may have been worked off meanwhile and been overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from chalicelib.formats import lake_schema as schema

Write = Callable[[Iterable[bytes]], bytes]
JSON, PARQUET = "application/json", "application/vnd.apache.parquet"


class Objects(Protocol):
    """The bucket of redacted products."""

    def read(self, key: str) -> bytes | None:
        """None for an object that is not there."""

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write or overwrite."""

    def delete(self, key: str) -> None:
        """A missing object is no error."""


def day_in(body: Mapping[str, str]) -> str:
    """The day that a message asks for. Raises ``KeyError``."""
    return body["day"]


class _RowsGone(Exception):
    """Rows that the file is to hold are not there."""


def work(day: str, objects: Objects, write: Write) -> None:
    """Write the day's file as ordered, and remove rows that it is no longer made of.

    Rows that are missing were removed by another order's writer: the day becomes due again.
    """
    while (order := objects.read(schema.ordered_key(day))) is not None:
        told = json.loads(order)
        try:
            _file(day, objects, told["chunks"], write)
        except _RowsGone:
            again = {"token": f"rows-gone-{schema.mark_of([order.decode()])}"}
            objects.put(schema.due_key(day), schema.canonical(again), JSON)
            return
        if objects.read(schema.ordered_key(day)) != order:
            continue
        for key in told["former"]:
            objects.delete(key)
        mark = {"mark": schema.mark_of(told["chunks"])}
        objects.put(schema.written_key(day), schema.canonical(mark), JSON)
        return


def _file(day: str, objects: Objects, chunks: Sequence[str], write: Write) -> None:
    """A day without contacts has no file, so that nothing is left of the last one."""
    if chunks:
        objects.put(schema.file_key(day), write(_rows(objects, chunks)), PARQUET)
    else:
        objects.delete(schema.file_key(day))


def _rows(objects: Objects, chunks: Sequence[str]) -> Iterator[bytes]:
    """One object after the other: a day may be larger than memory."""
    for key in chunks:
        body = objects.read(key)
        if body is None:
            raise _RowsGone
        yield body
