"""Months, day numbers and what may stand between them."""

import re

import pytest

from chalicelib.adapters.engines.pii_dates import CORRECTION, MONTH, NUMBER

MONTHS = {
    "a_whole_name": ("march", True), "a_short_name": ("sep", True), "with_a_full_stop": ("oct.", True),
    "sept": ("sept", True), "part_of_a_word": ("marching", False), "a_mayor": ("mayor", False),
}  # fmt: skip
NUMBERS = {
    "figures": ("1984", True), "an_ordinal_in_figures": ("22nd", True), "an_ordinal": ("twelfth", True),
    "a_joined_ordinal": ("twenty-third", True), "a_said_zero": ("oh", True),
    "a_word_of_years": ("thousand", True),
    "five_figures": ("19840", False), "a_plain_word": ("forth", False),
}  # fmt: skip
BETWEEN = {
    "nothing": ("", True), "a_correction": ("no sorry, ", True), "the_year": ("the year ", True),
    "another_word": ("maybe ", False), "too_much": ("uh um er uh ", False),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MONTHS.values(), ids=MONTHS)
def test_months(text: str, expected: bool) -> None:
    assert bool(re.fullmatch(MONTH, text)) is expected


@pytest.mark.parametrize(("text", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_in_dates(text: str, expected: bool) -> None:
    assert bool(re.fullmatch(NUMBER, text)) is expected


@pytest.mark.parametrize(("text", "expected"), BETWEEN.values(), ids=BETWEEN)
def test_what_may_stand_before_a_number_again(text: str, expected: bool) -> None:
    assert bool(re.fullmatch(CORRECTION, text)) is expected
