"""SQL over the lake: one SELECT at a time, over tables in memory, with nothing else within reach.

The rows are loaded first; then the database loses its way to files, network, extensions and Python, and its
configuration is locked. A statement is parsed before it runs, must be one SELECT, and runs in a transaction
that only reads: a ``WITH`` that deletes is a SELECT to the parser, not to the transaction.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from chalicelib.domain.errors import EngineMissing, InputRefused
from chalicelib.formats.lake_schema import COLUMNS, OWN, PARTITION, TABLE
from local.lake_functions import Function, SqlFailed

if TYPE_CHECKING:
    import duckdb

LONGEST = 100_000
PAGE = 1000
STATEMENTS = ("SELECT", "EXPLAIN")
OF_CONTACT = "FROM contacts c WHERE c.contact_id = the_contact"
MACROS = {
    "category_match(the_contact, the_name)": (
        "CAST(bool_or(list_contains(c.categories, the_name)) AS INTEGER)"
    ),
    "category(the_contact, the_name)": "bool_or(list_contains(c.categories, the_name))",
    "risk(the_contact)": "max(c.risk_score)",
}
LOCKS = (
    "SET TimeZone = 'UTC'",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a query may run, and how much memory rows and query may take together."""

    timeout_s: float = 60.0
    memory_mb: int = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Column names and rows; the rows are read while they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


class Session:
    """The lake of some files. Raises ``EngineMissing`` where DuckDB is not installed."""

    def __init__(
        self,
        files: Sequence[Path],
        functions: Mapping[str, Function],
        bounds: Bounds = Bounds(),
    ) -> None:
        self._bounds = bounds
        self._failed: Exception | None = None
        self._end = float("inf")
        self._database = _connected(bounds)
        _load(self._database, files)
        for name, function in functions.items():
            self._register(name, function)
        for macro, value in MACROS.items():
            self._database.execute(f"CREATE MACRO {macro} AS (SELECT {value} {OF_CONTACT})")
        for lock in LOCKS:
            self._database.execute(lock)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._database.close()

    @contextmanager
    def answered(self, sql: str) -> Iterator[Answer]:
        """The answer, within the time that a query may take, reading it included.

        Raises ``InputRefused`` (``sql.refused``, ``sql.error``, ``sql.timeout``, ``sql.memory``) and
        ``SqlFailed``.
        """
        import duckdb  # noqa: PLC0415

        self._judge(sql)
        self._failed, self._end = None, time.monotonic() + self._bounds.timeout_s
        timer = threading.Timer(self._bounds.timeout_s, self._database.interrupt)
        timer.start()
        try:
            self._database.execute("BEGIN TRANSACTION READ ONLY")
            found = self._database.execute(sql)
            names = [str(column[0]) for column in found.description or ()]
            yield Answer(_distinct(names), _rows(found))
        except duckdb.Error as error:
            raise self._translated(error) from error
        finally:
            timer.cancel()
            self._end = float("inf")
            _ended(self._database)

    def _judge(self, sql: str) -> None:
        import duckdb  # noqa: PLC0415

        if len(sql) > LONGEST:
            raise InputRefused("sql.refused", f"a query has at most {LONGEST} characters")
        try:
            found = [one.type.name for one in self._database.extract_statements(sql)]
        except duckdb.Error as error:
            raise InputRefused("sql.error", _first_line(error)) from error
        if len(found) != 1:
            raise InputRefused("sql.refused", f"one statement is asked for, not {len(found)}")
        if found[0] not in STATEMENTS:
            raise InputRefused("sql.refused", f"the lake is only read: SELECT, not {found[0]}")

    def _register(self, name: str, function: Function) -> None:
        def call(text: str | None) -> str | float | None:
            if text is None:
                return None
            if time.monotonic() > self._end:
                self._failed = self._late()
                raise self._failed
            try:
                return function.call(text)
            except SqlFailed as error:
                self._failed = error
                raise

        from duckdb.func import SPECIAL  # noqa: PLC0415

        self._database.create_function(
            name, call, ["VARCHAR"], function.returns, null_handling=SPECIAL
        )

    def _translated(self, error: Exception) -> Exception:
        import duckdb  # noqa: PLC0415

        if self._failed:
            return self._failed
        if isinstance(error, duckdb.InterruptException):
            return self._late()
        if isinstance(error, duckdb.OutOfMemoryException):
            most = f"rows and query take more than {self._bounds.memory_mb} MB"
            return InputRefused("sql.memory", most)
        if isinstance(error, duckdb.PermissionException):
            return InputRefused("sql.refused", "files, network and extensions are out of reach")
        if isinstance(error, duckdb.TransactionException):
            return InputRefused("sql.refused", "the lake is only read")
        return InputRefused("sql.error", _first_line(error))

    def _late(self) -> InputRefused:
        return InputRefused("sql.timeout", f"a query takes at most {self._bounds.timeout_s:g} s")


def _connected(bounds: Bounds) -> duckdb.DuckDBPyConnection:
    try:
        import duckdb  # noqa: PLC0415
    except ImportError as error:
        raise EngineMissing("sql", "duckdb is not installed") from error
    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": f"{bounds.memory_mb}MB",
            "temp_directory": "",
            "threads": 1,
        },
    )


def _load(database: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """``contacts`` with every column, beside views of Connect's table and of one category a row."""
    from functions.lake.parquet import TYPES  # noqa: PLC0415

    columns = ", ".join(f"{column.name} {TYPES[column.type]}" for column in COLUMNS)
    database.execute(f"CREATE TABLE contacts ({columns}, {PARTITION} VARCHAR)")
    day = f"strftime(disconnect_timestamp, '%Y-%m-%d') AS {PARTITION}"
    rows = f"SELECT *, {day} FROM read_parquet(?, hive_partitioning = false)"  # noqa: S608
    for file in files:
        database.execute(f"INSERT INTO contacts BY NAME {rows}", [str(file)])
    names = [column.name for column in COLUMNS]
    connects = ", ".join(names[: names.index(OWN)])
    database.execute(f"CREATE VIEW {TABLE} AS SELECT {connects} FROM contacts")  # noqa: S608
    database.execute(
        "CREATE VIEW contact_categories AS SELECT contact_id, disconnect_timestamp, queue_id,"
        " agent_id, unnest(categories) AS category FROM contacts"
    )


def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    while page := found.fetchmany(PAGE):
        yield from page


def _ended(database: duckdb.DuckDBPyConnection) -> None:
    import duckdb  # noqa: PLC0415

    try:
        database.execute("ROLLBACK")
    except duckdb.Error:
        return  # the transaction did not begin


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Names that come again get a number."""
    out: list[str] = []
    for name in names:
        number, free = 1, name
        while free in out:
            number += 1
            free = f"{name}_{number}"
        out.append(free)
    return tuple(out)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
