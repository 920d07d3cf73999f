"""Worker threads: what becomes of a message that works, fails, or fails for the last time."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.domain.errors import Contention, Unavailable
from chalicelib.ports.messaging import Message
from local.loop import keep_going
from local.workers import Job, Workers

DEADLINE_S = 20


@pytest.fixture
def queue(tmp_path: Path) -> SqliteQueue:
    return SqliteQueue(tmp_path / "q.db", "work", visibility_s=1, max_receives=2)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def run(job: Job) -> Workers:
    workers = Workers([job], visibility_s=1, max_receives=2)
    workers.start()
    return workers


def test_a_message_that_was_worked_off_is_gone(queue: SqliteQueue) -> None:
    seen: list[str] = []
    workers = run(Job(queue, lambda m: seen.append(m.body["n"]), threads=2))
    for number in range(5):
        queue.send({"n": str(number)})
    until(lambda: len(seen) == 5 and queue.depth().waiting + queue.depth().in_flight == 0)
    workers.stop()
    assert sorted(seen) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Unavailable("busy"), id="what_may_pass"),
        pytest.param(Contention("moving"), id="a_lost_race"),
        pytest.param(ZeroDivisionError(), id="a_bug"),
    ],
)
def test_a_message_that_failed_comes_back_and_the_thread_lives(
    queue: SqliteQueue, error: Exception
) -> None:
    tries: list[int] = []

    def handle(message: Message) -> None:
        tries.append(message.receives)
        if len(tries) == 1:
            raise error

    queue.send({"n": "1"})
    workers = run(Job(queue, handle))
    until(lambda: len(tries) == 2 and queue.depth().waiting + queue.depth().in_flight == 0)
    workers.stop()
    assert tries == [1, 2]


def test_the_last_failure_is_recorded_and_leaves_no_dead_letter(queue: SqliteQueue) -> None:
    told: list[str] = []

    def fail(message: Message) -> None:
        raise ValueError(message.body["n"])

    queue.send({"n": "secret of a customer"})
    workers = run(Job(queue, fail, give_up=lambda _, why: told.append(why)))
    until(lambda: bool(told))
    until(lambda: queue.depth().waiting + queue.depth().in_flight == 0)
    workers.stop()
    assert told == ["unexpected ValueError"]
    assert queue.depth().dead == 0


def test_long_work_stays_hidden_from_others(queue: SqliteQueue) -> None:
    release = threading.Event()
    taken: list[int] = []

    def slow(message: Message) -> None:
        taken.append(message.receives)
        release.wait(DEADLINE_S)

    queue.send({"n": "1"})
    workers = run(Job(queue, slow, threads=2))
    until(lambda: workers.busy == 1)
    time.sleep(2.5)
    assert taken == [1]
    release.set()
    until(lambda: queue.depth().in_flight == 0)
    workers.stop()
    assert taken == [1]


class Faulty:
    """A queue whose methods each fail once with what a storage layer may raise."""

    def __init__(self, queue: SqliteQueue) -> None:
        self.name = queue.name
        self.failed: list[str] = []
        self._queue = queue

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if method in ("receive", "done", "retry", "extend") and method not in self.failed:
                self.failed.append(method)
                raise sqlite3.OperationalError("disk I/O error of secret")
            return getattr(self._queue, method)(*arguments, **options)

        return call


def test_a_queue_that_fails_once_in_each_method_ends_no_thread_and_loses_no_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    queue = SqliteQueue(tmp_path / "q.db", "work", visibility_s=1, max_receives=9)
    faulty = Faulty(queue)
    seen: list[str] = []

    def handle(message: Message) -> None:
        seen.append(message.body["n"])
        if len(seen) == 1:
            time.sleep(0.7)  # long enough for a heartbeat
            raise ValueError("secret")

    queue.send({"n": "1"})
    workers = Workers([Job(faulty, handle)], visibility_s=1, max_receives=9)  # type: ignore[arg-type]
    workers.start()
    until(lambda: len(faulty.failed) == 4)
    queue.send({"n": "2"})
    until(lambda: "2" in seen and queue.depth().waiting + queue.depth().in_flight == 0)
    workers.stop()
    assert sorted(faulty.failed) == ["done", "extend", "receive", "retry"]
    assert "OperationalError" in caplog.text
    assert "secret" not in caplog.text


def test_a_failure_that_cannot_be_recorded_leaves_the_message(queue: SqliteQueue) -> None:
    told: list[str] = []

    def fail(_: Message) -> None:
        raise Unavailable("busy")

    def give_up(_: Message, why: str) -> None:
        told.append(why)
        raise OSError("no space")

    queue.send({"n": "1"})
    workers = run(Job(queue, fail, give_up=give_up))
    until(lambda: queue.depth().dead == 1)
    workers.stop()
    assert told == ["busy"]


def test_work_that_the_end_of_the_system_cut_off_is_not_counted(queue: SqliteQueue) -> None:
    held, closed = threading.Event(), threading.Event()

    def handle(_: Message) -> None:
        held.set()
        closed.wait(DEADLINE_S)
        raise Unavailable("shutting down")

    queue.send({"n": "1"})
    workers = run(Job(queue, handle))
    assert held.wait(DEADLINE_S)
    workers.halt()
    closed.set()
    workers.stop()
    queue.release()
    (again,) = queue.receive()
    assert again.receives == 1


def test_a_loop_goes_on_after_what_nobody_expected(caplog: pytest.LogCaptureFixture) -> None:
    stop, calls = threading.Event(), []

    def act() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise FileExistsError(17, "exists", "name of a customer")
        stop.set()

    with caplog.at_level(logging.WARNING):
        keep_going("inbox", act, stop)
    assert len(calls) == 2
    assert "FileExistsError" in caplog.text
    assert "customer" not in caplog.text
