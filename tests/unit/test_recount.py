"""Data folders that an earlier version counted, and installations that change their time zone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from chalicelib.adapters.local.database import Database
from chalicelib.adapters.local.sqlite_contacts import MIGRATIONS, SqliteContacts
from chalicelib.config import Settings
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import VersionMoved
from chalicelib.domain.rollup import add, contribution, scheme
from chalicelib.flow.recount import recount
from chalicelib.formats.artifact import dump
from chalicelib.ports.storage import ContactQuery
from tests.contract.rows import NOON, bare, commit, row, tombstone
from tests.fakes.stores import MemoryContacts
from tests.unit.api_world import services

ROWS = [
    row(f"c-{n}", NOON + n * 3_600_000, queue_id="q", agent_id="a", categories=("Refund",))
    for n in range(30)
]
BERLIN = scheme("Europe/Berlin")


def counted(store) -> dict:
    """Everything that the roll-ups hold."""
    found = (
        {key: counters}
        for period in "HD"
        for dimension in ("ALL", "QUEUE", "AGENT", "CATEGORY", "QUEUE_CATEGORY", "AGENT_CATEGORY")
        for key, counters in store.rollup_items(period, dimension, first="0", last="9")
    )
    return add(*found)


def expected(store) -> dict:
    return add(*(contribution(store.get(contact_id)) for contact_id in store.ids()))


@pytest.fixture
def old_folder(tmp_path):
    """A file as the version before roll-ups had schemes left it, with a counter that is wrong today."""
    older = Database(tmp_path / "contacts.db", "contacts", MIGRATIONS)
    with older.writing() as connection:
        for seq, each in enumerate((*ROWS, bare("c-young")), 1):
            body = json.loads(dump(each))
            del body["counted"]
            connection.execute(
                "INSERT INTO contacts (contact_id, version, status, sort_ms, seq, body)"
                " VALUES (?, 1, ?, ?, ?, ?)",
                (each.contact_id, each.status.value, NOON, seq, json.dumps(body).encode()),
            )
        connection.execute("INSERT INTO rollups VALUES ('D', 'ALL', '*', '2025-12-01', 'n', 99)")
    older.close()
    return tmp_path


def test_an_old_folder_is_counted_anew_bit_by_bit(old_folder):
    there = services(old_folder)
    store = there.contacts
    assert isinstance(store, SqliteContacts)
    assert (store.counted_by(), counted(store)) == ("", {})
    sweeps = 0
    while not recount(there, at_most=7):
        sweeps += 1
        assert store.counted_by() == ""
        assert counted(store) == expected(store)
    assert sweeps == 4
    assert store.counted_by() == scheme("UTC")
    days = store.rollups("D", "ALL", "*", first="0", last="9")
    assert sum(day["n"] for day in days.values()) == len(ROWS)
    assert counted(store) == expected(store)


def test_a_contact_that_changes_before_its_turn_is_counted_once(old_folder):
    there = services(old_folder)
    before = there.contacts.get("c-3")
    changed = replace(before, version=2, counted=scheme("UTC"))
    commit(there.contacts, changed, before)
    gone = there.contacts.get("c-4")
    commit(there.contacts, tombstone(gone), gone)
    recount(there)
    days = there.contacts.rollups("D", "QUEUE", "q", first="0", last="9")
    assert sum(day["n"] for day in days.values()) == len(ROWS) - 1
    assert counted(there.contacts) == expected(there.contacts)


def test_a_new_time_zone_moves_days_and_hours_stay(tmp_path):
    there = services(tmp_path)
    for each in ROWS:
        commit(there.contacts, each)
    assert recount(there)
    hours = there.contacts.rollups("H", "ALL", "*", first="0", last="9")
    moved = replace(there, settings=Settings(time_zone="Europe/Berlin"))
    assert recount(moved)
    assert there.contacts.counted_by() == BERLIN
    assert {r.counted for r in there.contacts.find(ContactQuery(), limit=99).rows} == {BERLIN}
    assert there.contacts.rollups("H", "ALL", "*", first="0", last="9") == hours
    days = there.contacts.rollups("D", "ALL", "*", first="0", last="9")
    assert {day: c["n"] for day, c in days.items()} == {"2025-12-01": 11, "2025-12-02": 19}
    assert counted(there.contacts) == expected(there.contacts)


def test_a_walk_that_has_nothing_to_do_writes_nothing(tmp_path):
    there = services(tmp_path)
    commit(there.contacts, ROWS[0])
    assert recount(there)
    assert recount(there)
    assert there.contacts.get("c-0").version == 1


def test_a_row_that_moves_under_the_walk_is_read_again(tmp_path):
    class Moving(MemoryContacts):
        moved = False

        def commit(self, change) -> None:
            if change.deltas and not self.moved and change.rows[0].row.counted == BERLIN:
                self.moved = True
                old = self.get("c-0")
                super().commit(replace(change, rows=[replace(change.rows[0], row=replace(
                    old, version=2))], deltas={}))  # fmt: skip
                raise VersionMoved("c-0")
            super().commit(change)

    store = Moving()
    commit(store, replace(ROWS[11], contact_id="c-0"))
    there = replace(
        services(tmp_path), contacts=store, settings=Settings(time_zone="Europe/Berlin")
    )
    assert recount(there)
    assert store.get("c-0").version == 3
    assert counted(store) == expected(store)


def test_tombstones_are_marked_too(old_folder):
    there = services(old_folder)
    gone = there.contacts.get("c-1")
    commit(there.contacts, replace(tombstone(gone), counted=""), gone)
    assert recount(there)
    assert there.contacts.get("c-1").status is Status.DELETED
    with closing(sqlite3.connect(old_folder / "contacts.db")) as raw:
        tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master")}
    assert "rollups" not in tables
