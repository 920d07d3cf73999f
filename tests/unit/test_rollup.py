"""Roll-ups: contributions, deltas, buckets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.contact import ContactRow, Publication, Status
from chalicelib.domain.rollup import (
    RollupKey,
    add,
    contribution,
    deltas,
    duration_bucket,
    scheme,
    sentiment_bucket,
)
from chalicelib.domain.transcript import Channel

PUBLISHED = Publication(
    analysis_key="a",
    channel=Channel.VOICE,
    channels=(Channel.VOICE,),
    initiation_ms=1_767_600_000_000,
    disconnect_ms=1_767_603_600_000,
    duration_ms=90_000,
    agent_id="ada",
    queue_id="billing",
    sentiment_customer=-1.3,
    categories=("Cancellation",),
)
ROW = ContactRow("c", 1, Status.COMPLETED, 0, publication=PUBLISHED)


def test_a_contact_counts_in_every_dimension_it_has() -> None:
    here = {"channels": "VOICE"}
    assert set(contribution(ROW)) == {
        RollupKey("H", "ALL", "*", "2026-01-05T09", **here),
        RollupKey("D", "ALL", "*", "2026-01-05", **here),
        RollupKey("H", "QUEUE", "billing", "2026-01-05T09", **here),
        RollupKey("D", "QUEUE", "billing", "2026-01-05", **here),
        RollupKey("D", "AGENT", "ada\x1fbilling", "2026-01-05", **here),
        RollupKey("D", "CATEGORY", "*", "2026-01-05", **here),
        RollupKey("D", "QUEUE_CATEGORY", "billing", "2026-01-05", **here),
        RollupKey("D", "AGENT_CATEGORY", "ada\x1fbilling", "2026-01-05", **here),
    }


def test_sums_are_integers_with_their_counts() -> None:
    counted = contribution(ROW)
    counters = counted[RollupKey("D", "ALL", "*", "2026-01-05", "VOICE")]
    assert counters["sent_customer_x10"] == -13
    assert counters["sent_customer_x10_n"] == 1
    assert "sent_agent_x10" not in counters
    assert counted[RollupKey("D", "CATEGORY", "*", "2026-01-05", "VOICE")] == {
        "cat:Cancellation": 1,
        "cat_sent_x10:Cancellation": -13,
        "cat_sent_n:Cancellation": 1,
    }


def test_days_begin_where_the_scheme_says() -> None:
    late = replace(ROW, publication=replace(PUBLISHED, disconnect_ms=1_767_657_000_000))  # 23:50Z
    there = contribution(replace(late, counted=scheme("Europe/Berlin")))
    days = {key.bucket for key in there if key.period == "D"}
    hours = {key.bucket for key in there if key.period == "H"}
    assert (days, hours) == ({"2026-01-06"}, {"2026-01-05T23"})


def test_a_row_of_an_earlier_scheme_counts_nothing_and_is_not_taken_away() -> None:
    former = replace(ROW, counted="")
    assert contribution(former) == {}
    assert deltas(former, ROW) == contribution(ROW)


def test_a_change_of_the_time_zone_moves_the_days() -> None:
    assert deltas(ROW, replace(ROW, counted=scheme("Pacific/Kiritimati"))) == {}
    late = replace(ROW, publication=replace(PUBLISHED, disconnect_ms=1_767_657_000_000))
    moved = deltas(late, replace(late, counted=scheme("Pacific/Kiritimati")))
    assert {key.bucket for key in moved} == {"2026-01-05", "2026-01-06"}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(None, id="no_row"),
        pytest.param(replace(ROW, publication=None), id="nothing_published"),
        pytest.param(replace(ROW, status=Status.DELETED), id="a_tombstone"),
        pytest.param(
            replace(ROW, publication=replace(PUBLISHED, analysis_key="")),
            id="only_a_contact_record",
        ),
    ],
)
def test_what_counts_nothing(row: ContactRow | None) -> None:
    assert contribution(row) == {}


def test_an_unchanged_contact_changes_no_counter() -> None:
    assert deltas(ROW, replace(ROW, version=2)) == {}


rows = st.one_of(
    st.none(),
    st.builds(
        lambda sentiment, queue, categories, at: replace(
            ROW,
            publication=replace(
                PUBLISHED,
                sentiment_customer=sentiment,
                queue_id=queue,
                categories=tuple(sorted(categories)),
                disconnect_ms=at,
            ),
        ),
        st.one_of(st.none(), st.floats(-5, 5)),
        st.sampled_from([None, "billing", "sales"]),
        st.sets(st.sampled_from(["A", "B", "C"])),
        st.integers(1_767_600_000_000, 1_767_800_000_000),
    ),
)


@given(rows, rows, rows)
def test_deltas_carry_from_any_state_to_any_other(
    first: ContactRow | None, second: ContactRow | None, third: ContactRow | None
) -> None:
    total = add(deltas(None, first), deltas(first, second), deltas(second, third))
    assert total == contribution(third)


@pytest.mark.parametrize(
    ("score", "bucket"),
    [
        *[(-5, 0), (-4.9, 0), (-4.5, 1), (-0.6, 8), (-0.5, 9), (-0.1, 9)],
        *[(0, 10), (0.04, 10), (0.1, 11), (0.3, 11), (0.5, 11), (0.6, 12), (5, 20), (9, 20)],
    ],
)
def test_sentiment_buckets(score: float, bucket: int) -> None:
    assert sentiment_bucket(score) == bucket


@pytest.mark.parametrize(
    ("ms", "bucket"), [(0, 0), (3_999, 0), (4_000, 1), (60_000, 4), (10**9, 15)]
)
def test_duration_buckets(ms: int, bucket: int) -> None:
    assert duration_bucket(ms) == bucket
