"""Fit the sentiment head: ``LOUPE_SHARED_DATA=... python -m scripts.fit_sentiment``.

Two sources: the training part of VADER's rated tweets (MIT), read in place, and the contact-centre
lines in ``sentiment_lines/``, which are our own inventions. Lines are also joined with a neutral one,
as turns of several sentences are; the other line decides the label. Regularisation and the lines'
weight are chosen by cross validation on this training data alone. Writes the head and its pin.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chalicelib.adapters.engines.minilm_sentiment import HEAD, HEAD_FILE, LABELS, MiniLmSentiment
from chalicelib.adapters.engines.weights import PINS
from chalicelib.domain.transcript import SentimentLabel

Matrix = NDArray[np.float64]
Classes = NDArray[np.intp]

SEED = 20
LINES = Path(__file__).with_name("sentiment_lines")
SOURCE = (
    "scripts/fit_sentiment.py on VADER's rated tweets (MIT, training part) and contact-centre lines "
    "of Loupe's own (invented); see docs/models/sentiment.md"
)
CUT = 0.8
TRAINED_OF_TEN = 7
FOLDS = 4
STEPS = 200
PENALTIES = (0.004, 0.008)
LINES_SHARES = (0.5, 0.6, 0.75)
PENALTY, LINES_SHARE = 0.008, 0.5
"""The point that the weights are fitted at; ``--validate`` shows the others."""
JOINED_SHARE = 0.3
"""Of the lines' weight, what goes to the joined ones."""
SCALE = np.array([4.0] * 384 + [1, 2, 2, 2] + [2, 2, 3, 3])
"""Brings all features to a like spread, so that one penalty suits them."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts with their class, the index in ``LABELS``."""

    texts: list[str]
    classes: Classes

    def take(self, keep: NDArray[np.bool_]) -> Examples:
        texts = [text for text, kept in zip(self.texts, keep, strict=True) if kept]
        return Examples(texts, self.classes[keep])


def tweets(*, training: bool) -> Examples:
    """One of the two parts of the rated tweets; a tweet's part follows from its id."""
    base = os.environ.get("LOUPE_SHARED_DATA") or LINES.parents[2] / "shared" / "data"
    lines = Path(base, "sentiment", "vader_tweets.jsonl").read_text("utf-8").splitlines()
    rows = [row for line in lines if _is_training((row := json.loads(line))["id"]) == training]
    classes = [1 + (row["mean"] > CUT) - (row["mean"] < -CUT) for row in rows]
    return Examples([row["text"] for row in rows], np.array(classes, np.intp))


def _is_training(tweet: object) -> bool:
    return int(hashlib.sha256(str(tweet).encode()).hexdigest(), 16) % 10 < TRAINED_OF_TEN


def own_lines() -> Examples:
    """Our own lines: ``label <tab> text``."""
    rows = [
        line.split("\t")
        for file in sorted(LINES.glob("*.tsv"))
        for line in file.read_text("utf-8").splitlines()
    ]
    classes = [LABELS.index(SentimentLabel(label)) for label, _ in rows]
    return Examples([text for _, text in rows], np.array(classes, np.intp))


def reviewed(manifest: Path) -> Examples:
    """What people decided in reviews: the training part of ``loupe follow-ups labels``. MIXED,
    which the head does not know, is left out."""
    rows = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    told = [(row["source"], row["sentiment-metadata"]["class-name"]) for row in rows]
    known = [(text, LABELS.index(SentimentLabel(n))) for text, n in told if n in LABELS]
    return Examples([text for text, _ in known], np.array([c for _, c in known], np.intp))


def together(first: Examples, second: Examples) -> Examples:
    """Both, one behind the other."""
    return Examples([*first.texts, *second.texts], np.concatenate([first.classes, second.classes]))


def joined(lines: Examples) -> Examples:
    """Each line before or behind a neutral one, which does not change its label."""
    chance = np.random.default_rng(SEED)
    neutral = [t for t, c in zip(lines.texts, lines.classes, strict=True) if LABELS[c] == "NEUTRAL"]
    texts = []
    for text in lines.texts:
        pair = [text, neutral[chance.integers(len(neutral))]]
        first, second = pair if chance.random() < 0.5 else reversed(pair)
        texts.append(first + str(chance.choice([" ", ". ", ", ", "\n"])) + second)
    return Examples(texts, lines.classes)


def fit(features: Matrix, classes: Classes, weights: Matrix, penalty: float) -> Matrix:
    """Multinomial logistic regression by accelerated descent; the last row is the bias, unpenalised."""
    design = np.hstack([features, np.ones((len(features), 1))])
    share = (weights / weights.sum())[:, None]
    penalties = np.full((design.shape[1], 1), penalty)
    penalties[-1] = 0
    step = 1 / (0.5 * np.linalg.eigvalsh((design * share).T @ design)[-1] + penalty)
    found = ahead = np.zeros((design.shape[1], len(LABELS)))
    wanted, speed = np.eye(len(LABELS))[classes], 1.0
    for _ in range(STEPS):
        slope = design.T @ ((softmax(design @ ahead) - wanted) * share) + penalties * ahead
        after, faster = ahead - step * slope, (1 + np.sqrt(1 + 4 * speed * speed)) / 2
        found, ahead, speed = after, after + (speed - 1) / faster * (after - found), faster
    return found


