"""Points in time as the sources write them: ISO 8601 in, UTC milliseconds and ISO 8601 out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLAUSIBLE_YEARS = range(2005, 2100)


class Instant(NamedTuple):
    """``ms`` since 1970 UTC; ``zoned`` is False where the text named no zone and UTC was taken."""

    ms: int
    zoned: bool = True

    @property
    def plausible(self) -> bool:
        """Whether a contact centre can have written this time."""
        return to_datetime(self.ms).year in PLAUSIBLE_YEARS


def parse(value: object) -> Instant | None:
    """The instant that an ISO 8601 text names; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        zoned = at.tzinfo is not None
        since = (at if zoned else at.replace(tzinfo=UTC)) - EPOCH
        return Instant(since // timedelta(milliseconds=1), zoned) if in_range(since) else None
    except (ValueError, OverflowError):
        return None


def in_range(since_epoch: timedelta) -> bool:
    """Whether UTC can still write it: a zone moves year 1 and year 9999 out of the calendar."""
    return datetime.min.replace(tzinfo=UTC) - EPOCH <= since_epoch <= _LAST


def to_datetime(ms: int) -> datetime:
    """The moment in UTC."""
    return EPOCH + timedelta(milliseconds=ms)


def iso(ms: int) -> str:
    """``YYYY-MM-DDTHH:MM:SS.mmmZ``; texts of this form sort as their times do."""
    return to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_LAST = datetime.max.replace(tzinfo=UTC) - EPOCH
