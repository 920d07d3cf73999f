"""What is special about the SQLite stores: processes, kills, migrations, a full disk."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from threading import Thread

import pytest

from chalicelib.adapters.local.database import Database
from chalicelib.adapters.local.sqlite_contacts import MIGRATIONS, SqliteContacts
from chalicelib.adapters.local.sqlite_listing import FIGURES
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.domain.contact import ContactRow, PartState, Refusal, Status
from chalicelib.domain.errors import SettingsError, Unavailable
from chalicelib.formats.artifact import dump
from chalicelib.ports.storage import ContactQuery
from tests.contract.rows import NOON, bare, commit, refused_part, row
from tests.contract.test_contact_filters import LISTED as FILTERED
from tests.contract.test_differential import fold
from tests.fakes.stores import Ticking

KILLS = 4

COMMITTER = """
import sys
from pathlib import Path
from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from tests.contract.rows import commit, fact, row
store, prefix = SqliteContacts(Path(sys.argv[1])), sys.argv[2]
for n in range(100_000):
    name = f"{prefix}-{n % 40}"
    old = store.get(name)
    version = old.version + 1 if old else 1
    new = row(name, version=version, queue_id=f"q-{n % 3}", categories=(f"cat-{n % 5}",))
    commit(store, new, old, owners={f"k-{name}": name}, outbox=[fact(f"{name}-{version}")])
    print(name, version, flush=True)
