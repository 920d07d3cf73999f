"""IANA time zones, and where their hours, days, weeks and months begin.

A day may have 23 or 25 hours, or begin at one o'clock: what counts is the first moment whose local date
is that day, found and never assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}")


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The time zone. Raises ``ValueError`` for a name that is none. UTC needs no data of time zones."""
    if name == "UTC":
        return UTC
    try:
        if _NAME.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"{name} is no IANA time zone") from error
    raise ValueError("this is no IANA time zone")


def local(at_ms: int, where: tzinfo) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(where)


def day_of(at_ms: int, where: tzinfo) -> str:
    """The local date, ISO 8601."""
    return local(at_ms, where).date().isoformat()


@lru_cache(maxsize=4096)
def midnight(day: date, where: tzinfo) -> int:
    """When a local day begins, epoch milliseconds."""
    return round(datetime.combine(day, time(), where).timestamp() * 1000)


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def next_week(day: date) -> date:
    """The Monday after."""
    return day + timedelta(days=7 - day.weekday())


def next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


NEXT: dict[str, Callable[[date], date]] = {
    "DAY": next_day,
    "WEEK": next_week,
    "MONTH": next_month,
}


def spans(start_ms: int, end_ms: int, period: str, where: tzinfo) -> Iterator[tuple[int, int]]:
    """The range cut where the periods begin: first and last may be parts of one."""
    if period == "TOTAL":
        if start_ms < end_ms:
            yield start_ms, end_ms
        return
    at = start_ms
    while at < end_ms:
        then = min(_next(at, period, where), end_ms)
        yield at, then
        at = then


def _next(at_ms: int, period: str, where: tzinfo) -> int:
    if period == "HOUR":
        offset = local(at_ms, where).utcoffset() or timedelta()
        shift = round(offset.total_seconds() * 1000) % HOUR_MS
        return (at_ms + shift) // HOUR_MS * HOUR_MS + HOUR_MS - shift
    here = local(at_ms, where).date()
    then = midnight(NEXT[period](here), where)
    return then if then > at_ms else midnight(NEXT[period](next_day(here)), where)
