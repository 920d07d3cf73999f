"""Customers' tastes by alternating least squares (implicit): who took the same things likes the same.

One thread and one seed, so that the same log gives the same model. What is taken by everybody weighs
less (BM25). Of the recommenders in the library this was the best over the logs of ``bench.next_action``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.popularity import Trial

FACTORS = 8
ITERATIONS = 20
REGULARIZATION = 0.1
SEED = 7
K1, B = 100, 0.8


def library() -> str:
    """What does it, with its version."""
    return f"implicit {version('implicit')}"


class Taste:
    """A model of all takings at one time. Raises ``EngineMissing``."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        taken = [trial for trial in trials if trial.taken]
        self._customers = {ref: n for n, ref in enumerate(sorted({t.customer_ref for t in taken}))}
        self._actions = sorted({t.action for t in taken})
        try:
            self._liking, self._likable = self._fitted(taken)
        except ImportError as error:
            raise EngineMissing("next-action", f"{error.name} is not installed here") from error

    def scores(self, customer_ref: str) -> Mapping[str, float] | None:
        """How much the customer likes each action that was ever taken; None for a stranger."""
        row = self._customers.get(customer_ref)
        if row is None:
            return None
        found: list[float] = (self._likable @ self._liking[row]).tolist()
        return dict(zip(self._actions, found, strict=True))

    def _fitted(self, taken: Sequence[Trial]) -> tuple[Any, Any]:
        from implicit.als import AlternatingLeastSquares  # noqa: PLC0415
        from implicit.nearest_neighbours import bm25_weight  # noqa: PLC0415
        from scipy.sparse import csr_matrix  # noqa: PLC0415
        from threadpoolctl import threadpool_limits  # noqa: PLC0415

        place = {action: n for n, action in enumerate(self._actions)}
        rows = [self._customers[t.customer_ref] for t in taken]
        columns = [place[t.action] for t in taken]
        counts = csr_matrix(
            ([1.0] * len(taken), (rows, columns)), (len(self._customers), len(place))
        )
        weights = bm25_weight(counts.T, K1=K1, B=B).T.tocsr().astype("float32")
        with threadpool_limits(1, "blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it takes other libraries' thread pools for a slow one
            model = AlternatingLeastSquares(
                factors=FACTORS,
                iterations=ITERATIONS,
                regularization=REGULARIZATION,
                random_state=SEED,
                num_threads=1,
            )
            model.fit(weights, show_progress=False)
        return model.user_factors, model.item_factors
