"""The streak-weighted sentiment score, by participant, by quarter and over a chat's progress.

Labels give points (POSITIVE +5, NEGATIVE -5, NEUTRAL and MIXED 0). The n-th equal POSITIVE or NEGATIVE
label in a row weighs n, everything else weighs 1: a customer who stays angry counts more than one who
was angry once. Every score is the weighted mean of the points, -5 .. +5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.transcript import SentimentLabel, Span

POINTS = {
    SentimentLabel.POSITIVE: 5,
    SentimentLabel.NEGATIVE: -5,
    SentimentLabel.NEUTRAL: 0,
    SentimentLabel.MIXED: 0,
}
QUARTERS = 4
PROGRESS_WINDOW = 3


@dataclass(frozen=True, slots=True)
class Weighted:
    """A label's points and the weight that its streak gives it."""

    points: int
    weight: int


PADDING = Weighted(0, 1)


def weigh(labels: Sequence[SentimentLabel]) -> tuple[Weighted, ...]:
    """Points and weights of labels in time order, the first streak starting at 1."""
    weighted: list[Weighted] = []
    streak, last = 0, None
    for label in labels:
        streak = streak + 1 if label is last else 1
        weighted.append(Weighted(POINTS[label], streak if POINTS[label] else 1))
        last = label
    return tuple(weighted)


def score(labels: Sequence[SentimentLabel]) -> float:
    """The streak-weighted score of labels in time order; 0 for none."""
    return _mean(weigh(labels))


def progressive_scores(labels: Sequence[SentimentLabel]) -> tuple[float, ...]:
    """After each label the score of the last three, with the weights that streaks over all labels
    give; before the first label stand NEUTRAL ones."""
    padded = (*[PADDING] * (PROGRESS_WINDOW - 1), *weigh(labels))
    return tuple(_mean(padded[i : i + PROGRESS_WINDOW]) for i in range(len(labels)))


def _mean(weighted: Sequence[Weighted]) -> float:
    total = sum(w.weight for w in weighted)
    return sum(w.weight * w.points for w in weighted) / total if total else 0.0


def quarter_spans(end_ms: int) -> tuple[Span, ...]:
    """``[0, end_ms]`` in four, bounds ``floor(end * i / 4)``."""
    bounds = [end_ms * i // QUARTERS for i in range(QUARTERS + 1)]
    return tuple(Span(bounds[i], bounds[i + 1]) for i in range(QUARTERS))


def quarter_of(at_ms: int, length_ms: int) -> int:
    """Which quarter 0..3 of a stretch of ``length_ms`` holds the moment ``at_ms``."""
    return min(QUARTERS - 1, at_ms * QUARTERS // length_ms) if length_ms else 0
