"""Risk of a contact: a score, an outcome and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.follow_up import Reason
from chalicelib.domain.transcript import Engine


@dataclass(frozen=True, slots=True)
class RiskEvent:
    """``id`` is the contact id in lower case; ``customer_ref`` a pseudonym or None; ``at_ms`` the contact's
    start. ``variables``: documented features as text, never what was said and no number of a card."""

    id: str
    at_ms: int
    variables: Mapping[str, str]
    customer_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """``score`` 0..1000, higher is riskier. ``outcome``: approve, review or block-callback. ``rule``: what
    decided. ``basis``: what the score rests on, in words that may be shown (``rules only``)."""

    engine: Engine
    score: float
    outcome: str
    rule: str
    basis: str
    reasons: tuple[Reason, ...] = ()


class RiskAssessor(Protocol):
    """Assesses events and learns from verdicts. Raises ``Unavailable``; same event, same answer."""

    @property
    def engine(self) -> Engine: ...

    def assess(self, event: RiskEvent) -> Assessment:
        """Score one event. Asked again with the same id, nothing is counted twice."""

    def label(self, event_id: str, fraud: bool, at_ms: int) -> None:
        """A reviewer's verdict; the last one wins."""

    def forget(self, event_id: str) -> None:
        """Remove the event with its label; a missing one is no error."""
