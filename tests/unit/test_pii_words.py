"""Words in lower case that are no names."""

import pytest

from chalicelib.adapters.engines import pii_words as words

YES, NO = True, False
COURTESIES = {
    "a_greeting": ("hello", YES), "an_answer": ("yep", YES), "a_name": ("robin", NO), "a_dish": ("pizza", NO),
}  # fmt: skip
SLIPS = {
    "two_letters_swapped": ("thnaks", YES),
    "a_letter_missing": ("mornng", YES),
    "a_letter_too_many": ("pleasee", YES),
    "another_first_letter": ("zhanks", NO),
    "two_words_run_together": ("hithere", YES),
    "three_words_run_together": ("okthankyou", YES),
    "a_name_behind_a_greeting": ("hirobin", NO),
    "a_short_name": ("tom", NO),
}
THINGS = {
    "a_dish": ("pizza", YES),
    "a_colour": ("blue", YES),
    "a_name_that_is_a_herb": ("basil", NO),
    "a_name_that_is_a_colour": ("brown", NO),
}
YOUS = {
    "itself": ("you", YES), "a_slip": ("yuo", YES), "short": ("yu", YES), "a_name": ("tom", NO),
    "longer": ("youssef", NO),
}  # fmt: skip


@pytest.mark.parametrize(("word", "expected"), COURTESIES.values(), ids=COURTESIES)
def test_courtesies(word: str, expected: bool) -> None:
    assert words.is_courtesy(word) is expected


@pytest.mark.parametrize(("word", "expected"), SLIPS.values(), ids=SLIPS)
def test_courtesies_with_a_slip(word: str, expected: bool) -> None:
    assert words.is_like_courtesy(word) is expected


@pytest.mark.parametrize(("word", "expected"), THINGS.values(), ids=THINGS)
def test_everyday_things(word: str, expected: bool) -> None:
    assert words.is_everyday(word) is expected


@pytest.mark.parametrize(("word", "expected"), YOUS.values(), ids=YOUS)
def test_the_word_behind_thank(word: str, expected: bool) -> None:
    assert words.is_you(word) is expected
