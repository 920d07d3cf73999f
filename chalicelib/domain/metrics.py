"""The metric catalogue: what a number over many contacts is, and which contacts it is made of.

Names are those of Amazon Connect's GetMetricDataV2 where it has them; the others are extensions. Every
metric is arithmetic over integer counters, so that it is the same from roll-ups and from rows. ``n`` is
how many contacts it was made of: exactly those that have its ``measure``, which a contact list filters
by (``measured``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.rollup import Counters
from chalicelib.domain.rounding import half_away
from chalicelib.domain.thresholds import DURATION, SENTIMENT, percentile


class Unit(StrEnum):
    COUNT = "COUNT"
    SECONDS = "SECONDS"
    PERCENT = "PERCENT"
    SCORE = "SCORE"


class Direction(StrEnum):
    """What it means when the number goes up."""

    GOOD = "GOOD"
    BAD = "BAD"
    NEUTRAL = "NEUTRAL"


class Kind(StrEnum):
    """How the number is made of counters.

    ``COUNT``: ``n`` itself. ``MEAN``: ``of`` by ``n``. ``RATIO``: ``of`` by ``per``, as a percentage.
    ``PERCENTILE``: from the histogram of durations. ``SHARE``: of the contacts of a scope, those in the
    category. ``BEYOND``, ``BEYOND_SHARE``: contacts beyond a threshold, or their share.
    """

    COUNT = "COUNT"
    MEAN = "MEAN"
    RATIO = "RATIO"
    PERCENTILE = "PERCENTILE"
    SHARE = "SHARE"
    BEYOND = "BEYOND"
    BEYOND_SHARE = "BEYOND_SHARE"


@dataclass(frozen=True, slots=True)
class Metric:
    """``n`` names the counter of contacts, ``of`` the sum. ``scale``: what a unit is in the counter.
    ``alias``: its name in Connect, empty for an extension. ``figure``: what a threshold is on."""

    name: str
    unit: Unit
    direction: Direction
    definition: str
    kind: Kind
    measure: str
    n: str = "n"
    of: str = ""
    per: str = ""
    scale: int = 1
    share: float = 0.0
    alias: str = ""
    figure: str = ""

    @property
    def approximate(self) -> bool:
        return self.kind is Kind.PERCENTILE

    @property
    def counters(self) -> frozenset[str]:
        """What it is made of; histograms by their first letters."""
        named = {self.n, self.of, self.per} - {""}
        if self.figure or self.kind is Kind.PERCENTILE:
            named.add("histogram")
        return frozenset(named)


def _mean(
    name: str,
    unit: Unit,
    direction: Direction,
    counter: str,
    measure: str,
    definition: str,
    alias: str = "",
) -> Metric:
    scale = {Unit.SECONDS: 1000, Unit.SCORE: 10}.get(unit, 1)
    return Metric(
        name, unit, direction, definition, Kind.MEAN, measure, f"{counter}_n", counter,
        scale=scale, alias=alias,
    )  # fmt: skip


def _percent(name: str, direction: Direction, counter: str, measure: str, what: str) -> Metric:
    return Metric(
        name, Unit.PERCENT, direction,
        f"{what}, of the length of the same conversations: sum by sum.",
        Kind.RATIO, measure, f"{counter}_n", counter, f"{counter}_of_ms", alias=name,
    )  # fmt: skip


def _percentile(share: int) -> Metric:
    return Metric(
        f"P{share}_CONVERSATION_DURATION", Unit.SECONDS, Direction.NEUTRAL,
        f"The length below which {share} % of the conversations lie, from a histogram whose buckets "
        "end at 4, 8, 16 ... seconds: between its edges, so approximate.",
        Kind.PERCENTILE, "ANALYSIS", share=share / 100,
    )  # fmt: skip


def _beyond(name: str, figure: str, measure: str, n: str, what: str) -> tuple[Metric, Metric]:
    return (
        Metric(
            f"CONTACTS_{name}", Unit.COUNT, Direction.NEUTRAL,
            f"Analysed contacts whose {what} is beyond the threshold.",
            Kind.BEYOND, measure, n, figure=figure,
        ),
        Metric(
            f"PERCENT_CONTACTS_{name}", Unit.PERCENT, Direction.NEUTRAL,
            f"The same, of the contacts whose {what} is known.",
            Kind.BEYOND_SHARE, measure, n, figure=figure,
        ),
    )  # fmt: skip


_UP = Direction
METRICS: tuple[Metric, ...] = (
    Metric(
        "CONTACTS_ANALYZED", Unit.COUNT, _UP.NEUTRAL,
        "Contacts with an analysis, by when they ended.", Kind.COUNT, "ANALYSIS",
    ),
    Metric(
        "CONTACTS_HANDLED", Unit.COUNT, _UP.NEUTRAL,
        "Analysed contacts whose contact record tells how long an agent handled them.",
        Kind.COUNT, "HANDLE_TIME", "handle_ms_n", alias="CONTACTS_HANDLED",
    ),
    _mean("AVG_HANDLE_TIME", Unit.SECONDS, _UP.BAD, "handle_ms", "HANDLE_TIME",
          "Agent interaction, hold and after-contact work as the contact record gives them.",
          "AVG_HANDLE_TIME"),
    _mean("AVG_CONTACT_DURATION", Unit.SECONDS, _UP.NEUTRAL, "contact_ms", "ANALYSIS",
          "From initiation to disconnect.", "AVG_CONTACT_DURATION"),
    Metric(
        "AVG_CONVERSATION_DURATION", Unit.SECONDS, _UP.NEUTRAL,
        "Length of the recording, or from a chat's first item to its last.",
        Kind.MEAN, "ANALYSIS", "n", "duration_ms", scale=1000, alias="AVG_CONVERSATION_DURATION",
    ),
    _mean("AVG_TALK_TIME", Unit.SECONDS, _UP.NEUTRAL, "talk_ms", "TALK_TIME",
          "How long anybody spoke in a call, overlaps once.", "AVG_TALK_TIME"),
    _mean("AVG_TALK_TIME_AGENT", Unit.SECONDS, _UP.NEUTRAL, "talk_agent_ms", "TALK_TIME_AGENT",
          "How long the agent spoke in a call.", "AVG_TALK_TIME_AGENT"),
    _mean("AVG_TALK_TIME_CUSTOMER", Unit.SECONDS, _UP.NEUTRAL, "talk_customer_ms",
          "TALK_TIME_CUSTOMER", "How long the customer spoke in a call.", "AVG_TALK_TIME_CUSTOMER"),
    _percent("PERCENT_TALK_TIME", _UP.NEUTRAL, "talk_ms", "TALK_TIME", "Talk time"),
    _percent("PERCENT_TALK_TIME_AGENT", _UP.NEUTRAL, "talk_agent_ms", "TALK_TIME_AGENT",
             "The agents' talk time"),
    _percent("PERCENT_TALK_TIME_CUSTOMER", _UP.NEUTRAL, "talk_customer_ms", "TALK_TIME_CUSTOMER",
             "The customers' talk time"),
    _mean("AVG_NON_TALK_TIME", Unit.SECONDS, _UP.BAD, "non_talk_ms", "NON_TALK",
          "Silence of more than three seconds in a call, holds included.", "AVG_NON_TALK_TIME"),
    _percent("PERCENT_NON_TALK_TIME", _UP.BAD, "non_talk_ms", "NON_TALK", "Non-talk time"),
    _mean("AVG_INTERRUPTIONS", Unit.COUNT, _UP.BAD, "interruptions", "INTERRUPTIONS",
          "Interruptions of a call, by either side."),
    _mean("AVG_INTERRUPTIONS_AGENT", Unit.COUNT, _UP.BAD, "agent_interruptions",
          "INTERRUPTIONS_AGENT", "Interruptions of a call by its agent.", "AVG_INTERRUPTIONS_AGENT"),
    _mean("AVG_SENTIMENT_CUSTOMER", Unit.SCORE, _UP.GOOD, "sent_customer_x10",
          "SENTIMENT_CUSTOMER", "The customers' overall sentiment, -5 to +5."),
    _mean("AVG_SENTIMENT_AGENT", Unit.SCORE, _UP.GOOD, "sent_agent_x10", "SENTIMENT_AGENT",
          "The agents' overall sentiment, -5 to +5."),
    _mean("AVG_SENTIMENT_SHIFT", Unit.SCORE, _UP.GOOD, "shift_x10", "SENTIMENT_SHIFT",
          "The customers' sentiment in the last quarter less that in the first."),
    _percentile(50),
    _percentile(90),
    _percentile(95),
    Metric(
        "PERCENT_CONTACTS_IN_CATEGORY", Unit.PERCENT, _UP.NEUTRAL,
        "Contacts with the category, of all analysed contacts of the same group and time.",
        Kind.SHARE, "ANALYSIS",
    ),
    *_beyond("DURATION", DURATION, "ANALYSIS", "n", "conversation's length in seconds"),
    *_beyond("SENTIMENT_CUSTOMER", SENTIMENT, "SENTIMENT_CUSTOMER", "sent_customer_x10_n",
             "customer's overall sentiment"),
)  # fmt: skip
BY_NAME: Mapping[str, Metric] = {metric.name: metric for metric in METRICS}
MEASURES: Mapping[str, str] = {metric.measure: metric.n for metric in METRICS}
"""The counter that says whether a contact has a measure."""


@dataclass(frozen=True, slots=True)
class Value:
    """``number`` None: nothing to make it of. ``n``: of how many contacts it is made."""

    number: float | None
    n: int


def evaluate(metric: Metric, cell: Counters, *, whole: Counters, beyond: int = 0) -> Value:
    """The metric over a cell. ``whole``: the same cell whatever the category; ``beyond``: how many
    contacts of the cell are beyond the threshold."""
    n = cell.get(metric.n, 0)
    if metric.kind is Kind.COUNT:
        return Value(n, n)
    if metric.kind is Kind.BEYOND:
        return Value(beyond, beyond)
    if metric.kind is Kind.SHARE:
        return Value(_share(n, whole.get("n", 0)), whole.get("n", 0))
    if not n:
        return Value(None, 0)
    return Value(_number(metric, cell, n, beyond), n)


def _number(metric: Metric, cell: Counters, n: int, beyond: int) -> float | None:
    if metric.kind is Kind.BEYOND_SHARE:
        return _share(beyond, n)
    if metric.kind is Kind.PERCENTILE:
        found = percentile(cell, metric.share)
        return None if found is None else half_away(found, 1)
    total = cell.get(metric.of, 0)
    if metric.kind is Kind.RATIO:
        return _share(total, cell.get(metric.per, 0))
    return half_away(total / metric.scale / n, 3)


def _share(part: int, of_all: int) -> float | None:
    return half_away(100 * part / of_all, 3) if of_all > 0 else None
