"""Worker threads: what becomes of a message that works, fails, or fails for the last time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from chalicelib.domain.errors import Contention, Unavailable
from chalicelib.ports.messaging import Message
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
