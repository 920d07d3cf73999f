"""Matches of a raw transcript, carried over to the redacted one that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.domain.redaction import PiiSpan, masks_by_turn, shown_offsets
from chalicelib.domain.rules.finding import Point
from chalicelib.domain.rules.rule import CategoryMatch, PointOfInterest
from chalicelib.domain.transcript import Transcript, Turn
from chalicelib.domain.word_offsets import spoken_within


def point_of_interest(point: Point, turns: dict[str, Turn]) -> PointOfInterest:
    """The evidence with the time of its words, where they have one."""
    turn = turns.get(point.turn_id)
    spoken = spoken_within(turn, point.begin, point.end) if turn else None
    begin_ms, end_ms = spoken or (point.begin_ms, point.end_ms)
    return PointOfInterest(point.turn_id, point.begin, point.end, begin_ms, end_ms)


def to_redacted(
    matches: Iterable[CategoryMatch],
    raw: Transcript,
    redacted: Transcript,
    spans: Sequence[PiiSpan],
) -> tuple[CategoryMatch, ...]:
    """The matches of ``raw`` with offsets into ``redacted``, which is ``redact(raw, spans)``.

    Offsets inside a mask are the mask's bounds. Raises ``ValueError`` for transcripts of different turns.
    """
    if [turn.id for turn in raw.turns] != [turn.id for turn in redacted.turns]:
        raise ValueError("the redacted transcript has other turns than the raw one")
    masked = masks_by_turn(raw, spans)

    def moved(point: PointOfInterest) -> PointOfInterest:
        if not point.turn_id:
            return point
        begin, end = shown_offsets(masked[point.turn_id], point.begin, point.end)
        return replace(point, begin=begin, end=end)

    return tuple(replace(m, points=tuple(moved(p) for p in m.points)) for m in matches)
