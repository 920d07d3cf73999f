"""What every contact store understands by the filters on figures, categories and attributes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.contact import Status
from chalicelib.domain.figures import Figure, Range
from chalicelib.ports.storage import CategoryMatch, ContactQuery
from tests.contract.rows import HOUR, NOON, bare, commit, row, tombstone
from tests.contract.test_contact_store import found, pages

LISTED = (
    row("calm", NOON, queue_id="q-1", sentiment_customer=2.5, sentiment_agent=0.0, sentiment_shift=0.0,
        non_talk_ms=0, interruptions=0, categories=("Greeting", "Refund"),
        attributes={"tier": "gold", "land": "de"}),
    row("angry", NOON + HOUR, queue_id="q-1", sentiment_customer=-3.25, sentiment_agent=1.0,
        sentiment_shift=-10.0, non_talk_ms=15_000, interruptions=4, duration_ms=600_000,
        categories=("Refund",), attributes={"tier": "gold", "land": "tr"}),
    row("quiet", NOON + 2 * HOUR, queue_id="q-2", non_talk_ms=29_999, duration_ms=60_000,
        categories=("Greeting",), attributes={"tier": "\u0131ş\x1fık", "attr.x": "gold"}),
    row("plain", NOON + 3 * HOUR, sentiment_customer=-0.04, duration_ms=0, non_talk_ms=0),
    row("only-record", NOON + 4 * HOUR, analysis_key="", duration_ms=1),
    bare("young", NOON + 5 * HOUR),
    row("gone", NOON + 6 * HOUR, sentiment_customer=-3.25, interruptions=9, categories=("Refund",),
        attributes={"tier": "gold"}, status=Status.DELETED),
)  # fmt: skip
CUSTOMER, AGENT, SHIFT = (
    Figure.SENTIMENT_CUSTOMER,
    Figure.SENTIMENT_AGENT,
    Figure.SENTIMENT_SHIFT,
)


def within(*ranges: tuple[Figure, int | None, int | None]) -> dict:
    return {"ranges": tuple(Range(*each) for each in ranges)}


def categories(match: CategoryMatch, *names: str) -> dict:
    return {"categories": names, "category_match": match}


ANY, ALL, NONE = CategoryMatch
FILTERS = {
    "a_range_includes_its_lower_end": (within((CUSTOMER, 25, None)), "calm"),
    "a_half_of_a_tenth_counts_away_from_zero": (within((CUSTOMER, None, -33)), "angry"),
    "a_range_excludes_what_lies_a_tenth_beyond": (within((CUSTOMER, None, -34)), ""),
    "a_score_that_is_shown_as_zero_is_zero": (within((CUSTOMER, 0, 0)), "plain"),
    "zero_is_not_the_same_as_not_known": (within((Figure.INTERRUPTIONS, 0, 0)), "calm"),
    "what_is_not_known_is_in_no_range": (within((AGENT, -50, 50)), "angry calm"),
    "a_range_without_ends_asks_for_a_known_figure": (within((SHIFT, None, None)), "angry calm"),
    "the_shift_reaches_twice_as_far_as_a_score": (within((SHIFT, -100, -100)), "angry"),
    "non_talk_is_a_share_of_the_conversation": (within((Figure.NON_TALK, 25, None)), "quiet angry"),
    "non_talk_is_rounded_as_it_is_shown": (within((Figure.NON_TALK, 500, None)), "quiet"),
    "a_conversation_without_length_has_no_share": (within((Figure.NON_TALK, 0, 0)), "calm"),
    "a_duration_of_zero": (within((Figure.DURATION, None, 0)), "plain"),
    "a_contact_without_media_has_a_duration": (within((Figure.DURATION, 1, 1)), "only-record"),
    "a_reversed_range_holds_nothing": (within((Figure.DURATION, 2, 1)), ""),
    "numbers_far_away": (within((Figure.DURATION, -(10**12), 10**15)), "only-record plain quiet angry calm"),
    "two_ranges_hold_together": (within((CUSTOMER, None, -1), (Figure.INTERRUPTIONS, 3, None)), "angry"),
    "the_same_figure_twice": (within((CUSTOMER, -40, None), (CUSTOMER, None, -30)), "angry"),
    "all_categories": (categories(ALL, "Refund", "Greeting"), "calm"),
    "all_of_one": (categories(ALL, "Refund"), "angry calm"),
    "all_of_the_same_twice": (categories(ALL, "Refund", "Refund"), "angry calm"),
    "any_category": (categories(ANY, "Refund", "Greeting"), "quiet angry calm"),
    "no_category_means_analysed_contacts_only": (categories(NONE, "Refund"), "plain quiet"),
    "none_of_two": (categories(NONE, "Refund", "Greeting"), "plain"),
    "none_of_an_unknown_one": (categories(NONE, "Nothing"), "plain quiet angry calm"),
    "a_match_alone_is_no_filter": ({"category_match": NONE, "queue_ids": ("q-1",)}, "angry calm"),
    "an_attribute": ({"attributes": (("tier", ("gold",)),)}, "angry calm"),
    "any_value_of_an_attribute": ({"attributes": (("land", ("de", "tr", "fr")),)}, "angry calm"),
    "two_attributes": ({"attributes": (("tier", ("gold",)), ("land", ("tr",)))}, "angry"),
    "a_value_is_compared_whole": ({"attributes": (("tier", ("gol",)),)}, ""),
    "a_value_with_a_separator": ({"attributes": (("tier", ("\u0131ş\x1fık",)),)}, "quiet"),
    "a_key_that_begins_like_our_own": ({"attributes": (("attr.x", ("gold",)),)}, "quiet"),
    "a_key_that_is_a_path": ({"attributes": (("$.tier", ("gold",)),)}, ""),
    "a_key_that_is_a_category": ({"attributes": (("category", ("Refund",)),)}, ""),
    "an_attribute_without_values_is_nobody's": ({"attributes": (("tier", ()),)}, ""),
    "everything_at_once": ({"queue_ids": ("q-1",), "statuses": (Status.COMPLETED,), "start_ms": NOON,
        **within((CUSTOMER, -50, 0)), **categories(NONE, "Greeting"), "attributes": (("land", ("tr",)),)},
        "angry"),
}  # fmt: skip


def test_every_filter(contacts, subtests):
    for each in LISTED:
        commit(contacts, each)
    for name, (filters, expected) in FILTERS.items():
        with subtests.test(name):
            assert found(contacts, ContactQuery(**filters)) == expected.split()


def test_a_row_is_found_by_what_it_says_now(contacts):
    first = commit(contacts, row("c-1", interruptions=5, attributes={"tier": "gold"}))
    second = replace(
        row("c-1", version=2, interruptions=1, attributes={"tier": "iron"}), updated_ms=NOON
    )
    commit(contacts, second, first)
    many = ContactQuery(**within((Figure.INTERRUPTIONS, 5, None)))
    gold = ContactQuery(attributes=(("tier", ("gold",)),))
    assert found(contacts, many) == found(contacts, gold) == []
    assert found(contacts, replace(gold, attributes=(("tier", ("iron",)),))) == ["c-1"]
    commit(contacts, tombstone(second), second)
    assert found(contacts, replace(gold, attributes=(("tier", ("iron",)),))) == []


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_are_full_where_few_rows_match(contacts, limit):
    for n in range(14):
        commit(contacts, row(f"c-{n:02d}", NOON - n, interruptions=n % 5))
    query = ContactQuery(**within((Figure.INTERRUPTIONS, 4, None)))
    told = pages(contacts, query, limit)
    assert [each for page in told for each in page] == ["c-04", "c-09"]
    assert all(len(page) == limit for page in told[:-1])
