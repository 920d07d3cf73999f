"""Likeness of texts to examples: the cosine of their sentence vectors, of the nearest example.

Every text of a conversation has its vector made once, however many rules ask for it, and so has every
example. Vectors hold whole numbers of one byte: sums of their products stay below 2**24, so that floats hold
them exactly, in whatever order they are added. A score does not depend on its company.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.ports.vectors import SentenceVectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Row = NDArray[np.int8]

TEXTS, EXAMPLES = 10_000, 5_000
"""Vectors that are kept at most, of 384 bytes each: more turns than a contact has, more examples than a
rule set has."""


class VectorMeaning:
    """``Meaning`` by any ``SentenceVectors``. ``threshold``: the likeness that is enough where a rule names
    none of its own; ``texts``: how many vectors of turns are kept at most."""

    def __init__(self, vectors: SentenceVectors, threshold: float, texts: int = TEXTS) -> None:
        self.threshold = threshold
        self._examples = _Rows(vectors, EXAMPLES)
        self._texts = _Rows(vectors, texts)

    def likeness(self, examples: Sequence[str], texts: Sequence[str]) -> Sequence[float]:
        """See ``Meaning``. Raises ``EngineMissing``, ``IntegrityError``."""
        if not texts:
            return []
        wanted, said = self._examples.of(examples), self._texts.of(texts)
        import numpy as np  # noqa: PLC0415 - only what compares meanings loads it

        near, here = np.array(wanted, np.float32), np.array(said, np.float32)
        products = (here @ near.T).astype(np.float64)
        squares = (rows.astype(np.float64) ** 2 for rows in (here, near))
        long, wide = (np.sqrt(each.sum(axis=1)) for each in squares)
        found: list[float] = (products / (long[:, None] * wide[None, :])).max(axis=1).tolist()
        return found


class _Rows:
    """Vectors by text, at most ``most``; all are forgotten before there are more."""

    def __init__(self, vectors: SentenceVectors, most: int) -> None:
        self._vectors = vectors
        self._most = most
        self._known: dict[str, Row] = {}
        self._making = threading.Lock()

    def of(self, texts: Sequence[str]) -> list[Row]:
        """One row per text, in order."""
        with self._making:
            new = [text for text in dict.fromkeys(texts) if text not in self._known]
            if new and len(self._known) + len(new) > self._most:
                self._known.clear()
                new = list(dict.fromkeys(texts))
            if new:
                self._make(new)
            return [self._known[text] for text in texts]

    def _make(self, texts: Sequence[str]) -> None:
        made = self._vectors.vectors(texts)
        import numpy as np  # noqa: PLC0415

        rows = (np.frombuffer(vector.values, np.int8) for vector in made)
        self._known.update(zip(texts, rows, strict=True))
