"""Recognition in processes of its own, so that a crash of the engine is an error and not the end.

Parent and worker talk over one pipe, the parent answering: the worker asks for ``more`` audio, tells
its ``progress`` and ends with ``done`` or ``failed``. Audio is never written to disk. A worker ends
with its parent, however that ends.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection

import numpy as np

from chalicelib.adapters.engines.whisper import Asked, Heard, Recogniser, Samples
from chalicelib.domain.errors import Unavailable

Progress = Callable[[int], None]


class Worker:
    """One process with one loaded model, used by one caller at a time."""

    def __init__(self, folder: str, threads: int) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=serve, args=(theirs, folder, threads), name="loupe-speech", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def hear(self, blocks: Iterator[Samples], asked: Asked, on_progress: Progress) -> Heard:
        """Recognise one channel. Raises ``Unavailable`` when the process dies or the engine fails."""
        try:
            self._pipe.send((asked.language, asked.hot_words, asked.detect))
            return self._answer(blocks, on_progress)
        except (EOFError, OSError) as error:
            raise Unavailable("the speech process ended; another will be started") from error

    def _answer(self, blocks: Iterator[Samples], on_progress: Progress) -> Heard:
        while True:
            kind, value = self._pipe.recv()
            if kind == "more":
                block = next(blocks, None)
                self._pipe.send_bytes(b"" if block is None else block.tobytes())
            elif kind == "progress":
                on_progress(value)
            elif kind == "done":
                return Heard(*value)
            else:
                raise Unavailable(f"the speech engine failed: {value}")

    def end(self) -> None:
        """Kill the process, in whatever it is doing."""
        self._process.kill()
        self._process.join()


class Workers:
    """At most ``count`` workers, started when first needed; a broken one is replaced."""

    def __init__(self, count: int) -> None:
        self._free: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(count):
            self._free.put(None)
        self._all: set[Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def worker(self, folder: str, threads: int) -> Iterator[Worker]:
        """A worker of one's own, waiting for a free one. Any exception costs it its life, since the
        talk over the pipe was cut in the middle."""
        free = self._free.get()
        used = None
        try:
            used = free if free and free.alive else self._start(folder, threads)
            yield used
        except BaseException:
            self._end(used)
            used = None
            raise
        finally:
            self._free.put(used)

    def _start(self, folder: str, threads: int) -> Worker:
        with self._lock:
            if self._closed:
                raise Unavailable("the speech engine is shutting down")
            started = Worker(folder, threads)
            self._all.add(started)
            return started

    def _end(self, worker: Worker | None) -> None:
        with self._lock:
            if worker in self._all:
                self._all.discard(worker)
                worker.end()

    def close(self) -> None:
        """End all workers; who is waiting for one gets ``Unavailable``."""
        with self._lock:
            self._closed = True
            for worker in self._all:
                worker.end()
            self._all.clear()


def serve(pipe: Connection, folder: str, threads: int) -> None:
    """The worker process: one channel after the other, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    recogniser: Recogniser | None = None
    while (asked := _next(pipe)) is not None:
        try:
            recogniser = recogniser or Recogniser(folder, threads=threads)
            heard = recogniser.hear(_blocks(pipe), asked, lambda ms: pipe.send(("progress", ms)))
            told = (heard.words, heard.looped, heard.language, heard.confidence)
            pipe.send(("done", told))
        except Exception as error:  # noqa: BLE001 - the boundary of the process; the parent raises
            pipe.send(("failed", f"{type(error).__name__}: {error}"[:200]))


def _next(pipe: Connection) -> Asked | None:
    try:
        return Asked(*pipe.recv())
    except EOFError:
        return None


def _blocks(pipe: Connection) -> Iterator[Samples]:
    while True:
        pipe.send(("more", None))
        block = pipe.recv_bytes()
        if not block:
            return
        yield np.frombuffer(block, np.float32)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
