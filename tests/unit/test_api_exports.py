"""Exports: what is in the file, who gets it, and what spreadsheets must not run."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.duckdb_tables import parquet_writer, write_parquet
from chalicelib.api.exports import ExportInfo
from chalicelib.domain.contact import Status
from chalicelib.domain.events import Hint
from chalicelib.domain.principal import EXPORT, Principal, PrincipalRole
from chalicelib.flow import advance, exports, reconcile
from chalicelib.formats import contact_tables
from chalicelib.formats.csv_safe import safe
from tests.fakes.search import LateSearch
from tests.unit.api_world import ADMIN, CALL, DAY_MS, NOW_MS, World, populated, publication, row

SUPERVISOR = Principal(
    "lead", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}), granted=frozenset({EXPORT})
)


@pytest.fixture
def world(tmp_path) -> World:
    return populated(tmp_path)


def ask(world, who=ADMIN, headers=None, **body):
    body = {"format": "jsonl", "query": {}, **body}
    return world.ask("/v1/exports", method="POST", body=body, who=who, headers=headers)


def work(world) -> int:
    """Work off what waits; how many steps that were."""
    steps = 0
    while messages := world.services.queues.ingest.receive(10):
        for message in messages:
            advance(world.services, Hint.from_body(message.body))
            world.services.queues.ingest.done(message)
            steps += 1
    return steps


def finished(world, begun, who=ADMIN):
    assert begun.status == 202
    work(world)
    return world.ask(f"/v1/exports/{begun.json['id']}", who=who)


def file_of(world, done) -> bytes:
    key = f"redacted/exports/export-{done.json['id']}/contacts.{done.json['format']}"
    return world.services.redacted.read(key)


def test_an_export_runs_and_gives_a_signed_address(world):
    begun = ask(world)
    assert (begun.json["state"], begun.json["url"], begun.headers["retry-after"]) == (
        "RUNNING",
        None,
        "2",
    )
    done = finished(world, begun)
    assert ExportInfo.model_validate(done.json).model_dump(by_alias=True) == done.json
    assert (done.json["state"], done.json["rows"], done.json["reason"]) == ("DONE", 7, None)
    assert done.json["url"] == "/signed/redacted/300/application/jsonl"
    assert done.headers["cache-control"] == "no-store"
    lines = [json.loads(line) for line in file_of(world, done).splitlines()]
    assert [tuple(line) for line in lines] == [contact_tables.COLUMNS] * 7
    call = next(line for line in lines if line["contactId"] == CALL)
    assert (call["sentimentCustomer"], call["categories"], call["attributes"]) == (
        -1.25, ["Billing dispute"], {"language": "en"},
    )  # fmt: skip


def test_csv_holds_the_same_rows(world):
    done = finished(world, ask(world, format="csv"))
    rows = list(csv.DictReader(io.StringIO(file_of(world, done).decode())))
    assert tuple(rows[0]) == contact_tables.COLUMNS
    assert len(rows) == done.json["rows"] == 7
    call = next(line for line in rows if line["contactId"] == CALL)
    assert (call["sentimentCustomer"], json.loads(call["categories"])) == (
        "-1.25",
        ["Billing dispute"],
    )


def test_an_export_of_many_contacts_takes_steps_and_loses_none(world):
    for n in range(2 * exports.PAGE + 1):
        world.put(
            row(f"many-{n}", publication=publication(disconnect_ms=NOW_MS - n, queue_id="many"))
        )
    begun = ask(world, query={"queueId": ["many"]})
    steps = work(world)
    done = world.ask(f"/v1/exports/{begun.json['id']}")
    ids = [json.loads(line)["contactId"] for line in file_of(world, done).splitlines()]
    assert (steps, done.json["rows"]) == (3, len(ids))
    assert ids == [f"many-{n}" for n in range(2 * exports.PAGE + 1)]


def test_a_step_that_is_made_twice_counts_once(world):
    for n in range(exports.PAGE + 1):
        world.put(
            row(f"many-{n}", publication=publication(disconnect_ms=NOW_MS - n, queue_id="many"))
        )
    export_id = exports.PREFIX + ask(world, query={"queueId": ["many"]}).json["id"]
    before = exports._latest(world.services, export_id)
    exports.step(world.services, export_id)
    exports._stepped(world.services, before)
    while exports.step(world.services, export_id).state == exports.RUNNING:
        pass
    exports.step(world.services, export_id)
    done = world.ask(f"/v1/exports/{export_id.removeprefix(exports.PREFIX)}")
    assert (done.json["state"], done.json["rows"]) == ("DONE", exports.PAGE + 1)
    assert len(file_of(world, done).splitlines()) == exports.PAGE + 1


def test_filters_and_words_decide_what_is_in_it(world):
    done = finished(world, ask(world, query={"queueId": ["queue-2"], "channel": ["CHAT"]}))
    assert done.json["rows"] == 1
    done = finished(world, ask(world, query={"q": "hello", "qParticipantRole": "AGENT"}))
    assert done.json["rows"] == 3


def test_an_export_holds_what_its_caller_sees(world):
    done = finished(world, ask(world, who=SUPERVISOR), who=SUPERVISOR)
    lines = [json.loads(line) for line in file_of(world, done).splitlines()]
    assert {line["queueId"] for line in lines} == {"queue-2"}
    assert world.ask(f"/v1/exports/{done.json['id']}").status == 404
    plain = Principal("plain", PrincipalRole.ADMIN)
    assert ask(world, who=plain).json["code"] == "forbidden"


def test_nothing_that_is_masked_or_deleted_gets_out(world):
    gone = world.services.contacts.get(CALL)
    world.put(replace(gone, status=Status.DELETED, publication=None, tombstone="erased"))
    done = finished(world, ask(world))
    assert CALL not in file_of(world, done).decode()


def test_words_that_take_their_time_are_waited_for(world):
    found = LateSearch(world.services.search)
    world.services = replace(world.services, search=found)
    export_id = exports.PREFIX + ask(world, query={"q": "hello"}).json["id"]
    states = [exports.step(world.services, export_id).state for _ in range(3)]
    assert states == ["RUNNING", "RUNNING", "DONE"]


def test_words_without_an_index_fail_with_the_reason(world):
    world.services = replace(world.services, search=None, index=None)
    done = finished(world, ask(world, query={"q": "hello"}))
    assert (done.json["state"], done.json["url"]) == ("FAILED", None)
    assert done.json["reason"] == "no index of transcripts is configured"


def test_an_export_expires_and_its_file_is_removed(world):
    done = finished(world, ask(world))
    store = world.services.redacted
    assert len(list(store.list("redacted/exports/"))) == 2
    assert exports.expire(replace(world.services, clock=lambda: 10**15)) == 2
    assert list(store.list("redacted/exports/")) == []
    world.now_ms = NOW_MS + DAY_MS
    world.__post_init__()
    over = world.ask(f"/v1/exports/{done.json['id']}")
    assert (over.json["state"], over.json["url"]) == ("EXPIRED", None)


def test_reconciliation_removes_what_is_over(world):
    finished(world, ask(world))
    reconcile(replace(world.services, clock=lambda: 10**15))
    assert list(world.services.redacted.list("redacted/exports/")) == []


def test_the_same_request_again_is_the_same_export(world):
    key = {"Idempotency-Key": "k"}
    first, again = ask(world, headers=key), ask(world, headers=key)
    assert (again.status, again.json["id"]) == (202, first.json["id"])
    other = ask(world, headers=key, format="csv")
    assert (other.status, other.json["code"]) == (422, "idempotency")
    assert work(world) == 1


BAD = {
    "no_format": ({"format": None}, "body"),
    "an_unknown_format": ({"format": "xlsx"}, "body"),
    "an_unknown_kind": ({"kind": "agents"}, "body"),
    "a_reversed_range": ({"query": {"durationMin": 2, "durationMax": 1}}, "range"),
    "an_unknown_filter": ({"query": {"x": 1}}, "body"),
    "no_writer_of_parquet": ({"format": "parquet"}, "export.format"),
}


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD)
def test_what_cannot_be_exported_is_refused(world, body, code):
    answer = ask(world, **body)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert answer.json["errors"]


@pytest.mark.parametrize("name", ["none", "0" * 32, "../x", "1/2"])
def test_what_is_no_export_is_404(world, name):
    assert world.ask(f"/v1/exports/{name}").status == 404


@pytest.mark.skipif(parquet_writer() is None, reason="duckdb is not installed")
def test_parquet_holds_the_same_rows_with_types(world, tmp_path):
    import duckdb

    world.services = replace(world.services, parquet=write_parquet)
    world.__post_init__()
    for query, rows in (({}, 7), ({"queueId": ["nowhere"]}, 0)):
        done = finished(world, ask(world, format="parquet", query=query))
        assert (done.json["state"], done.json["rows"]) == ("DONE", rows)
        path = tmp_path / f"{rows}.parquet"
        path.write_bytes(file_of(world, done))
        told = duckdb.sql(f"SELECT * FROM '{path}' WHERE contactId = '{CALL}'")
        assert tuple(told.columns) == contact_tables.COLUMNS
        kinds = dict(zip(told.columns, map(str, told.types), strict=True))
        assert (kinds["durationMillis"], kinds["sentimentCustomer"], kinds["categories"]) == (
            "BIGINT", "DOUBLE", "VARCHAR[]",
        )  # fmt: skip
        assert len(told.fetchall()) == (1 if rows else 0)


# Spreadsheets

FORMULAS = [
    "=1+1",
    "+1555",
    "-2",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "|x",
    "  =1",
    "＝1",
    " @x",
    "\u00a0=x",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_would_be_run_gets_an_apostrophe(text):
    assert safe(text) == f"'{text}"


@given(st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_no_cell_begins_like_a_formula_and_all_is_read_back(name, attributes):
    told = row("=c", publication=publication(agent_name=name, attributes=attributes))
    line = contact_tables.line_of(told)
    body = contact_tables.csv_header() + contact_tables.csv_lines([line])
    (cells,) = csv.DictReader(io.StringIO(body.decode(), newline=""))
    for column, cell in cells.items():
        if isinstance(line[column], str | list | dict) and cell.strip(" "):
            assert cell.lstrip(" \v\f\u00a0")[:1] not in tuple("=+-@|\t\r\n")
    assert cells["agentName"].removeprefix("'") == (name or "").removeprefix("'")
    assert json.loads(cells["attributes"]) == attributes


def test_json_lines_keep_values_as_they_are():
    told = row("=c", publication=publication(agent_name="+1555\n\ud800", queue_name=None))
    (line,) = contact_tables.json_lines([contact_tables.line_of(told)]).splitlines()
    assert json.loads(line)["agentName"] == "+1555\n\ud800"
    assert json.loads(line)["queueName"] is None
