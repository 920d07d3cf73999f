"""Which contacts lie beyond a threshold, and when the histograms of roll-ups tell exactly how many.

Figures are integers, as lists filter by them: tenths of sentiment, milliseconds of duration. A threshold
is a range of integers with both ends in it, and a bucket of a histogram is one too: the answer is exact
where every bucket lies within the threshold or outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from chalicelib.domain.contact import Publication
from chalicelib.domain.rollup import DURATION_BUCKETS, SENTIMENT_BUCKETS, Counters, tenths

SENTIMENT, DURATION = "SENTIMENT_CUSTOMER", "DURATION"
SCALE = {SENTIMENT: 10, DURATION: 1000}
PREFIX = {SENTIMENT: "sent_", DURATION: "dur_"}
COMPARISONS = ("LT", "LTE", "GT", "GTE")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Integers from ``least`` to ``most``, both included; None: without end."""

    least: int | None = None
    most: int | None = None

    def hold(self, number: int | None) -> bool:
        return (
            number is not None
            and (self.least is None or self.least <= number)
            and (self.most is None or number <= self.most)
        )

    def within(self, other: Bounds) -> bool:
        low = other.least is None or (self.least is not None and other.least <= self.least)
        high = other.most is None or (self.most is not None and self.most <= other.most)
        return low and high

    def apart(self, other: Bounds) -> bool:
        return _ends_before(self, other) or _ends_before(other, self)


def _ends_before(first: Bounds, second: Bounds) -> bool:
    return first.most is not None and second.least is not None and first.most < second.least


@dataclass(frozen=True, slots=True)
class Threshold:
    """``comparison`` of a figure with ``value`` (seconds, or points of sentiment)."""

    figure: str
    comparison: str
    value: float

    @property
    def bounds(self) -> Bounds:
        exact = Decimal(repr(self.value)) * SCALE[self.figure]
        floor = int(exact.to_integral_value(ROUND_FLOOR))
        ceiling = int(exact.to_integral_value(ROUND_CEILING))
        return {
            "LT": Bounds(most=ceiling - 1),
            "LTE": Bounds(most=floor),
            "GT": Bounds(least=floor + 1),
            "GTE": Bounds(least=ceiling),
        }[self.comparison]

    def holds(self, known: Publication) -> bool:
        return self.bounds.hold(figure(known, self.figure))

    @property
    def exact(self) -> bool:
        """Whether a histogram can tell."""
        bounds = self.bounds
        each = list(buckets(self.figure))
        return all(bucket.within(bounds) or bucket.apart(bounds) for bucket in each)

    def count(self, counters: Counters) -> int:
        """How many of those counted; only where it is exact."""
        bounds = self.bounds
        inside = (
            number for number, bucket in enumerate(buckets(self.figure)) if bucket.within(bounds)
        )
        return sum(counters.get(f"{PREFIX[self.figure]}{number}", 0) for number in inside)


def figure(known: Publication, name: str) -> int | None:
    return tenths(known.sentiment_customer) if name == SENTIMENT else known.duration_ms


def buckets(name: str) -> Iterator[Bounds]:
    """The buckets of a figure's histogram in order."""
    if name == SENTIMENT:
        half = SENTIMENT_BUCKETS // 2
        yield from (Bounds(-50 + 5 * n, -46 + 5 * n) for n in range(half))
        yield Bounds(0, 0)
        yield from (Bounds(1 + 5 * n, 5 + 5 * n) for n in range(half))
        return
    edges = [0, *(4000 * 2**n for n in range(DURATION_BUCKETS - 1))]
    yield from (Bounds(low, high - 1) for low, high in pairwise(edges))
    yield Bounds(edges[-1], None)


def percentile(counters: Counters, share: float) -> float | None:
    """The duration in seconds below which this share of the contacts lies: between the edges of its
    bucket as if they were spread evenly there. The last bucket has no end; its begin stands for it."""
    counts = [counters.get(f"dur_{n}", 0) for n in range(DURATION_BUCKETS)]
    wanted, seen = share * sum(counts), 0
    for count, bucket in zip(counts, buckets(DURATION), strict=True):
        if count and seen + count >= wanted:
            low = bucket.least or 0
            high = low if bucket.most is None else bucket.most + 1
            return (low + (high - low) * (wanted - seen) / count) / 1000
        seen += count
    return None
