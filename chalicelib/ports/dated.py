"""Objects in the order of a time, a folder a day: ``<prefix><day>/<ms>-<id>.json``, days in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from chalicelib.ports.storage import ObjectStore

DAY_MS = 86_400_000


def key(prefix: str, at_ms: int, mark: str) -> str:
    """Where the object of this time and id lies."""
    return f"{prefix}{_day(at_ms)}/{at_ms:013d}-{mark}.json"


def newest(store: ObjectStore, prefix: str, since_ms: int, now_ms: int) -> Iterator[str]:
    """Keys from the latest back to ``since_ms``, one day listed at a time."""
    for number in range(now_ms // DAY_MS, since_ms // DAY_MS - 1, -1):
        for stat in reversed(list(store.list(f"{prefix}{_day(number * DAY_MS)}/"))):
            if int(stat.key.rpartition("/")[2].partition("-")[0]) >= since_ms:
                yield stat.key


def mark_of(key: str) -> str:
    """The id in a key."""
    return key.rpartition("/")[2].removesuffix(".json").partition("-")[2]


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")
