"""What is known of an event from those before it, and the files that events come in."""

from __future__ import annotations

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.risk.history import HOUR_MS, WEEK_MS, Happened, History, plain, repeating
from chalicelib.formats.fraud_events import read

DAY_MS = 24 * HOUR_MS
KEYS = ("email", "ip")


def event(at_ms, email="a@x.example", ip="10.0.0.1", *, fraud=False, told_ms=None) -> Happened:
    return Happened(f"e{at_ms}", at_ms, {"email": email, "ip": ip}, fraud, told_ms)


def told(*events: Happened, delay_ms: int | None = 0) -> list[dict[str, str]]:
    return list(History(KEYS, delay_ms).variables(events))


def test_only_what_came_before_is_counted():
    first, second, third = told(event(0), event(HOUR_MS), event(3 * HOUR_MS, ip="10.0.0.2"))
    assert [v["email_seen"] for v in (first, second, third)] == ["0", "1", "2"]
    assert [v["ip_seen"] for v in (first, second, third)] == ["0", "1", "0"]
    assert "email_hours_since_last" not in first
    assert (third["email_hours_since_last"], third["email_hours_since_first"]) == ("2.00", "3.00")
    assert third["email_with_ip_seen"] == "0"
    assert third["email_distinct_ip"] == "1"


def test_events_of_one_moment_do_not_know_each_other():
    assert [v["email_seen"] for v in told(event(5), event(5), event(6))] == ["0", "0", "2"]


def test_a_week_ago_is_no_longer_this_week():
    last = told(event(0), event(WEEK_MS - 1), event(WEEK_MS))[-1]
    assert (last["email_seen"], last["email_seen_7d"]) == ("2", "1")


def test_parts_of_values_are_remembered_too():
    last = told(event(0), event(1, email="b12@x.example", ip="10.0.0.77"))[-1]
    assert (last["email_domain_seen"], last["ip_net_seen"], last["email_seen"]) == ("1", "1", "0")
    assert (last["email_digits"], last["email_length"]) == ("0.667", "3")


FRAUDS = (event(0, fraud=True), event(DAY_MS, fraud=True))


@pytest.mark.parametrize(
    ("delay_ms", "at_ms", "known"),
    [
        pytest.param(0, 0, ("0", "0"), id="not_its_own_verdict"),
        pytest.param(0, DAY_MS, ("1", "1"), id="the_one_before"),
        pytest.param(0, DAY_MS + 1, ("2", "2"), id="both"),
        pytest.param(DAY_MS, DAY_MS, ("0", "0"), id="told_at_this_very_moment_is_not_known"),
        pytest.param(DAY_MS, 2 * DAY_MS, ("1", "1"), id="the_first_is_told_by_now"),
        pytest.param(DAY_MS, 2 * DAY_MS + 1, ("2", "2"), id="both_are_told_by_now"),
        pytest.param(30 * DAY_MS, 9 * DAY_MS, ("0", "0"), id="none_is_told_yet"),
    ],
)
def test_a_verdict_counts_from_when_it_is_known(delay_ms, at_ms, known):
    before = [each for each in FRAUDS if each.at_ms < at_ms]
    last = told(*before, event(at_ms, fraud=True), delay_ms=delay_ms)[-1]
    assert (last["email_verdicts"], last["email_frauds"]) == known


def test_a_verdict_has_a_time_of_its_own_when_the_file_tells_it():
    late = event(0, fraud=True, told_ms=5 * DAY_MS)
    assert told(late, event(DAY_MS))[-1]["email_frauds"] == "0"
    assert told(late, event(6 * DAY_MS))[-1]["email_frauds"] == "1"


def test_without_verdicts_none_shows_in_any_variable():
    frauds = told(*FRAUDS, event(2 * DAY_MS), delay_ms=None)
    legit = told(event(0), event(DAY_MS), event(2 * DAY_MS), delay_ms=None)
    assert frauds == legit
    assert not any("fraud" in name or "verdict" in name for name in frauds[-1])


def test_the_rate_of_a_value_seen_once_stays_near_that_of_all():
    quiet = [event(n, email=f"q{n}@x.example", ip="10.9.9.9") for n in range(98)]
    last = told(*quiet, event(100, fraud=True), event(101))[-1]
    assert 0.1 < float(last["email_fraud_rate"]) < 0.3


def test_an_event_that_nobody_has_judged_teaches_nothing_about_verdicts():
    unknown = Happened("u", 0, {"email": "a@x.example"}, None)
    assert told(unknown, event(1))[-1]["email_verdicts"] == "0"


def test_columns_that_come_again_are_keys_and_amounts_and_few_values_are_not():
    events = [
        Happened(
            str(n),
            n,
            {"email": f"p{n % 60}@x.example", "amount": str(n % 60), "unique": f"u{n}", "sex": "mf"[n % 2]},
        )
        for n in range(240)
    ]  # fmt: skip
    assert repeating(events) == ("email",)
    assert plain(events, ("email",)) == ("amount", "sex")


# Files

HEADER = b"ip_address,EVENT_TIMESTAMP,EVENT_LABEL,EVENT_ID,LABEL_TIMESTAMP\n"


def test_a_file_is_read_in_the_order_of_time():
    later = b"10.0.0.2,2022-03-06T10:00:00Z,fraud,b,2022-04-01T00:00:00Z\n"
    sooner = b"10.0.0.1,2022-03-06T09:00:00Z,legit,a,\n"
    first, second = read(HEADER + later + sooner)
    assert first == Happened("a", 1_646_557_200_000, {"ip_address": "10.0.0.1"}, False)
    assert (second.fraud, second.told_ms) == (True, 1_648_771_200_000)


@pytest.mark.parametrize(
    ("label", "fraud"), [("1", True), ("0", False), ("FRAUD", True), ("legit", False), ("", None)]
)
def test_labels_are_read_as_fraud_detectors_samples_write_them(label, fraud):
    (only,) = read(b"EVENT_TIMESTAMP,EVENT_LABEL\n2022-03-06T09:00:00Z," + label.encode() + b"\n")
    assert only.fraud is fraud
    assert only.id == "2"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "columns", id="empty"),
        pytest.param(b"a,EVENT_LABEL\n1,0\n", "columns", id="no_time"),
        pytest.param(b"EVENT_TIMESTAMP\n2022-03-06T09:00:00Z\n", "columns", id="no_label"),
        pytest.param(b"EVENT_TIMESTAMP,EVENT_LABEL\nsoon,0\n", "time", id="a_time_that_is_none"),
        pytest.param(
            b"EVENT_TIMESTAMP,EVENT_LABEL\n2022-03-06T09:00:00Z,2\n", "label", id="a_third_label"
        ),
        pytest.param(
            b"EVENT_TIMESTAMP,EVENT_LABEL\n2022-03-06T09:00:00Z,0,x\n", "row", id="a_cell_too_many"
        ),
        pytest.param(b"EVENT_TIMESTAMP,EVENT_LABEL\n2022\n", "row", id="a_cell_too_few"),
        pytest.param(b"EVENT_TIMESTAMP,EVENT_LABEL\n\xff", "text", id="not_utf8"),
        pytest.param(b'EVENT_TIMESTAMP,EVENT_LABEL\n"a', "text", id="an_open_quote"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_reason(body, code):
    with pytest.raises(InputRefused) as caught:
        read(body)
    assert caught.value.code == f"fraud_events.{code}"
