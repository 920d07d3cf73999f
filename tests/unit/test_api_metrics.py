# ruff: noqa: E501
"""Metrics over HTTP: answers that lists bear out, scopes, and what is refused."""

from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.config import Settings
from chalicelib.domain.metrics import METRICS
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.domain.rollup import deltas, scheme
from chalicelib.domain.transcript import Channel
from chalicelib.ports.storage import Commit, RowWrite
from tests.contract.rows import row
from tests.unit.api_world import NOW_MS, World, services

HOUR = 3_600_000
SUE = Principal("sue", PrincipalRole.SUPERVISOR, queues=frozenset({"sales"}))
ADA = Principal("ada", PrincipalRole.AGENT, agent_id="ada")
NOBODY = Principal("n", PrincipalRole.SUPERVISOR)
RANGE = {"startTime": "2026-05-01T00:00:00Z", "endTime": "2026-05-28T00:00:00Z"}
QUERY = "/v1/metrics:query"


def contact(number: int, chance: random.Random):
    channels = chance.choice(((Channel.VOICE,), (Channel.CHAT,), (Channel.VOICE, Channel.CHAT)))
    queue = chance.choice(("billing", "sales"))
    known = {
        "queue_id": queue,
        "queue_name": queue.title(),
        "agent_id": chance.choice(("ada", "bob")),
        "agent_name": None,
        "channel": channels[0],
        "channels": channels,
        "duration_ms": chance.choice((3000, 4000, 64_000, 500_000)),
        "sentiment_customer": chance.choice((None, -4.2, -1.0, 0.0, 2.55)),
        "sentiment_shift": chance.choice((None, 1.5)),
        "categories": tuple(
            chance.sample(("Refund", "Rude & loud", "Übergabe"), chance.randrange(3))
        ),
        "handle_ms": chance.choice((None, 90_000)),
        "talk_ms": chance.choice((None, 2000)),
        "non_talk_ms": chance.choice((None, 1000)),
        "interruptions": chance.choice((None, 0, 3)),
        "customer_ref": chance.choice(("cu-1", "cu-2", None)),
    }
    return row(f"c-{number}", NOW_MS - number * 7 * HOUR - 12_345, **known)


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    made = World(services(tmp_path_factory.mktemp("world")))
    chance = random.Random(5)
    for number in range(80):
        new = contact(number, chance)
        made.services.contacts.commit(Commit([RowWrite(new, None)], deltas(None, new)))
    return made


def ask(world, who=None, **body):
    sent = {**RANGE, "metrics": [{"name": "CONTACTS_ANALYZED"}], **body}
    return world.ask(QUERY, method="POST", body=sent, **({"who": who} if who else {}))


def listed(world, link: str, who) -> int:
    """How many contacts the list behind a link has."""
    query, count, token = parse_qs(urlsplit(link).query), 0, None
    while True:
        page = world.ask(
            "/v1/contacts", who=who, **query, **({"nextToken": token} if token else {})
        )
        assert page.status == 200, page.text
        count += len(page.json["items"])
        token = page.json["nextToken"]
        if token is None:
            return count


def every_metric() -> list[dict]:
    asked = [{"name": m.name} for m in METRICS if not m.figure and m.kind != "SHARE"]
    for metric in METRICS:
        for value in (-1, 0, 64, -5, 5) if metric.figure else ():
            for comparison in ("LT", "LTE", "GT", "GTE"):
                threshold = {"comparison": comparison, "value": value}
                told = f"{metric.name} {comparison} {value}"
                asked.append({"name": metric.name, "metricId": told, "threshold": threshold})
    return asked


@pytest.mark.parametrize("who", [pytest.param(w, id=w.id) for w in (
    Principal("root", PrincipalRole.ADMIN), SUE, ADA, NOBODY)])  # fmt: skip
def test_every_value_counts_the_contacts_that_its_link_lists(world, who):
    metrics = every_metric()
    seen = 0
    for first in range(0, len(metrics), 20):
        answer = ask(world, who, metrics=metrics[first : first + 20])
        assert answer.status == 200, answer.text
        (result,) = answer.json["metricResults"]
        for value in result["collections"]:
            there = listed(world, value["contacts"], who) if value["contacts"] else 0
            assert value["n"] == there, value
            seen += there
    assert (seen > 0) is (who is not NOBODY)


