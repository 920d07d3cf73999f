"""A fitted risk model as plain data, and how it scores: boosted trees, then a calibrated probability.

The trees are numbers in JSON: nothing that is read from a store is ever executed, and scoring needs no
numbers library. What a reason weighs is told by asking the model again with that one variable at the
value that is ordinary among contacts without fraud: the points by which the score would have been lower.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.follow_up import Reason
from chalicelib.domain.risk.rules import TOP, WEIGHTS, number, weighed

MOST_REASONS = 5
LEAST_POINTS = 1.0
RULES_SCORE = "rules_score"
_TEXTS = {weight.name: weight.text for weight in WEIGHTS}


@dataclass(frozen=True, slots=True)
class Feature:
    """A column: the variable as a number, or with ``value`` whether it has exactly this value.

    ``ordinary``: the median without fraud, None where it is mostly not known."""

    name: str
    value: str | None = None
    ordinary: float | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes in parallel lists. A leaf has feature -1 and its ``value``; a value up to ``threshold`` goes
    ``left``, an unknown one where ``unknown_left`` says."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    unknown_left: tuple[bool, ...]
    value: tuple[float, ...]

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no tree: a walk through it ends."""
        size = len(self.feature)
        if not size or {len(self.threshold), len(self.left), len(self.right)} != {size}:
            raise ValueError("a tree has its nodes in lists of one length")
        if {len(self.unknown_left), len(self.value)} != {size}:
            raise ValueError("a tree has its nodes in lists of one length")
        for at, feature in enumerate(self.feature):
            if feature >= 0 and not (at < self.left[at] < size and at < self.right[at] < size):
                raise ValueError("a branch of a tree leads forward")


@dataclass(frozen=True, slots=True)
class Quality:
    """Measured on the latest events, by a model that had seen none of them. ``ece``: expected
    calibration error over ten bins of equal size. ``rules_auc``: that of the rules' own score on the same
    events; ``surely``: the share of redrawn samples of them in which the model's is higher."""

    events: int
    frauds: int
    auc: float
    brier: float
    ece: float
    rules_auc: float = 0.0
    surely: float = 0.0


@dataclass(frozen=True, slots=True)
class RiskModel:
    """``slope`` and ``shift`` turn the sum of the trees into calibrated log-odds.

    ``fingerprint`` is that of what it was trained on, ``events`` the manifest: ids of those events;
    ``frauds`` of them are fraud. ``upto`` and ``departures`` count the verdicts that came,
    and the events that went away, before it was made."""

    fingerprint: str
    features: tuple[Feature, ...]
    bias: float
    trees: tuple[Tree, ...]
    slope: float
    shift: float
    quality: Quality | None = None
    events: tuple[str, ...] = ()
    frauds: int = 0
    made_with: str = ""
    upto: int = 0
    departures: int = 0

    def row(self, variables: Mapping[str, str]) -> list[float]:
        """The columns of an event; ``nan`` for what is not known."""
        known = with_rules_score(variables)
        return [column(feature, known) for feature in self.features]

    def probability(self, row: Sequence[float]) -> float:
        """The calibrated probability of fraud."""
        raw = self.bias + sum(_leaf(tree, row) for tree in self.trees)
        return sigmoid(self.slope * raw + self.shift)

    def score(self, variables: Mapping[str, str]) -> tuple[float, tuple[Reason, ...]]:
        """0..1000 and the variables that raised it most; weights are points of the score."""
        score = TOP * self.probability(self.row(variables))
        reasons = []
        for name in sorted({feature.name for feature in self.features} - {RULES_SCORE}):
            ordinary = self._ordinary(name, variables)
            points = score - TOP * self.probability(self.row(ordinary))
            if points >= LEAST_POINTS:
                text = f"{_TEXTS.get(name, name)}: unlike most without fraud"
                reasons.append(Reason(text, name, variables.get(name, "unknown"), round(points, 1)))
        reasons.sort(key=lambda reason: -(reason.weight or 0.0))
        return score, tuple(reasons[:MOST_REASONS])

    def _ordinary(self, name: str, variables: Mapping[str, str]) -> Mapping[str, str]:
        """The variables with this one as it ordinarily is; of words, the one that most have."""
        rest = {known: text for known, text in variables.items() if known != name}
        columns = [feature for feature in self.features if feature.name == name]
        for feature in columns:
            if feature.value is None and feature.ordinary is not None:
                return {**rest, name: f"{feature.ordinary:g}"}
            if feature.value is not None and feature.ordinary == 1.0:
                return {**rest, name: feature.value}
        return rest


@dataclass(frozen=True, slots=True)
class Example:
    """An event whose verdict is known."""

    event_id: str
    at_ms: int
    variables: Mapping[str, str]
    fraud: bool


def with_rules_score(variables: Mapping[str, str]) -> Mapping[str, str]:
    """The rules' own score is a variable of the model, too: what is known already need not be learned."""
    return {**variables, RULES_SCORE: f"{weighed(variables)[0]:g}"}


def column(feature: Feature, variables: Mapping[str, str]) -> float:
    """The value of one column."""
    text = variables.get(feature.name)
    if text is None:
        return math.nan
    if feature.value is not None:
        return float(text == feature.value)
    value = number(text)
    return math.nan if value is None else value


def sigmoid(x: float) -> float:
    """The logistic function, without overflow."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1 + grown)


def _leaf(tree: Tree, row: Sequence[float]) -> float:
    at = 0
    while tree.feature[at] >= 0:
        value = row[tree.feature[at]]
        left = tree.unknown_left[at] if math.isnan(value) else value <= tree.threshold[at]
        at = tree.left[at] if left else tree.right[at]
    return tree.value[at]
