"""What a log of interactions teaches: popularity per reason, and tastes where they have proved themselves.

Tastes are mixed in only where a replay of the log itself, its last fifth against the rest, shows that they
find more than popularity does, with an interval that is wide enough for the weights that were tried. A
log without tastes, or one that is too short to tell, is ranked by popularity and says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.adapters.engines.action_taste import Taste, library
from chalicelib.domain import replay
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.follow_up import Option
from chalicelib.domain.next_action import best_first
from chalicelib.domain.popularity import Popularity, Trial
from chalicelib.domain.transcript import Engine

VERSION = "1"
MIN_TAKEN = 500
MIN_CUSTOMERS = 50
WEIGHTS = (0.2, 0.4, 0.6, 0.8)
PROOF_SHARE = 0.8
PROOF_QUESTIONS = 1000
K = 10
GROWTH = 1.1

POPULAR, OVER_ALL = "popular for this reason", "popular over all reasons"
ALIKE, UNKNOWN = "customers like this one", "nothing is known yet: in the order of the catalogue"


@dataclass(frozen=True, slots=True)
class Tastes:
    """The model with the ``weight`` that it proved worth, or None and why not."""

    model: Taste | None
    weight: float
    why: str


@dataclass(frozen=True, slots=True)
class ActionModel:
    """Ranks by both. ``popular`` knows the whole log, ``tastes`` what there was when it was made."""

    popular: Popularity
    tastes: Tastes

    @property
    def engine(self) -> Engine:
        name = "popularity and tastes" if self.tastes.model else "popularity"
        return Engine(name, VERSION, self.tastes.why)

    def rank(
        self, customer_ref: str, reason: str, candidates: Sequence[str]
    ) -> tuple[tuple[Option, ...], str]:
        """Options, best first, and how they were ranked."""
        rates = {action: self.popular.rate(reason, action) for action in candidates}
        liked = self.tastes.model.scores(customer_ref) if self.tastes.model else None
        if liked and any(liked.get(action, 0) > 0 for action in candidates):
            mixed = _mixed(rates, liked, self.tastes.weight)
            return best_first(mixed.items(), candidates), ALIKE
        return best_first(rates.items(), candidates), self._basis(reason)

    def _basis(self, reason: str) -> str:
        if self.popular.known(reason):
            return POPULAR
        return OVER_ALL if self.popular.known() else UNKNOWN


def fitted(trials: Sequence[Trial]) -> ActionModel:
    """The model of a log."""
    return ActionModel(Popularity(trials), tastes_of(at_last_step(trials)))


def at_last_step(trials: Sequence[Trial]) -> Sequence[Trial]:
    """The beginning of the log that tastes are made of: it grows by tenths, not with every interaction,
    and depends on the log alone, so that all processes have the same model."""
    size = MIN_TAKEN
    while int(size * GROWTH) <= len(trials):
        size = int(size * GROWTH)
    return trials[:size]


def tastes_of(trials: Sequence[Trial]) -> Tastes:
    """Tastes, if there is enough to learn them from and they are worth something."""
    taken = [trial for trial in trials if trial.taken]
    customers = {trial.customer_ref for trial in taken}
    if len(taken) < MIN_TAKEN or len(customers) < MIN_CUSTOMERS:
        least = f"{MIN_TAKEN} takings by {MIN_CUSTOMERS} customers"
        return Tastes(None, 0, f"no tastes: they need {least}")
    try:
        weight = _proved(trials)
        model = Taste(trials) if weight else None
    except EngineMissing as missing:
        return Tastes(None, 0, f"no tastes: {missing.reason}")
    if model is None:
        return Tastes(None, 0, "no tastes: on this log they find no more than popularity")
    return Tastes(model, weight, f"{library()}, weight {weight}")


def _proved(trials: Sequence[Trial]) -> float:
    """The weight with the largest gain among those whose gain is shown; 0 for none."""
    before, after = replay.split(trials, replay.cut_at(trials, PROOF_SHARE))
    asked = sorted(replay.questions(before, after), key=_drawn)[:PROOF_QUESTIONS]
    if not asked or not any(trial.taken for trial in before):
        return 0.0
    popular, taste = Popularity(before), Taste(before)

    def gain_of(weight: float) -> replay.Gain:
        model = ActionModel(popular, Tastes(taste, weight, ""))
        ours = ranking(model)
        base = ranking(ActionModel(popular, Tastes(None, 0, "")))
        return replay.compare(asked, ours, base, K, tests=len(WEIGHTS)).ndcg

    gains = {weight: gain_of(weight) for weight in WEIGHTS}
    best = max(gains, key=lambda weight: gains[weight].mean)
    return best if gains[best].shown else 0.0


def ranking(model: ActionModel) -> replay.Rank:
    """The model as a replay asks it."""

    def rank(customer_ref: str, reason: str, candidates: Sequence[str]) -> Sequence[str]:
        return [option.name for option in model.rank(customer_ref, reason, candidates)[0]]

    return rank


def _drawn(question: replay.Question) -> str:
    """An order that has nothing to do with who asks."""
    return hashlib.sha256(f"{question.customer_ref} {question.reason}".encode()).hexdigest()


def _mixed(
    rates: Mapping[str, float], liked: Mapping[str, float], weight: float
) -> Mapping[str, float]:
    """Likings, scaled to the best rate, mixed with the rates."""
    best, most = max(rates.values()), max(liked.get(action, 0.0) for action in rates)
    return {
        action: (1 - weight) * rate + weight * best * max(0.0, liked.get(action, 0.0)) / most
        for action, rate in rates.items()
    }
