"""Personal data in a transcript: findings in the raw text, kept with the raw products."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.redaction import PiiSpan
from chalicelib.domain.transcript import Engine, Transcript
from chalicelib.ports.language import PiiDetector


@dataclass(frozen=True, slots=True)
class PiiFindings:
    """The product of the ``pii`` stage: spans into the raw transcript."""

    engine: Engine
    spans: tuple[PiiSpan, ...]


def make(transcript: Transcript, detector: PiiDetector) -> PiiFindings:
    """Findings over all turns that hold text, those of bots and system messages included.

    Raises ``EngineMissing`` and ``Unavailable``: without findings nothing is published, because the
    text that is stored for reading must be redacted.
    """
    turns = [turn for turn in transcript.turns if turn.text]
    return PiiFindings(detector.engine, tuple(detector.spans(turns, transcript.language)))
