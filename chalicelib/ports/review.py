"""People outside Loupe who judge: a loop is one question that goes to several of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.transcript import Engine

LONGEST_NAME, LONGEST_CONTENT = 63, 3_145_728
NAME = r"[a-z0-9](-*[a-z0-9])*"


class LoopState(StrEnum):
    """``ABSENT``: there is no such loop."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    STOPPED = "STOPPED"
    ABSENT = "ABSENT"


@dataclass(frozen=True, slots=True)
class LoopAnswer:
    """What one worker said; ``worker`` is the service's pseudonym of that person."""

    worker: str
    value: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Loop:
    """``answers`` are those of a loop that is DONE. ``failure``: why there are none."""

    state: LoopState
    answers: tuple[LoopAnswer, ...] = ()
    failure: str = ""


class HumanLoops(Protocol):
    """Asks people. The name is the idempotency key: of at most ``LONGEST_NAME`` characters, as ``NAME``.

    Every method raises ``Unavailable``.
    """

    @property
    def engine(self) -> Engine: ...

    def start(self, name: str, content: Mapping[str, str | list[str]]) -> bool:
        """Ask; False when a loop of this name was asked already. Raises ``InputRefused`` for a name or a
        content that the service does not take."""

    def look(self, name: str) -> Loop:
        """How the loop stands."""

    def stop(self, name: str) -> None:
        """Ask no longer; a loop that is over, or not there, is no error."""

    def delete(self, name: str) -> None:
        """Remove the loop; one that is not there is no error."""
