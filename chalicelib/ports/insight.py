"""A deeper reading of texts, asked for after a contact is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.insight import DocumentClass, Feeling, Phrase, Toxicity
from chalicelib.domain.transcript import Engine
from chalicelib.ports.language import Failed, Guess

Feelings = Sequence[Feeling]
Phrases = Sequence[Phrase]
Classes = Sequence[DocumentClass]


class TextInsight(Protocol):
    """Reads texts of one conversation. Where there is one result per text, it is as many as texts, in
    order; blank texts have none of it.

    Each raises ``Unavailable``, ``LanguageNotServed`` for a language that it does not read, and
    ``EngineMissing`` where this engine has no such reading.
    """

    @property
    def engine(self) -> Engine: ...

    def feelings(self, texts: Sequence[str], language: str) -> Sequence[Feelings | Failed]:
        """What each text speaks of, and how, in order and without overlaps."""

    def toxicity(self, texts: Sequence[str], language: str) -> Sequence[Toxicity | Failed]:
        """How abusive each text is."""

    def phrases(self, texts: Sequence[str], language: str) -> Sequence[Phrases | Failed]:
        """The phrases that matter, in order and without overlaps."""

    def languages(self, texts: Sequence[str]) -> Sequence[Guess | Failed]:
        """Which language each text is in."""

    def classes(self, text: str, language: str) -> Classes | Failed:
        """The classes of one's own that a whole conversation belongs to, the surest first."""
