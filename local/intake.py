"""Files become objects: `loupe ingest`, the inbox folder and the samples all come through here."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO

from chalicelib.domain.errors import BadRequest, InputRefused, LoupeError, told
from chalicelib.domain.events import Hint
from chalicelib.formats import object_keys
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Stat
from local.loop import keep_going

log = logging.getLogger("loupe.inbox")

QUIET_S = 2.0
LOOK_S = 0.5
CHUNK_BYTES = 1024 * 1024
TAKEN = "taken"

_naming = threading.Lock()


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is durable in the source store, under ``key``."""

    path: Path
    key: str
    etag: str


def take(
    services: Services, path: Path, *, root: Path | None = None, key: str | None = None
) -> Taken:
    """Put one regular file into the source store and hint at it.

    ``root`` is the folder that was handed in and ``path`` lies in; ``key`` overrides what the path says.
    Raises ``InputRefused`` for links and special files, which could read or block on anything, and for
    a path that is too long for a key.
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
        try:
            kept = keep(services, key or object_keys.key_for_path(path, root), file)
        except BadRequest as bad:
            raise InputRefused(bad.code, bad.detail) from bad
    services.queues.ingest.send(Hint(key=kept.key).to_body())
    return Taken(path, kept.key, kept.etag)


def keep(services: Services, key: str, body: BinaryIO) -> Stat:
    """Put a body under ``key``, or beside it when other bytes lie there; equal bytes are one object.

    Only a key that names its contact is overwritten: what comes later under it is its new version.
    """
    if object_keys.contact_id_in(key):
        return services.sources.put(key, body)
    etag = _etag(body)
    with _naming:
        there = services.sources.stat(key)
        if there and there.etag != etag:
            key = f"inbox/{etag[:12]}/{key.rpartition('/')[2]}"
        return services.sources.put(key, body)


def _etag(body: BinaryIO) -> str:
    """What the folder store will name these bytes; the body is read from its begin again."""
    digest = hashlib.sha256()
    while chunk := body.read(CHUNK_BYTES):
        digest.update(chunk)
    body.seek(0)
    return digest.hexdigest()


def _unnamed(path: Path) -> str:
    """A file as a log may tell it: its name may be a customer's. The hash is that of its path below the
    inbox."""
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return f"file {mark}{path.suffix if path.suffix.isascii() else ''}"


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
    read twice. Where originals are not stored it is deleted: the source store has it until it is analysed.
    """

    def __init__(self, services: Services, folder: Path) -> None:
        self._services = services
        self._folder = folder
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}
        self._settled: set[tuple[Path, int, int]] = set()
        self._stop = threading.Event()

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        threading.Thread(target=self._watch, name="loupe-inbox", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _watch(self) -> None:
        keep_going("inbox", lambda: self.scan(time.monotonic()), self._stop, pause_s=LOOK_S)

    def scan(self, now: float) -> list[Taken]:
        """One look at the folder; ``now`` in seconds of any clock that only goes forward."""
        taken: list[Taken] = []
        present = [p for p in files_under(self._folder) if TAKEN not in self._inside(p)]
        self._seen = {p: seen for p, seen in self._seen.items() if p in set(present)}
        for path in present:
            mark = self._mark(path)
            if mark is None or (path, *mark) in self._settled:
                continue
            before = self._seen.get(path)
            if before is None or before[0] != mark:
                self._seen[path] = (mark, now)
            elif now - before[1] >= QUIET_S:
                self._seen[path] = (mark, now)
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
        """One file; what may pass is tried again when it has stood still once more."""
        inside = path.relative_to(self._folder)
        try:
            taken = take(self._services, path, key=object_keys.key_for_path(inside, ""))
        except InputRefused as refused:
            log.warning("inbox: %s is refused: %s", _unnamed(inside), refused)
            self._settled.add((path, *mark))
            return []
        except (LoupeError, OSError) as error:
            log.warning("inbox: %s has to wait: %s", _unnamed(inside), told(error))
            return []
        try:
            self._put_away(path)
        except OSError as error:
            log.warning("inbox: %s is taken but stays: %s", _unnamed(inside), told(error))
            self._settled.add((path, *mark))
        return [taken]

    def _put_away(self, path: Path) -> None:
        """Move a file to ``taken/``, where it replaces none, or delete it."""
        if not self._services.settings.keeps_raw:
            path.unlink()
            return
        target = self._folder / TAKEN / path.relative_to(self._folder)
        (self._folder / TAKEN).mkdir(exist_ok=True, mode=0o700)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        numbered = (target.with_name(f"{target.stem}-{n}{target.suffix}") for n in count(1))
        path.rename(next(p for p in chain([target], numbered) if not os.path.lexists(p)))
