"""The filters of the contact list over HTTP: what they find, and what of them is refused."""

from __future__ import annotations

import pytest

from chalicelib.domain.contact import Status
from tests.unit.api_world import DAY_MS, NOW_MS, World, publication, row, services

FIRST, SECOND, THIRD = "c-1", "c-2", "c-3"


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    made = World(services(tmp_path_factory.mktemp("world")))

    def put(contact_id: str, days: int, **known) -> None:
        told = publication(analysis_key="a", disconnect_ms=NOW_MS - days * DAY_MS, **known)
        made.put(row(contact_id, publication=told))

    put(
        FIRST,
        1,
        sentiment_customer=-1.5,
        sentiment_agent=3.0,
        sentiment_shift=-4.0,
        interruptions=3,
        customer_ref="cu-1",
        attributes={"tier": "gold", "a.b c": "ü&="},
    )
    put(
        SECOND,
        2,
        sentiment_customer=0.3,
        sentiment_shift=6.5,
        non_talk_ms=100,
        interruptions=0,
        duration_ms=700_000,
        categories=("Greeting", "Billing dispute"),
        attributes={"tier": ""},
    )
    put(THIRD, 3, sentiment_customer=None, interruptions=None, non_talk_ms=None, categories=())
    made.put(row("c-young", status=Status.IN_PROGRESS))
    return made  # fmt: skip


FOUND = {
    "a_score_and_better": ({"sentimentMin": 0.3}, [SECOND]),
    "a_score_and_worse": ({"sentimentMax": -1.5}, [FIRST]),
    "a_bound_between_tenths_is_kept": ({"sentimentMin": 0.31}, []),
    "a_tenth_that_floats_cannot_hold": ({"sentimentMin": 0.3, "sentimentMax": 0.3}, [SECOND]),
    "the_agents_score": ({"sentimentMin": 0, "sentimentParticipant": "AGENT"}, [FIRST]),
    "a_shift_down": ({"shiftMax": -0.1}, [FIRST]),
    "a_shift_up": ({"shiftMin": "6.5"}, [SECOND]),
    "much_non_talk": ({"nonTalkPercentMin": 40}, [FIRST]),
    "little_non_talk": ({"nonTalkPercentMax": 39.9}, [SECOND]),
    "interruptions": ({"interruptionsMin": 1}, [FIRST]),
    "no_interruptions_where_they_were_counted": ({"interruptionsMax": 0}, [SECOND]),
    "a_long_call": ({"durationMin": 700_000, "durationMax": 700_000}, [SECOND]),
    "all_categories": ({"category": ["Greeting", "Billing dispute"], "categoryMatch": "ALL"}, [SECOND]),
    "no_category": ({"category": "Billing dispute", "categoryMatch": "NONE"}, [THIRD]),
    "a_customer": ({"customerRef": ["cu-1", "cu-2"]}, [FIRST]),
    "an_attribute": ({"attr.tier": ["iron", "gold"]}, [FIRST]),
    "an_empty_attribute": ({"attr.tier": ""}, [SECOND]),
    "an_attribute_with_an_odd_name": ({"attr.a.b c": "ü&="}, [FIRST]),
    "an_attribute_nobody_has": ({"attr.Tier": "gold"}, []),
    "two_attributes": ({"attr.tier": "gold", "attr.a.b c": "u"}, []),
    "nothing_refused": ({"refused": "true"}, []),
}  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), FOUND.values(), ids=FOUND)
def test_the_list_holds_what_the_filter_means(world, query, expected):
    answer = world.ask("/v1/contacts", **query)
    assert (answer.status, [c["contactId"] for c in answer.json["items"]]) == (200, expected)


REFUSED = {
    "a_reversed_sentiment_range": ({"sentimentMin": 1, "sentimentMax": -1}, "range", "sentimentMin"),
    "a_reversed_shift": ({"shiftMin": 1, "shiftMax": 0.9}, "range", "shiftMin"),
    "a_reversed_non_talk": ({"nonTalkPercentMin": 51, "nonTalkPercentMax": 50}, "range", "nonTalkPercentMin"),
    "reversed_interruptions": ({"interruptionsMin": 2, "interruptionsMax": 1}, "range", "interruptionsMin"),
    "a_reversed_duration": ({"durationMin": 2, "durationMax": 1}, "range", "durationMin"),
    "a_score_beyond_the_scale": ({"sentimentMin": -5.1}, "parameter", "sentimentMin"),
    "a_shift_beyond_the_scale": ({"shiftMax": 10.5}, "parameter", "shiftMax"),
    "more_than_all_of_the_time": ({"nonTalkPercentMin": 101}, "parameter", "nonTalkPercentMin"),
    "a_negative_count": ({"interruptionsMin": -1}, "parameter", "interruptionsMin"),
    "half_an_interruption": ({"interruptionsMin": 0.5}, "parameter", "interruptionsMin"),
    "a_duration_of_geological_length": ({"durationMax": 10**19}, "parameter", "durationMax"),
    "no_number": ({"sentimentMin": "nan"}, "parameter", "sentimentMin"),
    "infinity": ({"sentimentMax": "inf"}, "parameter", "sentimentMax"),
    "a_word": ({"shiftMin": "much"}, "parameter", "shiftMin"),
    "an_unknown_match": ({"categoryMatch": "SOME"}, "parameter", "categoryMatch"),
    "an_unknown_participant": ({"sentimentParticipant": "BOT"}, "parameter", "sentimentParticipant"),
    "an_attribute_without_a_name": ({"attr.": "x"}, "query", "attr."),
    "a_key_that_is_no_filter": ({"attribute.x": "x"}, "query", "attribute.x"),
    "a_value_that_is_too_long": ({"attr.x": "y" * 1025}, "parameter", "attr.x"),
    "too_many_values": ({"attr.x": ["y"] * 101}, "parameter", "attr.x"),
    "a_name_that_is_too_long": ({f"attr.{'x' * 257}": "y"}, "parameter", f"attr.{'x' * 257}"),
    "too_many_attributes": ({f"attr.{n}": "y" for n in range(21)}, "parameter", "attr.*"),
    "too_many_customers": ({"customerRef": ["c"] * 101}, "parameter", "customerRef"),
    "neither_true_nor_false": ({"refused": "perhaps"}, "parameter", "refused"),
}  # fmt: skip


@pytest.mark.parametrize(("query", "code", "field"), REFUSED.values(), ids=REFUSED)
def test_what_is_malformed_is_refused_by_its_name(world, query, code, field):
    answer = world.ask("/v1/contacts", **query)
    assert (answer.status, answer.json["code"]) == (400, code)
    assert answer.json["errors"][0]["pointer"].startswith(f"/query/{field}")
    assert world.ask("/v1/themes", **query).status == 400


def test_a_token_goes_on_under_the_same_filter_only(world):
    first = world.ask("/v1/contacts", maxResults=1, interruptionsMin=0)
    token = first.json["nextToken"]
    rest = world.ask("/v1/contacts", maxResults=1, interruptionsMin=0, nextToken=token)
    assert [c["contactId"] for c in rest.json["items"]] == [SECOND]
    for other in ({"interruptionsMin": 1}, {}, {"interruptionsMin": 0, "attr.tier": "gold"}):
        assert world.ask("/v1/contacts", nextToken=token, **other).json["code"] == "cursor"
