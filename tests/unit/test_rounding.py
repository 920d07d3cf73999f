"""Rounding half away from zero."""

from __future__ import annotations

import pytest

from chalicelib.domain.rounding import half_away, whole


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (-1.25, 1, -1.3), (2.25, 1, 2.3), (0.05, 1, 0.1), (-0.05, 1, -0.1), (2.2499999999999996, 1, 2.3),
        (1.0049, 2, 1.0), (0.5, 0, 1.0), (1.5, 0, 2.0), (-2.5, 0, -3.0), (3.125, 1, 3.1),
    ],
)  # fmt: skip
def test_halves_round_away_from_zero(value, digits, expected):
    assert half_away(value, digits) == expected


def test_rounding_makes_no_negative_zero():
    assert str(half_away(-0.01, 1)) == "0.0"
    assert whole(-0.4) == 0
