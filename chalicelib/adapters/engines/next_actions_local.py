"""The next best action without a service: counts per reason, tastes once they have proved themselves.

Interactions lie in an object store. Each process reads every one of them once, so this is for thousands,
not for millions; a customer who was forgotten is gone from the model with the next ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from chalicelib.adapters.engines.action_model import (
    VERSION,
    ActionModel,
    Tastes,
    at_last_step,
    tastes_of,
)
from chalicelib.adapters.interaction_log import InteractionLog
from chalicelib.domain.next_action import Catalogue, Interaction, explored
from chalicelib.domain.popularity import Popularity, Trial, trials
from chalicelib.domain.transcript import Engine
from chalicelib.ports.recommendation import Ranking
from chalicelib.ports.storage import ObjectStore

REFRESH_MS = 60_000
"""How late another process's interactions may count."""


class LocalNextActions:
    """``exploration``: the share of rankings that put another action first."""

    engine = Engine(
        "Loupe next action", VERSION, "popularity per reason; tastes once a replay shows a gain"
    )

    def __init__(
        self,
        store: ObjectStore,
        catalogue: Catalogue,
        clock: Callable[[], int],
        *,
        exploration: float = 0.05,
    ) -> None:
        self.catalogue = catalogue
        self._log = InteractionLog(store)
        self._clock = clock
        self._exploration = exploration
        self._lock = Lock()
        self._seen: tuple[int, str] | None = None
        self._model: ActionModel | None = None
        self._learned_from: tuple[Trial, ...] = ()
        self._tastes = tastes_of(())

    def rank(
        self,
        customer_ref: str,
        candidates: Sequence[str],
        context: Mapping[str, str],
        *,
        token: str = "",
    ) -> Ranking:
        model = self._current()
        distinct = list(dict.fromkeys(candidates))
        options, basis = model.rank(customer_ref, context.get("reason", ""), distinct)
        options, other = explored(options, token, self._exploration)
        return Ranking(model.engine, options, basis, explored=other)

    def learn(self, interactions: Sequence[Interaction]) -> None:
        new = [one for one in interactions if self._log.add(one)]
        if new:
            self._seen = None

    def history(self, customer_ref: str) -> Sequence[Interaction]:
        return self._log.of(customer_ref)

    def forget(self, customer_ref: str) -> None:
        self._log.forget(customer_ref)
        with self._lock:
            self._seen, self._model, self._learned_from = None, None, ()

    def _current(self) -> ActionModel:
        with self._lock:
            mark, now = self._log.mark(), self._clock()
            fresh = self._seen and self._seen[1] == mark and now - self._seen[0] < REFRESH_MS
            if self._model is None or not fresh:
                known = trials(self._log.all())
                self._model = ActionModel(Popularity(known), self._tastes_of(known))
                self._seen = (now, mark)
            return self._model

    def _tastes_of(self, known: Sequence[Trial]) -> Tastes:
        """Made anew when the log has grown by a tenth, or anything in what they stand on has changed."""
        step = tuple(at_last_step(known))
        if step != self._learned_from:
            self._learned_from, self._tastes = step, tastes_of(step)
        return self._tastes
