"""Queues and facts in memory, written for the ports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from chalicelib.domain.events import Fact
from chalicelib.ports.messaging import Depth, Message
from tests.fakes.stores import Ticking


@dataclass
class _Kept:
    id: str
    body: dict[str, str]
    sent_ms: int
    visible_ms: int
    receives: int = 0
    receipt: str | None = None
    dead: bool = False


class MemoryQueue:
    """A ``WorkQueue``; ``wait_s`` does not wait."""

    def __init__(
        self,
        name: str = "memory",
        *,
        visibility_s: int = 30,
        max_receives: int = 3,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self.name = name
        self._visibility_ms = visibility_s * 1000
        self._max_receives = max_receives
        self._clock = clock or Ticking()
        self._numbers = count(1)
        self._kept: dict[str, _Kept] = {}

    def send(self, body: Mapping[str, str], *, delay_s: int = 0) -> None:
        now, message_id = self._clock(), f"m-{next(self._numbers)}"
        self._kept[message_id] = _Kept(message_id, dict(body), now, now + delay_s * 1000)

    def receive(self, limit: int = 1, *, wait_s: float = 0) -> Sequence[Message]:
        now, taken = self._clock(), []
        for kept in sorted(self._kept.values(), key=lambda k: k.visible_ms):
            if kept.dead or kept.visible_ms > now or len(taken) == limit:
                continue
            if kept.receives >= self._max_receives:
                kept.dead, kept.receipt = True, None
                continue
            kept.receives += 1
            kept.receipt = f"r-{next(self._numbers)}"
            kept.visible_ms = now + self._visibility_ms
            taken.append(Message(kept.id, dict(kept.body), kept.receipt, kept.receives))
        return tuple(taken)

    def done(self, message: Message) -> None:
        if self._held(message):
            del self._kept[message.id]

    def retry(self, message: Message, *, delay_s: int = 0) -> None:
        if kept := self._held(message):
            kept.receipt, kept.visible_ms = None, self._clock() + delay_s * 1000

    def extend(self, message: Message, *, timeout_s: int) -> None:
        if kept := self._held(message):
            kept.visible_ms = self._clock() + timeout_s * 1000

    def release(self) -> int:
        """Show every hidden message again, as a start after a crash does; the cut-off delivery does
        not count."""
        now = self._clock()
        hidden = [k for k in self._kept.values() if not k.dead and k.visible_ms > now]
        for kept in hidden:
            kept.receives -= kept.receipt is not None
            kept.receipt, kept.visible_ms = None, now
        return len(hidden)

    def depth(self) -> Depth:
        now = self._clock()
        alive = [kept for kept in self._kept.values() if not kept.dead]
        held = sum(1 for kept in alive if kept.receipt and kept.visible_ms > now)
        ages = [(now - kept.sent_ms) / 1000 for kept in alive]
        dead = len(self._kept) - len(alive)
        return Depth(len(alive) - held, held, dead, max(ages, default=None))

    def dead(self, limit: int = 10) -> Sequence[Message]:
        letters = [kept for kept in self._kept.values() if kept.dead]
        return tuple(Message(k.id, dict(k.body), "", k.receives) for k in letters[:limit])

    def redrive(self) -> int:
        letters = [kept for kept in self._kept.values() if kept.dead]
        for kept in letters:
            kept.dead, kept.receives, kept.visible_ms = False, 0, self._clock()
        return len(letters)

    def forget(self, names: frozenset[str]) -> int:
        naming = [k.id for k in self._kept.values() if not names.isdisjoint(k.body.values())]
        for message_id in naming:
            del self._kept[message_id]
        return len(naming)

    def _held(self, message: Message) -> _Kept | None:
        kept = self._kept.get(message.id)
        valid = kept and kept.receipt == message.receipt and kept.visible_ms > self._clock()
        return kept if valid else None


class MemoryFacts:
    """A ``Facts`` bus. Ids in ``refused`` are not taken."""

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.refused: set[str] = set()

    def publish(self, facts: Sequence[Fact]) -> Sequence[str]:
        taken = [fact for fact in facts if fact.id not in self.refused]
        for fact in taken:
            self.facts.setdefault(fact.id, fact)
        return tuple(fact.id for fact in taken)

    def forget(self, contact_ids: Collection[str], *, keep: Collection[str] = ()) -> int:
        about = [f.id for f in self.facts.values() if f.contact_id in contact_ids]
        going = [fact_id for fact_id in about if self.facts[fact_id].name not in keep]
        for fact_id in going:
            del self.facts[fact_id]
        return len(going)
