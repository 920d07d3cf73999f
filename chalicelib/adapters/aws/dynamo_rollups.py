"""Roll-ups as DynamoDB items: one for each key and shard, one attribute for each counter.

All values of a dimension lie beside each other in the partition of their month, so that one value is a
range of it and a ranking is all of it. Only what every contact of a queue writes to is spread over
shards. Attribute names are short, because DynamoDB charges a write by the size of the whole item: a base
counter has a code, and the three counters of a category share one number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from chalicelib.adapters.aws.dynamo_table import Table
from chalicelib.domain.rollup import (
    CATEGORY_COUNTERS,
    DURATION_BUCKETS,
    SENTIMENT_BUCKETS,
    WITHIN,
    Counters,
    RollupKey,
)

MONTHS, FORMER_MONTHS = "R2", "R"
COUNTED = ("COUNTED", "SCHEME")
SPREAD = frozenset(("ALL", "QUEUE", "CATEGORY", "QUEUE_CATEGORY"))
APART = "\x1e"
PLACE = 10**12
"""Three counters in one number, each its own twelve digits: adding numbers adds each of them."""

_NAMES = (
    "n",
    "duration_ms",
    *(
        f"{name}{kind}"
        for name in ("talk_ms", "talk_agent_ms", "talk_customer_ms", "non_talk_ms")
        for kind in ("", "_n", "_of_ms")
    ),
    *(
        f"{name}{kind}"
        for name in (
            "interruptions",
            "agent_interruptions",
            "handle_ms",
            "contact_ms",
            "sent_agent_x10",
            "sent_customer_x10",
            "shift_x10",
        )
        for kind in ("", "_n")
    ),
    *(f"dur_{number}" for number in range(DURATION_BUCKETS)),
    *(f"sent_{number}" for number in range(SENTIMENT_BUCKETS)),
)
_CODES = {name: f"c{number:02d}" for number, name in enumerate(_NAMES)}
_OF_CODE = {code: name for name, code in _CODES.items()}
_CATEGORY, _OTHER = "k:", "c:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which roll-ups are asked for; ``of`` None: of every value."""

    period: str
    dimension: str
    first: str
    last: str
    of: str | None

    def holds(self, key: RollupKey) -> bool:
        named = self.of is None or key.value == self.of or key.value.startswith(self.of + WITHIN)
        return named and self.first <= key.bucket <= self.last

    def bounds(self) -> tuple[str, str]:
        """Where their sort keys lie."""
        if self.of is None:
            return "\x00", "\U0010ffff"
        return f"{self.of}{APART}", f"{self.of}{WITHIN}\U0010ffff"


def partition(period: str, dimension: str, month: str, shard: int) -> str:
    return f"R2#{period}#{dimension}#{month}#{shard}"


def shards_of(dimension: str, shards: int) -> range:
    """Where a dimension's roll-ups may lie."""
    return range(shards if dimension in SPREAD else 1)


def item_key(key: RollupKey, shard: int) -> tuple[str, str]:
    number = shard if key.dimension in SPREAD else 0
    sort = f"{key.value}{APART}{key.bucket}#{key.channels}"
    return partition(key.period, key.dimension, key.bucket[:7], number), sort


def stored(
    table: Table, partitions: Iterable[str], wanted: Wanted
) -> Iterator[tuple[RollupKey, Counters]]:
    """The roll-ups of these partitions that are wanted."""
    for name in partitions:
        for raw in table.query_raw(name, *wanted.bounds()):
            value, _, place = str(raw["SK"]["S"]).rpartition(APART)
            bucket, _, channels = place.partition("#")
            key = RollupKey(wanted.period, wanted.dimension, value, bucket, channels)
            if wanted.holds(key):
                yield key, counters_of(raw)


def additions(counters: Counters) -> list[Action]:
    """What an update adds."""
    return [Path([name]).add(number) for name, number in packed(counters).items()]


def packed(counters: Counters) -> dict[str, int]:
    """The numbers by attribute."""
    out: Counter[str] = Counter()
    for name, number in counters.items():
        kind, colon, category = name.partition(":")
        if colon and kind in CATEGORY_COUNTERS:
            weight = PLACE ** (2 - CATEGORY_COUNTERS.index(kind))
            out[_CATEGORY + _quoted(category)] += number * weight
        else:
            out[_CODES.get(name, _OTHER + _quoted(name))] += number
    return dict(out)


def counters_of(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """The counters of an item as DynamoDB returns it, without zeros."""
    out: dict[str, int] = {}
    for name, value in raw.items():
        if name.startswith(_CATEGORY):
            out |= _unpacked(unquote(name.removeprefix(_CATEGORY)), int(value["N"]))
        elif name.startswith(_OTHER):
            out[unquote(name.removeprefix(_OTHER))] = int(value["N"])
        elif name in _OF_CODE:
            out[_OF_CODE[name]] = int(value["N"])
    return {name: number for name, number in out.items() if number}


def _unpacked(category: str, number: int) -> dict[str, int]:
    out = {}
    for kind in reversed(CATEGORY_COUNTERS):
        low = (number + PLACE // 2) % PLACE - PLACE // 2
        out[f"{kind}:{category}"] = low
        number = (number - low) // PLACE
    return out


def _quoted(name: str) -> str:
    """Expressions would read brackets in a category's name as a list index."""
    return quote(name, safe="_ ")
