"""What the DynamoDB store does when AWS does not answer, refuses, or lags."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from chalicelib.adapters.aws import dynamo_items
from chalicelib.adapters.aws.dynamo_contacts import DynamoContacts
from chalicelib.adapters.aws.dynamo_items import table_definition
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import BadRequest, Unavailable, VersionMoved
from chalicelib.domain.rollup import deltas
from chalicelib.ports.storage import Commit, ContactQuery
from tests.contract.conftest import table
from tests.contract.rows import NOON, bare, commit, refused_part, row
from tests.fakes.stores import Ticking

CANCELLED = "TransactionCanceledException"


def answer(code: str, status: int = 400, reasons: tuple[str, ...] = ()) -> ClientError:
    response = {
        "Error": {"Code": code, "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(response, "Operation")


@contextmanager
def failing(client, operation: str, error: Exception, *, times: int = 10**6, after: bool = False):
    """The next ``times`` calls fail, before their effect or after it; counts them."""
    calls = []

    def hook(**_):
        calls.append(1)
        if len(calls) <= times:
            raise error

    name = f"{'after' if after else 'before'}-call.*.{operation}"
    client.meta.events.register(name, hook)
    try:
        yield calls
    finally:
        client.meta.events.unregister(name, hook)


@pytest.fixture
def naps():
    return []


@pytest.fixture
def clock():
    return Ticking()


@pytest.fixture
def dynamo(aws, naps, clock):
    client = aws("dynamodb")
    store = DynamoContacts(client, table(client), clock=clock, sleep=naps.append, read_bound=5)
    store.client = client
    return store


PASSING = {
    "a_transaction_conflict": answer(CANCELLED, reasons=("None", "TransactionConflict")),
    "a_throttled_item": answer(CANCELLED, reasons=("ThrottlingError", "None")),
    "throughput": answer("ProvisionedThroughputExceededException"),
    "a_server_error": answer("InternalServerError", 500),
    "a_timeout": ReadTimeoutError(endpoint_url="https://dynamodb"),
    "a_lost_connection": ConnectionResetError(),
    "an_endpoint_out_of_reach": EndpointConnectionError(endpoint_url="https://dynamodb"),
    "a_slow_handshake": ConnectTimeoutError(endpoint_url="https://dynamodb"),
}
LASTING = {
    "access_denied": answer("AccessDeniedException"),
    "a_missing_table": answer("ResourceNotFoundException"),
    "a_refused_item": answer(CANCELLED, reasons=("ValidationError", "TransactionConflict")),
    "no_credentials": NoCredentialsError(),
    "a_disabled_key": answer("KMSDisabledException"),
}


@pytest.mark.parametrize("error", PASSING.values(), ids=PASSING.keys())
def test_a_commit_outlasts_a_passing_failure(dynamo, naps, error):
    with failing(dynamo.client, "TransactWriteItems", error, times=3):
        commit(dynamo, row("c-1"))
    assert dynamo.get("c-1") == row("c-1")
    assert len(naps) == 3
    assert all(0 <= nap <= 1 for nap in naps)


@pytest.mark.parametrize("error", PASSING.values(), ids=PASSING.keys())
def test_a_commit_gives_up_on_a_failure_that_stays_and_may_be_tried_again(dynamo, error):
    with (
        failing(dynamo.client, "TransactWriteItems", error) as calls,
        pytest.raises(Unavailable) as failed,
    ):
        commit(dynamo, row("c-1"))
    assert failed.value.retryable
    assert len(calls) == 8
    assert dynamo.get("c-1") is None


@pytest.mark.parametrize("error", LASTING.values(), ids=LASTING.keys())
def test_what_a_person_must_fix_is_not_tried_again(dynamo, error):
    with (
        failing(dynamo.client, "TransactWriteItems", error) as calls,
        pytest.raises(Unavailable) as failed,
    ):
        commit(dynamo, row("c-1"))
    assert not failed.value.retryable
    assert len(calls) == 1


def test_a_commit_whose_answer_was_lost_is_not_applied_twice(dynamo):
    lost = ReadTimeoutError(endpoint_url="https://dynamodb")
    with (
        failing(dynamo.client, "TransactWriteItems", lost, times=1, after=True),
        pytest.raises(VersionMoved),
    ):
        commit(dynamo, row("c-1"))
    assert dynamo.get("c-1") == row("c-1")
    day = dynamo.rollups("D", "ALL", "*", first="2025-12-01", last="2025-12-01")
    assert day["2025-12-01"]["n"] == 1


def test_roll_ups_without_a_row_are_never_sent_twice(dynamo):
    lost = ReadTimeoutError(endpoint_url="https://dynamodb")
    with (
        failing(dynamo.client, "TransactWriteItems", lost, after=True) as calls,
        pytest.raises(Unavailable),
    ):
        dynamo.commit(Commit([], deltas(None, row("c-1"))))
    assert len(calls) == 1


def test_reads_outlast_throttling(dynamo):
    commit(dynamo, row("c-1"))
    slow = answer("ThrottlingException")
    for operation in ("GetItem", "Query", "BatchGetItem", "Scan"):
        with failing(dynamo.client, operation, slow, times=2):
            assert dynamo.get("c-1") == row("c-1")
            assert [r.contact_id for r in dynamo.find(ContactQuery()).rows] == ["c-1"]
            assert list(dynamo.ids()) == ["c-1"]


def test_unprocessed_keys_of_a_batch_are_asked_for_again(dynamo):
    for n in range(4):
        commit(dynamo, row(f"c-{n}"))
    seen = []

    def starve(parsed, **_):
        if len(seen) < 2:
            seen.append(1)
            ((name, found),) = parsed["Responses"].items()
            parsed["UnprocessedKeys"] = {
                name: {"Keys": [{"PK": i["PK"], "SK": i["SK"]} for i in found[1:]]}
            }
            del found[1:]

    dynamo.client.meta.events.register("after-call.dynamodb.BatchGetItem", starve)
    assert len(dynamo.find(ContactQuery()).rows) == 4
    dynamo.client.meta.events.unregister("after-call.dynamodb.BatchGetItem", starve)
    assert len(seen) == 2


def test_a_commit_of_too_many_items_is_refused_before_it_is_sent(dynamo):
    owners = {f"k-{n}": "c-1" for n in range(99)}
    with (
        failing(dynamo.client, "TransactWriteItems", AssertionError()) as calls,
        pytest.raises(Unavailable) as failed,
    ):
        commit(dynamo, row("c-1"), owners=owners)
    assert not failed.value.retryable
    assert not calls


def test_the_size_of_a_commit_does_not_grow_with_categories_or_refusals(dynamo):
    sizes = []

    def count(params, **_):
        sizes.append(params["body"].count(b'"TableName"'))

    dynamo.client.meta.events.register("before-call.dynamodb.TransactWriteItems", count)
    for number, many in enumerate((0, 1, 60)):
        categories = tuple(f"category {n}" for n in range(many))
        commit(dynamo, row(f"c-{number}", queue_id="q", agent_id="a", categories=categories))
    refused = row("c-3", queue_id="q", agent_id="a")
    commit(dynamo, replace(refused, parts=(refused_part(),)))
    dynamo.client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", count)
    assert sizes == [7, 10, 10, 7]


def test_refused_rows_are_found_without_looking_at_the_others(dynamo):
    """``dynamo`` looks at five entries at most for one page."""
    for n in range(12):
        parts = (refused_part(),) if n == 11 else ()
        commit(dynamo, replace(row(f"c-{n:02d}", NOON - n), parts=parts))
    page = dynamo.find(ContactQuery(refused=True))
    assert ([r.contact_id for r in page.rows], page.searched_to_ms) == (["c-11"], None)


def test_a_scan_that_finds_little_stops_at_its_bound_and_says_how_far_it_came(dynamo):
    for n in range(12):
        commit(dynamo, row(f"c-{n:02d}", NOON - n, categories=("Rare",) if n in (1, 11) else ()))
    query, cursor, told = ContactQuery(categories=("Rare",)), None, []
    for _ in range(9):
        page = dynamo.find(query, cursor=cursor, limit=5)
        told.append(([r.contact_id for r in page.rows], page.searched_to_ms))
        cursor = page.cursor
        if cursor is None:
            break
    assert told == [(["c-01"], NOON - 4), ([], NOON - 9), (["c-11"], None)]


def test_an_index_that_lags_shows_no_row_that_no_longer_matches(dynamo, monkeypatch):
    old = commit(dynamo, bare("c-1"))
    stale = list(dynamo._table.query("RUN#IN_PROGRESS", "0", "~", index="by-state"))
    commit(dynamo, bare("c-1", version=2, status=Status.FAILED), old)
    monkeypatch.setattr(dynamo._listing, "_streams", lambda *_: [iter(stale)])
    assert dynamo.find(ContactQuery(statuses=(Status.IN_PROGRESS,))).rows == ()


def test_a_commit_that_appears_late_in_the_feed_is_still_told(dynamo, clock):
    start = dynamo.changes().cursor
    commit(dynamo, row("c-new"))
    told = dynamo.changes(cursor=start)
    clock.now_ms -= 5_000  # another worker's clock, or a slow request
    commit(dynamo, row("c-late"))
    clock.now_ms += 6_000
    later = dynamo.changes(cursor=told.cursor)
    assert [r.contact_id for r in later.rows] == ["c-late"]
    assert dynamo.changes(cursor=later.cursor).rows == ()


def test_a_cursor_that_is_used_goes_along_with_the_time_and_an_unused_one_expires(dynamo, clock):
    commit(dynamo, row("c-1"))
    unused = cursor = dynamo.changes().cursor
    for _ in range(9):
        clock.advance(24 * 3600)
        cursor = dynamo.changes(cursor=cursor).cursor
    commit(dynamo, row("c-2"))
    assert [r.contact_id for r in dynamo.changes(cursor=cursor).rows] == ["c-2"]
    with pytest.raises(BadRequest):
        dynamo.changes(cursor=unused)


def test_a_crowded_feed_keeps_its_cursor_short_and_moves_on(dynamo, monkeypatch):
    monkeypatch.setattr("chalicelib.adapters.aws.dynamo_feed.LARGEST_MARKS", 4)
    cursor = dynamo.changes().cursor
    for n in range(12):
        commit(dynamo, row(f"c-{n:02d}"))
    told = []
    while (page := dynamo.changes(cursor=cursor, limit=3)).rows:
        told += [r.contact_id for r in page.rows]
        cursor = page.cursor
        assert len(cursor) < 100
    assert told == [f"c-{n:02d}" for n in range(12)]


def test_feed_entries_expire(dynamo, clock):
    commit(dynamo, row("c-1"))
    (entry,) = dynamo._feed._upwards(clock.now_ms - 1000, clock.now_ms)
    kept_days = (entry.expires_s - clock.now_ms / 1000) / 86_400
    assert 7 < kept_days < 9


def test_owner_items_do_not_hold_the_key(dynamo):
    commit(dynamo, row("c-1"), owners={"recordings/+491701234567.wav": "c-1"})
    items = dynamo.client.scan(TableName=dynamo._table.item.Meta.table_name)["Items"]
    assert "4917012345" not in str(items)


def test_more_shards_later_still_read_what_fewer_wrote(aws):
    client = aws("dynamodb")
    name = table(client)
    few = DynamoContacts(client, name, shards=1, clock=Ticking())
    many = DynamoContacts(client, name, shards=5, clock=Ticking())
    rows = [commit(few, row(f"c-{n}")) for n in range(4)]
    for each in rows[:3]:
        commit(many, row(each.contact_id, NOON + 3_600_000, version=2), each)
    hours = many.rollups("H", "ALL", "*", first="2025-12-01T00", last="2025-12-01T23")
    assert {hour: c["n"] for hour, c in hours.items()} == {"2025-12-01T12": 1, "2025-12-01T13": 3}


def test_the_table_definition_is_what_the_model_uses():
    definition = table_definition()
    schema = dynamo_items.Item._get_schema()
    keys = {i["IndexName"]: i["KeySchema"] for i in definition["GlobalSecondaryIndexes"]}
    used = {i["index_name"]: i["key_schema"] for i in schema["global_secondary_indexes"]}
    assert {n: {k["AttributeName"] for k in ks} for n, ks in keys.items()} == {
        n: {k["AttributeName"] for k in ks} for n, ks in used.items()
    }
    projected = {
        i["index_name"]: i["projection"]["NonKeyAttributes"]
        for i in schema["global_secondary_indexes"]
    }
    assert set(map(tuple, projected.values())) == {dynamo_items.PROJECTED}
    assert definition["TimeToLiveSpecification"]["AttributeName"] in {
        a.attr_name for a in dynamo_items.Item.get_attributes().values()
    }
