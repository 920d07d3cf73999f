"""What a customer wants, told from examples: one utterance in, one of the known intents or none out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.transcript import Engine

Examples = Mapping[str, Sequence[str]]
"""Utterances by the name of their intent."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """``intent`` is None for what is like no example enough. ``confidence``: 0..1, 0.5 where the engine
    begins to believe. ``nearest``: the intent that came closest, understood or not."""

    intent: str | None
    confidence: float
    nearest: str = ""


class IntentRecogniser(Protocol):
    """Fitted to the examples of one bot. The same text has the same answer, whatever was asked before."""

    @property
    def engine(self) -> Engine: ...

    def recognise(self, texts: Sequence[str]) -> Sequence[Recognised]:
        """As many answers as texts, in order. Raises ``EngineMissing``, ``IntegrityError``."""
