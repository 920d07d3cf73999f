"""Words in the Parquet lake, by Amazon Athena: no index, no cost while nobody asks, and seconds to wait.

The lake has the columns of Connect's table of conversational analytics, with ``text_agent`` and
``text_customer``, and one partition a day. A query asks for time, queue, agent and words; what else a
filter says, and whether the words are within one turn and not masked, is judged by the rows themselves
(``mark`` is empty). Its result stays as it was found, so pages of it are stable whatever is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters.aws.failures import code_of, translated
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.passages import Words
from chalicelib.domain.transcript import Role
from chalicelib.ports.search import Hit, Hits, Running, TextQuery
from chalicelib.ports.storage import ContactQuery

MOST_HITS = 10_000
GOING_ON = ("QUEUED", "RUNNING")
COLUMN = {Role.AGENT.value: "text_agent", Role.CUSTOMER.value: "text_customer"}
EDGE, BETWEEN = r"(^|[^\p{L}\p{N}])", r"[^\p{L}\p{N}]+"
MARKS = r"\p{M}"


@dataclass(frozen=True, slots=True)
class Lake:
    """Where the table is, who runs the query, and where its result lies (empty: as the workgroup says)."""

    database: str
    table: str
    workgroup: str = "primary"
    output: str = ""


class AthenaSearch:
    """``TranscriptSearch`` over the lake. Every search is ``Running`` at first."""

    def __init__(self, client: Any, lake: Lake) -> None:  # noqa: ANN401 - botocore makes its classes
        self._client = client
        self._lake = lake

    def search(
        self,
        query: TextQuery,
        *,
        cursor: str | None = None,  # noqa: ARG002 - of the port
        limit: int = 50,  # noqa: ARG002
    ) -> Hits | Running:
        place = {"ResultConfiguration": {"OutputLocation": self._lake.output}}
        with translated("StartQueryExecution"):
            begun = self._client.start_query_execution(
                QueryString=statement(self._lake.table, query),
                QueryExecutionContext={"Database": self._lake.database},
                WorkGroup=self._lake.workgroup,
                **(place if self._lake.output else {}),
            )
        return Running(begun["QueryExecutionId"])

    def result(
        self, search_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Hits | Running:
        if self._state(search_id) in GOING_ON:
            return Running(search_id)
        asked = {"NextToken": cursor} if cursor else {}
        header = 0 if cursor else 1  # the first page begins with the columns' names
        with translated("GetQueryResults"):
            page = self._client.get_query_results(
                QueryExecutionId=search_id, MaxResults=min(limit + header, 1000), **asked
            )
        rows = page["ResultSet"]["Rows"][header:]
        return Hits(tuple(_hit(row["Data"]) for row in rows), page.get("NextToken"))

    def _state(self, search_id: str) -> str:
        """Raises ``NotFound`` for a query that never was, ``Unavailable`` for one that failed."""
        try:
            found = self._client.get_query_execution(QueryExecutionId=search_id)
        except self._client.exceptions.InvalidRequestException as error:
            raise NotFound(f"{search_id}: {code_of(error)}") from error
        state = str(found["QueryExecution"]["Status"]["State"])
        if state not in (*GOING_ON, "SUCCEEDED"):
            raise Unavailable(f"the search has {state.lower()}", retryable=False)
        return state


def statement(table: str, query: TextQuery) -> str:
    """The SQL of a search. Literals are quoted; words are letters and digits only."""
    where = " AND ".join((*_within(query.within), _said(query.words)))
    return (
        "SELECT contact_id, to_unixtime(disconnect_timestamp) AS at_s"  # noqa: S608 - quoted
        f" FROM {_name(table)} WHERE {where}"
        f" ORDER BY disconnect_timestamp DESC, contact_id LIMIT {MOST_HITS}"
    )


def _within(query: ContactQuery) -> Iterator[str]:
    if query.start_ms is not None:
        yield f"disconnect_day >= {_text(_day(query.start_ms))}"
        yield f"disconnect_timestamp >= from_unixtime({query.start_ms / 1000})"
    if query.end_ms is not None:
        yield f"disconnect_day <= {_text(_day(query.end_ms))}"
        yield f"disconnect_timestamp < from_unixtime({query.end_ms / 1000})"
    for column, wanted in (("queue_id", query.queue_ids), ("agent_id", query.agent_ids)):
        if wanted:
            yield f"{column} IN ({', '.join(map(_text, wanted))})"


def _said(words: Words) -> str:
    columns = (COLUMN[words.role],) if words.role else tuple(COLUMN.values())
    joiner = " AND " if words.every else " OR "
    return "(" + joiner.join(_one_of(columns, phrase) for phrase in words.phrases) + ")"


def _one_of(columns: Sequence[str], phrase: Sequence[str]) -> str:
    pattern = _text(EDGE + BETWEEN.join(phrase) + r"($|[^\p{L}\p{N}])")
    told = (f"regexp_like({_folded(column)}, {pattern})" for column in columns)
    return f"({' OR '.join(told)})"


def _folded(column: str) -> str:
    return f"lower(regexp_replace(normalize({column}, NFD), {_text(MARKS)}, ''))"


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(min(max(at_ms, 0), 253_402_300_799_999) / 1000, UTC).strftime(
        "%Y-%m-%d"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'


def _hit(cells: Sequence[dict[str, str]]) -> Hit:
    contact_id, at_s = (cell.get("VarCharValue", "") for cell in cells)
    return Hit(contact_id, round(float(at_s) * 1000))
