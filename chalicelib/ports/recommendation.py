"""The next best action for a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.follow_up import Option
from chalicelib.domain.next_action import Catalogue, Interaction
from chalicelib.domain.transcript import Engine

__all__ = ["Interaction", "NextActions", "Ranking"]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first. ``basis``: how they were ranked, in words that may be shown."""

    engine: Engine
    options: tuple[Option, ...]
    basis: str
    recommendation_id: str = ""
    explored: bool = False


class NextActions(Protocol):
    """Ranks actions and learns from what became of them. Every method raises ``Unavailable``."""

    @property
    def engine(self) -> Engine: ...

    @property
    def catalogue(self) -> Catalogue:
        """What there is to choose from."""

    def rank(
        self,
        customer_ref: str,
        candidates: Sequence[str],
        context: Mapping[str, str],
        *,
        token: str = "",
    ) -> Ranking:
        """All candidates, each once. ``context["reason"]`` is the contact's main category. With the same
        ``token`` (the follow-up's id) bounded exploration decides the same."""

    def learn(self, interactions: Sequence[Interaction]) -> None:
        """Take interactions; one that is known by its id already counts once, as it was known first."""

    def history(self, customer_ref: str) -> Sequence[Interaction]:
        """What is known of a customer, oldest first, what was just learned included."""

    def forget(self, customer_ref: str) -> None:
        """Remove every trace of a customer."""
