"""The figures of a contact that lists filter by, as integers: what a list is cut by is what it shows.

Sentiment and shift are tenths, non-talk time tenths of a percent of the conversation, times
milliseconds; an analysis is 1 where there is one. Halves go away from zero. A figure that is not known is
not there: no range holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.contact import Publication
from chalicelib.domain.rounding import whole


class Figure(StrEnum):
    """Scores -50 .. +50, the shift -100 .. +100, non-talk 0 .. 1,000."""

    SENTIMENT_CUSTOMER = "SENTIMENT_CUSTOMER"
    SENTIMENT_AGENT = "SENTIMENT_AGENT"
    SENTIMENT_SHIFT = "SENTIMENT_SHIFT"
    NON_TALK = "NON_TALK"
    INTERRUPTIONS = "INTERRUPTIONS"
    DURATION = "DURATION"
    ANALYSIS = "ANALYSIS"
    HANDLE_TIME = "HANDLE_TIME"
    TALK_TIME = "TALK_TIME"
    TALK_TIME_AGENT = "TALK_TIME_AGENT"
    TALK_TIME_CUSTOMER = "TALK_TIME_CUSTOMER"
    INTERRUPTIONS_AGENT = "INTERRUPTIONS_AGENT"


@dataclass(frozen=True, slots=True)
class Range:
    """Both ends included; None without bound."""

    figure: Figure
    least: int | None = None
    most: int | None = None

    def holds(self, value: int | None) -> bool:
        """Whether the value is known and within."""
        return (
            value is not None
            and (self.least is None or self.least <= value)
            and (self.most is None or value <= self.most)
        )


def figures(told: Publication | None) -> Mapping[Figure, int]:
    """Those that are known."""
    if told is None:
        return {}
    all_of = {
        Figure.SENTIMENT_CUSTOMER: tenths(told.sentiment_customer),
        Figure.SENTIMENT_AGENT: tenths(told.sentiment_agent),
        Figure.SENTIMENT_SHIFT: tenths(told.sentiment_shift),
        Figure.NON_TALK: _permille(told.non_talk_ms, told.duration_ms),
        Figure.INTERRUPTIONS: told.interruptions,
        Figure.DURATION: told.duration_ms,
        Figure.ANALYSIS: 1 if told.analysis_key else None,
        Figure.HANDLE_TIME: told.handle_ms,
        Figure.TALK_TIME: _spoken(told, told.talk_ms),
        Figure.TALK_TIME_AGENT: _spoken(told, told.agent_talk_ms),
        Figure.TALK_TIME_CUSTOMER: _spoken(told, told.customer_talk_ms),
        Figure.INTERRUPTIONS_AGENT: told.agent_interruptions,
    }
    return {name: value for name, value in all_of.items() if value is not None}


def _spoken(told: Publication, talk_ms: int | None) -> int | None:
    """Nobody speaks in a conversation that has no length."""
    return talk_ms if told.duration_ms > 0 else None


def tenths(score: float | None) -> int | None:
    return None if score is None else whole(score * 10)


def _permille(part_ms: int | None, whole_ms: int) -> int | None:
    if part_ms is None or whole_ms <= 0:
        return None
    return (2000 * part_ms + whole_ms) // (2 * whole_ms)
