"""What an agent tells of a shop or a help line, and what of a customer."""

import pytest

from tests.unit.test_pii_patterns import A, C, found

PUBLIC = {
    "a_number_to_reach_the_company": [(A, "You can reach us at 303-555-0148.")],
    "the_number_of_a_shop_that_was_asked_for": [
        (C, "What is the telephone number?"),
        (A, "(303) 555-0148"),
    ],
    "the_zip_of_a_shop": [(A, "The shop's zip is 60611.")],
    "a_help_line": [(A, "The helpline is 303-555-0148.")],
}
CUSTOMERS = {
    "the_customer_s_own_number": ([(A, "Your number is 303-555-0148?")], "303-555-0148"),
    "a_number_on_file": ([(C, "What number do you have?"), (A, "303-555-0148")], "303-555-0148"),
    "a_customer_s_shop": ([(C, "you can reach us at 303-555-0148")], "303-555-0148"),
    "the_customer_s_after_the_company_s": (
        [(A, "Our line is 303-555-0100 and your number is 303-555-0148?")],
        "303-555-0148",
    ),
    "a_customer_who_asks_for_the_own": (
        [(C, "What is the number on my account?"), (A, "303-555-0148")],
        "303-555-0148",
    ),
}


@pytest.mark.parametrize("lines", PUBLIC.values(), ids=PUBLIC)
def test_what_is_public_stays(lines: list[tuple[str, str]]) -> None:
    assert found(*lines) == []


@pytest.mark.parametrize(("lines", "number"), CUSTOMERS.values(), ids=CUSTOMERS)
def test_what_is_the_customer_s_is_masked(lines: list[tuple[str, str]], number: str) -> None:
    assert [text for _, text in found(*lines)] == [number]
