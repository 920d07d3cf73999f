"""``kill -9`` in the middle of work: after a restart every acknowledged file is analysed once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.domain.contact import Status
from chalicelib.domain.rollup import add, contribution
from tests.world import chat

ROOT = Path(__file__).resolve().parents[2]
CALLS = sorted((ROOT / "samples" / "connect").rglob("*.wav"), key=lambda p: p.stat().st_size)[:1]
CHATS = 12


class System:
    """``loupe up`` on a folder, as a process group of its own."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "local.cli", "up", "--data", str(self._data), "--port", "0",
                "--no-samples", "--no-open", "--token", "token-of-the-kill-test",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            cwd=ROOT,
        )  # fmt: skip
        assert self._wait_for("ready")

    def wait_until_idle(self) -> None:
        assert self._wait_for("idle")

    def kill(self) -> None:
        assert self._process
        assert self._process.poll() is None, "it had ended before it was killed"
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._close()

    def _close(self) -> None:
        if self._process and self._process.stdout:
            self._process.stdout.close()

    def _wait_for(self, word: str, seconds: float = 90) -> bool:
        """Whether a line that begins so comes in time; the process is killed when it does not."""
        assert self._process
        assert self._process.stdout
        watch = threading.Timer(seconds, self._process.kill)
        watch.start()
        try:
            return any(line.startswith(word) for line in self._process.stdout)
        finally:
            watch.cancel()


@pytest.fixture
def system(tmp_path: Path):
    running = System(tmp_path / "data")
    yield running
    running.stop()


def ingest(data: Path, *paths: Path) -> int:
    """How many files were acknowledged."""
    done = subprocess.run(
        [sys.executable, "-m", "local.cli", "ingest", "--data", str(data), *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return len([json.loads(line) for line in done.stdout.splitlines()])


@pytest.mark.speech
def test_every_acknowledged_file_is_analysed_once_after_kills(
    tmp_path: Path, system: System
) -> None:
    files = []
    for number in range(CHATS):
        contact = f"0a1b2c3d-0000-4000-8000-{number:012d}"
        path = tmp_path / f"{contact}_20260105T09:00_UTC.json"
        path.write_bytes(chat([("CUSTOMER", f"this is great {number}")], contact_id=contact))
        files.append(path)

    system.start()
    acknowledged = ingest(tmp_path / "data", *CALLS, *files[:6])
    for pause in (0.2, 1.5, 4.0):
        time.sleep(pause)
        system.kill()
        system.start()
    acknowledged += ingest(tmp_path / "data", *files[6:])
    time.sleep(0.3)
    system.kill()
    system.start()
    system.wait_until_idle()

    contacts = SqliteContacts(tmp_path / "data" / "contacts.db")
    rows = [contacts.get(contact_id) for contact_id in contacts.ids()]
    assert len(rows) == acknowledged == CHATS + len(CALLS)
    assert {row.status for row in rows if row} == {Status.COMPLETED}
    expected = add(*(contribution(row) for row in rows))
    for key, counters in expected.items():
        stored = contacts.rollups(
            key.period, key.dimension, key.value, first=key.bucket, last=key.bucket
        )
        assert dict(stored[key.bucket]) == counters


def test_a_second_system_on_the_folder_says_who_holds_it(tmp_path: Path, system: System) -> None:
    system.start()
    second = subprocess.run(
        [
            sys.executable,
            "-m",
            "local.cli",
            "up",
            "--data",
            str(tmp_path / "data"),
            "--port",
            "0",
            "--no-open",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=ROOT,
    )
    assert second.returncode == 1
    assert "is in use by the process" in second.stderr
