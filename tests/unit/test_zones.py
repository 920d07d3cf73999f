"""Where periods begin in time zones that put their clocks on and back."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.zones import HOUR_MS, day_of, midnight, spans, zone


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


CUTS = {
    "a_day_of_23_hours": (
        "DAY", "Europe/Berlin", "2026-03-28T22:00Z", "2026-03-30T22:00Z",
        ["2026-03-28T23:00Z", "2026-03-29T22:00Z"],
    ),
    "a_day_of_25_hours": (
        "DAY", "Europe/Berlin", "2025-10-25T21:00Z", "2025-10-27T00:00Z",
        ["2025-10-25T22:00Z", "2025-10-26T23:00Z"],
    ),
    "a_day_that_begins_at_one_o_clock": (
        "DAY", "America/Sao_Paulo", "2018-11-03T12:00Z", "2018-11-05T12:00Z",
        ["2018-11-04T03:00Z", "2018-11-05T02:00Z"],
    ),
    "a_day_that_never_was": (
        "DAY", "Pacific/Apia", "2011-12-29T12:00Z", "2011-12-31T12:00Z",
        ["2011-12-30T10:00Z", "2011-12-31T10:00Z"],
    ),
    "hours_of_half_an_hour_s_zone": (
        "HOUR", "Asia/Kolkata", "2026-01-01T00:00Z", "2026-01-01T01:45Z",
        ["2026-01-01T00:30Z", "2026-01-01T01:30Z"],
    ),
    "a_clock_that_goes_back_half_an_hour": (
        "HOUR", "Australia/Lord_Howe", "2026-04-04T13:30Z", "2026-04-04T17:00Z",
        ["2026-04-04T14:00Z", "2026-04-04T15:00Z", "2026-04-04T15:30Z", "2026-04-04T16:30Z"],
    ),
    "weeks_from_monday": (
        "WEEK", "UTC", "2026-01-01T00:00Z", "2026-01-13T00:00Z",
        ["2026-01-05T00:00Z", "2026-01-12T00:00Z"],
    ),
    "months": (
        "MONTH", "America/New_York", "2026-01-31T12:00Z", "2026-04-02T00:00Z",
        ["2026-02-01T05:00Z", "2026-03-01T05:00Z", "2026-04-01T04:00Z"],
    ),
    "the_whole": ("TOTAL", "UTC", "2026-01-01T00:00Z", "2026-01-02T00:00Z", []),
    "nothing": ("TOTAL", "UTC", "2026-01-01T00:00Z", "2026-01-01T00:00Z", None),
}  # fmt: skip


@pytest.mark.parametrize(("period", "name", "start", "end", "inner"), CUTS.values(), ids=CUTS)
def test_a_range_is_cut_where_periods_begin(period, name, start, end, inner):
    cut = list(spans(at(start), at(end), period, zone(name)))
    if inner is None:
        assert cut == []
        return
    edges = [at(start), *map(at, inner), at(end)]
    assert cut == list(pairwise(edges))


@given(
    st.integers(0, 4 * 10**12),
    st.integers(1, 40 * 24 * HOUR_MS),
    st.sampled_from(
        ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
    ),
    st.sampled_from(["HOUR", "DAY", "WEEK", "MONTH", "TOTAL"]),
)
def test_the_parts_of_a_range_are_the_range(start, length, name, period):
    cut = list(spans(start, start + length, period, zone(name)))
    assert [cut[0][0], cut[-1][1]] == [start, start + length]
    assert all(first[1] == second[0] for first, second in pairwise(cut))
    assert all(begin < end for begin, end in cut)
    if period == "DAY":
        days = [{day_of(begin, zone(name)), day_of(end - 1, zone(name))} for begin, end in cut]
        assert all(len(day) == 1 for day in days)


def test_midnight_is_the_first_moment_of_the_day():
    berlin = zone("Europe/Berlin")
    begins = midnight(date(2025, 10, 26), berlin)
    assert [day_of(begins + shift, berlin) for shift in (-1, 0)] == ["2025-10-25", "2025-10-26"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Base",
        "../../etc/passwd",
        "/etc/localtime",
        "Europe",
        "Europe/",
        "UTC\0",
        "a" * 500,
        "é",
    ],
)
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(ValueError, match="no IANA time zone"):
        zone(name)


def test_utc_needs_no_data():
    assert zone("UTC").utcoffset(None).total_seconds() == 0
