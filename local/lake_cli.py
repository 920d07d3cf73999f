"""``loupe export`` and ``loupe sql``: the history of a data folder, for analysts.

Both are for the owner of the start token, who sees every contact, and both show redacted text only. The files
are brought up to date first. Exit codes are those of ``loupe``: 3 for a query that is refused.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.errors import NotFound
from chalicelib.flow import lake as lake_days
from chalicelib.formats import csv_safe
from chalicelib.formats import lake_schema as schema
from chalicelib.formats.explanation_text import printable
from chalicelib.ports.services import Services
from local import data_folder, lake
from local.dates import day

DONE = 0
FORMATS = ("table", "csv", "json")
WIDEST = 60
Setting = Callable[[], Settings]


def add(commands: Any, data: Path, settings: Setting) -> None:  # noqa: ANN401 argparse's type is private
    """Both commands."""
    text = "write the contacts of a data folder as Parquet files, a folder a day"
    export = commands.add_parser("export", help=text, description=text)
    export.add_argument("--parquet", type=Path, required=True, metavar="DIR", help="where to")
    export.add_argument("--since", type=day, metavar="DATE", help="first day, such as 2026-05-04")
    export.add_argument("--until", type=day, metavar="DATE", help="the day after the last")
    text = "ask the contacts of a data folder in SQL (DuckDB), read only"
    sql = commands.add_parser("sql", help=text, description=text)
    sql.add_argument("query", metavar="SELECT", help="one SELECT over the table contacts")
    sql.add_argument("--format", dest="output", default="table", choices=FORMATS)
    sql.add_argument("--timeout", type=_seconds, default=60.0, metavar="SECONDS")
    sql.add_argument("--memory", type=_megabytes, default=1024, metavar="MB")
    for command, run in ((export, _export), (sql, _sql)):
        command.add_argument("--data", type=Path, default=data)
        command.set_defaults(run=run, settings=settings, usage=command)


def _seconds(text: str) -> float:
    return _within(text, 0.1, 3600)


def _megabytes(text: str) -> int:
    return int(_within(text, 64, 1024 * 1024))


def _within(text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from {least:g} to {most:g}")
    return value


def _export(options: argparse.Namespace) -> int:
    if options.since and options.until and options.until <= options.since:
        options.usage.error("--until is not after --since")
    services = _opened(options)
    found = list(_exported(services, options.parquet, options.since, options.until))
    print(json.dumps({"days": len(found), "bytes": sum(found)}))
    return DONE


def _exported(
    services: Services, folder: Path, since: str | None, until: str | None
) -> Iterator[int]:
    """Write the files of these days, and remove those of days that have no contacts any more."""
    table = data_folder.private(folder) / schema.TABLE
    there = {one.name.partition("=")[2] for one in table.glob(f"{schema.PARTITION}=*")}
    for name in sorted({*lake_days.days(services), *there}):
        if (since or "") <= name < (until or "~"):
            yield from _written(services, table, name)


def _written(services: Services, table: Path, name: str) -> Iterator[int]:
    target = table / f"{schema.PARTITION}={name}" / "part-0.parquet"
    try:
        body = services.redacted.read(schema.file_key(name))
    except NotFound:
        target.unlink(missing_ok=True)
        return
    data_folder.private(target.parent)
    made = target.with_name(f".{target.name}.new")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
    made.replace(target)
    yield len(body)


def _sql(options: argparse.Namespace) -> int:
    from local.lake_functions import functions  # noqa: PLC0415
    from local.lake_sql import Bounds, Session  # noqa: PLC0415

    services = _opened(options)
    bounds = Bounds(options.timeout, options.memory)
    with tempfile.TemporaryDirectory(dir=services_folder(options.data)) as folder:
        files = list(_files(services, Path(folder)))
        session = Session(files, functions(services), bounds)
    with session, session.answered(options.query) as answer:
        for text in WRITERS[options.output](answer.columns, answer.rows):
            sys.stdout.write(text)
    return DONE


def services_folder(data: Path) -> Path:
    """Copies for reading lie where no other user looks."""
    return data_folder.private(data / "temporary")


def _files(services: Services, folder: Path) -> Iterator[Path]:
    for name in lake_days.days(services):
        try:
            body = services.redacted.read(schema.file_key(name))
        except NotFound:
            continue
        path = folder / f"{name}.parquet"
        path.write_bytes(body)
        yield path


def _opened(options: argparse.Namespace) -> Services:
    """The data folder with a lake that is up to date."""
    services = local_services(data_folder.existing(options.data), options.settings())
    lake.catch_up(services)
    return services


Rows = Iterator[tuple[object, ...]]


def _csv(columns: tuple[str, ...], rows: Rows) -> Iterator[str]:
    yield csv_safe.row(columns)
    for row in rows:
        yield csv_safe.row([_scalar(cell) for cell in row])


def _json(columns: tuple[str, ...], rows: Rows) -> Iterator[str]:
    """One object a line."""
    for row in rows:
        told = dict(zip(columns, map(_plain, row), strict=True))
        yield json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n"


def _table(columns: tuple[str, ...], rows: Rows) -> Iterator[str]:
    """Aligned for eyes: long texts are cut, which the other forms never do."""
    lines = [columns, *([_shown(cell) for cell in row] for row in rows)]
    told = [[_cut(printable(cell)) for cell in row] for row in lines]
    widths = [max(len(row[i]) for row in told) for i in range(len(columns))]
    for number, row in enumerate(told):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip() + "\n"
        if number == 0:
            yield "  ".join("-" * width for width in widths) + "\n"


WRITERS = {"table": _table, "csv": _csv, "json": _json}


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _shown(value: object) -> str:
    return "" if value is None else str(_scalar(value))


def _scalar(value: object) -> object:
    """A cell of one value: lists and structures as JSON."""
    plain = _plain(value)
    if isinstance(plain, list | dict):
        return json.dumps(plain, ensure_ascii=False)
    return str(plain).lower() if isinstance(plain, bool) else plain


def _plain(value: object) -> object:
    """As JSON has it: what it has no form for is text, what is no number is null."""
    if isinstance(value, float):
        return value if value - value == 0 else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return value.hex() if isinstance(value, bytes) else str(value)
