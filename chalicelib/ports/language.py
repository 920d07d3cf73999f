"""Reading text: its language, sentiment and personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.redaction import PiiSpan
from chalicelib.domain.transcript import Engine, SentimentLabel, Turn


@dataclass(frozen=True, slots=True)
class Mood:
    """One text's label; ``score`` -1 .. 1, ``confidence`` 0..1 if the engine gives one."""

    label: SentimentLabel
    score: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """This one text could not be read; the others could."""

    reason: str


@dataclass(frozen=True, slots=True)
class Guess:
    """The languages that one text may be in (ISO 639 codes), each with its share of 0..1."""

    shares: Mapping[str, float]


class LanguageIdentifier(Protocol):
    """Tells languages apart, text by text."""

    engine: Engine

    def identify(self, texts: Sequence[str]) -> Sequence[Guess | Failed]:
        """As many results as texts, in order; a text that says nothing has no shares. Raises
        ``Unavailable``, ``EngineMissing``."""


class SentimentAnalyzer(Protocol):
    """Labels texts one by one."""

    engine: Engine

    def score(self, texts: Sequence[str], language: str) -> Sequence[Mood | Failed]:
        """As many results as texts, in order. Raises ``Unavailable``, ``EngineMissing``."""


class PiiDetector(Protocol):
    """Finds personal data in the turns of one conversation, which it sees in order."""

    engine: Engine

    def spans(self, turns: Sequence[Turn], language: str) -> Sequence[PiiSpan]:
        """Non-overlapping findings per turn, in order. Raises ``Unavailable``, ``EngineMissing``."""

    def limits(self, language: str) -> str:
        """What the detector leaves unread in this language; empty when it reads it whole."""
