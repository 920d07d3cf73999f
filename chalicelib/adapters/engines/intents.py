"""Intents from examples: sentence vectors and weighted words, told apart by a linear support vector machine.

A text is its MiniLM vector beside the TF-IDF weights of its words, pairs of words and letters. Its *score*
is the margin of the best intent plus twice the cosine to the nearest example: the margin tells intents
apart, the cosine knows what is like nothing at all. An utterance is understood when its score is not below
that of all but ``REFUSED`` of the bot's own examples, each scored by a machine that had not seen it. So the
threshold is made of the bot's examples alone, and fits a bot of 5 intents as well as one of 150. A bot of few
examples refuses more (``REFUSED_OF_FEW``): to ask again is better than to do what nobody wanted.

Weights, C and what is refused were chosen on training parts by ``python -m bench.intents --choose``.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.engines.nearest_intents import NearestIntents
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.transcript import Engine
from chalicelib.ports.intents import Examples, IntentRecogniser, Recognised
from chalicelib.ports.vectors import SentenceVectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

VERSION = "1"
VECTOR_WEIGHT, TERM_WEIGHT, LETTER_WEIGHT = 1.5, 0.7, 0.7
PENALTY = 0.5
NEARNESS = 2.0
REFUSED, FOLDS = 0.01, 3
FEW, REFUSED_OF_FEW, FOLDS_OF_FEW = 1000, 0.05, 10
STEEP = 2.0
WORDS = r"(?u)\b\w+\b"


def recogniser(examples: Examples, vectors: SentenceVectors) -> IntentRecogniser:
    """The best recogniser that can be had here; its engine says which. One intent alone needs no machine."""
    if find_spec("sklearn") is None or len(examples) < 2:
        return NearestIntents(examples)
    try:
        vectors.check()
    except EngineMissing:
        return NearestIntents(examples)
    return LinearIntents(examples, vectors)


class LinearIntents:
    """Fitted at the first question, once. ``threshold`` None: made of the examples."""

    def __init__(
        self, examples: Examples, vectors: SentenceVectors, threshold: float | None = None
    ) -> None:
        pairs = [(text, intent) for intent, texts in examples.items() for text in texts]
        self._texts = [text for text, _ in pairs]
        self._intents = [intent for _, intent in pairs]
        self._vectors = vectors
        self._threshold = threshold
        self._fitting = threading.Lock()
        detail = f"{len(examples)} intents by support vectors over {vectors.engine.name} and TF-IDF"
        self.engine = Engine("linear-intents", f"{VERSION}+{vectors.engine.version}", detail)

    def recognise(self, texts: Sequence[str]) -> Sequence[Recognised]:
        """See ``IntentRecogniser``."""
        machine, threshold = self.fitted()
        best, scores = machine.scored(texts, rows(self._vectors, texts))
        return [
            Recognised(name if score >= threshold else None, belief(score - threshold), name)
            for name, score in zip(best, scores.tolist(), strict=True)
        ]

    def fitted(self) -> tuple[Machine, float]:
        """The machine over all examples, and the score from which on it believes."""
        with self._fitting:
            return self._fitted

    @cached_property
    def _fitted(self) -> tuple[Machine, float]:
        found = rows(self._vectors, self._texts)
        threshold = self._threshold
        if threshold is None:
            share = REFUSED_OF_FEW if len(self._texts) <= FEW else REFUSED
            threshold = lowest(unseen(self._texts, self._intents, found), share)
        return fit(self._texts, self._intents, found), threshold


@dataclass(frozen=True)
class Machine:
    """A fitted machine with what it needs to read a text."""

    terms: Any
    letters: Any
    lines: Any
    examples: Numbers

    def scored(self, texts: Sequence[str], vectors: Numbers) -> tuple[list[str], Numbers]:
        """The best intent of each text, and its score."""
        import numpy as np  # noqa: PLC0415 - only what recognises loads it

        if not texts:
            return [], np.zeros(0)
        margins = self.lines.decision_function(_features(self.terms, self.letters, texts, vectors))
        if margins.ndim == 1:
            margins = np.stack([-margins, margins], axis=1)
        near = (vectors @ self.examples.T).max(axis=1)
        names = [str(name) for name in self.lines.classes_[margins.argmax(axis=1)]]
        return names, margins.max(axis=1) + NEARNESS * near


def fit(
    texts: Sequence[str], intents: Sequence[str], vectors: Numbers, penalty: float = PENALTY
) -> Machine:
    """A machine that knows these examples. The same examples give the same machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    terms = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=WORDS)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    terms.fit(texts)
    letters.fit(texts)
    lines = LinearSVC(C=penalty, random_state=0)
    lines.fit(_features(terms, letters, texts, vectors), list(intents))
    return Machine(terms, letters, lines, vectors)


def _features(terms: Any, letters: Any, texts: Sequence[str], vectors: Numbers) -> Any:  # noqa: ANN401
    from scipy.sparse import csr_matrix, hstack  # noqa: PLC0415

    parts = (
        csr_matrix(VECTOR_WEIGHT * vectors),
        TERM_WEIGHT * terms.transform(texts),
        LETTER_WEIGHT * letters.transform(texts),
    )
    return hstack(parts).tocsr()


def unseen(texts: Sequence[str], intents: Sequence[str], vectors: Numbers) -> Numbers:
    """The score of each example by a machine that had not seen it. Of few examples, few are kept from it."""
    import numpy as np  # noqa: PLC0415

    count = FOLDS_OF_FEW if len(texts) <= FEW else FOLDS
    folds = np.array(list(_places(intents))) % count
    found = np.zeros(len(texts))
    for fold in range(count):
        kept, apart = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        names = [intents[n] for n in kept]
        if len(apart) == 0 or len(set(names)) < 2:
            continue
        machine = fit([texts[n] for n in kept], names, vectors[kept])
        found[apart] = machine.scored([texts[n] for n in apart], vectors[apart])[1]
    return found


def _places(intents: Sequence[str]) -> Iterator[int]:
    """The place of each example among those of its intent."""
    seen: Counter[str] = Counter()
    for intent in intents:
        yield seen[intent]
        seen[intent] += 1


def lowest(scores: Numbers, refused: float) -> float:
    """The score that this share of them does not reach."""
    import numpy as np  # noqa: PLC0415

    return float(np.quantile(scores, refused))


def rows(vectors: SentenceVectors, texts: Sequence[str]) -> Numbers:
    """Sentence vectors of length 1, one row each."""
    import numpy as np  # noqa: PLC0415

    if not texts:
        return np.zeros((0, 1))
    made = vectors.vectors(texts)
    found = np.array([np.frombuffer(one.values, np.int8) for one in made], np.float64)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    unit: Numbers = found / np.where(lengths == 0, 1, lengths)
    return unit


def belief(above: float) -> float:
    """A score as confidence: 0.5 at the threshold."""
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, STEEP * above)))), 4)
