"""Numbers that unusual words announce, and numbers that nobody announced."""

import pytest

from tests.unit.test_pii_patterns import ACCOUNT, CARD, CVV, EXPIRY, ROUTING, A, C, found

ANNOUNCED = {
    "an_expiry_with_its_month_said": (
        [(A, "Expiry date?"), (C, "november of twenty nine")],
        (EXPIRY, "november of twenty nine"),
    ),
    "the_three_on_the_back": ([(A, "And the three on the back?"), (C, "two oh six")], (CVV, "two oh six")),
    "the_nine_digits_of_a_check": (
        [(A, "The nine digits at the bottom of the check?"), (C, "oh two one")],
        (ROUTING, "oh two one"),
    ),
    "an_account_that_is_named_after_its_number": (
        [(C, "it's thirty one forty two fifty that's my current account")],
        (ACCOUNT, "thirty one forty two fifty"),
    ),
    "a_number_by_its_end": ([(A, "Is it the number ending in 0188?")], (ACCOUNT, "0188")),
    "an_account_begun_in_one_turn": (
        [(C, "my account number is seven four two")],
        (ACCOUNT, "seven four two"),
    ),
    "a_card_with_commas": ([(C, "it is 378282, 246310, 005")], (CARD, "378282, 246310, 005")),
    "a_bare_question_for_a_number": (
        [(A, "Number?"), (C, "five five five oh one seven seven")],
        ("PHONE", "five five five oh one seven seven"),
    ),
    "radio_digits": (
        [(A, "Phone number?"), (C, "fife fife fife tree one two niner")],
        ("PHONE", "fife fife fife tree one two niner"),
    ),
    "eight_digits_said_by_nobodys_leave": (
        [(C, "so one four four one nine two six six")],
        (ACCOUNT, "one four four one nine two six six"),
    ),
    "a_birth_with_a_correction": (
        [(C, "born May fourteenth, no sorry, fifteenth, nineteen eighty")],
        ("DATE_OF_BIRTH", "May fourteenth, no sorry, fifteenth, nineteen eighty"),
    ),
    "a_birth_in_ordinals": (
        [(A, "When were you born?"), (C, "the ninth of the eleventh, seventy four")],
        ("DATE_OF_BIRTH", "the ninth of the eleventh, seventy four"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), ANNOUNCED.values(), ids=ANNOUNCED)
def test_an_announced_number_is_found(lines, expected):
    assert found(*lines) == [expected]


NOBODYS = {
    "an_order": [(A, "What is the order number?"), (C, "one four four one nine two six six")],
    "the_last_four_weeks": [(C, "in the last four weeks it failed 12 times")],
    "money": [(C, "two thousand five hundred twenty dollars")],
    "a_tree": [(C, "a tree fell on one car")],
}


@pytest.mark.parametrize("lines", NOBODYS.values(), ids=NOBODYS)
def test_nobodys_number_is_left_alone(lines):
    assert found(*lines) == []


SPELLED = {
    "a_licence_with_a_letter": (
        [(A, "Your driver's license?"), (C, "d as in delta four oh two nine")],
        ("DRIVER_ID", "d as in delta four oh two nine"),
    ),
    "a_passport": (
        [(A, "Passport number?"), (C, "it's kilo seven seven oh one two four")],
        ("PASSPORT_NUMBER", "kilo seven seven oh one two four"),
    ),
    "a_correction_within_a_number": (
        [(A, "Your PIN?"), (C, "four four no sorry five nine two")],
        ("PIN", "four four no sorry five nine two"),
    ),
    "an_end_of_a_card": ([(C, "the visa ends in three one oh nine")], (CARD, "three one oh nine")),
    "when_the_card_runs_out": (
        [(A, "When does the card run out?"), (C, "oh two thirty")],
        (EXPIRY, "oh two thirty"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), SPELLED.values(), ids=SPELLED)
def test_spelled_and_corrected_numbers_are_found(lines, expected):
    assert found(*lines) == [expected]


def test_counting_is_no_number():
    assert found((C, "it went one two three four five six seven and stopped")) == []
