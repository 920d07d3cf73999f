"""Roll-ups: integer counters that are corrected by ``contribution(new) - contribution(old)``.

Bucket time is the disconnect time in UTC. Everything is an integer (sentiment x 10, milliseconds), so
that deltas cancel exactly. A row without an analysis contributes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.contact import ContactRow, Publication, Status

SENTIMENT_BUCKETS = 21
DURATION_BUCKETS = 16


@dataclass(frozen=True, slots=True, order=True)
class RollupKey:
    """``period`` H or D; ``dimension`` ALL, QUEUE, AGENT or QUEUE_AGENT; ``bucket`` an ISO hour or day."""

    period: str
    dimension: str
    value: str
    bucket: str


Counters = Mapping[str, int]
Deltas = Mapping[RollupKey, Counters]


def contribution(row: ContactRow | None) -> dict[RollupKey, dict[str, int]]:
    """What this row adds to the roll-ups: counter by name, for each key it touches."""
    if row is None or row.publication is None or row.status is Status.DELETED:
        return {}
    if not row.publication.analysis_key:
        return {}
    counters = _counters(row.publication)
    return {key: dict(counters) for key in _keys(row.publication)}


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
    summed = {key: {n: v for n, v in c.items() if v} for key, c in total.items()}
    return {key: counters for key, counters in summed.items() if counters}


def _keys(p: Publication) -> list[RollupKey]:
    at = datetime.fromtimestamp(p.disconnect_ms / 1000, UTC)
    hour, day = at.strftime("%Y-%m-%dT%H"), at.strftime("%Y-%m-%d")
    keys = [RollupKey("H", "ALL", "*", hour), RollupKey("D", "ALL", "*", day)]
    if p.queue_id:
        keys += [
            RollupKey("H", "QUEUE", p.queue_id, hour),
            RollupKey("D", "QUEUE", p.queue_id, day),
        ]
    if p.agent_id:
        keys.append(RollupKey("D", "AGENT", p.agent_id, day))
    if p.queue_id and p.agent_id:
        keys.append(RollupKey("D", "QUEUE_AGENT", f"{p.queue_id}\x1f{p.agent_id}", day))
    return keys


def _counters(p: Publication) -> dict[str, int]:
    out = {"n": 1, f"n_{p.channel.lower()}": 1, "duration_ms": p.duration_ms}
    out[f"dur_{duration_bucket(p.duration_ms)}"] = 1
    measured = {
        "talk_ms": p.talk_ms,
        "non_talk_ms": p.non_talk_ms,
        "interruptions": p.interruptions,
        "agent_interruptions": p.agent_interruptions,
        "handle_ms": p.handle_ms,
        "sent_agent_x10": _tenths(p.sentiment_agent),
        "sent_customer_x10": _tenths(p.sentiment_customer),
        "shift_x10": _tenths(p.sentiment_shift),
    }
    for name, value in measured.items():
        if value is not None:
            out[name] = value
            out[f"{name}_n"] = 1
    if p.sentiment_customer is not None:
        out[f"sent_{sentiment_bucket(p.sentiment_customer)}"] = 1
    for name in p.categories:
        out[f"cat:{name}"] = 1
        if p.sentiment_customer is not None:
            out[f"cat_sent_x10:{name}"] = _tenths(p.sentiment_customer) or 0
            out[f"cat_sent_n:{name}"] = 1
    return {name: n for name, n in out.items() if n}


def _tenths(score: float | None) -> int | None:
    return None if score is None else round(score * 10)


def sentiment_bucket(score: float) -> int:
    """0..20: half-point buckets of -5 .. +5, the middle one around 0."""
    return max(0, min(SENTIMENT_BUCKETS - 1, round((score + 5) * 2)))


def duration_bucket(duration_ms: int) -> int:
    """0..15: bucket i ends at 2**i * 4 seconds; the last is open."""
    seconds, edge = duration_ms / 1000, 4.0
    for i in range(DURATION_BUCKETS - 1):
        if seconds < edge:
            return i
        edge *= 2
    return DURATION_BUCKETS - 1
