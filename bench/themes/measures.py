"""How well groups agree with known intents: purity and normalised mutual information."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence


def purity(intents: Sequence[Hashable], groups: Sequence[Hashable]) -> float:
    """The share of items that are of their group's most frequent intent."""
    best: Counter[Hashable] = Counter()
    for (_, group), count in Counter(zip(intents, groups, strict=True)).items():
        best[group] = max(best[group], count)
    return best.total() / len(intents)


def nmi(intents: Sequence[Hashable], groups: Sequence[Hashable]) -> float:
    """Mutual information over the mean of both entropies, 0 to 1."""
    n, of_intent, of_group = len(intents), Counter(intents), Counter(groups)
    together = Counter(zip(intents, groups, strict=True))
    shared = sum(
        count / n * math.log(n * count / (of_intent[intent] * of_group[group]))
        for (intent, group), count in together.items()
    )
    spread = (_entropy(of_intent) + _entropy(of_group)) / 2
    return shared / spread if spread else 1.0


def _entropy(counts: Counter[Hashable]) -> float:
    n = counts.total()
    return -sum(count / n * math.log(count / n) for count in counts.values())
