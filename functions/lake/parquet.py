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
LONGEST_LINE = 64 * 1024**2
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1536MB",
    "preserve_insertion_order": False,
    "threads": "2",
}


def write(rows: Iterable[bytes]) -> bytes:
    """The file with the columns of the schema, its rows in order of time."""
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
    query = f"SELECT * FROM {source} ORDER BY disconnect_timestamp, contact_id"  # noqa: S608
    return f"COPY ({query}) TO '{made}' (FORMAT parquet, COMPRESSION snappy)"
