"""What explains one number: enough to work it out again by hand.

An explanation does not repeat the number, it derives it: ``formulas`` holds one small piece of
arithmetic per metric that sees nothing but the inputs, and ``comes_out`` says whether it gives the
stored value. It does, unless the analysis is older than the evidence that it keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.transcript import Engine, Role, Span

Setting = str | int | float | bool
NOISE_DIGITS = 9


class Metric(StrEnum):
    """Every number of an analysis, in the words of the API."""

    TOTAL_DURATION = "totalDuration"
    TALK_TIME = "talkTime"
    TALK_TIME_SUM = "talkTimeSum"
    TALK_TIME_UNION = "talkTimeUnion"
    NON_TALK_TIME = "nonTalkTime"
    INTERRUPTIONS = "interruptions"
    TALK_SPEED = "talkSpeed"
    LOUDNESS = "loudness"
    LONGEST_MONOLOGUE = "longestMonologue"
    PATIENCE = "patience"
    QUESTION_RATE = "questionRate"
    GREETING = "agentGreeting"
    RESPONSE_AVERAGE = "responseTimeAverage"
    RESPONSE_MAXIMUM = "responseTimeMaximum"
    RESPONSE_FIRST = "responseTimeFirst"
    SENTIMENT = "sentiment"
    SENTIMENT_QUARTER = "sentimentQuarter"
    SENTIMENT_SHIFT = "sentimentShift"
    SENTIMENT_PROGRESSIVE = "sentimentProgressive"
    SENTIMENT_WITH_AGENT = "sentimentWithAgent"
    SENTIMENT_WITHOUT_AGENT = "sentimentWithoutAgent"
    SENTIMENT_SHIFT_WITH_AGENT = "sentimentShiftWithAgent"
    CATEGORY = "category"
    REDACTIONS = "redactions"
    HOLD_TIME = "holdTime"
    LONGEST_HOLD = "longestHold"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a number is made of.

    ``what`` says what it is (``turn``, ``talk``, ``words``, a sentiment label ...); ``quantity`` what
    it contributes, ``weight`` how much that counts; ``text`` is cut from the redacted turn.
    """

    what: str
    quantity: float | None = None
    weight: int | None = None
    span: Span | None = None
    turn_id: str | None = None
    role: Role | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """``part`` tells numbers of one metric and role apart: a quarter, ``begin`` or ``end``, the first
    turn of a group, the name of a category. ``decimals``: what the result is rounded to, if it is.

    ``imported``: the value was taken over as the source published it. ``published``: what the source
    published for the same number, if it did.
    """

    metric: Metric
    value: float
    inputs: tuple[Input, ...]
    role: Role | None = None
    part: str = ""
    unit: str = "ms"
    settings: Mapping[str, Setting] = field(default_factory=dict)
    engine: Engine | None = None
    imported: bool = False
    decimals: int | None = None
    published: float | None = None

    @property
    def difference(self) -> float | None:
        """Ours less the published value."""
        if self.published is None:
            return None
        return round(self.value - self.published, NOISE_DIGITS)
