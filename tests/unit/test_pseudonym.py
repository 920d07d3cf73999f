"""A customer's pseudonym: one for a person however they are written, none without the key."""

from dataclasses import replace

import pytest

from chalicelib.domain.pseudonym import pseudonym
from chalicelib.ports.services import After
from chalicelib.ports.storage import ContactQuery
from tests.world import CHAT_KEY, CONTACT, RECORD_KEY, World, chat, record

KEY = b"k" * 32
SAME = {
    "a_number_however_it_is_written": ("+1 (555) 010-0199", "+15550100199"),
    "a_mail_address_in_any_case": ("Ann@Example.com", " ann@example.com "),
    "an_id_of_the_customer": ("C-1001", "c-1001"),
}
OTHER = {
    "another_number": ("+15550100199", "+15550100198"),
    "a_national_and_an_international_number": ("15550100199", "+15550100199"),
    "two_ids_of_few_digits": ("C-1001", "C-1002"),
}


@pytest.mark.parametrize(("one", "two"), SAME.values(), ids=SAME.keys())
def test_is_the_same_for(one, two):
    assert pseudonym(KEY, one) == pseudonym(KEY, two)


@pytest.mark.parametrize(("one", "two"), OTHER.values(), ids=OTHER.keys())
def test_is_another_for(one, two):
    assert pseudonym(KEY, one) != pseudonym(KEY, two)


def test_is_another_with_another_key_and_tells_nothing():
    made = pseudonym(KEY, "+15550100199")
    assert made != pseudonym(b"x" * 32, "+15550100199")
    assert made.startswith("cu-")
    assert len(made) == 35
    assert "5550100199" not in made


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    after = After(customers=lambda who: pseudonym(KEY, who))
    made.services = replace(made.services, after=after)
    return made


def endpoint(number):
    return {"Type": "TELEPHONE_NUMBER", "Address": number}


NAMED = {
    "the_attribute_before_the_address": (
        {"Attributes": {"customerId": "C-7"}, "CustomerEndpoint": endpoint("+15550100199")}, "C-7",
    ),
    "the_address_without_the_attribute": ({"CustomerEndpoint": endpoint("+15550100199")}, "+15550100199"),
    "nobody_without_either": ({}, None),
    "nobody_for_an_empty_attribute": ({"Attributes": {"customerId": "  "}}, None),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "who"), NAMED.values(), ids=NAMED.keys())
def test_a_contact_is_of(world, changes, who):
    world.put(CHAT_KEY, chat())
    world.put(RECORD_KEY, record(**changes))
    world.drain()
    published = world.services.contacts.get(CONTACT).publication
    expected = who and pseudonym(KEY, who)
    assert published.customer_ref == expected
    if expected:
        (found,) = world.services.contacts.find(ContactQuery(customer_refs=(expected,))).rows
        assert found.contact_id == CONTACT


def test_it_stays_when_the_record_is_away(world):
    world.put(RECORD_KEY, record(CustomerEndpoint=endpoint("+15550100199")))
    world.put(CHAT_KEY, chat())
    world.drain()
    world.delete(RECORD_KEY)
    world.put(CHAT_KEY, chat([("CUSTOMER", "other words")]))
    world.drain()
    published = world.services.contacts.get(CONTACT).publication
    assert published.customer_ref == pseudonym(KEY, "+15550100199")
