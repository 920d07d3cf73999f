"""The end of a system: ``kill -9`` in the middle of work loses nothing, an interrupt ends it at once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.contact import Status
from chalicelib.domain.rollup import add, contribution, of_all_channels
from local import data_folder
from local.media import Signer
from tests.world import chat

ROOT = Path(__file__).resolve().parents[2]
BY_SIZE = sorted((ROOT / "samples" / "connect").rglob("*.wav"), key=lambda p: p.stat().st_size)
CALLS, LONG_CALL = BY_SIZE[:1], BY_SIZE[-1]
CHATS = 12


class System:
    """``loupe up`` on a folder, as a process group of its own."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process: subprocess.Popen[str] | None = None

    def start(self, token: str = "token-of-the-kill-test") -> None:
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "local.cli", "up", "--data", str(self._data), "--port", "0",
                "--no-samples", "--no-open", "--token", token,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            cwd=ROOT,
        )  # fmt: skip
        self.address = self._line("ready ").removeprefix("ready ").strip()

    def wait_for_speech(self) -> None:
        """Until a recognition is under way, in a process of its own."""
        end = time.monotonic() + 60
        while not any("spawn_main" in command for command in self.processes()):
            assert time.monotonic() < end, "nothing was transcribed"
            time.sleep(0.1)
        time.sleep(0.5)

    def processes(self) -> list[str]:
        """The command lines of the processes in its group."""
        assert self._process
        return [
            (folder / "cmdline").read_text()
            for folder in Path("/proc").glob("[0-9]*")
            if _group(folder) == self._process.pid
        ]

    def left_behind(self) -> list[str]:
        """What is still there some seconds after the end: the tracker of shared memory goes last."""
        until = time.monotonic() + ENDS_S
        while (left := self.processes()) and time.monotonic() < until:
            time.sleep(0.05)
        return left

    def interrupt(self, sign: signal.Signals) -> tuple[int, float]:
        """The exit code, and how many seconds the end took."""
        assert self._process
        begin = time.monotonic()
        self._process.send_signal(sign)
        code = self._process.wait(30)
        return code, time.monotonic() - begin

    def wait_until_idle(self) -> None:
        self._line("idle")

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

    def _line(self, word: str, seconds: float = 90) -> str:
        """The next line that begins so; the process is killed when it does not come in time."""
        assert self._process
        assert self._process.stdout
        watch = threading.Timer(seconds, self._process.kill)
        watch.start()
        try:
            found = next((line for line in self._process.stdout if line.startswith(word)), "")
        finally:
            watch.cancel()
        assert found, f"{word!r} was not told"
        return found


def _group(folder: Path) -> int | None:
    """The process group of a live process, by its folder in ``/proc``."""
    try:
        state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return None
    return int(group) if state != "Z" else None


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


def slow_client(system: System, *, path: str) -> socket.socket:
    """Somebody who asked for something long and does not read it."""
    port = int(system.address.split(":")[2].split("/")[0])
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    assert client.recv(12) == b"HTTP/1.1 200"
    return client


SIGNALS = [
    pytest.param(signal.SIGINT, id="interrupted"),
    pytest.param(signal.SIGTERM, id="terminated"),
]
ENDS_S = 6.0


def test_the_printed_link_carries_any_token_whole(system: System) -> None:
    token = "a+b & 100% #/?=é-0123"
    system.start(token)
    assert parse_qs(urlsplit(system.address).fragment) == {"token": [token]}


@pytest.mark.parametrize("sign", SIGNALS)
def test_an_idle_system_ends_well_when_it_is(system: System, sign: signal.Signals) -> None:
    system.start()
    code, seconds = system.interrupt(sign)
    assert code == 0
    assert seconds < ENDS_S
    assert system.left_behind() == []


@pytest.mark.parametrize("sign", SIGNALS)
def test_a_system_that_sends_a_recording_ends_well_when_it_is(
    tmp_path: Path, system: System, sign: signal.Signals
) -> None:
    data = tmp_path / "data"
    body = b"\0" * 30_000_000
    services = local_services(data, Settings())
    services.sources.put("inbox/long.wav", body)
    system.start()
    signer = Signer(data_folder.secret(data, "media.key").encode())
    with slow_client(system, path=signer.url("inbox/long.wav", 300, "audio/wav")):
        code, seconds = system.interrupt(sign)
    assert code == 0
    assert seconds < ENDS_S
    assert system.left_behind() == []


@pytest.mark.speech
def test_a_system_that_transcribes_ends_well_and_goes_on_later(
    tmp_path: Path, system: System
) -> None:
    system.start()
    ingest(tmp_path / "data", LONG_CALL)
    system.wait_for_speech()
    code, seconds = system.interrupt(signal.SIGTERM)
    assert code == 0
    assert seconds < ENDS_S
    assert system.left_behind() == []
    queue = SqliteQueue(tmp_path / "data" / "queues.db", "speech", visibility_s=300, max_receives=3)
    assert queue.depth().in_flight == 1
    queue.release()
    (again,) = queue.receive()
    assert again.receives == 1


def test_dead_letters_are_tried_again_at_the_next_start(tmp_path: Path, system: System) -> None:
    data = tmp_path / "data"
    services = local_services(data, Settings(max_receives=1))
    ingest_queue = services.queues.ingest
    ingest_queue.send({"key": "inbox/gone.wav", "reason": "event"})
    (message,) = ingest_queue.receive()
    ingest_queue.retry(message)
    assert ingest_queue.receive() == ()
    assert ingest_queue.depth().dead == 1
    system.start()
    system.wait_until_idle()
    assert ingest_queue.depth().dead == 0


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
    expected = of_all_channels(add(*(contribution(row) for row in rows)))
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
