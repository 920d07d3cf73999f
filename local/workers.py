"""Workers: threads that take one message at a time, hide it while they work, and give it back.

The queues keep what matters; a worker that dies loses nothing.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.errors import Contention, LoupeError, told
from chalicelib.ports.messaging import Message, WorkQueue
from local.loop import attempt, keep_going

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
                self._spawn(f"{job.queue.name}-{number}", partial(self._turn, job))
        self._spawn("heartbeat", self._beat, pause_s=self._visibility_s / 3)

    def halt(self) -> None:
        """Take no further message; what is held comes back after its visibility timeout."""
        self._stop.set()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Halt, and wait for the threads for so long altogether."""
        self.halt()
        end = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def busy(self) -> int:
        """How many messages are being worked on."""
        with self._lock:
            return len(self._held)

    def _spawn(self, name: str, act: Callable[[], None], *, pause_s: float = 0) -> None:
        loop = partial(keep_going, name, act, self._stop, pause_s=pause_s)
        thread = threading.Thread(target=loop, name=f"loupe-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _turn(self, job: Job) -> None:
        for message in job.queue.receive(1, wait_s=WAIT_S):
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
            self._done(job, message)
        finally:
            with self._lock:
                self._held.pop(slot, None)

    @staticmethod
    def _done(job: Job, message: Message) -> None:
        """If the queue cannot be told, the message comes back and finds nothing left to do."""
        attempt(f"{job.queue.name}: done", lambda: job.queue.done(message))

    def _failed(self, job: Job, message: Message, error: Exception) -> None:
        if self._stop.is_set():
            return  # the end of the system failed it; the next start gives it back uncounted
        expected = isinstance(error, LoupeError)
        level = logging.WARNING if expected else logging.ERROR
        delivery = f"{job.queue.name}: delivery {message.receives} failed"
        log.log(level, "%s: %s", delivery, told(error))
        last = message.receives >= self._max_receives
        if last and job.give_up and self._given_up(job.give_up, message, error):
            self._done(job, message)
            return
        quick = isinstance(error, Contention)
        delay = 1 if quick else min(MAX_DELAY_S, 2**message.receives)
        delay = round(delay * random.uniform(0.5, 1.0))  # noqa: S311
        attempt(f"{job.queue.name}: retry", lambda: job.queue.retry(message, delay_s=delay))

    @staticmethod
    def _given_up(give_up: GiveUp, message: Message, error: Exception) -> bool:
        return attempt("could not record a failure", lambda: give_up(message, _reason(error)))

    def _beat(self) -> None:
        with self._lock:
            held = list(self._held.values())
        for queue, message in held:
            attempt(
                f"{queue.name}: extend",
                partial(queue.extend, message, timeout_s=self._visibility_s),
            )


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, LoupeError) else f"unexpected {type(error).__name__}"
