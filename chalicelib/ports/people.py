"""Who is known here, and what each may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """``sub`` is the subject of the person's tokens. ``role`` empty: the groups in the token say it.

    ``queues``, ``agent_id`` and ``granted`` as of a principal. ``revoked``: no token of theirs counts.
    """

    sub: str
    name: str = ""
    role: str = ""
    queues: tuple[str, ...] = ()
    agent_id: str | None = None
    granted: tuple[str, ...] = ()
    revoked: bool = False
    changed_ms: int = 0


class People(Protocol):
    """Read on each request: a change counts at once. Raises ``Unavailable``."""

    def get(self, sub: str) -> Person | None:
        """The person of a token's subject."""

    def put(self, person: Person) -> None:
        """Write or overwrite."""

    def all(self) -> Iterator[Person]:
        """Everybody, in no order."""
