"""Fits the risk model: gradient-boosted trees of scikit-learn, calibrated on events that came later.

The events are taken in the order of time. First the quality is measured: trees from the first 60 %,
calibrated on the next 20 %, asked about the last 20 %. Then the model that is kept is made in the same
way one step later: trees from the first 80 %, calibrated on the last 20 %. The same events give the same
model, whatever order they are given in.

What comes out is ``RiskModel``, numbers in plain data. Its trees are compared with scikit-learn's own
answers on every event before it is let go.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median_low
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.risk.model import Example, Feature, Quality, RiskModel, Tree, column
from chalicelib.domain.risk.rules import number
from chalicelib.formats.artifact import fingerprint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

CAPABILITY = "risk model"
LEAST_LABELS, LEAST_OF_EACH, LEAST_IN_A_PART = 300, 30, 5
FIT, CALIBRATE = 0.6, 0.8
MOST_VALUES = 20
BINS = 10
RECIPE = "hgb-1"
AGREES = 1e-6


@dataclass(frozen=True, slots=True)
class _Part:
    """Columns and verdicts of events, in the order of time."""

    rows: Matrix
    frauds: NDArray[np.int_]

    def cut(self, first: float, last: float) -> _Part:
        size = len(self.frauds)
        part = slice(int(size * first), int(size * last))
        return _Part(self.rows[part], self.frauds[part])


def too_few(examples: Sequence[Example]) -> str:
    """Why these events make no model, or nothing."""
    frauds = sum(example.fraud for example in examples)
    others = len(examples) - frauds
    if len(examples) < LEAST_LABELS or min(frauds, others) < LEAST_OF_EACH:
        return (
            f"{len(examples)} verdicts, {frauds} of them fraud: a model wants {LEAST_LABELS},"
            f" and {LEAST_OF_EACH} of each kind"
        )
    ordered = sorted(examples, key=_order)
    size = len(ordered)
    for first, last in ((0.0, FIT), (FIT, CALIBRATE), (CALIBRATE, 1.0)):
        part = ordered[int(size * first) : int(size * last)]
        told = sum(example.fraud for example in part)
        if min(told, len(part) - told) < LEAST_IN_A_PART:
            return (
                f"a part in time has fewer than {LEAST_IN_A_PART} verdicts of a kind:"
                " nothing to calibrate a model on"
            )
    return ""


def fingerprint_of(examples: Sequence[Example]) -> str:
    """What the model of these events is called: another event, value or verdict gives another."""
    return fingerprint(
        [RECIPE, *([e.event_id, e.at_ms, dict(e.variables), e.fraud] for e in _sorted(examples))]
    )


def train(examples: Sequence[Example]) -> RiskModel:
    """The model of these events. Raises ``EngineMissing`` without scikit-learn, ``ValueError`` where
    ``too_few`` says why."""
    if find_spec("sklearn") is None:
        raise EngineMissing(CAPABILITY, "scikit-learn is not installed here")
    if reason := too_few(examples):
        raise ValueError(reason)
    ordered = _sorted(examples)
    features = _features(ordered[: int(len(ordered) * CALIBRATE)])
    events = _matrix(features, ordered)
    # One thread: sums of several may round differently, and threads that wait for each other take long.
    with _one_thread():
        tried = _fitted(features, events.cut(0, FIT), events.cut(FIT, CALIBRATE))
        made = _fitted(features, events.cut(0, CALIBRATE), events.cut(CALIBRATE, 1))
    quality = _measured(tried, events)
    return RiskModel(
        fingerprint_of(examples),
        features,
        *made,
        quality=quality,
        events=tuple(example.event_id for example in ordered),
        frauds=int(events.frauds.sum()),
        made_with=_made_with(),
    )


def _one_thread() -> AbstractContextManager[object]:
    """Limits the libraries that are loaded by now: what computes is loaded here."""
    import sklearn.ensemble  # noqa: F401, PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


_Fit = tuple[float, tuple[Tree, ...], float, float]


def _fitted(features: Sequence[Feature], seen: _Part, later: _Part) -> _Fit:
    """Bias, trees, and the calibration of their sum on later events (Platt's scaling)."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    booster = HistGradientBoostingClassifier(
        max_iter=120,
        learning_rate=0.08,
        max_leaf_nodes=15,
        min_samples_leaf=10,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    booster.fit(seen.rows, seen.frauds)
    bias = float(booster._baseline_prediction.item())
    trees = tuple(_tree(predictor) for (predictor,) in booster._predictors)
    raw = RiskModel("", tuple(features), bias, trees, 1.0, 0.0)
    own = booster.predict_proba(later.rows)[:, 1]
    if any(
        abs(raw.probability(row) - p) > AGREES
        for row, p in zip(later.rows.tolist(), own, strict=True)
    ):
        raise Unavailable("the trees do not say what scikit-learn says", retryable=False)
    summed = booster.decision_function(later.rows).reshape(-1, 1)
    platt = LogisticRegression(C=100.0).fit(summed, later.frauds)
    return bias, trees, float(platt.coef_[0][0]), float(platt.intercept_[0])


def _tree(predictor: Any) -> Tree:  # noqa: ANN401 - scikit-learn has no types
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        tuple(-1 if end else int(at) for end, at in zip(leaf, nodes["feature_idx"], strict=True)),
        tuple(
            0.0 if end else min(float(t), sys.float_info.max)
            for end, t in zip(leaf, nodes["num_threshold"], strict=True)
        ),
        tuple(int(at) for at in nodes["left"]),
        tuple(int(at) for at in nodes["right"]),
        tuple(bool(left) for left in nodes["missing_go_to_left"]),
        tuple(
            float(value) if end else 0.0 for end, value in zip(leaf, nodes["value"], strict=True)
        ),
    )