def softmax(logits: Matrix) -> Matrix:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    total: Matrix = shares / shares.sum(axis=1, keepdims=True)
    return total


def predict(head: Matrix, features: Matrix) -> Classes:
    return np.argmax(features @ head[:-1] + head[-1], axis=1)


def macro_f1(wanted: Classes, found: Classes) -> float:
    """The mean of the three classes' F1."""

    def f1(label: int) -> float:
        both = np.sum((wanted == label) & (found == label))
        return float(2 * both / max(1, np.sum(wanted == label) + np.sum(found == label)))

    return sum(map(f1, range(len(LABELS)))) / len(LABELS)


def balanced(classes: Classes) -> Matrix:
    """A weight per example: equal sums per class, one in all."""
    return np.asarray(1 / np.bincount(classes, minlength=len(LABELS))[classes] / len(LABELS))


class Training:
    """The three sets with their features, and heads fitted on parts of them."""

    def __init__(self, labels: Path | None = None) -> None:
        engine = MiniLmSentiment(threads=os.cpu_count() or 1)
        lines = together(own_lines(), reviewed(labels)) if labels else own_lines()
        self.sets = [tweets(training=True), lines]
        self.sets.append(joined(self.sets[1]))
        self.features = [engine.features(examples.texts) * SCALE for examples in self.sets]
        chance = np.random.default_rng(SEED)
        self.folds = [chance.integers(FOLDS, size=len(s.texts)) for s in self.sets[:2]]
        self.folds.append(self.folds[1])

    def head(self, penalty: float, lines_share: float, without: int = -1) -> Matrix:
        """A head fitted on everything, or on all folds but one."""
        keeps = [folds != without for folds in self.folds]
        classes = [s.classes[keep] for s, keep in zip(self.sets, keeps, strict=True)]
        plain = np.full(len(classes[0]), 1 / len(classes[0]))
        shares = [
            (1 - lines_share) * plain,
            lines_share * (1 - JOINED_SHARE) * balanced(classes[1]),
            lines_share * JOINED_SHARE * balanced(classes[2]),
        ]
        rows = np.vstack([f[keep] for f, keep in zip(self.features, keeps, strict=True)])
        return fit(rows, np.concatenate(classes), np.concatenate(shares), penalty)

    def validated(self, penalty: float, lines_share: float) -> list[float]:
        """Macro-F1 on folds that the head had not seen: tweets, lines, joined lines."""
        found = [np.zeros(len(s.texts), np.intp) for s in self.sets]
        for fold in range(FOLDS):
            head = self.head(penalty, lines_share, without=fold)
            for answers, rows, folds in zip(found, self.features, self.folds, strict=True):
                answers[folds == fold] = predict(head, rows[folds == fold])
        return [macro_f1(s.classes, f) for s, f in zip(self.sets, found, strict=True)]


def validate(training: Training) -> None:
    for penalty, lines_share in product(PENALTIES, LINES_SHARES):
        scores = training.validated(penalty, lines_share)
        told = ", ".join(f"{score:.3f}" for score in scores)
        print(
            f"penalty {penalty:g}, lines {lines_share:g}: tweets, lines, joined {told}", flush=True
        )


def write(head: Matrix, source: str = SOURCE) -> None:
    """The head as JSON, four decimals, and its pin."""
    plain = np.vstack([head[:-1] * SCALE[:, None], head[-1:]]).T.round(4)
    body = {
        "labels": [label.value for label in LABELS],
        "bias": plain[:, -1].tolist(),
        "weights": plain[:, :-1].tolist(),
    }
    file = PINS.parent / "data" / HEAD_FILE
    file.write_text(json.dumps(body) + "\n", "utf-8")
    pins = json.loads(PINS.read_text("utf-8"))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    pin = {"size": file.stat().st_size, "sha256": sha256}
    pins[HEAD] = {"source": source, "folder": "data", "files": {HEAD_FILE: pin}}
    PINS.write_text(json.dumps(pins, indent=2) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.fit_sentiment", description=__doc__)
    parser.add_argument(
        "--validate", action="store_true", help="cross-validate the grid, write nothing"
    )
    parser.add_argument(
        "--labels", type=Path, metavar="FILE", help="what people decided here, beside our own lines"
    )
    given = parser.parse_args(arguments)
    training = Training(given.labels)
    if given.validate:
        validate(training)
    else:
        source = f"{SOURCE}; and turns that people of this installation judged"
        write(training.head(PENALTY, LINES_SHARE), source if given.labels else SOURCE)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
