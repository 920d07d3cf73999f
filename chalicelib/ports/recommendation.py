"""The next best action for a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.follow_up import Option
from chalicelib.domain.transcript import Engine


@dataclass(frozen=True, slots=True)
class Interaction:
    """What became of an action that was shown: ``shown``, ``accepted``, ``declined`` or ``resolved``.

    ``id`` makes it known once; ``session`` is the contact; ``reason`` the contact's main category.
    """

    id: str
    customer_ref: str
    session: str
    action: str
    event: str
    at_ms: int
    reason: str = ""
    recommendation_id: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first. ``basis``: how they were ranked, in words that may be shown."""

    engine: Engine
    options: tuple[Option, ...]
    basis: str
    recommendation_id: str = ""
    explored: bool = False


class NextActions(Protocol):
    """Ranks actions and learns from what became of them. Raises ``Unavailable``."""

    @property
    def engine(self) -> Engine: ...

    def rank(
        self,
        customer_ref: str,
        candidates: Sequence[str],
        context: Mapping[str, str],
        *,
        token: str = "",
    ) -> Ranking:
        """Rank; with the same ``token`` (the follow-up's id) bounded exploration decides the same."""

    def learn(self, interactions: Sequence[Interaction]) -> None:
        """Take interactions; one that is known by its id already counts once."""

    def forget(self, customer_ref: str) -> None:
        """Remove every trace of a customer."""
