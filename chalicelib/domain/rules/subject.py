"""What a rule is judged on: one conversation, reduced to what conditions ask.

It is a product of its own (``subject``), small enough to be read a hundred thousand times, so that a
backtest judges exactly what the flow judged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.transcript import Channel, Role, SentimentLabel, Span


@dataclass(frozen=True, slots=True)
class Line:
    """An analysed turn. ``entities``: personal data in it as ``(entity, begin, end)``.

    ``word_begins`` holds ``(offset, ms)`` for each word with a time, in order; empty where words have none.
    """

    id: str
    role: Role
    begin_ms: int
    end_ms: int
    text: str
    label: SentimentLabel | None = None
    entities: tuple[tuple[str, int, int], ...] = ()
    word_begins: tuple[tuple[int, int], ...] = ()

    def said_ms(self, offset: int) -> int:
        """When the text at this offset began to be said: its word's time, else the turn's."""
        at = bisect_right(self.word_begins, (offset, 1 << 62)) - 1
        return self.word_begins[at][1] if at >= 0 else self.begin_ms


@dataclass(frozen=True, slots=True)
class Overlap:
    """An interruption: who began to speak into whose turn."""

    role: Role
    begin_ms: int
    end_ms: int
    turn_id: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One conversation as rules see it.

    ``figures`` by metric name, or ``metric:ROLE``; ``facts`` by field name, empty for a field that is known
    to be empty. What is in neither is not known; ``missing`` says why, by metric, field or capability.
    """

    channel: Channel
    language: str
    duration_ms: int
    lines: tuple[Line, ...]
    figures: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silences: tuple[Span, ...] = ()
    interruptions: tuple[Overlap, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subjects:
    """The conversations of one publication, as they are stored."""

    subjects: tuple[Subject, ...]
