"""Licences, passports, zip codes, post boxes and dates of birth, by the words around them."""

import pytest

from tests.unit.test_pii_patterns import A, C, found

IDENTITY = {
    "a_drivers_licence": ("my driver's license number is F162823540116", "DRIVER_ID", "F162823540116"),
    "a_licence_in_digits": ("My driver's license number is 6940579", "DRIVER_ID", "6940579"),
    "a_passport": ("the passport number is X1234567", "PASSPORT_NUMBER", "X1234567"),
    "a_zip_code": ("my zip code is 97301", "ADDRESS", "97301"),
    "a_zip_code_said": ("zip is nine seven three oh one", "ADDRESS", "nine seven three oh one"),
    "a_post_box": ("send it to PO Box 1234 please", "ADDRESS", "PO Box 1234"),
    "a_box_of_forces": ("Unit 0822 Box 8858\nDPO AA 13319", "ADDRESS", "Unit 0822 Box 8858\nDPO AA 13319"),
    "a_birth_in_digits": ("date of birth is 03/14/1985", "DATE_OF_BIRTH", "03/14/1985"),
    "a_birth_in_iso": ("dob 1985-03-14", "DATE_OF_BIRTH", "1985-03-14"),
    "a_birth_with_a_month": ("I was born on March 14, 1985", "DATE_OF_BIRTH", "March 14, 1985"),
    "a_birth_that_is_said": (
        "my birthday is march fourteenth nineteen eighty five",
        "DATE_OF_BIRTH",
        "march fourteenth nineteen eighty five",
    ),
    "a_birth_with_the_day_first": ("born the 3rd of May 1990", "DATE_OF_BIRTH", "the 3rd of May 1990"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "entity", "value"), IDENTITY.values(), ids=IDENTITY)
def test_what_identifies_a_person_is_found_by_its_context(text, entity, value):
    assert found((C, text)) == [(entity, value)]


def test_a_date_of_birth_answers_its_question():
    lines = (A, "And your date of birth?"), (C, "sure"), (C, "03141985")
    assert found(*lines) == [("DATE_OF_BIRTH", "03141985")]


HARMLESS_DATES = {
    "a_delivery": [(C, "it should arrive on 03/14/2025")],
    "a_date_after_the_birth_was_given": [
        (A, "Your date of birth?"),
        (C, "03/14/1985"),
        (A, "And when did it break?"),
        (C, "on April 2, 2024"),
    ],
    "a_question_long_past": [(A, "Your date of birth?"), *[(C, "one moment")] * 4, (C, "May 3rd")],
    "a_zip_file": [(C, "I sent the zip file 12345 today")],
}  # fmt: skip


@pytest.mark.parametrize("lines", HARMLESS_DATES.values(), ids=HARMLESS_DATES)
def test_other_dates_are_no_births(lines):
    given = [("DATE_OF_BIRTH", text) for _, text in lines if text == "03/14/1985"]
    assert found(*lines) == given
