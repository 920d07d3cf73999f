"""Do local next actions find more than popularity does? Replays of logs with known tastes in them.

    python -m bench.next_action [--json] [--quick]

``planted``: customers with tastes; the gain has to be shown (its 95 % interval lies above 0), else the exit
code is 1. ``no tastes`` and ``few data`` are the honest cases: no gain may be claimed there, and tastes may
not be used. The others are told, not judged. ``recommenders`` (not with ``--quick``): what alternating
least squares (which is used) and item neighbours (BM25, cosine) reach on the same questions at each weight
beside popularity; information, not judged.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict

from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from bench.interactions import Planted, interactions
from chalicelib.adapters.engines import action_model
from chalicelib.adapters.engines.action_model import ActionModel, Tastes
from chalicelib.adapters.engines.action_taste import Taste
from chalicelib.domain import replay
from chalicelib.domain.popularity import Popularity, Trial, trials

SHARE, K = 0.8, 10
CASES = {
    "planted": Planted(),
    "planted, other seed": Planted(seed=8),
    "planted, few customers": Planted(customers=200),
    "weaker tastes": Planted(strength=0.4),
    "weak tastes": Planted(strength=0.3),
    "few actions": Planted(actions=12, tastes=3, each=6),
    "no tastes": Planted(strength=0),
    "few data": Planted(customers=20),
}
MUST_GAIN = ("planted", "planted, other seed", "planted, few customers")
MUST_NOT_CLAIM = ("no tastes", "few data")


class Neighbours(Taste):
    """Item neighbours of the same library, to compare with."""

    def __init__(self, known: Sequence[Trial], make: Callable) -> None:
        self._make = make
        super().__init__(known)

    def _fitted(self, taken):
        place = {action: n for n, action in enumerate(self._actions)}
        rows = [self._customers[t.customer_ref] for t in taken]
        columns = [place[t.action] for t in taken]
        shape = (len(self._customers), len(place))
        counts = csr_matrix(([1.0] * len(taken), (rows, columns)), shape)
        with threadpool_limits(1, "blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = self._make()
            model.fit(counts, show_progress=False)
        return counts.toarray(), model.similarity.toarray().T


def recommenders() -> dict[str, Callable[[Sequence[Trial]], Taste]]:
    return {
        "least squares": Taste,
        "neighbours, BM25": lambda known: Neighbours(
            known, lambda: BM25Recommender(K=20, num_threads=1)
        ),
        "neighbours, cosine": lambda known: Neighbours(
            known, lambda: CosineRecommender(K=20, num_threads=1)
        ),
    }


def replayed(planted: Planted) -> tuple[list[Trial], list[replay.Question]]:
    """What lies before the cut, and what is asked of after it."""
    known = trials(interactions(planted))
    before, after = replay.split(known, replay.cut_at(known, SHARE))
    return before, replay.questions(before, after)


def judged(planted: Planted) -> dict:
    before, asked = replayed(planted)
    begun = time.perf_counter()
    model = action_model.fitted(before)
    seconds = time.perf_counter() - begun
    ours, base = action_model.ranking(model), replay.by_popularity(before)
    found = replay.compare(asked, ours, base, K)
    return {
        "trials": len(before),
        "engine": f"{model.engine.name}: {model.engine.detail}",
        "fitSeconds": round(seconds, 1),
        **asdict(found),
        "gainShown": found.hit_rate.shown and found.ndcg.shown,
        "usesTastes": model.tastes.model is not None,
    }


def compared(planted: Planted) -> dict:
    """NDCG of each recommender at each weight."""
    before, asked = replayed(planted)
    popular, base = Popularity(before), replay.by_popularity(before)
    found = {}
    for name, make in recommenders().items():
        taste = make(before)
        for weight in action_model.WEIGHTS:
            ours = action_model.ranking(ActionModel(popular, Tastes(taste, weight, "")))
            found[f"{name}, {weight}"] = round(replay.compare(asked, ours, base, K).ours.ndcg, 3)
    return found


def held(found: dict) -> bool:
    gained = all(found[name]["gainShown"] for name in MUST_GAIN)
    claimed = any(found[n]["gainShown"] or found[n]["usesTastes"] for n in MUST_NOT_CLAIM)
    return gained and not claimed


def readable(name: str, found: dict) -> str:
    def row(what: str) -> str:
        ours, base, gain = found["ours"][what], found["base"][what], found[what]
        interval = f"{gain['low']:+.3f} to {gain['high']:+.3f}"
        return f"  {what:<9} {ours:.3f}  popularity {base:.3f}  {gain['mean']:+.3f} ({interval})"

    head = f"{name}: {found['trials']} trials, {found['customers']} customers asked about"
    engine = f"  {found['engine']} ({found['fitSeconds']} s)"
    return "\n".join((head, engine, row("hit_rate"), row("ndcg")))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.next_action", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    parser.add_argument("--quick", action="store_true", help="without the other recommenders")
    given = parser.parse_args()
    found = {name: judged(planted) for name, planted in CASES.items()}
    others = (
        {}
        if given.quick
        else {name: compared(CASES[name]) for name in ("planted", "weak tastes", "no tastes")}
    )
    good = held(found)
    if given.json:
        print(json.dumps({"cases": found, "recommenders": others, "held": good}, indent=2))
    else:
        for name, each in found.items():
            print(readable(name, each))
        for name, each in others.items():
            print(f"ndcg of recommenders, {name}:")
            for what, value in each.items():
                print(f"  {what:<26}{value:.3f}")
        print("held" if good else "MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