@pytest.mark.parametrize("grouping", ["QUEUE", "AGENT", "CHANNEL", "CATEGORY"])
def test_groups_have_links_of_their_own(world, grouping):
    answer = ask(
        world,
        groupings=[grouping],
        interval={"period": "WEEK", "timeZone": "America/New_York"},
        metrics=[{"name": "CONTACTS_ANALYZED"}, {"name": "AVG_SENTIMENT_CUSTOMER"}],
    )
    results = answer.json["metricResults"]
    assert len({r["dimensions"][grouping] for r in results}) >= 2
    for result in results:
        for value in result["collections"]:
            assert value["n"] == listed(
                world, value["contacts"], Principal("r", PrincipalRole.ADMIN)
            )
            assert value["recounted"] in (True, False)


def test_a_comparison_stands_beside_and_says_how_much_it_changed(world):
    answer = ask(
        world,
        startTime="2026-05-20T00:00:00Z",
        compareTo={},
        metrics=[{"name": "CONTACTS_ANALYZED"}, {"name": "AVG_HANDLE_TIME"}],
    )
    count, handled = answer.json["metricResults"][0]["collections"]
    before = ask(world, startTime="2026-05-12T00:00:00Z", endTime="2026-05-20T00:00:00Z")
    former = before.json["metricResults"][0]["collections"][0]["n"]
    assert count["comparison"]["n"] == former
    assert count["comparison"]["change"] == round((count["n"] - former) / former, 4)
    assert handled["comparison"] == {"value": 90.0, "n": handled["comparison"]["n"], "change": 0.0}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("heatmap", {}),
        (
            "heatmap",
            {"metric": "AVG_SENTIMENT_CUSTOMER", "timeZone": "Asia/Kolkata", "agentId": "ada"},
        ),
        ("distribution", {}),
        ("distribution", {"metric": "DURATION", "channel": "CHAT", "category": "Refund"}),
    ],
    ids=[
        "heatmap",
        "heatmap_of_an_agent_in_half_an_hour",
        "distribution",
        "distribution_of_lengths",
    ],
)
def test_boards_hold_every_contact_once(world, path, query):
    answer = world.ask(f"/v1/metrics/{path}", **RANGE, **query)
    assert answer.status == 200, answer.text
    filters = {k: v for k, v in query.items() if k in ("agentId", "channel", "category")}
    mood = path == "distribution" and "metric" not in query
    asked = {
        **filters,
        "measured": "SENTIMENT_CUSTOMER" if mood or "AVG_" in str(query) else "ANALYSIS",
    }
    everything = world.ask("/v1/contacts", **RANGE, **asked, maxResults=100).json["items"]
    if path == "heatmap":
        cells = [cell for day in answer.json["cells"] for cell in day]
        assert len(cells) == 7 * 24
        assert sum(cell["n"] for cell in cells) == len(everything)
        return
    assert answer.json["n"] == len(everything)
    for bar in answer.json["bars"]:
        assert bar["count"] == listed(world, bar["contacts"], Principal("r", PrincipalRole.ADMIN))


def test_movers_are_ordered_by_how_much_they_changed(world):
    movers = world.ask("/v1/metrics/movers", **{**RANGE, "startTime": "2026-05-20T00:00:00Z"}).json[
        "movers"
    ]
    assert {m["category"] for m in movers} == {"Refund", "Rude & loud", "Übergabe"}
    changes = [abs(m["change"]) for m in movers]
    assert changes == sorted(changes, reverse=True)
    assert all(
        m["count"] == listed(world, m["contacts"], Principal("r", PrincipalRole.ADMIN))
        for m in movers
    )


def test_a_category_that_is_gone_is_a_mover(world):
    early = {"startTime": "2026-05-29T00:00:00Z", "endTime": "2026-06-20T00:00:00Z"}
    movers = world.ask("/v1/metrics/movers", **early).json["movers"]
    assert {(m["count"], m["change"]) for m in movers} == {(0, -1.0)}
    assert all(m["previousCount"] for m in movers)


@pytest.mark.parametrize("kind", ["queues", "agents", "categories"])
def test_rows_are_ordered_by_size_and_each_stands_alone_too(world, kind):
    rows = world.ask(f"/v1/{kind}", **RANGE).json
    counts = [item["count"] for item in rows["items"]]
    assert counts == sorted(counts, reverse=True)
    assert (rows["totalCount"], rows["truncated"]) == (len(counts), False)
    for item in rows["items"]:
        assert item["smallSample"] is (item["count"] < 20)
        alone = world.ask(f"/v1/{kind}/{item['id']}", **RANGE)
        assert alone.status == 200, alone.text
        assert (alone.json["count"], alone.json["name"]) == (item["count"], item["name"])
    assert world.ask(f"/v1/{kind}", **RANGE, maxResults=1).json["truncated"] is True
    if kind == "queues":
        assert {item["name"] for item in rows["items"]} == {"Billing", "Sales"}


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("queues/billing", SUE),
        ("queues/nowhere", ADA),
        ("agents/bob", ADA),
        ("categories/Nothing", SUE),
    ],
    ids=["a_foreign_queue", "an_unknown_queue", "another_agent", "an_unknown_category"],
)
def test_what_is_not_visible_is_not_there(world, path, who):
    assert world.ask(f"/v1/{path}", who=who, **RANGE).status == 404


