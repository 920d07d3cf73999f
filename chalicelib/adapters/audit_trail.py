"""The audit trail over an object store: numbered objects, and heads in another store."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chalicelib.domain.audit import Act, Head, Line, Verdict, sealed, verify
from chalicelib.domain.errors import NotFound
from chalicelib.formats.artifact import dump, load
from chalicelib.ports import numbered
from chalicelib.ports.storage import ObjectStore

LINES, HEADS = "control/audit/", "audit-heads/"


class ObjectAudit:
    """``heads`` is a store that whoever may write lines cannot change; ``key`` is asked for when first
    needed."""

    def __init__(
        self,
        lines: ObjectStore,
        heads: ObjectStore,
        key: Callable[[], bytes],
        *,
        clock: Callable[[], int],
    ) -> None:
        self._lines, self._heads = lines, heads
        self._key, self._clock = key, clock

    def write(
        self,
        act: Act,
        *,
        who: str,
        role: str,
        subject: str = "",
        reason: str = "",
        request_id: str = "",
        address: str = "",
    ) -> Line:
        number = numbered.last(self._lines, _line_key) + 1
        while True:
            former = self._read(number - 1).seal if number > 1 else ""
            line = Line(
                number, self._clock(), who, role, act, subject, reason, request_id, address, former
            )
            line = sealed(line, self._key())
            if numbered.put(self._lines, _line_key(number), dump(line)):
                return line
            number += 1

    def newest(self, *, below: int | None = None) -> Iterator[Line]:
        last = numbered.last(self._lines, _line_key)
        for number in range(min(last, (below or last + 1) - 1), 0, -1):
            yield self._read(number)

    def keep_head(self) -> None:
        number = numbered.last(self._lines, _line_key)
        if number:
            head = Head(number, self._read(number).seal)
            numbered.put(self._heads, f"{HEADS}{number:012d}.json", dump(head))

    def verify(self) -> Verdict:
        stats = self._heads.list(HEADS)
        heads = [load(Head, self._heads.read(stat.key)) for stat in stats]
        return verify(self._all(), heads, self._key())

    def _all(self) -> Iterator[Line]:
        """Every line that lies there, also behind a gap."""
        for stat in self._lines.list(LINES):
            yield load(Line, self._lines.read(stat.key))

    def _read(self, number: int) -> Line:
        try:
            return load(Line, self._lines.read(_line_key(number)))
        except NotFound as missing:
            raise NotFound(f"the audit trail has no line {number}") from missing


def _line_key(number: int) -> str:
    return f"{LINES}{number:012d}.json"
