"""How a range is put together: whole days and whole hours that roll-ups hold, and rows for the rest.

Days are those of the reporting time zone, hours those of UTC. A piece always belongs to one span of the
answer, so that a bucket is added to exactly one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from chalicelib.domain.zones import HOUR_MS, local, midnight, next_day


@dataclass
class Pieces:
    """Buckets with the number of the span that they are in; ``rows``: ranges of time, in order."""

    days: dict[str, int] = field(default_factory=dict)
    hours: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[int, int]] = field(default_factory=list)


def cut(spans: Iterable[tuple[int, int]], reporting: tzinfo, *, days: bool, hours: bool) -> Pieces:
    """The pieces of the spans. ``days``, ``hours``: whether roll-ups of that kind hold the answer."""
    out = Pieces()
    for number, (start, end) in enumerate(spans):
        for first, last in _around_days(start, end, reporting, number, out, days=days):
            for piece in _around_hours(first, last, number, out, hours=hours):
                _append(out.rows, piece)
    return out


def _around_days(
    start: int, end: int, reporting: tzinfo, number: int, out: Pieces, *, days: bool
) -> Iterator[tuple[int, int]]:
    """Note the whole days; what is left before and after them."""
    at = _day_from(start, reporting)
    begins = midnight(at, reporting)
    if not days or midnight(next_day(at), reporting) > end:
        yield start, end
        return
    yield start, begins
    while (then := midnight(next_day(at), reporting)) <= end:
        out.days[at.isoformat()] = number
        at, begins = next_day(at), then
    yield begins, end


def _day_from(start: int, reporting: tzinfo) -> date:
    """The first day that begins then or later."""
    day = local(start, reporting).date()
    return day if midnight(day, reporting) >= start else next_day(day)


def _around_hours(
    start: int, end: int, number: int, out: Pieces, *, hours: bool
) -> Iterator[tuple[int, int]]:
    first, last = -(-start // HOUR_MS), end // HOUR_MS
    if not hours or first >= last:
        yield start, end
        return
    for hour in range(first, last):
        out.hours[_hour(hour)] = number
    yield start, first * HOUR_MS
    yield last * HOUR_MS, end


def _hour(number: int) -> str:
    return datetime.fromtimestamp(number * HOUR_MS // 1000, UTC).strftime("%Y-%m-%dT%H")


def _append(rows: list[tuple[int, int]], piece: tuple[int, int]) -> None:
    """Neighbours are read as one."""
    if piece[0] >= piece[1]:
        return
    if rows and rows[-1][1] == piece[0]:
        rows[-1] = (rows[-1][0], piece[1])
    else:
        rows.append(piece)
