"""Rounding as Amazon publishes it: half away from zero, not half to even as Python's ``round``."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

NOISE_DIGITS = 9


def half_away(value: float, digits: int) -> float:
    """``value`` with ``digits`` decimals: -1.25 -> -1.3, 2.25 -> 2.3.

    Noise of binary fractions is cut at nine decimals first, so that 2.2499999999999996 is a half.
    """
    step = Decimal(1).scaleb(-digits)
    exact = Decimal(repr(round(value, NOISE_DIGITS)))
    return float(exact.quantize(step, ROUND_HALF_UP)) + 0.0


def whole(value: float) -> int:
    """``value`` to the nearest integer, halves away from zero."""
    return int(half_away(value, 0))