def _measured(made: _Fit, events: _Part) -> Quality:
    """What a model that has seen nothing of the last part says of it."""
    last = events.cut(CALIBRATE, 1)
    model = RiskModel("", (), *made)
    return quality([model.probability(row) for row in last.rows.tolist()], last.frauds.tolist())


def quality(shares: Sequence[float], frauds: Sequence[int]) -> Quality:
    """Area under the ROC curve, Brier score and calibration error of probabilities."""
    from sklearn.metrics import brier_score_loss, roc_auc_score  # noqa: PLC0415

    return Quality(
        len(frauds),
        sum(map(bool, frauds)),
        float(roc_auc_score(frauds, shares)),
        float(brier_score_loss(frauds, shares)),
        calibration_error(shares, frauds),
    )


def calibration_error(shares: Sequence[float], frauds: Sequence[int]) -> float:
    """Ten bins of equal size by probability: the distance of what was said from what came, weighed."""
    ordered = sorted(zip(shares, frauds, strict=True), key=lambda pair: pair[0])
    size = len(ordered)
    total = 0.0
    for at in range(BINS):
        part = ordered[size * at // BINS : size * (at + 1) // BINS]
        total += abs(sum(share - bool(fraud) for share, fraud in part))
    return total / size


def _features(seen: Sequence[Example]) -> tuple[Feature, ...]:
    """A column for each variable that is a number wherever it is known, else for its usual values."""
    out: list[Feature] = []
    legit = [example for example in seen if not example.fraud]
    for name in sorted({name for example in seen for name in example.variables}):
        texts = [e.variables[name] for e in seen if name in e.variables]
        if all(number(text) is not None for text in texts):
            columns = [Feature(name)]
        else:
            usual = sorted(set(texts), key=lambda text: (-texts.count(text), text))[:MOST_VALUES]
            columns = [Feature(name, text) for text in sorted(usual)]
        out += [Feature(c.name, c.value, _ordinary(c, legit)) for c in columns]
    return tuple(out)


def _ordinary(feature: Feature, legit: Sequence[Example]) -> float | None:
    values = [column(feature, example.variables) for example in legit]
    known = [value for value in values if value == value]  # noqa: PLR0124 - nan is not itself
    return median_low(known) if 2 * len(known) >= len(values) else None


def _matrix(features: Sequence[Feature], examples: Sequence[Example]) -> _Part:
    import numpy as np  # noqa: PLC0415

    rows = [[column(feature, e.variables) for feature in features] for e in examples]
    return _Part(np.array(rows, np.float64), np.array([int(e.fraud) for e in examples]))


def _sorted(examples: Sequence[Example]) -> list[Example]:
    return sorted(examples, key=_order)


def _order(example: Example) -> tuple[int, str]:
    return example.at_ms, example.event_id


def _made_with() -> str:
    import sklearn  # noqa: PLC0415

    return f"scikit-learn {sklearn.__version__}"
