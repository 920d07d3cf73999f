"""Roll-ups: integer counters that are corrected by ``contribution(new) - contribution(old)``.

Bucket time is the disconnect time: hours in UTC, days in the reporting time zone. Everything is an
integer (sentiment x 10, milliseconds), so that deltas cancel exactly. A row without an analysis
contributes nothing.

A row says by which scheme it is counted (``counted``), its time zone included. What an earlier scheme
counted is stored elsewhere or not at all, so such a row contributes nothing until it is committed again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import TypeVar

from chalicelib.domain.contact import COUNTING, ContactRow, Publication, Status
from chalicelib.domain.rounding import whole
from chalicelib.domain.zones import day_of, zone

K = TypeVar("K")

SENTIMENT_BUCKETS = 21
DURATION_BUCKETS = 16
WITHIN = "\x1f"
"""Between the parts of a value: ``agent + WITHIN + queue``, the queue empty where there is none."""
CATEGORY_DIMENSIONS = {"ALL": "CATEGORY", "QUEUE": "QUEUE_CATEGORY", "AGENT": "AGENT_CATEGORY"}
CATEGORY_COUNTERS = ("cat", "cat_sent_x10", "cat_sent_n")


@dataclass(frozen=True, slots=True, order=True)
class RollupKey:
    """``period`` H or D; ``dimension`` ALL, QUEUE or AGENT, or the one of its categories (days only);
    ``bucket`` an ISO hour or day. ``channels`` of the contacts, joined by ``+``."""

    period: str
    dimension: str
    value: str
    bucket: str
    channels: str = ""


Counters = Mapping[str, int]
Deltas = Mapping[RollupKey, Counters]


def scheme(time_zone: str) -> str:
    """What ``counted`` of a row says that is counted as today, with days of this time zone."""
    return f"{COUNTING}/{time_zone}"


def zone_counted(counted: str) -> tzinfo | None:
    """The time zone of a scheme; None for one of an earlier version."""
    version, _, name = counted.partition("/")
    return zone(name) if version == COUNTING else None


def contribution(row: ContactRow | None) -> dict[RollupKey, dict[str, int]]:
    """What this row adds to the roll-ups: counter by name, for each key it touches."""
    if row is None or row.publication is None or row.status is Status.DELETED:
        return {}
    where = zone_counted(row.counted)
    if not row.publication.analysis_key or where is None:
        return {}
    known = row.publication
    counters, found = counters_of(known), category_counters(known)
    out = {key: dict(counters) for key in _keys(known, where)}
    if found:
        days = [key for key in out if key.period == "D"]
        named = (replace(key, dimension=CATEGORY_DIMENSIONS[key.dimension]) for key in days)
        out |= {key: dict(found) for key in named}
    return out


def deltas(old: ContactRow | None, new: ContactRow | None) -> dict[RollupKey, dict[str, int]]:
    """``contribution(new) - contribution(old)`` without zeros."""
    before, after = contribution(old), contribution(new)
    out: dict[RollupKey, dict[str, int]] = {}
    for key in before.keys() | after.keys():
        change = Counter(after.get(key, {}))
        change.subtract(before.get(key, {}))
        nonzero = {name: n for name, n in sorted(change.items()) if n}
        if nonzero:
            out[key] = nonzero
    return out


def add(*several: Deltas) -> dict[RollupKey, dict[str, int]]:
    """The sum of several deltas, without zeros."""
    total: dict[RollupKey, Counter[str]] = {}
    for one in several:
        for key, counters in one.items():
            total.setdefault(key, Counter()).update(counters)
    return without_zeros(total)


def without_zeros(counted: Mapping[K, Counters]) -> dict[K, dict[str, int]]:
    """Neither zeros nor what consists of them."""
    nonzero = {key: {n: v for n, v in c.items() if v} for key, c in counted.items()}
    return {key: counters for key, counters in nonzero.items() if counters}


def of_all_channels(counted: Deltas) -> dict[RollupKey, dict[str, int]]:
    """The same counters whatever the channels of a contact are."""
    return add(*({replace(key, channels=""): counters} for key, counters in counted.items()))


def _keys(p: Publication, where: tzinfo) -> list[RollupKey]:
    hour = datetime.fromtimestamp(p.disconnect_ms / 1000, UTC).strftime("%Y-%m-%dT%H")
    day = day_of(p.disconnect_ms, where)
    channels = "+".join(sorted({*p.channels, p.channel}))
    keys = [
        RollupKey("H", "ALL", "*", hour, channels),
        RollupKey("D", "ALL", "*", day, channels),
    ]
    if p.queue_id:
        keys += [
            RollupKey("H", "QUEUE", p.queue_id, hour, channels),
            RollupKey("D", "QUEUE", p.queue_id, day, channels),
        ]
    if p.agent_id:
        value = f"{p.agent_id}{WITHIN}{p.queue_id or ''}"
        keys.append(RollupKey("D", "AGENT", value, day, channels))
    return keys


def counters_of(p: Publication) -> dict[str, int]:
    """The counters of one contact. ``<name>_n``: how many contacts have it; ``<name>_of_ms``: how long
    those lasted together."""
    out = {"n": 1, "duration_ms": p.duration_ms, f"dur_{duration_bucket(p.duration_ms)}": 1}
    times = times_of(p)
    measured = times | {
        "interruptions": p.interruptions,
        "agent_interruptions": p.agent_interruptions,
        "handle_ms": p.handle_ms,
        "contact_ms": max(p.disconnect_ms - p.initiation_ms, 0),
        "sent_agent_x10": tenths(p.sentiment_agent),
        "sent_customer_x10": tenths(p.sentiment_customer),
        "shift_x10": tenths(p.sentiment_shift),
    }
    for name, value in measured.items():
        if value is not None:
            out[name] = value
            out[f"{name}_n"] = 1
        if value is not None and name in times:
            out[f"{name}_of_ms"] = p.duration_ms
    if p.sentiment_customer is not None:
        out[f"sent_{sentiment_bucket(p.sentiment_customer)}"] = 1
    return {name: n for name, n in out.items() if n}


def times_of(p: Publication) -> dict[str, int | None]:
    """Parts of a conversation; none of one that has no length."""
    known = p.duration_ms > 0
    return {
        "talk_ms": p.talk_ms if known else None,
        "talk_agent_ms": p.agent_talk_ms if known else None,
        "talk_customer_ms": p.customer_talk_ms if known else None,
        "non_talk_ms": p.non_talk_ms if known else None,
    }


def category_counters(p: Publication) -> dict[str, int]:
    """``cat:<name>`` contacts, ``cat_sent_x10:<name>`` the customers' sentiment of ``cat_sent_n:<name>``."""
    out: dict[str, int] = {}
    mood = tenths(p.sentiment_customer)
    for name in dict.fromkeys(p.categories):
        out[f"cat:{name}"] = 1
        if mood is not None:
            out[f"cat_sent_x10:{name}"] = mood
            out[f"cat_sent_n:{name}"] = 1
    return {name: n for name, n in out.items() if n}


def summed(several: Iterable[Counters]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counters in several:
        for name, n in counters.items():
            total[name] += n
    return total


def tenths(score: float | None) -> int | None:
    return None if score is None else whole(score * 10)


def sentiment_bucket(score: float) -> int:
    """0..20: ten buckets of five tenths below 0, 0 itself, ten above it."""
    at = max(-50, min(50, tenths(score) or 0))
    if at < 0:
        return (at + 50) // 5
    return 10 + (at + 4) // 5


def duration_bucket(duration_ms: int) -> int:
    """0..15: bucket i ends before 2**i * 4 seconds; the last is open."""
    seconds, edge = duration_ms / 1000, 4.0
    for i in range(DURATION_BUCKETS - 1):
        if seconds < edge:
            return i
        edge *= 2
    return DURATION_BUCKETS - 1
