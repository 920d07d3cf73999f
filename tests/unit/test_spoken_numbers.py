"""Runs of digits as people say them and as recognition writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.spoken_numbers import digit_runs

RUNS = {
    "digit_words": ("it is four one one one now", ["4111"]),
    "oh_between_digits_is_zero": ("seven oh oh six", ["7006"]),
    "double_and_triple": ("double two triple five one", ["225551"]),
    "tens_and_units_pair_up": ("forty five sixty seven", ["4567"]),
    "tens_before_teens_stand_alone": ("twenty nineteen", ["2019"]),
    "a_year": ("nineteen eighty four", ["1984"]),
    "tens_before_zero": ("twenty zero", ["200"]),
    "eight_hundred": ("one eight hundred five five five", ["1800555"]),
    "upper_case": ("Four One", ["41"]),
    "recognised_groups": ("4111-1111 1111.1111", ["4111111111111111"]),
    "commas_as_thousands": ("4,111,111", ["4111111"]),
    "a_bracketed_area_code": ("(977) 625-2661", ["9776252661"]),
    "fillers_are_heard_over": ("4111 uh 1111, um, 11", ["4111111111"]),
    "numerals_and_words_mix": ("4111 one one one one", ["41111111"]),
    "two_numbers_in_a_sentence": ("order 12 for room 34", ["12", "34"]),
    "an_ellipsis_joins": ("12...34", ["1234"]),
    "a_long_row_of_dots_does_not": ("12....34", ["12", "34"]),
    "oh_alone_is_an_exclamation": ("oh hello", []),
    "an_exclamation_before_a_number": ("oh, oh five", ["05"]),
    "double_alone_is_no_number": ("a double please", []),
    "double_at_the_end_is_no_number": ("two double", ["2"]),
    "double_behind_a_comma_is_no_number": ("two, double", ["2"]),
    "a_hundred_alone_is_no_digit": ("a hundred", []),
    "letters_touching_digits_are_a_code": ("K17 GT67G6 5D a_1", []),
    "other_numerals_are_left_alone": ("² ٣", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "digits"), RUNS.values(), ids=RUNS)
def test_digits_of_a_text(text, digits):
    assert [run.digits for run in digit_runs(text)] == digits


def test_a_run_knows_its_place():
    text = "it's four one one, thanks"
    (run,) = digit_runs(text)
    assert text[run.begin : run.end] == "four one one"
    assert run.spoken


@pytest.mark.parametrize(
    ("text", "first", "last", "loose"),
    [
        pytest.param("4111 1111", True, True, False, id="a_turn_of_nothing_but_digits"),
        pytest.param(
            "um, 4111 and 1111!", True, True, True, id="fillers_and_punctuation_do_not_count"
        ),
        pytest.param("it is 4111", False, True, False, id="words_before"),
        pytest.param("4111 it is", True, False, False, id="words_after"),
        pytest.param("4111, 1111", True, True, True, id="a_comma_is_loose"),
    ],
)
def test_a_run_knows_what_stands_around_it(text, first, last, loose):
    (run,) = digit_runs(text)
    assert (run.first, run.last, run.loose) == (first, last, loose)


def test_strict_runs_are_numerals_without_commas_and_fillers():
    text = "4111 1111, 12 and 3 or four"
    assert [run.digits for run in digit_runs(text, strict=True)] == ["41111111", "12", "3"]


@given(st.text(alphabet="one two oh double 12,.-() xyz hundred and", max_size=60))
def test_runs_are_disjoint_in_order_and_made_of_digits(text):
    end = 0
    for run in digit_runs(text):
        assert end <= run.begin < run.end <= len(text)
        assert run.digits.isdigit()
        end = run.end


WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_digits_said_one_by_one_are_those_digits(digits):
    said = " ".join(WORDS[d] for d in digits)
    assert [run.digits for run in digit_runs(said)] == ["".join(map(str, digits))]
