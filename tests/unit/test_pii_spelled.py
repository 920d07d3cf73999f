"""Codes that are spelled letter by letter."""

import pytest

from chalicelib.adapters.engines.pii_spelled import codes

CODES = {
    "a_letter_with_a_word_for_it": ("d as in delta four oh two", "D402"),
    "alphabet_words": ("india echo two nine", "IE29"),
    "blocks_of_capitals": ("it is AB 12 CD ok", "AB12CD"),
    "letters_with_hyphens": ("A-I-B-K nine three", "AIBK93"),
    "a_letter_that_is_called_one": ("letter b two two nine", "B229"),
    "a_correction_within": ("k four sorry four two one", "K4421"),
    "fillers_within": ("k uh four um four two", "K442"),
    "x_ray_as_it_is_written": ("x-ray four two one", "X421"),
}
NONE = {
    "numbers_alone": "four oh two nine",
    "letters_alone": "a b c d",
    "an_article_before_a_number": "a four two",
    "an_article_at_the_end": "four two a year",
    "two_characters": "b two",
    "a_shouted_sentence": "PLEASE SEND IT TO ME",
    "a_contraction": "it's four two one",
}


@pytest.mark.parametrize(("text", "expected"), CODES.values(), ids=CODES)
def test_spelled_codes_are_read(text: str, expected: str) -> None:
    assert [code.digits for code in codes(text)] == [expected]


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_is_no_code(text: str) -> None:
    assert list(codes(text)) == []


def test_a_code_keeps_its_place() -> None:
    text = "it's d as in delta four oh two thanks"
    (code,) = codes(text)
    assert text[code.begin : code.end] == "d as in delta four oh two"
