"""The data lake: the published contacts of a day as one Parquet file, made again when one of them changes.

A commit that changes what is published notes the days in its outbox; whoever delivers writes each day's due
mark. The sweep asks for the days whose mark is not the one they were gathered for. Gathering goes in steps, a
message each, and writes the rows of an hour as objects that are named by contacts and versions: an hour in
which nothing changed is not read again. The last step orders the file; ``functions/lake`` writes it.

    control/lake/days/<n>.json         a day that was marked for the first time
    control/lake/due/<day>.json        the last change of a contact of the day
    control/lake/building/<day>.json   how far the rows are gathered
    control/lake/ordered/<day>.json    which rows the file is to hold, and which rows are former ones
    control/lake/written/<day>.json    which rows it holds
    lake-rows/<day>/<mark>.jsonl       rows
    lake/<table>/disconnect_day=<day>/part-0.parquet

The mark is written after the commit and read before the rows, so that no change is missed: a crash anywhere
leaves a day due, and doing it twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow, Publication, Status
from chalicelib.domain.errors import Contention, NotFound
from chalicelib.domain.events import Fact, Hint
from chalicelib.domain.follow_up import Kind, Order, Result
from chalicelib.flow.follow_ups import notes, orders
from chalicelib.formats import lake_schema as schema
from chalicelib.formats.artifact import fingerprint, load
from chalicelib.formats.lake_row import line, row_of
from chalicelib.ports import numbered
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ContactQuery, ObjectStore

DAYS = "lakeDays"
DUE = "LakeDaysDue"
HOUR_MS = 3_600_000
HOURS = 24
ROUNDS = 10_000
JSON, LINES = "application/json", "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Pace:
    """How many rows an object holds at most, and how many a step reads before it ends."""

    page: int = 250
    rows: int = 1000


PACE = Pace()


@dataclass(frozen=True, slots=True)
class Building:
    """Rows gathered so far, for the change ``token``; the next page is of ``hour``, after ``cursor``."""

    token: str
    hour: int = 0
    cursor: str | None = None
    chunks: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.hour >= HOURS


def of_commit(
    facts: Sequence[Fact], changes: Sequence[tuple[ContactRow | None, ContactRow]]
) -> tuple[Fact, ...]:
    """The facts of a commit with the days that it changes in the lake, noted in the first or in one more."""
    days = sorted({day for old, new in changes for day in _changed(old, new)})
    if not days:
        return tuple(facts)
    noted = {DAYS: " ".join(days)}
    if facts:
        first = replace(facts[0], detail={**facts[0].detail, **noted})
        return (first, *facts[1:])
    row = changes[0][1]
    mark = fingerprint({"contact": row.contact_id, "version": row.version, "kind": DUE})
    return (Fact(mark, DUE, DUE, row.contact_id, noted),)


def _changed(old: ContactRow | None, new: ContactRow) -> Iterator[str]:
    before, after = shown(old), shown(new)
    if before != after:
        yield from (day_of(each) for each in (before, after) if each)


def shown(row: ContactRow | None) -> Publication | None:
    """What the lake has of a contact: its publication, where one of an analysis is in force."""
    if row is None or row.status is Status.DELETED or row.publication is None:
        return None
    return row.publication if row.publication.analysis_key else None


def day_of(published: Publication) -> str:
    """The day (UTC) on which the contact ended."""
    return datetime.fromtimestamp(published.disconnect_ms / 1000, UTC).strftime("%Y-%m-%d")


def take(services: Services, fact: Fact) -> None:
    """Mark the days that a fact notes."""
    for day in str(fact.detail.get(DAYS, "")).split():
        mark(services.redacted, day, fact.id)


def told(fact: Fact) -> Fact:
    """The fact as others are told of it."""
    return replace(fact, detail={n: v for n, v in fact.detail.items() if n != DAYS})


def assessed(services: Services, order: Order, number: int) -> None:
    """A risk that was assessed stands in the row of its contact."""
    row = services.contacts.get(order.contact_id) if order.kind is Kind.RISK else None
    published = shown(row)
    if published:
        mark(services.redacted, day_of(published), f"{order.id}.{number}")


def mark(store: ObjectStore, day: str, token: str) -> None:
    """A contact of this day changed, or what stands about it. The first mark of a day lists it."""
    if store.stat(schema.due_key(day)) is None:
        numbered.append(store, schema.day_key, day.encode())
    _put(store, schema.due_key(day), {"token": token})


def resume(services: Services, reason: str = "lake") -> int:
    """Ask for the days that are due; how many."""
    found = list(due_days(services))
    for day in found:
        services.queues.ingest.send(Hint(lake=day, reason=reason).to_body())
    return len(found)


def days(services: Services) -> list[str]:
    """Days that have contacts by the roll-ups, or had one since there is a lake, in order. No store is
    listed: that may cost as much as all that is in it."""
    counted = services.contacts.rollups("D", "ALL", "*", first="0", last="9")
    marked = {body.decode() for body in numbered.bodies(services.redacted, schema.day_key)}
    return sorted(marked | counted.keys())


def due_days(services: Services) -> Iterator[str]:
    """Days whose file does not hold what it should."""
    return (day for day in days(services) if _is_due(services.redacted, day))


def _is_due(store: ObjectStore, day: str) -> bool:
    ordered = _read(store, schema.ordered_key(day))
    if not ordered or ordered["token"] != _token(store, day):
        return True
    return _lost(store, day, ordered)


def _lost(store: ObjectStore, day: str, ordered: Mapping[str, object]) -> bool:
    """Whether the file is not the one that was ordered."""
    written = _read(store, schema.written_key(day))
    return written.get("mark") != schema.mark_of(_texts(ordered, "chunks"))


def step(services: Services, day: str, *, alone: bool = False, pace: Pace = PACE) -> bool:
    """Gather some rows of the day, and order its file after the last; whether there is more to gather.

    ``alone``: whoever calls goes on and writes the file, and no queue is asked for it.
    """
    store = services.redacted
    token, ordered = _token(store, day), _read(store, schema.ordered_key(day))
    if ordered and ordered["token"] == token:
        if _lost(store, day, ordered) and not alone:
            services.queues.lake.send({"day": day})
        return False
    building = _gathered(services, day, _resumed(store, day, ordered) or Building(token), pace)
    if building.complete:
        _order(store, day, building, ordered)
        if not alone and _lost(store, day, _read(store, schema.ordered_key(day))):
            services.queues.lake.send({"day": day})
        if _token(store, day) == building.token:
            return False
    else:
        _keep(store, day, building)
    if not alone:
        services.queues.ingest.send(Hint(lake=day, reason="lake").to_body())
    return True


def bring(services: Services, day: str) -> None:
    """Gather the whole day at once, for who waits for it. Raises ``Contention`` for a day that keeps
    changing."""
    for _ in range(ROUNDS):
        if not step(services, day, alone=True):
            return
    raise Contention(f"the day {day} kept changing for {ROUNDS} steps")


def _gathered(services: Services, day: str, building: Building, pace: Pace) -> Building:
    """As many pages further as one step may take."""
    begin_ms = _begin_ms(day)
    rows = 0
    while not building.complete and rows < pace.rows:
        start_ms = begin_ms + building.hour * HOUR_MS
        query = ContactQuery(start_ms=start_ms, end_ms=start_ms + HOUR_MS)
        page = services.contacts.find(query, cursor=building.cursor, limit=pace.page)
        chunk = _chunk(services, day, [row for row in page.rows if shown(row)])
        rows += len(page.rows)
        building = replace(
            building,
            hour=building.hour if page.cursor else building.hour + 1,
            cursor=page.cursor,
            chunks=(*building.chunks, chunk) if chunk else building.chunks,
        )
    return building


def _chunk(services: Services, day: str, rows: Sequence[ContactRow]) -> str | None:
    """The object that holds these rows; written if there is none yet."""
    risks = {row.contact_id: _risk(services, row) for row in rows}
    named = [[r.contact_id, r.version, _judged(risks[r.contact_id])] for r in rows]
    key = schema.rows_key(day, fingerprint({"schema": schema.VERSION, "rows": named}))
    if not rows:
        return None
    if services.redacted.stat(key) is None:
        lines = [_line(services, row, risks[row.contact_id]) for row in rows]
        body = b"".join(one + b"\n" for one in lines)
        services.redacted.put(key, body, content_type=LINES)
    return key


def _line(services: Services, row: ContactRow, risk: Result | None) -> bytes:
    """Raises ``NotFound`` for a contact that went away under the reading: the day is due again."""
    published = shown(row)
    if published is None:
        raise NotFound(row.contact_id)
    analysis = load(ContactAnalysis, services.redacted.read(published.analysis_key))
    return line(row_of(row, analysis, risk))


def _risk(services: Services, row: ContactRow) -> Result | None:
    """The assessment of the publication in force, where there is one."""
    published = shown(row)
    if published is None or not any(one.kind is Kind.RISK for one in services.settings.switches):
        return None
    order = orders.order_of(row, published, Kind.RISK, 0)
    try:
        return notes.stands(services.redacted, row.contact_id, order.id).result
    except NotFound:
        return None


def _judged(risk: Result | None) -> list[str | float | None]:
    return [risk.outcome, risk.score] if risk else []


def _order(store: ObjectStore, day: str, building: Building, before: Mapping[str, object]) -> None:
    """Say what the file is to hold, and which rows are of no use after that."""
    chunks = list(building.chunks)
    earlier = {*_texts(before, "chunks")}
    if before and _lost(store, day, before):  # its writer has not removed what it was to remove
        earlier |= {*_texts(before, "former")}
    wanted = {"token": building.token, "chunks": chunks, "former": sorted(earlier - set(chunks))}
    _put(store, schema.ordered_key(day), wanted)
    store.delete(schema.building_key(day))


def _resumed(store: ObjectStore, day: str, ordered: Mapping[str, object]) -> Building | None:
    """What steps before this one have gathered; not what a late one left of a file that is ordered."""
    kept = _read(store, schema.building_key(day))
    if not kept or kept["token"] == ordered.get("token"):
        return None
    return load(Building, json.dumps(kept).encode())


def _keep(store: ObjectStore, day: str, building: Building) -> None:
    kept = {
        "token": building.token,
        "hour": building.hour,
        "cursor": building.cursor,
        "chunks": list(building.chunks),
    }
    _put(store, schema.building_key(day), kept)


def _token(store: ObjectStore, day: str) -> str:
    """The last change of the day; empty where the lake is younger than its contacts."""
    return str(_read(store, schema.due_key(day)).get("token", ""))


def _texts(told: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = told.get(name, ())
    return tuple(str(one) for one in found) if isinstance(found, list | tuple) else ()


def _read(store: ObjectStore, key: str) -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads(store.read(key))
    except NotFound:
        return {}
    return found


def _put(store: ObjectStore, key: str, told: Mapping[str, object]) -> None:
    store.put(key, schema.canonical(told), content_type=JSON)


def _begin_ms(day: str) -> int:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
