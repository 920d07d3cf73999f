"""The baseline: texts as TF-IDF over their words, as vectors that the same grouping takes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from chalicelib.domain.vectors import Vector

WORD = re.compile(r"[a-z0-9']+")


def vectors(texts: Sequence[str]) -> list[Vector]:
    """One per text; words that only one text has are left out, every other word is a dimension."""
    said = [Counter(WORD.findall(text.lower())) for text in texts]
    having = Counter(word for words in said for word in words)
    place = {
        word: n for n, word in enumerate(sorted(w for w, count in having.items() if count > 1))
    }
    rows = np.zeros((len(texts), len(place)), np.float32)
    for row, words in zip(rows, said, strict=True):
        for word in words.keys() & place.keys():
            rarity = math.log((1 + len(texts)) / (1 + having[word])) + 1
            row[place[word]] = (1 + math.log(words[word])) * rarity
    return [_vector(row) for row in rows]


def _vector(row: np.ndarray) -> Vector:
    scale = float(row.max()) / 127 or 1.0
    return Vector(np.rint(row / scale).astype(np.int8).tobytes(), scale)
