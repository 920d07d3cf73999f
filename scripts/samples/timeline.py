"""Turns laid on one timeline, and the exact truth that follows: who spoke when, silences, overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from scripts.samples.script import Line

LEAD_MS = 700
PAUSE_MS = (350, 900)
SILENCE_MS = 3000


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn in its place; milliseconds from the start of the recording."""

    role: str
    text: str
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the recording; ``by`` is who interrupted, where somebody did."""

    begin_ms: int
    end_ms: int
    by: str | None = None


def lay(lines: Sequence[Line], lengths_ms: Sequence[int], random: Random) -> list[Spoken]:
    """Place every line after (or over) the ones before it."""
    placed: list[Spoken] = []
    for line, length in zip(lines, lengths_ms, strict=True):
        begin = _begin(line, placed, random)
        if any(p.role == line.role and p.end_ms > begin for p in placed):
            raise ValueError(f"{line.role} would speak twice at once: {line.text!r}")
        placed.append(Spoken(line.role, line.text, begin, begin + length))
    return placed


def _begin(line: Line, placed: Sequence[Spoken], random: Random) -> int:
    ended = max((p.end_ms for p in placed), default=LEAD_MS)
    if line.overlap_ms is not None:
        return ended - line.overlap_ms
    if line.gap_ms is not None:
        return ended + line.gap_ms
    return ended + (random.randint(*PAUSE_MS) if placed else 0)


def silences(turns: Sequence[Spoken]) -> list[Span]:
    """Stretches longer than 3 s between turns in which nobody speaks."""
    found: list[Span] = []
    ended = 0
    for turn in sorted(turns, key=lambda t: t.begin_ms):
        if ended and turn.begin_ms - ended > SILENCE_MS:
            found.append(Span(ended, turn.begin_ms))
        ended = max(ended, turn.end_ms)
    return found


def overlaps(turns: Sequence[Spoken]) -> list[Span]:
    """Stretches in which both speak; ``by`` is the one who started later."""
    return [
        Span(later.begin_ms, min(first.end_ms, later.end_ms), later.role)
        for first in turns
        for later in turns
        if first.role != later.role and first.begin_ms < later.begin_ms < first.end_ms
    ]
