"""ROUGE-1, ROUGE-2 and ROUGE-L (F1) over lower-case words: n-grams in common, longest common subsequence.

The plain definition of Lin (2004) without stemming or stop words; ROUGE-L takes the text as one sequence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
MEASURES = ("rouge1", "rouge2", "rougeL")


def words(text: str) -> list[str]:
    return WORD.findall(text.lower().replace("’", "'"))


def scores(made: Sequence[str], reference: Sequence[str]) -> dict[str, float]:
    return {
        "rouge1": _ngrams(made, reference, 1),
        "rouge2": _ngrams(made, reference, 2),
        "rougeL": _f1(_longest_common(made, reference), len(made), len(reference)),
    }


def _ngrams(made: Sequence[str], reference: Sequence[str], n: int) -> float:
    a, b = (
        Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))
        for text in (made, reference)
    )
    return _f1((a & b).total(), a.total(), b.total())


def _f1(common: int, made: int, reference: int) -> float:
    return 2 * common / (made + reference) if made + reference else 0.0


def _longest_common(a: Sequence[str], b: Sequence[str]) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for j, y in enumerate(b, start=1):
            before, row[j] = row[j], before + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]
