"""Exports in steps: a page of contacts a step, each step an object that is created once.

A step is asked for on the ingest queue, as the steps of sweeps over the past are: that worker may read
every product and takes a step as one more hint, so a long export waits its turn between contacts and holds
nobody up. A step that runs twice writes the same part under the same number. The last one joins the parts
to one file, which is handed out by signed addresses until it expires.

An export holds what its caller may see when each step is made, redacted, and nothing else.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

from chalicelib import queries
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import EngineMissing, NotFound
from chalicelib.domain.events import Hint
from chalicelib.domain.passages import Words
from chalicelib.domain.principal import Principal
from chalicelib.flow.word_search import Asked, find
from chalicelib.formats import contact_tables
from chalicelib.formats.artifact import dump, load
from chalicelib.ports import numbered
from chalicelib.ports.search import Running, TextQuery
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ContactQuery

PREFIX = "export-"
CONTROL = "control/exports/"
FILES = "redacted/exports/"
RUNNING, DONE, FAILED, EXPIRED = "RUNNING", "DONE", "FAILED", "EXPIRED"
PAGE = 200
MOST_ROWS = 1_000_000
LIFE_MS = 24 * 3_600_000
URL_S = 300
ASK_AGAIN_S = 2
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
NO_PARQUET = "Parquet is written by duckdb, which is not installed here"


@dataclass(frozen=True, slots=True)
class Export:
    """``by`` asks, with the rights of that moment. ``part``: the object that this step wrote.
    ``search_id`` of words that take their time."""

    id: str
    by: Principal
    format: str
    query: ContactQuery
    words: Words | None
    at_ms: int
    request: str = ""
    step: int = 0
    part: str = ""
    cursor: str | None = None
    search_id: str = ""
    state: str = RUNNING
    rows: int = 0
    reason: str = ""

    @property
    def expires_ms(self) -> int:
        return self.at_ms + LIFE_MS


def start(services: Services, wanted: Export) -> Export:
    """Write the export and ask for its first step; it as it was first asked for under this id."""
    store = services.redacted
    if numbered.put(store, _key(wanted.id, 1), dump(wanted)):
        _ask(services, wanted)
    return load(Export, store.read(_key(wanted.id, 1)))


def get(services: Services, principal: Principal, export_id: str) -> Export:
    """The export as it stands. Raises ``NotFound``, for another's too."""
    found = _latest(services, PREFIX + export_id)
    if found.by.id != principal.id:
        raise NotFound(export_id)
    return replace(found, state=EXPIRED) if _is_over(services, found) else found


def address(services: Services, export: Export) -> str | None:
    """A signed address of the file, for some minutes; None while there is none."""
    if export.state != DONE:
        return None
    return services.redacted.sign(_file(export), expires_s=URL_S, content_type=TYPES[export.format])


def step(services: Services, export_id: str) -> Export:
    """One page further. A step that somebody else has made already is not made again."""
    export = _latest(services, export_id)
    if export.state != RUNNING:
        return export
    if _is_over(services, export):
        return _failed(services, export, "it took longer than a day")
    try:
        return _stepped(services, export)
    except EngineMissing as missing:
        return _failed(services, export, missing.reason)
    except NotFound:
        return _failed(services, export, "a contact was erased meanwhile: export again")


def _stepped(services: Services, export: Export) -> Export:
    page = _page(services, export)
    if isinstance(page, Running):
        return _write(services, replace(export, search_id=page.search_id), delay_s=ASK_AGAIN_S)
    rows, cursor = page
    part = _put_part(services, export, rows)
    after = replace(export, part=part, cursor=cursor, rows=export.rows + len(rows))
    if cursor is None:
        _join(services, after)
        return _write(services, replace(after, state=DONE))
    if after.rows >= MOST_ROWS:
        return _failed(services, after, f"more than {MOST_ROWS} rows")
    return _write(services, after)


def _failed(services: Services, export: Export, reason: str) -> Export:
    return _write(services, replace(export, state=FAILED, reason=reason))


def _put_part(services: Services, export: Export, rows: Iterable[ContactRow]) -> str:
    written = contact_tables.csv_lines if export.format == "csv" else contact_tables.json_lines
    body = written(contact_tables.line_of(row) for row in rows)
    key = f"{FILES}{export.id}/parts/{export.step + 1:08d}-{hashlib.sha256(body).hexdigest()[:16]}"
    services.redacted.put(key, body)
    return key


def expire(services: Services) -> int:
    """Remove files and parts that are over; how many."""
    late = services.clock() - LIFE_MS
    over = [stat.key for stat in services.redacted.list(FILES) if stat.modified_ms < late]
    for key in over:
        services.redacted.delete(key)
    return len(over)


def _page(
    services: Services, export: Export
) -> tuple[tuple[ContactRow, ...], str | None] | Running:
    if export.words is None:
        page = queries.contacts(services, export.by, export.query, cursor=export.cursor, limit=PAGE)
        return page.rows, page.cursor
    query = TextQuery(export.words, export.query)
    found = find(
        Asked(services, export.by, query, export.search_id), cursor=export.cursor, limit=PAGE
    )
    if isinstance(found, Running):
        return found
    return tuple(each.row for each in found.found), found.cursor


def _join(services: Services, export: Export) -> None:
    """The parts that the records name, and the last one, as one file."""
    with tempfile.TemporaryFile() as whole:
        whole.write(contact_tables.csv_header() if export.format == "csv" else b"")
        for part in (*_parts(services, export), export.part):
            whole.write(services.redacted.read(part))
        whole.seek(0)
        _put_file(services, export, whole)


def _put_file(services: Services, export: Export, whole: BinaryIO) -> None:
    key, kind = _file(export), TYPES[export.format]
    if export.format != "parquet":
        services.redacted.put(key, whole, content_type=kind)
        return
    if services.parquet is None:
        raise EngineMissing("parquet", NO_PARQUET)
    with tempfile.TemporaryFile() as table:
        services.parquet(whole, table)
        table.seek(0)
        services.redacted.put(key, table, content_type=kind)


def _parts(services: Services, export: Export) -> Iterator[str]:
    """The part of every step that wrote one."""
    last = ""
    for body in numbered.bodies(services.redacted, partial(_key, export.id)):
        part = load(Export, body).part
        if part not in (last, export.part):
            yield part
        last = part


def _write(services: Services, after: Export, *, delay_s: int = 0) -> Export:
    made = replace(after, step=after.step + 1)
    numbered.put(services.redacted, _key(made.id, made.step + 1), dump(made))
    if made.state == RUNNING:
        _ask(services, made, delay_s)
    return made


def _latest(services: Services, export_id: str) -> Export:
    number = numbered.last(services.redacted, partial(_key, export_id))
    if not number:
        raise NotFound(export_id)
    return load(Export, services.redacted.read(_key(export_id, number)))


def _is_over(services: Services, export: Export) -> bool:
    return services.clock() >= export.expires_ms


def _ask(services: Services, export: Export, delay_s: int = 0) -> None:
    services.queues.ingest.send(Hint(sweep=export.id, reason="export").to_body(), delay_s=delay_s)


def _key(export_id: str, number: int) -> str:
    return f"{CONTROL}{export_id}/{number:08d}.json"


def _file(export: Export) -> str:
    return f"{FILES}{export.id}/contacts.{export.format}"
