"""Files become objects: `loupe ingest`, the inbox folder and the samples all come through here."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.events import Hint
from chalicelib.formats import object_keys
from chalicelib.ports.services import Services

QUIET_S = 2.0
TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is durable in the source store, under ``key``."""

    path: Path
    key: str
    etag: str


def take(services: Services, path: Path, *, key: str | None = None) -> Taken:
    """Put one regular file into the source store and hint at it.

    Raises ``InputRefused`` for links and special files, which could read or block on anything.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        raise InputRefused("file.unreadable", error.strerror or "cannot be opened") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise InputRefused("file.special", "only regular files are taken")
    with os.fdopen(handle, "rb") as file:
        name = key or object_keys.key_for_path(path)
        kept = services.sources.put(name, file)
    services.queues.ingest.send(Hint(key=name).to_body())
    return Taken(path, name, kept.etag)


def files_under(path: Path) -> Iterator[Path]:
    """The file itself, or all visible files below a folder, in order."""
    if not path.is_dir() or path.is_symlink():
        yield path
        return
    for entry in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in entry.relative_to(path).parts)
        if not hidden and not entry.is_dir():
            yield entry


class Inbox:
    """Watches a folder; a file is taken when it has stood still for two seconds.

    A taken file moves to ``taken/`` inside the folder, so that nothing is deleted and nothing is
    read twice.
    """

    def __init__(self, services: Services, folder: Path) -> None:
        self._services = services
        self._folder = folder
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}
        self._refused: set[tuple[Path, int, int]] = set()
        self._stop = threading.Event()

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._watch, name="loupe-inbox", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _watch(self) -> None:
        import time  # noqa: PLC0415

        while not self._stop.wait(0.5):
            self.scan(time.monotonic())

    def scan(self, now: float) -> list[Taken]:
        """One look at the folder; ``now`` in seconds of any clock that only goes forward."""
        taken = []
        present = [p for p in files_under(self._folder) if TAKEN not in self._inside(p)]
        self._seen = {p: seen for p, seen in self._seen.items() if p in set(present)}
        for path in present:
            mark = self._mark(path)
            if mark is None or (path, *mark) in self._refused:
                continue
            before = self._seen.get(path)
            if before is None or before[0] != mark:
                self._seen[path] = (mark, now)
            elif now - before[1] >= QUIET_S:
                taken += self._take(path, mark)
        return taken

    def _inside(self, path: Path) -> tuple[str, ...]:
        return path.relative_to(self._folder).parts[:1]

    @staticmethod
    def _mark(path: Path) -> tuple[int, int] | None:
        try:
            found = path.lstat()
        except FileNotFoundError:
            return None
        return (found.st_size, found.st_mtime_ns)

    def _take(self, path: Path, mark: tuple[int, int]) -> list[Taken]:
        try:
            taken = take(self._services, path, key=self._key(path))
        except InputRefused:
            self._refused.add((path, *mark))
            return []
        self._seen.pop(path, None)
        target = self._folder / TAKEN / path.relative_to(self._folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        return [taken]

    def _key(self, path: Path) -> str:
        return object_keys.key_for_path(path.relative_to(self._folder))
