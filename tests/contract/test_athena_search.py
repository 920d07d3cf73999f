"""The search in the lake: its SQL is run by DuckDB, its calls go to an emulation of Athena.

What it finds is judged as the application judges it, so the table of the other searches holds here too.
"""

from __future__ import annotations

import re
import unicodedata

import pytest

from chalicelib.adapters.aws.athena_search import AthenaSearch, Lake, statement
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.passages import WordMatch, matches, words_of
from chalicelib.ports.matching import matches as row_matches
from chalicelib.ports.search import Hits, Running, TextQuery
from chalicelib.ports.storage import ContactQuery
from tests.contract.rows import HOUR, NOON, row
from tests.contract.test_transcript_search import FOUND, SAID, passages

duckdb = pytest.importorskip("duckdb")
MORE = {
    "refund": {"queue_id": "q-1", "categories": ("Refund",), "attributes": {"tier": "gold"}},
    "offer": {"interruptions": 2},
}


class Lakehouse:
    """Athena's three calls over DuckDB, whose dialect lacks a few of Trino's functions."""

    class exceptions:  # noqa: N801 - as botocore names it
        class InvalidRequestException(Exception):
            pass

    def __init__(self) -> None:
        self._database = duckdb.connect()
        self._database.execute(
            "CREATE TABLE lake (contact_id VARCHAR, disconnect_timestamp TIMESTAMP, disconnect_day VARCHAR,"
            " queue_id VARCHAR, agent_id VARCHAR, text_agent VARCHAR, text_customer VARCHAR)"
        )
        for name, python, kinds in (
            ("nfd", lambda text: unicodedata.normalize("NFD", text), ["VARCHAR"]),
            ("trino_replace", self._replace, ["VARCHAR", "VARCHAR", "VARCHAR"]),
        ):
            self._database.create_function(name, python, kinds, "VARCHAR")
        self._database.execute("CREATE MACRO regexp_like(a, b) AS regexp_matches(a, b)")
        self._database.execute("CREATE MACRO to_unixtime(a) AS epoch(a)")
        self._database.execute(
            "CREATE MACRO from_unixtime(a) AS"
            " make_timestamp(CAST(round(CAST(a AS DOUBLE) * 1000000) AS BIGINT))"
        )
        self.asked: list[dict] = []
        self.states: list[str] = []
        self.results: dict[str, list[tuple]] = {}

    @staticmethod
    def _replace(text: str, pattern: str, to: str) -> str:
        assert pattern == r"\p{M}"
        return "".join(c if not unicodedata.category(c).startswith("M") else to for c in text)

    def add(self, told, *said) -> None:
        def spoken(role: str) -> str:
            return "\n".join(p.text for p in passages(*said) if p.role == role)

        at_s = told.publication.disconnect_ms / 1000
        self._database.execute(
            "INSERT INTO lake VALUES (?, from_unixtime(?), ?, ?, ?, ?, ?)",
            [told.contact_id, at_s, "2025-12-01", told.publication.queue_id,
             told.publication.agent_id, spoken("AGENT"), spoken("CUSTOMER")],
        )  # fmt: skip

    def start_query_execution(self, **asked) -> dict[str, str]:
        self.asked.append(asked)
        sql = asked["QueryString"].replace("regexp_replace(normalize(", "trino_replace(nfd(")
        sql = re.sub(r"nfd\((\w+), NFD\)", r"nfd(\1)", sql)
        name = f"query-{len(self.asked)}"
        self.results[name] = self._database.execute(sql).fetchall()
        return {"QueryExecutionId": name}

    def get_query_execution(self, QueryExecutionId: str) -> dict:  # noqa: N803 - as Athena's
        if QueryExecutionId not in self.results:
            raise self.exceptions.InvalidRequestException
        state = self.states.pop(0) if self.states else "SUCCEEDED"
        return {"QueryExecution": {"Status": {"State": state}}}

    def get_query_results(self, QueryExecutionId, MaxResults, NextToken="0") -> dict:  # noqa: N803
        lines = [("contact_id", "at_s"), *self.results[QueryExecutionId]]
        first, last = int(NextToken), int(NextToken) + MaxResults
        rows = [
            {"Data": [{"VarCharValue": str(cell)} for cell in line]} for line in lines[first:last]
        ]
        more = {"NextToken": str(last)} if last < len(lines) else {}
        return {"ResultSet": {"Rows": rows}, **more}


@pytest.fixture(scope="module")
def rows():
    return {
        name: row(name, NOON + number * HOUR, **MORE.get(name, {}))
        for number, name in enumerate(SAID)
    }


