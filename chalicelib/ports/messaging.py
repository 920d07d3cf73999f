"""Work that waits, and facts that are told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.events import Fact


@dataclass(frozen=True, slots=True)
class Message:
    """A received message. ``receipt`` is valid until its visibility timeout; ``receives`` counts this one."""

    id: str
    body: Mapping[str, str]
    receipt: str
    receives: int


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits. ``oldest_age_s`` is None for an empty queue or where the store cannot tell."""

    waiting: int
    in_flight: int
    dead: int
    oldest_age_s: float | None = None


class WorkQueue(Protocol):
    """One queue: at least once, no order, a visibility timeout, a dead-letter queue after
    ``max_receives``."""

    name: str

    def send(self, body: Mapping[str, str], *, delay_s: int = 0) -> None:
        """Durable when it returns."""

    def receive(self, limit: int = 1, *, wait_s: float = 0) -> Sequence[Message]:
        """Up to ``limit`` visible messages, hidden from others until the visibility timeout."""

    def done(self, message: Message) -> None:
        """The message was worked off."""

    def retry(self, message: Message, *, delay_s: int = 0) -> None:
        """Give the message back, visible after ``delay_s``."""

    def extend(self, message: Message, *, timeout_s: int) -> None:
        """Hide the message for ``timeout_s`` more: the work goes on."""

    def depth(self) -> Depth:
        """Numbers for health; approximate where the service's are."""

    def dead(self, limit: int = 10) -> Sequence[Message]:
        """A look at the dead letters without taking them."""

    def redrive(self) -> int:
        """Move the dead letters back; how many."""

    def forget(self, names: frozenset[str]) -> int | None:
        """Remove messages, dead letters too, that name one of these; how many. None where a queue cannot
        be searched: its messages hold ids and keys alone, and expire."""


class Facts(Protocol):
    """The bus that facts are published on."""

    def publish(self, facts: Sequence[Fact]) -> Sequence[str]:
        """Publish; the ids that were taken. The others may be tried again with the same id."""

    def forget(self, contact_ids: Collection[str], *, keep: Collection[str] = ()) -> int | None:
        """Remove what was published of contacts, but facts of the names ``keep``; how many. None where the
        bus keeps nothing that could be searched."""