def test_a_scope_shows_in_what_groups_there_are(world):
    def groups(who, grouping):
        return {
            r["dimensions"][grouping]
            for r in ask(world, who, groupings=[grouping]).json["metricResults"]
        }

    assert groups(SUE, "QUEUE") == {"sales"}
    assert groups(SUE, "AGENT") == {"ada", "bob"}
    assert groups(ADA, "AGENT") == {"ada"}
    assert groups(NOBODY, "QUEUE") == set()


def test_related_are_earlier_contacts_of_the_same_customer(world):
    rows = world.services.contacts
    known = {i: rows.get(i).publication for i in rows.ids()}
    told = known["c-5"] if known["c-5"].customer_ref else known["c-6"]
    contact_id = "c-5" if told is known["c-5"] else "c-6"
    answer = world.ask(f"/v1/contacts/{contact_id}/related", maxResults=100)
    expected = {
        i for i, p in known.items() if told.customer_ref and p.customer_ref == told.customer_ref and p.disconnect_ms < told.disconnect_ms
    }  # fmt: skip
    assert {c["contactId"] for c in answer.json["items"]} == expected
    assert world.ask("/v1/contacts/nobody/related").status == 404
    blank = next(i for i, p in known.items() if p.customer_ref is None)
    assert world.ask(f"/v1/contacts/{blank}/related").json["items"] == []


