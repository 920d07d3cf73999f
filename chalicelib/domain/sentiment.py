"""Sentiment of turns, participants, quarters and turn groups on the scale -5 .. +5.

The streak-weighted score, its quarters and its chat form are defined in ``docs/metrics.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.transcript import Engine, Role, SentimentLabel


@dataclass(frozen=True, slots=True)
class TurnSentiment:
    """The label of one turn; ``confidence`` 0..1 and ``score`` -1..1 as the engine gave them."""

    turn_id: str
    label: SentimentLabel
    score: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Quarter:
    begin_ms: int
    end_ms: int
    score: float


@dataclass(frozen=True, slots=True)
class GroupSentiment:
    """A chat turn group with its label and the progressive score after it."""

    role: Role
    turn_ids: tuple[str, ...]
    label: SentimentLabel
    progressive: float


@dataclass(frozen=True, slots=True)
class Shift:
    """Loupe shift: score of the first and of the last quarter of time."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Sentiment:
    """The product of the ``sentiment`` stage for one conversation.

    ``with_agent`` / ``without_agent``: the customer's overall chat score after and before the agent joined.
    ``unlabelled`` names turns that the engine could not read, with its reason; no score counts them.
    """

    engine: Engine
    turns: tuple[TurnSentiment, ...] = ()
    overall: Mapping[Role, float] = field(default_factory=dict)
    quarters: Mapping[Role, tuple[Quarter, ...]] = field(default_factory=dict)
    groups: tuple[GroupSentiment, ...] = ()
    shift: Mapping[Role, Shift] = field(default_factory=dict)
    with_agent: float | None = None
    without_agent: float | None = None
    with_agent_shift: Shift | None = None
    unlabelled: Mapping[str, str] = field(default_factory=dict)