@pytest.fixture(scope="module")
def lake(rows) -> Lakehouse:
    made = Lakehouse()
    for name, told in rows.items():
        made.add(told, *SAID[name])
    return made


def search(lake) -> AthenaSearch:
    return AthenaSearch(lake, Lake("loupe", "lake", "analysts", "s3://results/"))


def all_of(athena, query: TextQuery, limit: int = 3) -> list[str]:
    running = athena.search(query)
    assert isinstance(running, Running)
    found, cursor = [], None
    while True:
        told = athena.result(running.search_id, cursor=cursor, limit=limit)
        assert isinstance(told, Hits)
        assert len(told.hits) <= limit
        found += [hit.contact_id for hit in told.hits]
        cursor = told.cursor
        if cursor is None:
            return found


ELSEWHERE = {"somebody_else_is_heard_without_a_speaker"}  # the lake holds what both sides said


@pytest.mark.parametrize("name", sorted(FOUND.keys() - ELSEWHERE))
def test_what_the_lake_names_and_the_rows_confirm_is_what_every_search_finds(lake, rows, name):
    (q, *rest), expected = FOUND[name]
    match, role, within = (*rest, *("ALL", None, {})[len(rest) :])
    query = TextQuery(words_of(q, WordMatch(match), role), ContactQuery(**within))
    named = all_of(search(lake), query)
    confirmed = [
        each
        for each in named
        if row_matches(rows[each], query.within) and matches(passages(*SAID[each]), query.words)
    ]
    assert confirmed == expected.split()


def test_a_search_runs_until_it_is_done(lake):
    athena = search(lake)
    running = athena.search(TextQuery(words_of("refund", WordMatch.ALL, None), ContactQuery()))
    lake.states[:] = ["QUEUED", "RUNNING"]
    assert athena.result(running.search_id) == athena.result(running.search_id) == running
    told = athena.result(running.search_id)
    assert [(hit.contact_id, hit.at_ms, hit.mark) for hit in told.hits] == [
        ("offer", NOON + HOUR, ""), ("refund", NOON, ""),
    ]  # fmt: skip
    asked = lake.asked[-1]
    assert (asked["WorkGroup"], asked["QueryExecutionContext"], asked["ResultConfiguration"]) == (
        "analysts", {"Database": "loupe"}, {"OutputLocation": "s3://results/"},
    )  # fmt: skip


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_search_that_failed_is_told(lake, state):
    athena = search(lake)
    running = athena.search(TextQuery(words_of("refund", WordMatch.ALL, None), ContactQuery()))
    lake.states[:] = [state]
    with pytest.raises(Unavailable):
        athena.result(running.search_id)


def test_a_search_that_never_was_is_not_found(lake):
    with pytest.raises(NotFound):
        search(lake).result("query-0")


def test_pages_are_stable_whatever_is_written(lake, rows):
    athena = search(lake)
    running = athena.search(TextQuery(words_of("refund", WordMatch.ALL, None), ContactQuery()))
    first = athena.result(running.search_id, limit=1)
    lake.add(row("refund-later", NOON + 90 * HOUR), ("AGENT", "refund"))
    second = athena.result(running.search_id, cursor=first.cursor, limit=1)
    assert [h.contact_id for h in (*first.hits, *second.hits)] == ["offer", "refund"]
    lake._database.execute("DELETE FROM lake WHERE contact_id = 'refund-later'")


def test_a_range_names_its_partitions():
    query = TextQuery(
        words_of("x", WordMatch.ALL, None),
        ContactQuery(start_ms=NOON, end_ms=NOON + 24 * HOUR, queue_ids=("q'; DROP TABLE lake --",)),
    )
    sql = statement('la"ke', query)
    assert "disconnect_day >= '2025-12-01' AND" in sql
    assert "disconnect_day <= '2025-12-02' AND" in sql
    assert "queue_id IN ('q''; DROP TABLE lake --')" in sql
    assert 'FROM "la""ke" WHERE' in sql


def test_the_calls_are_those_that_athena_takes(aws):
    """botocore checks each call against the service's model, the emulation keeps the query."""
    client = aws("athena")
    athena = AthenaSearch(client, Lake("loupe", "lake", "primary", "s3://results/"))
    running = athena.search(TextQuery(words_of("refund", WordMatch.ALL, None), ContactQuery()))
    kept = client.get_query_execution(QueryExecutionId=running.search_id)["QueryExecution"]
    assert "regexp_like(" in kept["Query"]
    assert isinstance(athena.result(running.search_id), Hits)
