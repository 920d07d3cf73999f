"""Personal data in a transcript: findings in the raw text, kept with the raw products."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.redaction import PiiSpan
from chalicelib.domain.transcript import Engine, Role, Transcript, Turn
from chalicelib.domain.word_offsets import masks_in
from chalicelib.ports.language import PiiDetector

WRITER = "writer"


@dataclass(frozen=True, slots=True)
class PiiFindings:
    """The product of the ``pii`` stage: spans into the raw transcript."""

    engine: Engine
    spans: tuple[PiiSpan, ...]


def as_turn(turn_id: str, text: str) -> Turn:
    """A text that nobody said, to be searched and masked like a turn; the masks that it has stay. Several
    are of one writer and answer nobody."""
    return Turn(turn_id, WRITER, Role.UNKNOWN, 0, 0, text, redactions=masks_in(text))


def make(transcript: Transcript, detector: PiiDetector) -> PiiFindings:
    """Findings over all turns that hold text, those of bots and system messages included.

    Raises ``EngineMissing`` and ``Unavailable``: without findings nothing is published, because the
    text that is stored for reading must be redacted.
    """
    turns = [turn for turn in transcript.turns if turn.text]
    return PiiFindings(detector.engine, tuple(detector.spans(turns, transcript.language)))
