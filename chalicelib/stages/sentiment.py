"""Sentiment of a conversation: its texts go to the engine at once, everything else is arithmetic.

An engine makes batches of them as suits it. Only what has no label yet is asked for. A text that the
engine cannot read leaves its turns without a label, named in the product; the others are scored
without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.label_units import LabelUnit, texts_to_label
from chalicelib.domain.sentiment import Sentiment, TurnSentiment
from chalicelib.domain.sentiment_summary import sentiment_of
from chalicelib.domain.transcript import Transcript
from chalicelib.ports.language import Failed, Mood, SentimentAnalyzer


def make(transcript: Transcript, analyzer: SentimentAnalyzer) -> Sentiment:
    """The product of the ``sentiment`` stage. Raises ``Unavailable``, ``EngineMissing``."""
    labels: dict[str, TurnSentiment] = {}
    unlabelled: dict[str, str] = {}
    for unit, result in _results(texts_to_label(transcript), transcript.language, analyzer):
        if isinstance(result, Failed):
            unlabelled[unit.id] = result.reason
        else:
            labels[unit.id] = TurnSentiment(unit.id, result.label, result.score, result.confidence)
    return sentiment_of(transcript, labels, analyzer.engine, unlabelled)


def _results(
    units: Sequence[LabelUnit], language: str, analyzer: SentimentAnalyzer
) -> Iterator[tuple[LabelUnit, Mood | Failed]]:
    if not units:
        return
    results = analyzer.score([unit.text for unit in units], language)
    if len(results) != len(units):
        raise Unavailable(f"{len(results)} labels came back for {len(units)} texts")
    yield from zip(units, results, strict=True)
