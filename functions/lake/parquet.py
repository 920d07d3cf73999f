"""Rows as JSON Lines in, one Parquet file out, by DuckDB."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb

from chalicelib.formats.lake_schema import COLUMNS

TYPES = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "array<string>": "VARCHAR[]",
}
ROW_GROUP = 20_480
LONGEST_LINE = 64 * 1024**2
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1536MB",
    "threads": "2",
}


def write(rows: Iterable[bytes]) -> bytes:
    """The file with the columns of the schema, its rows as they come: sorting takes a day's memory."""
    with tempfile.TemporaryDirectory() as folder:
        read, made = Path(folder) / "rows.jsonl", Path(folder) / "part.parquet"
        with read.open("wb") as file:
            for body in rows:
                file.write(body)
        config = {**CONFIG, "temp_directory": str(Path(folder) / "spilled")}
        with duckdb.connect(":memory:", config=config) as database:
            database.execute(_statement(read, made))
        return made.read_bytes()


def _statement(read: Path, made: Path) -> str:
    """Names and types are the schema's, and the paths are of a folder made here: nothing is a user's."""
    columns = ", ".join(f"'{c.name}': '{TYPES[c.type]}'" for c in COLUMNS)
    source = (
        f"read_json('{read}', format='newline_delimited', columns={{{columns}}},"
        f" maximum_object_size={LONGEST_LINE})"
    )
    options = f"FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP}"
    return f"COPY (SELECT * FROM {source}) TO '{made}' ({options})"  # noqa: S608
