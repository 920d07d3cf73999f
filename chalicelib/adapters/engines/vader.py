"""Sentiment by VADER, a lexicon with rules for English: instant, no model file, and no more than that.

It knows words, not meaning: sarcasm, and anger without an angry word, escape it. It never answers
MIXED. The lexicon is loaded with the first text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.domain.errors import LanguageNotServed
from chalicelib.domain.language import primary
from chalicelib.domain.transcript import Engine, SentimentLabel
from chalicelib.ports.language import Failed, Mood

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

VERSION = "3.3.2"
CUT = 0.05
"""VADER's own threshold: compound >= +0.05 is POSITIVE, <= -0.05 NEGATIVE, between them NEUTRAL."""


class VaderSentiment:
    """A ``SentimentAnalyzer`` for English."""

    engine = Engine("vader", VERSION, "lexicon and rules for English; not Amazon Comprehend")

    def score(self, texts: Sequence[str], language: str) -> Sequence[Mood | Failed]:
        """One ``Mood`` per text; ``score`` is VADER's compound value. Raises ``LanguageNotServed`` for
        any language but English."""
        if primary(language) != "en":
            reason = f"VADER reads English only, the conversation is in {language!r}"
            raise LanguageNotServed("sentiment", reason)
        return [self._mood(text) for text in texts]

    def polarity(self, text: str) -> Mapping[str, float]:
        """VADER's own four figures: ``compound`` -1 .. 1, and the shares ``pos``, ``neg``, ``neu``."""
        scores: Mapping[str, float] = self._analyzer.polarity_scores(text)
        return scores

    @cached_property
    def _analyzer(self) -> SentimentIntensityAnalyzer:
        from vaderSentiment.vaderSentiment import (  # noqa: PLC0415 - 28 ms that imports need not pay
            SentimentIntensityAnalyzer,
        )

        return SentimentIntensityAnalyzer()

    def _mood(self, text: str) -> Mood:
        compound = float(self.polarity(text)["compound"])
        return Mood(_label(compound), compound)


def _label(compound: float) -> SentimentLabel:
    if compound >= CUT:
        return SentimentLabel.POSITIVE
    return SentimentLabel.NEGATIVE if compound <= -CUT else SentimentLabel.NEUTRAL
