"""Intents without any library: the example whose words, weighted by their rarity, lie nearest.

It stands in where scikit-learn or sentence vectors are missing. It knows words and no meanings: what is said
in words that no example has is not understood.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from chalicelib.domain.rules.words import words
from chalicelib.domain.transcript import Engine
from chalicelib.ports.intents import Examples, Recognised

VERSION = "1"
ENOUGH = 0.4
"""The cosine from which on an example is like enough; it stands in the middle of the confidences."""

Weights = Mapping[str, float]


class NearestIntents:
    """``IntentRecogniser`` by TF-IDF over words and pairs of words."""

    def __init__(self, examples: Examples) -> None:
        pairs = [(intent, _terms(text)) for intent, texts in examples.items() for text in texts]
        seen = Counter(term for _, terms in pairs for term in terms)
        self._rarity = {term: 1 + math.log(len(pairs) / count) for term, count in seen.items()}
        self._unknown = 1 + math.log(max(1, len(pairs)))
        self._intents = [intent for intent, _ in pairs]
        self._by_term: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, (_, terms) in enumerate(pairs):
            for term, weight in self._weights(terms).items():
                self._by_term[term].append((place, weight))
        self.engine = Engine(
            "tf-idf-nearest", VERSION, f"{len(examples)} intents by words in common, no meanings"
        )

    def recognise(self, texts: Sequence[str]) -> Sequence[Recognised]:
        """See ``IntentRecogniser``."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Recognised:
        scores: defaultdict[int, float] = defaultdict(float)
        for term, weight in self._weights(_terms(text)).items():
            for place, other in self._by_term.get(term, ()):
                scores[place] += weight * other
        if not scores:
            return Recognised(None, 0.0)
        score, first = max((score, -place) for place, score in scores.items())
        name = self._intents[-first]
        return Recognised(name if score >= ENOUGH else None, _belief(score), name)

    def _weights(self, terms: Counter[str]) -> Weights:
        raw = {t: (1 + math.log(n)) * self._rarity.get(t, self._unknown) for t, n in terms.items()}
        length = math.sqrt(sum(weight * weight for weight in raw.values()))
        return {term: weight / length for term, weight in raw.items()}


def _terms(text: str) -> Counter[str]:
    said = words(text)
    return Counter([*said, *(" ".join(pair) for pair in pairwise(said))])


def _belief(score: float) -> float:
    low = score < ENOUGH
    return round(score / (2 * ENOUGH) if low else 0.5 + (score - ENOUGH) / (2 * (1 - ENOUGH)), 4)
