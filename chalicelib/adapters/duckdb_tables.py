"""Tables of contacts as Parquet, by DuckDB, where it is installed."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from chalicelib.formats.contact_tables import COLUMNS

WHOLE = ("durationMillis", "agentTalkMillis", "customerTalkMillis", "nonTalkMillis", "interruptions",
         "agentInterruptions", "handleMillis", "turns")  # fmt: skip
TYPE = {
    **dict.fromkeys(COLUMNS, "VARCHAR"),
    **dict.fromkeys(WHOLE, "BIGINT"),
    **dict.fromkeys(("sentimentCustomer", "sentimentAgent", "sentimentShift"), "DOUBLE"),
    **dict.fromkeys(("initiationTimestamp", "disconnectTimestamp"), "TIMESTAMP"),
    **dict.fromkeys(("channels", "categories"), "VARCHAR[]"),
    "attributes": "MAP(VARCHAR, VARCHAR)",
    "synthetic": "BOOLEAN",
}


def parquet_writer() -> Callable[[BinaryIO, BinaryIO], None] | None:
    """None where DuckDB is not installed."""
    return write_parquet if importlib.util.find_spec("duckdb") else None


def write_parquet(lines: BinaryIO, out: BinaryIO) -> None:
    """JSON Lines of contacts in, one Parquet file out."""
    import duckdb  # noqa: PLC0415 - large, and not installed everywhere

    columns = ", ".join(f"{name}: '{kind}'" for name, kind in TYPE.items())
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "lines.jsonl", Path(folder) / "made.parquet"
        with source.open("wb") as file:
            shutil.copyfileobj(lines, file)
        with duckdb.connect() as connection:
            connection.execute("SET threads = 1")
            connection.execute(
                f"COPY (SELECT * FROM read_json(?, format = 'newline_delimited', columns = {{{columns}}}))"  # noqa: S608
                f" TO '{made}' (FORMAT parquet, COMPRESSION zstd)",
                [str(source)],
            )
        with made.open("rb") as file:
            shutil.copyfileobj(file, out)
