"""Replay: would a ranking have put first what customers then took, and was it more than popularity?

The log is cut in time. What lies before the cut is learned from; each customer's first takings after it
are looked for among the first ``k`` of a ranking. Both rankings answer the same questions, so that what
counts is the difference customer by customer, with an interval from resampled customers.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.popularity import Popularity, Trial

RESAMPLES = 1000
SEED = 7
OUTSIDE = 0.05

Rank = Callable[[str, str, Sequence[str]], Sequence[str]]
"""Customer, reason and candidates in; the candidates back, best first."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the customer took after the cut, for one reason, and among what it is to be found."""

    customer_ref: str
    reason: str
    candidates: tuple[str, ...]
    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over customers: the share of questions with a hit, and NDCG."""

    hit_rate: float
    ndcg: float


@dataclass(frozen=True, slots=True)
class Gain:
    """A mean difference and its 95 % interval. ``shown``: the interval lies above 0."""

    mean: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        return self.low > 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rankings on the same questions."""

    customers: int
    questions: int
    ours: Scores
    base: Scores
    hit_rate: Gain
    ndcg: Gain


def cut_at(trials: Sequence[Trial], share: float) -> int:
    """The time before which this share of the trials began."""
    times = sorted(trial.at_ms for trial in trials)
    return times[min(len(times) - 1, int(len(times) * share))]


def split(trials: Iterable[Trial], at_ms: int) -> tuple[list[Trial], list[Trial]]:
    """Before the time, and from it on."""
    before: list[Trial] = []
    after: list[Trial] = []
    for trial in trials:
        (before if trial.at_ms < at_ms else after).append(trial)
    return before, after


def questions(
    before: Iterable[Trial], after: Iterable[Trial], *, repeats: bool = False
) -> list[Question]:
    """One per customer and reason. Candidates are the actions known before the cut; without ``repeats``
    those that the customer took before are neither candidates nor answers: to say them again is easy."""
    actions: dict[str, None] = {}
    had: dict[str, set[str]] = defaultdict(set)
    for trial in before:
        actions[trial.action] = None
        if trial.taken and not repeats:
            had[trial.customer_ref].add(trial.action)
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for trial in after:
        known = trial.action in actions and trial.action not in had[trial.customer_ref]
        if trial.taken and known:
            wanted[trial.customer_ref, trial.reason].add(trial.action)
    ordered = sorted(actions)
    return [
        Question(who, why, tuple(a for a in ordered if a not in had[who]), frozenset(taken))
        for (who, why), taken in sorted(wanted.items())
    ]


def by_popularity(before: Iterable[Trial]) -> Rank:
    """The ranking to beat: what is popular for the reason."""
    popular = Popularity(before)

    def rank(_: str, reason: str, candidates: Sequence[str]) -> Sequence[str]:
        return sorted(candidates, key=lambda action: -popular.rate(reason, action))

    return rank


def hit(ranked: Sequence[str], taken: Collection[str], k: int) -> float:
    """1 when one of the first ``k`` was taken."""
    return float(any(action in taken for action in ranked[:k]))


def ndcg(ranked: Sequence[str], taken: Collection[str], k: int) -> float:
    """Discounted gain of the first ``k``, as a share of the best that was possible."""
    gain = sum(
        1 / math.log2(place + 2) for place, action in enumerate(ranked[:k]) if action in taken
    )
    best = sum(1 / math.log2(place + 2) for place in range(min(k, len(taken))))
    return gain / best if best else 0.0


def compare(
    asked: Sequence[Question], ours: Rank, base: Rank, k: int = 10, *, tests: int = 1
) -> Comparison:
    """How ``ours`` does against ``base``. Each customer counts once, however many questions.

    ``tests``: how many rankings are tried on these questions; the intervals are as much wider.
    """
    of_ours, of_base = _of_customers(asked, ours, k), _of_customers(asked, base, k)
    who = sorted(of_ours)
    differences = [
        (of_ours[one].hit_rate - of_base[one].hit_rate, of_ours[one].ndcg - of_base[one].ndcg)
        for one in who
    ]
    return Comparison(
        len(who),
        len(asked),
        _mean_scores(of_ours.values()),
        _mean_scores(of_base.values()),
        gain([hits for hits, _ in differences], tests),
        gain([gains for _, gains in differences], tests),
    )


def _of_customers(asked: Sequence[Question], rank: Rank, k: int) -> Mapping[str, Scores]:
    found: dict[str, list[Scores]] = defaultdict(list)
    for one in asked:
        ranked = rank(one.customer_ref, one.reason, one.candidates)
        scores = Scores(hit(ranked, one.taken, k), ndcg(ranked, one.taken, k))
        found[one.customer_ref].append(scores)
    return {who: _mean_scores(scores) for who, scores in found.items()}


def _mean_scores(scores: Collection[Scores]) -> Scores:
    n = len(scores) or 1
    return Scores(sum(s.hit_rate for s in scores) / n, sum(s.ndcg for s in scores) / n)


def gain(differences: Sequence[float], tests: int = 1) -> Gain:
    """The mean, and where it lies in 95 of 100 samples of the customers, drawn again with return."""
    n = len(differences)
    if not n:
        return Gain(0.0, 0.0, 0.0)
    draw = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    means = sorted(sum(draw.choices(differences, k=n)) / n for _ in range(RESAMPLES))
    edge = int(RESAMPLES * OUTSIDE / 2 / tests)
    return Gain(sum(differences) / n, means[edge], means[RESAMPLES - 1 - edge])
