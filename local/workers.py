"""Workers: threads that take one message at a time, hide it while they work, and give it back.

The queues keep what matters; a worker that dies loses nothing.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.errors import Contention, LoupeError, Unavailable
from chalicelib.ports.messaging import Message, WorkQueue

log = logging.getLogger("loupe.worker")

Handle = Callable[[Message], None]
GiveUp = Callable[[Message, str], None]

WAIT_S = 1.0
MAX_DELAY_S = 60


@dataclass(frozen=True)
class Job:
    """What to do with the messages of one queue, by how many threads.

    ``give_up`` is told of a message that failed for the last time before it becomes a dead letter.
    """

    queue: WorkQueue
    handle: Handle
    threads: int = 1
    give_up: GiveUp | None = None


class Workers:
    """All worker threads of one process."""

    def __init__(self, jobs: list[Job], *, visibility_s: int, max_receives: int) -> None:
        self._jobs = jobs
        self._visibility_s = visibility_s
        self._max_receives = max_receives
        self._stop = threading.Event()
        self._held: dict[int, tuple[WorkQueue, Message]] = {}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for job in self._jobs:
            for number in range(job.threads):
                self._spawn(f"{job.queue.name}-{number}", partial(self._run, job))
        self._spawn("heartbeat", self._heartbeat)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Take no further message; what is held comes back after its visibility timeout."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout_s)

    @property
    def busy(self) -> int:
        """How many messages are being worked on."""
        with self._lock:
            return len(self._held)

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=f"loupe-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self, job: Job) -> None:
        while not self._stop.is_set():
            try:
                messages = job.queue.receive(1, wait_s=WAIT_S)
            except Unavailable as error:
                log.warning("queue %s does not answer: %s", job.queue.name, error)
                self._stop.wait(WAIT_S)
                continue
            for message in messages:
                self._work(job, message)

    def _work(self, job: Job, message: Message) -> None:
        slot = threading.get_ident()
        with self._lock:
            self._held[slot] = (job.queue, message)
        try:
            job.handle(message)
        except Exception as error:  # noqa: BLE001 the thread must live; the queue keeps the message
            self._failed(job, message, error)
        else:
            job.queue.done(message)
        finally:
            with self._lock:
                self._held.pop(slot, None)

    def _failed(self, job: Job, message: Message, error: Exception) -> None:
        expected = isinstance(error, LoupeError)
        log.log(
            logging.WARNING if expected else logging.ERROR,
            "%s: delivery %d failed: %s",
            job.queue.name,
            message.receives,
            error if expected else type(error).__name__,
            exc_info=None if expected else error,
        )
        if message.receives >= self._max_receives and job.give_up:
            try:
                job.give_up(message, _reason(error))
            except LoupeError as again:
                log.warning("%s: could not record the failure: %s", job.queue.name, again)
            else:
                job.queue.done(message)
                return
        quick = isinstance(error, Contention)
        delay = 1 if quick else min(MAX_DELAY_S, 2**message.receives)
        job.queue.retry(message, delay_s=round(delay * random.uniform(0.5, 1.0)))  # noqa: S311

    def _heartbeat(self) -> None:
        while not self._stop.wait(self._visibility_s / 3):
            with self._lock:
                held = list(self._held.values())
            for queue, message in held:
                queue.extend(message, timeout_s=self._visibility_s)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, LoupeError) else f"unexpected {type(error).__name__}"
