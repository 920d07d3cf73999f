"""Dates as options of the command line take them."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime


def moment(text: str) -> datetime:
    """A date or a time of ISO 8601, in UTC unless it says another."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-05-04") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def moment_ms(text: str) -> int:
    """The same in epoch milliseconds."""
    return round(moment(text).timestamp() * 1000)


def day(text: str) -> str:
    """A day as it is written: ``2026-05-04``."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-05-04") from error
