"""How well semantic match tells intents apart, and the threshold that does it best:
``python -m bench.semantic``.

Needs the shared data (``LOUPE_SHARED_DATA``). A card is one intent with 1 or 4 of its queries as examples,
drawn by chance; every other query of the set is then matched with every card. It should match the card of
its own intent and no other; queries that are out of scope should match none. The threshold is the one with
the highest F1, averaged over sets and cards of 1 and 4, on the one part of the data; the figures are those
of the other part, at that threshold and at Loupe's default. Exit code 1 when the default's F1 on the other
part is more than ``SLACK`` below that of the best threshold.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chalicelib.adapters.engines.minilm_vectors import MiniLmVectors
from chalicelib.adapters.engines.vector_meaning import VectorMeaning
from chalicelib.config import Settings

SEED, DRAWS, SLACK = 7, 5, 0.02
CARDS = (1, 4)
GRID = np.arange(30, 91) / 100
By = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Part:
    """Queries by intent, those that examples are drawn from first, and queries without an intent."""

    name: str
    intents: By
    strange: Sequence[str]


def banking77(folder: Path, most: int) -> tuple[Part, Part]:
    """Every other query."""
    with (folder / "intents" / "banking77_train.csv").open(encoding="utf-8") as lines:
        pairs = [(row["text"], row["category"]) for row in csv.DictReader(lines)]
    random.Random(SEED).shuffle(pairs)
    return Part("BANKING77", _by(pairs[::2], most), ()), Part(
        "BANKING77", _by(pairs[1::2], most), ()
    )


def clinc150(folder: Path, most: int) -> tuple[Part, Part]:
    """The training part, and the validation part."""
    parts = json.loads((folder / "intents" / "clinc150_train_val.json").read_text("utf-8"))
    chosen, told = (
        Part("CLINC150", _by(parts[name], most), [text for text, _ in parts[f"oos_{name}"]])
        for name in ("train", "val")
    )
    return chosen, told


def _by(pairs: Iterable[Sequence[str]], most: int) -> By:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for text, intent in pairs:
        if len(found[intent]) < most:
            found[intent].append(text)
    return found


def counts(part: Part, size: int, meaning: VectorMeaning) -> np.ndarray:
    """True positives, all positives and all that should be, for each threshold of the grid."""
    found = np.zeros((len(GRID), 3))
    rnd = random.Random(SEED)
    for _ in range(DRAWS):
        cards = {intent: rnd.sample(list(texts), size) for intent, texts in part.intents.items()}
        rest = [
            (text, intent)
            for intent, texts in part.intents.items()
            for text in texts
            if text not in cards[intent]
        ]
        rest += [(text, "") for text in part.strange]
        own = np.array([intent for _, intent in rest])
        for intent, examples in cards.items():
            scores = np.array(meaning.likeness(examples, [text for text, _ in rest]))
            hit = scores[None, :] >= GRID[:, None]
            right = own == intent
            found += np.stack(
                [(hit & right).sum(1), hit.sum(1), np.full(len(GRID), right.sum())], axis=1
            )
    return found


def scores(found: np.ndarray) -> np.ndarray:
    """Precision, recall and F1 for each threshold."""
    hits, told, wanted = found.T
    precision, recall = hits / np.maximum(told, 1), hits / wanted
    return np.stack([precision, recall, 2 * hits / (told + wanted)], axis=1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.semantic", description=__doc__)
    parser.add_argument("--most", type=int, default=20, help="queries of an intent (20)")
    given = parser.parse_args()
    where = os.environ.get("LOUPE_SHARED_DATA")
    if not where:
        parser.error("LOUPE_SHARED_DATA is not set")
    meaning = VectorMeaning(MiniLmVectors(threads=os.cpu_count() or 1), 0)
    sets = [of(Path(where), given.most) for of in (banking77, clinc150)]
    tables = {
        (chosen.name, size): (
            scores(counts(chosen, size, meaning)),
            scores(counts(told, size, meaning)),
        )
        for chosen, told in sets
        for size in CARDS
    }
    best = int(np.mean([one[:, 2] for one, _ in tables.values()], axis=0).argmax())
    default = int(np.abs(GRID - Settings().semantic_threshold).argmin())
    print(
        f"highest F1 on the part to choose by: at {GRID[best]:.2f}; the default is {GRID[default]:.2f}"
    )
    print(f"{'set':<11}{'examples':>9}{'threshold':>11}{'precision':>11}{'recall':>8}{'F1':>7}")
    for (name, size), (_, told) in tables.items():
        for at in dict.fromkeys((best, default, int(told[:, 2].argmax()))):
            precision, recall, f1 = told[at]
            print(f"{name:<11}{size:>9}{GRID[at]:>11.2f}{precision:>11.3f}{recall:>8.3f}{f1:>7.3f}")
    mean = np.mean([told[:, 2] for _, told in tables.values()], axis=0)
    held = bool(mean[default] >= mean.max() - SLACK)
    print(
        f"mean F1 {mean[default]:.3f}, at the best threshold {mean.max():.3f}: {'held' if held else 'MISSED'}"
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