BAD_BODIES = {
    "a_reversed_range": ({"endTime": "2026-04-01T00:00:00Z"}, "range", "/body/startTime"),
    "an_absurd_range": ({"endTime": "2399-01-01T00:00:00Z"}, "range", "/body/startTime"),
    "a_time_that_is_none": ({"startTime": "yesterday"}, "body", "/body/startTime"),
    "a_time_without_a_zone": ({"startTime": "2026-05-01T00:00:00"}, "body", "/body/startTime"),
    "an_unknown_time_zone": ({"interval": {"timeZone": "Mars/Base"}}, "time_zone", "/body/interval/timeZone"),
    "a_path_as_a_time_zone": ({"interval": {"timeZone": "../etc/passwd"}}, "time_zone", "/body/interval/timeZone"),
    "a_folder_as_a_time_zone": ({"interval": {"timeZone": "Europe"}}, "time_zone", "/body/interval/timeZone"),
    "an_unknown_period": ({"interval": {"period": "YEAR"}}, "body", "/body/interval/period"),
    "an_unknown_metric": ({"metrics": [{"name": "HAPPINESS"}]}, "body", "/body/metrics/0/name"),
    "no_metric": ({"metrics": []}, "body", "/body/metrics"),
    "too_many_metrics": ({"metrics": [{"name": "CONTACTS_ANALYZED"}] * 21}, "body", "/body/metrics"),
    "one_metric_twice": ({"metrics": [{"name": "CONTACTS_ANALYZED"}] * 2}, "metrics.id", "/body/metrics/1/metricId"),
    "an_unknown_filter": ({"filters": [{"key": "MOON", "values": ["x"]}]}, "body", "/body/filters/0/key"),
    "a_filter_without_values": ({"filters": [{"key": "QUEUE", "values": []}]}, "body", "/body/filters/0/values"),
    "a_filter_twice": ({"filters": [{"key": "QUEUE", "values": ["x"]}] * 2}, "metrics.filters", "/body/filters/1/key"),
    "an_unknown_channel": ({"filters": [{"key": "CHANNEL", "values": ["FAX"]}]}, "metrics.filters", "/body/filters/0/values"),
    "three_groupings": ({"groupings": ["QUEUE", "AGENT", "CHANNEL"]}, "body", "/body/groupings"),
    "a_grouping_twice": ({"groupings": ["QUEUE", "QUEUE"]}, "metrics.groupings", "/body/groupings"),
    "a_threshold_that_is_needed": ({"metrics": [{"name": "CONTACTS_DURATION"}]}, "metrics.threshold", "/body/metrics/0/threshold"),
    "a_threshold_that_is_not": ({"metrics": [{"name": "AVG_TALK_TIME", "threshold": {"comparison": "LT", "value": 1}}]}, "metrics.threshold", "/body/metrics/0/threshold"),
    "a_share_of_no_category": ({"metrics": [{"name": "PERCENT_CONTACTS_IN_CATEGORY"}]}, "metrics.category", "/body/metrics/0/name"),
    "half_a_comparison": ({"compareTo": {"startTime": "2026-04-01T00:00:00Z"}}, "metrics.compare", "/body/compareTo"),
    "too_many_periods": ({"startTime": "2018-05-01T00:00:00Z", "interval": {"period": "HOUR"}}, "metrics.periods", "/body/interval/period"),
    "an_unknown_field": ({"colour": "red"}, "body", "/body/colour"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "code", "pointer"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_cannot_be_answered_is_refused_with_its_place(world, body, code, pointer):
    answer = ask(world, **body)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert answer.json["errors"][0]["pointer"] == pointer


BAD_QUERIES = {
    "a_reversed_range": ("metrics/heatmap", {"endTime": "2026-04-01T00:00:00Z"}, "/query/startTime"),
    "an_absurd_range": ("queues", {"endTime": "2399-01-01T00:00:00Z"}, "/query/startTime"),
    "an_unknown_time_zone": ("metrics/movers", {"timeZone": "Mars"}, "/query/timeZone"),
    "an_unknown_metric": ("metrics/heatmap", {"metric": "X"}, "/query/metric"),
    "a_metric_that_needs_more": ("metrics/heatmap", {"metric": "CONTACTS_DURATION"}, "/query/metric"),
    "a_time_before_the_calendar": ("agents", {"startTime": "0001-01-01T00:00:00Z", "endTime": "0002-01-01T00:00:00Z"}, "/query/startTime"),
    "a_time_after_it": ("agents", {"startTime": "9999-12-31T00:00:00Z", "endTime": "9999-12-31T23:59:59Z"}, "/query/startTime"),
    "a_distribution_of_something_else": ("metrics/distribution", {"metric": "X"}, "/query/metric"),
    "no_rows": ("agents", {"maxResults": 0}, "/query/maxResults"),
    "too_many_rows": ("agents", {"maxResults": 10**9}, "/query/maxResults"),
    "half_a_comparison": ("metrics/movers", {"compareStart": "2026-04-01T00:00:00Z"}, "/query/compareStart"),
    "an_unknown_parameter": ("categories", {"colour": "red"}, "/query/colour"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "query", "pointer"), BAD_QUERIES.values(), ids=BAD_QUERIES)
def test_a_malformed_parameter_is_refused_by_name(world, path, query, pointer):
    answer = world.ask(f"/v1/{path}", **{**RANGE, **query})
    assert answer.status == 400
    assert answer.json["errors"][0]["pointer"] == pointer


def test_beyond_the_read_bound_nothing_is_approximated(world):
    few = replace(world.services, settings=Settings(metrics_read_bound=100))
    for number in range(120):
        new = row(f"d-{number}", NOW_MS - number, queue_id="q", agent_id="zoe")
        few.contacts.commit(
            Commit([RowWrite(new, few.contacts.get(f"d-{number}") and 1)], deltas(None, new))
        )
    there = World(few)
    odd = {
        "metrics": [{"name": "CONTACTS_DURATION", "threshold": {"comparison": "LT", "value": 61}}]
    }
    refused = ask(there, endTime="2026-06-10T00:00:00Z", **odd)
    assert (refused.status, refused.json["code"]) == (422, "metrics.bound")
    assert refused.json["errors"][0]["pointer"] == "/body/startTime"
    board = there.ask("/v1/metrics/heatmap", agentId="zoe", startTime=RANGE["startTime"])
    assert (board.status, board.json["errors"][0]["pointer"]) == (422, "/query/startTime")
    exact = ask(there, endTime="2026-06-10T00:00:00Z", groupings=["QUEUE"])
    assert ("q", 120) in {
        (r["dimensions"]["QUEUE"], r["collections"][0]["n"]) for r in exact.json["metricResults"]
    }


def test_while_contacts_are_counted_anew_metrics_are_not_answered(tmp_path):
    made = World(services(tmp_path))
    made.services.contacts.mark_counted(scheme("Europe/Berlin"))
    answer = ask(made)
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    made.services.contacts.mark_counted(scheme("UTC"))
    assert ask(made).status == 200


def test_the_catalog_defines_every_metric(world):
    told = world.ask("/v1/metrics/catalog").json["metrics"]
    assert [m["name"] for m in told] == [m.name for m in METRICS]
    assert {m["alias"] for m in told if m["name"] == "AVG_HANDLE_TIME"} == {"AVG_HANDLE_TIME"}
    assert {m["alias"] for m in told if "SENTIMENT" in m["name"]} == {"extension"}
