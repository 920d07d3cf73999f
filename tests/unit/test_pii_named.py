"""From a model's belief in tokens to names and addresses, with beliefs written by hand."""

import pytest

from chalicelib.adapters.engines.pii_named import named
from chalicelib.adapters.engines.rampart import Token

G, S = "GIVEN_NAME", "SURNAME"
B, STREET, APT = "BUILDING_NUMBER", "STREET_NAME", "SECONDARY_ADDRESS"
CITY, STATE, ZIP = "CITY", "STATE", "ZIP_CODE"


def tokens(text, beliefs):
    """(word, label, score) in the order of the text, as tokens."""
    out, at = [], 0
    for word, label, score in beliefs:
        begin = text.index(word, at)
        at = begin + len(word)
        out.append(Token(begin, at, label, score))
    return out


def found(text, *beliefs, asked=False):
    return [
        (s.entity, text[s.begin : s.end]) for s in named(text, tokens(text, beliefs), asked=asked)
    ]


CASES = {
    "a_full_name_is_one_mask": (
        ("My name is Ana Cruz.", ("Ana", G, 0.9), ("Cruz", S, 0.9)),
        [("NAME", "Ana Cruz")],
    ),
    "an_initial_stands_between_two_names": (
        ("it was Ana P. Cruz then", ("Ana", G, 0.9), ("Cruz", S, 0.9)),
        [("NAME", "Ana P. Cruz")],
    ),
    "a_particle_is_taken_in_by_its_neighbours": (
        ("it was Dirk van Gal", ("Dirk", G, 0.9), ("van", S, 0.3), ("Gal", S, 0.9)),
        [("NAME", "Dirk van Gal")],
    ),
    "a_capital_needs_little_belief": (
        ("I spoke to Ilse before", ("Ilse", G, 0.12)),
        [("NAME", "Ilse")],
    ),
    "the_first_capital_of_a_sentence_needs_more": (("Ok. Sky is blue", ("Sky", G, 0.3)), []),
    "a_lone_word_in_lower_case_needs_much": (("caesar", ("caesar", G, 0.8)), []),
    "thanks_before_it_is_evidence": (
        ("thanks rory", ("rory", G, 0.6)),
        [("NAME", "rory")],
    ),
    "a_model_of_a_car_is_no_name": (("the model is alto", ("alto", G, 0.97)), []),
    "a_brand_is_no_name": (("maruti suzuki", ("maruti", G, 0.99), ("suzuki", S, 0.99)), []),
    "a_greeting_is_no_name": (("goodbye", ("goodbye", G, 0.99)), []),
    "a_misspelt_courtesy_is_no_name": (("ok pleasse", ("pleasse", G, 0.99)), []),
    "greetings_run_together_are_no_name": (("hithere", ("hithere", G, 0.99)), []),
    "a_dish_is_no_name": (("lasagna", ("lasagna", G, 0.99)), []),
    "a_sentence_with_will_is_no_name": (("Will do that", ("Will", G, 0.9)), []),
    "a_numbered_avenue_alone_is_no_address": (
        ("on 5th Ave", ("5th", STREET, 0.9), ("Ave", STREET, 0.9)),
        [],
    ),
    "the_company_that_was_called_is_no_name": (
        ("Thank you for calling Acme", ("Acme", S, 0.9)),
        [],
    ),
    "a_company_with_its_service_is_no_name": (
        ("Good morning, this is Flamingo customers service", ("Flamingo", S, 0.9)),
        [],
    ),
    "half_a_word_is_no_word": (("chopped garlic", ("ga", G, 0.9)), []),
    "most_of_a_word_is_the_whole": (
        ("I am Okonkwo now", ("Okonk", S, 0.9)),
        [("NAME", "Okonkwo")],
    ),
    "an_answer_to_the_question_needs_little": (
        ("vel", ("vel", G, 0.3), True),
        [("NAME", "vel")],
    ),
    "a_street_takes_its_city_and_zip_along": (
        (
            "at 12 Oak Lane, Salem, OR 97301 now",
            ("12", B, 0.9),
            ("Oak", STREET, 0.9),
            ("Lane", STREET, 0.9),
            ("Salem", CITY, 0.9),
            ("OR", STATE, 0.9),
            ("97301", ZIP, 0.9),
        ),
        [("ADDRESS", "12 Oak Lane, Salem, OR 97301")],
    ),
    "an_apartment_is_masked_with_its_word": (
        ("Apt. 120, Elm Road", ("120", APT, 0.9), ("Elm", STREET, 0.9), ("Road", STREET, 0.9)),
        [("ADDRESS", "Apt. 120, Elm Road")],
    ),
    "a_number_said_before_a_street_is_its_number": (
        ("forty one hundred first avenue", ("first", STREET, 0.9), ("avenue", STREET, 0.9)),
        [("ADDRESS", "forty one hundred first avenue")],
    ),
    "a_city_alone_is_no_address": (("a flight to Chicago", ("Chicago", CITY, 1.0)), []),
    "a_building_number_alone_is_no_address": (("2 sodas", ("2", B, 0.99)), []),
    "a_seat_is_no_address": (("seat j 8", ("j", STREET, 0.9), ("8", B, 0.9)), []),
    "a_city_with_its_zip_is_one": (
        ("in Salem 97301", ("Salem", CITY, 0.9), ("97301", ZIP, 0.9)),
        [("ADDRESS", "Salem 97301")],
    ),
    "a_month_is_no_city": (("sep 82018", ("sep", STATE, 0.9), ("82018", ZIP, 0.9)), []),
    "a_passport": (
        ("it is X1234567", ("X1234567", "PASSPORT", 0.9)),
        [("PASSPORT_NUMBER", "X1234567")],
    ),
    "a_number_too_short_for_its_type": (("it is 20", ("20", "PHONE", 0.9)), []),
    "an_order_number_is_no_phone": (
        ("order number 3348917502", ("3348917502", "PHONE", 0.9)),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), CASES.values(), ids=CASES)
def test_named(given, expected):
    text, *beliefs = given
    asked = beliefs[-1] is True
    assert found(text, *(b for b in beliefs if b is not True), asked=asked) == expected