"""


def test_a_kill_at_any_moment_loses_no_acknowledged_commit(tmp_path):
    path, acknowledged, total = tmp_path / "contacts.db", {}, 0
    for kill in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", COMMITTER, str(path), f"run{kill % 2}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        first = child.stdout.readline()
        time.sleep(0.15 + 0.11 * kill)
        child.send_signal(signal.SIGKILL)
        lines = [first, *child.stdout.read().splitlines(keepends=True)]
        child.wait()
        child.stdout.close()
        for line in lines:
            if line.endswith("\n"):
                name, version = line.split()
                acknowledged[name] = int(version)
                total += 1
        _check(path, acknowledged)
    assert total > 10 * KILLS


def _check(path, acknowledged) -> None:
    store = SqliteContacts(path)
    rows = {name: store.get(name) for name in store.ids()}
    for name, version in acknowledged.items():
        assert rows[name].version >= version
        assert store.owner_of(f"k-{name}") == name
    for dimension, value in (("ALL", "*"), ("QUEUE", "q-0"), ("QUEUE", "q-1"), ("QUEUE", "q-2")):
        days = store.rollups("D", dimension, value, first="2025-01-01", last="2026-01-01")
        assert days == fold(rows.values(), dimension, value)
    assert len(store.outbox(100_000)) == sum(each.version for each in rows.values())
    assert len(store.find(ContactQuery(), limit=1000).rows) == len(rows)
    store.close()


def test_two_processes_and_threads_commit_to_one_file(tmp_path):
    path = tmp_path / "contacts.db"
    code = COMMITTER.replace("100_000", "60")
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), f"p{n}"],
            stdout=subprocess.DEVNULL,
        )
        for n in range(2)
    ]
    store = SqliteContacts(path)
    threads = [
        Thread(target=lambda t=t: [commit(store, row(f"t{t}-{n}")) for n in range(20)])
        for t in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [child.wait(60) for child in children] == [0, 0]
    day = store.rollups("D", "ALL", "*", first="2025-12-01", last="2025-12-01")["2025-12-01"]
    assert day["n"] == 40 * 2 + 60
    store.close()


def test_a_forked_child_uses_connections_of_its_own(tmp_path):
    store = SqliteContacts(tmp_path / "contacts.db")
    commit(store, row("parent"))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            commit(store, row("child"))
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert sorted(store.ids()) == ["child", "parent"]
    store.close()


def test_a_database_is_for_the_owner_alone(tmp_path):
    previous = os.umask(0)
    try:
        store = SqliteContacts(tmp_path / "data" / "contacts.db")
        commit(store, row("c-1"))
        modes = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "data").iterdir()}
    finally:
        os.umask(previous)
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    store.close()


FIRST = ("CREATE TABLE a (x)",)
SECOND = ("CREATE TABLE b (x)", "INSERT INTO a VALUES (1)")


def test_a_migration_that_dies_half_way_runs_again(tmp_path):
    path = tmp_path / "x.db"
    broken = (FIRST, (*SECOND, "INSERT INTO nowhere VALUES (1)"))
    with pytest.raises(sqlite3.OperationalError):
        Database(path, "part", broken)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT * FROM schema_versions").fetchall() == [("part", 1)]
        assert raw.execute("SELECT count(*) FROM a").fetchone() == (0,)
    database = Database(path, "part", (FIRST, SECOND))
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM a, b").fetchone() == (0,)
        assert connection.execute("SELECT * FROM schema_versions").fetchall() == [("part", 2)]
    database.close()
    Database(path, "part", (FIRST, SECOND)).close()


OLD_ROWS = (
    row("c-good", attributes={"refusal": "\x00 PRESENT"}),
    replace(row("c-part"), parts=(replace(refused_part(), refusal=None), refused_part())),
    replace(row("c-gone"), parts=(refused_part(PartState.GONE),)),
    bare("c-failed", status=Status.FAILED, failure=Refusal("stage.timeout", "late")),
)


def _put_as_before(connection: sqlite3.Connection, seq: int, old: ContactRow) -> None:
    connection.execute(
        "INSERT INTO contacts VALUES (?, 1, ?, ?, NULL, NULL, ?, ?)",
        (old.contact_id, old.status.value, NOON, seq, dump(old)),
    )


def test_refusals_in_a_file_of_an_older_version_are_found(tmp_path):
    path = tmp_path / "contacts.db"
    older = Database(path, "contacts", MIGRATIONS[:1])
    with older.writing() as connection:
        for seq, each in enumerate(OLD_ROWS, 1):
            _put_as_before(connection, seq, each)
    older.close()
    store = SqliteContacts(path)
    refused = [r.contact_id for r in store.find(ContactQuery(refused=True)).rows]
    assert refused == ["c-failed", "c-part"]
    assert len(store.find(ContactQuery()).rows) == len(OLD_ROWS)
    commit(store, replace(OLD_ROWS[1], version=2, parts=()), OLD_ROWS[1])
    assert [r.contact_id for r in store.find(ContactQuery(refused=True)).rows] == ["c-failed"]
    store.close()


def test_figures_and_attributes_in_a_file_of_an_older_version_are_those_of_a_new_one(tmp_path):
    older = Database(tmp_path / "old.db", "contacts", MIGRATIONS[:1])
    with older.writing() as connection:
        for seq, each in enumerate(FILTERED, 1):
            _put_as_before(connection, seq, each)
    older.close()
    old, new = SqliteContacts(tmp_path / "old.db"), SqliteContacts(tmp_path / "new.db")
    for each in FILTERED:
        commit(new, each)
    for table, order in (("contacts", "contact_id"), ("contact_tags", "contact_id, kind, value")):
        columns = ", ".join(("contact_id", *FIGURES)) if table == "contacts" else "*"
        told = []
        for store in (old, new):
            with store._database.reading() as connection:
                rows = connection.execute(f"SELECT {columns} FROM {table} ORDER BY {order}")
                told.append([each for each in rows if each[1] not in ("channel", "category")])
        assert told[0] == told[1]
        assert told[1]
    old.close()
    new.close()


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    Database(tmp_path / "x.db", "part", (FIRST, SECOND)).close()
    with pytest.raises(SettingsError, match="newer version"):
        Database(tmp_path / "x.db", "part", (FIRST,))


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "x.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(Unavailable) as failed:
        SqliteContacts(path)
    assert not failed.value.retryable


def fill(store) -> None:
    for n in range(2, 400):
        commit(store, row(f"c-{n}", attributes={"x": "y" * 4000}))


def test_a_full_disk_is_told_and_nothing_is_half_committed(tmp_path):
    store = SqliteContacts(tmp_path / "contacts.db")
    commit(store, row("c-1"))
    with store._database.writing() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Unavailable, match="full") as failed:
        fill(store)
    assert failed.value.retryable
    rows = list(store.ids())
    day = store.rollups("D", "ALL", "*", first="2025-12-01", last="2025-12-01")["2025-12-01"]
    assert day["n"] == len(rows)
    commit(store, row("later"))
    store.close()


def test_a_lock_that_is_held_too_long_may_be_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr("chalicelib.adapters.local.database.BUSY_S", 0.05)
    store = SqliteContacts(tmp_path / "contacts.db")
    with closing(sqlite3.connect(tmp_path / "contacts.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked") as failed:
            commit(store, row("c-1"))
    assert failed.value.retryable
    commit(store, row("c-1"))
    store.close()


# The queue


def queue(path, name="ingest", clock=None) -> SqliteQueue:
    return SqliteQueue(path, name, visibility_s=10, max_receives=2, clock=clock or Ticking())


def test_queues_in_one_file_do_not_mix_and_survive_a_restart(tmp_path):
    path = tmp_path / "queues.db"
    for name in ("ingest", "speech"):
        queue(path, name).send({"for": name})
    assert queue(path, "speech").receive(10)[0].body == {"for": "speech"}
    assert len(queue(path, "ingest").receive(10)) == 1
    assert queue(path, "facts").receive() == ()


def test_a_receipt_whose_time_is_over_changes_nothing_even_if_nobody_else_came(tmp_path):
    clock = Ticking()
    ingest = queue(tmp_path / "q.db", clock=clock)
    ingest.send({"n": "1"})
    (late,) = ingest.receive()
    clock.advance(11)
    ingest.done(late)
    ingest.extend(late, timeout_s=100)
    ingest.retry(late, delay_s=100)
    (again,) = ingest.receive()
    assert (again.id, again.receives) == (late.id, 2)


def test_the_age_is_that_of_the_oldest_message_that_lives(tmp_path):
    clock = Ticking()
    ingest = queue(tmp_path / "q.db", clock=clock)
    ingest.send({"n": "1"})
    clock.advance(30)
    ingest.send({"n": "2"})
    assert 30 <= ingest.depth().oldest_age_s < 31
    for message in ingest.receive(2):
        ingest.done(message)
    assert ingest.depth().oldest_age_s is None


def test_a_waiting_receiver_gets_a_message_sent_meanwhile(tmp_path):
    path = tmp_path / "q.db"
    ingest = queue(path)
    sender = Thread(target=lambda: (time.sleep(0.15), queue(path).send({"n": "1"})))
    sender.start()
    started = time.monotonic()
    (message,) = ingest.receive(wait_s=10)
    sender.join()
    assert message.body == {"n": "1"}
    assert time.monotonic() - started < 5


def test_a_waiting_receiver_gives_up_in_time(tmp_path):
    started = time.monotonic()
    assert queue(tmp_path / "q.db").receive(wait_s=0.2) == ()
    assert 0.2 <= time.monotonic() - started < 3


RECEIVER = """
import sys
from pathlib import Path
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
queue = SqliteQueue(Path(sys.argv[1]), "ingest", visibility_s=60, max_receives=2)
while messages := queue.receive(3):
    for message in messages:
        print(message.body["n"], flush=True)
        queue.done(message)
"""


def test_receivers_in_several_processes_share_the_messages(tmp_path):
    path = tmp_path / "q.db"
    ingest = queue(path)
    for n in range(60):
        ingest.send({"n": str(n)})
    ingest._clock = Ticking(0)
    with ingest._database.writing() as connection:
        connection.execute("UPDATE messages SET visible_ms = 0")
    receivers = [
        subprocess.Popen(
            [sys.executable, "-c", RECEIVER, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    got = [line for each in receivers for line in each.communicate(timeout=60)[0].split()]
    assert sorted(map(int, got)) == list(range(60))
