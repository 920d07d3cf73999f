"""Sentiment by Amazon Comprehend, in batches.

A text longer than the service takes is read in pieces, whose scores are averaged by length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws.comprehend_batches import MAX_BYTES, Result, answers, understood
from chalicelib.adapters.aws.comprehend_texts import API, pieces, size, spoken_language
from chalicelib.domain.errors import LanguageNotServed
from chalicelib.domain.transcript import Engine, SentimentLabel
from chalicelib.ports.language import Failed, Mood

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh", "zh-TW")
DIGITS = 6

_EMPTY = Mood(SentimentLabel.NEUTRAL, 0.0)
_NAMES = {label: label.value.capitalize() for label in SentimentLabel}


@dataclass(frozen=True, slots=True)
class _Scored:
    """What the service says of a piece of ``weight`` bytes."""

    label: SentimentLabel
    shares: Mapping[SentimentLabel, float]
    weight: int


class ComprehendSentiment:
    """A ``SentimentAnalyzer`` at the service: texts leave this process for the region of ``client``."""

    engine = Engine("Amazon Comprehend", API, "BatchDetectSentiment")

    def __init__(self, client: Any) -> None:  # noqa: ANN401
        self._client = client

    def score(self, texts: Sequence[str], language: str) -> Sequence[Mood | Failed]:
        """``score`` is the positive share less the negative one, ``confidence`` the label's share.
        Blank texts are NEUTRAL without being sent. Raises ``LanguageNotServed``, ``Unavailable``."""
        code = spoken_language(language, LANGUAGES)
        if code is None:
            reason = f"Amazon Comprehend has no sentiment for {language!r}"
            raise LanguageNotServed("sentiment", reason)
        parts = [list(pieces(text, MAX_BYTES)) if text.strip() else [] for text in texts]
        sent = [part for own in parts for part in own if part.strip()]
        told = answers(self._client.batch_detect_sentiment, "sentiment", sent, code)
        scored = (_scored(each, text) for each, text in zip(told, sent, strict=True))
        return [_merged([next(scored) for part in own if part.strip()]) for own in parts]


def _scored(answer: Result | Failed, text: str) -> _Scored | Failed:
    return understood(answer, lambda result: _shares(result, text))


def _shares(result: Result, text: str) -> _Scored:
    given = result["SentimentScore"]
    shares = {label: float(given[name]) for label, name in _NAMES.items()}
    return _Scored(SentimentLabel(result["Sentiment"]), shares, size(text))


def _merged(parts: Sequence[_Scored | Failed]) -> Mood | Failed:
    """One text's answer: its only piece's, or the average of all; a piece that failed fails it."""
    scored = [part for part in parts if isinstance(part, _Scored)]
    failed = next((part for part in parts if isinstance(part, Failed)), None)
    if failed or not scored:
        return failed or _EMPTY
    weight = sum(part.weight for part in scored)
    sums = {n: sum(part.shares[n] * part.weight for part in scored) for n in _NAMES}
    shares = {n: round(total / weight, DIGITS) for n, total in sums.items()}
    label = scored[0].label if len(scored) == 1 else max(shares, key=shares.__getitem__)
    score = shares[SentimentLabel.POSITIVE] - shares[SentimentLabel.NEGATIVE]
    return Mood(label, round(score, DIGITS), shares[label])
