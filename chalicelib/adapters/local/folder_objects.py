"""A bucket in a folder.

A key is hashed, never a path: ``objects/ab/cd/<sha256 of key>.json`` is the meta file, which names the
body file beside it, ``<sha256 of key>.<sha256 of body>``. The meta file's rename (or link, for
``put_if_absent``) is the commit point; bodies are complete and synced before it. Writers of one key take
turns by a file lock, which dies with its process; readers take none and see the old or the new object
whole. A body that a crashed writer left is removed by the next write or delete of its key.

A list reads the meta file of every object there is. What people and rules decide (``control/``) is listed
often and is little beside contacts, so it lies in a tree of its own, ``control`` instead of ``objects``.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from chalicelib.adapters.object_key import DEFAULT_CONTENT_TYPE, key_bytes
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.ports.storage import Stat

CHUNK = 1024 * 1024
ABANDONED_S = 3600
CONTROL = "control/"
READ_TRIES = 50

_FULL = (errno.ENOSPC, errno.EDQUOT)
_LASTING = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


class FolderObjects:
    """``ObjectStore`` over ``root``. ``sign(key, expires_s, content_type)`` makes the URLs.

    Any number of processes may use one folder. Raises ``Unavailable`` for a full or failing disk.
    """

    def __init__(self, root: Path, *, sign: Callable[[str, int, str], str] | None = None) -> None:
        self._objects = root / "objects"
        self._control = root / "control"
        self._temporary = root / "temporary"
        self._locks = root / "locks"
        self._sign = sign
        with _translated(root):
            for folder in (root, *self._trees(""), self._temporary, self._locks):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_abandoned(self._temporary)

    def stat(self, key: str) -> Stat | None:
        with _translated(self._objects):
            return _read_meta(self._meta(key))

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        with self.open(key) as body, _translated(self._objects):
            body.seek(start)
            return body.read(-1 if length is None else length)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        with _translated(self._objects):
            body = self._body(key)
        with body:
            yield body

    def put(self, key: str, body: bytes | BinaryIO, *, content_type: str = "") -> Stat:
        with _translated(self._objects), self._written(body) as (path, etag, size):
            return self._commit(key, path, _stat(key, etag, size, content_type), _replace)

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "") -> bool:
        if self.stat(key):
            return False
        with _translated(self._objects), self._written(body) as (path, etag, size):
            try:
                self._commit(key, path, _stat(key, etag, size, content_type), _link)
            except FileExistsError:
                return False
            return True

    def delete(self, key: str, *, etag: str = "") -> None:
        meta = self._meta(key)
        with _translated(self._objects), self._turn(meta):
            found = _read_meta(meta) if etag else None
            if etag and (found is None or found.etag != etag):
                return
            meta.unlink(missing_ok=True)
            _sync_folder(meta.parent)
            _remove_bodies(meta, keep=None)

    def replace(self, key: str, body: bytes, *, etag: str) -> bool:
        meta = self._meta(key)
        with _translated(self._objects), self._written(body) as (path, new, size):
            try:
                stat = _stat(key, new, size, _content_type(_read_meta(meta)))
                self._commit(key, path, stat, _replace, etag)
            except _OtherBytes:
                return False
            return True

    def purge(self, key: str, *, former: bool = False) -> int:
        """There are no versions: only the object itself."""
        if former or self.stat(key) is None:
            return 0
        self.delete(key)
        return 1

    def purge_under(self, prefix: str, *, but: str = "") -> int:
        found = [one.key for one in self.list(prefix) if not (but and one.key.startswith(but))]
        return sum(self.purge(key) for key in found)

    def list(self, prefix: str = "") -> Iterator[Stat]:
        with _translated(self._objects):
            paths = (path for tree in self._trees(prefix) for path in tree.glob("*/*/*.json"))
            metas = map(_read_meta, paths)
            found = sorted(
                (meta for meta in metas if meta and meta.key.startswith(prefix)),
                key=lambda stat: stat.key,
            )
        yield from found

    def sign(self, key: str, *, expires_s: int, content_type: str = "") -> str:
        if self._sign is None:
            raise Unavailable("this object store was opened without URLs", retryable=False)
        return self._sign(key, expires_s, content_type or DEFAULT_CONTENT_TYPE)

    def _trees(self, prefix: str) -> tuple[Path, ...]:
        """Where keys with this prefix may lie."""
        if prefix.startswith(CONTROL):
            return (self._control,)
        return (self._objects, self._control) if CONTROL.startswith(prefix) else (self._objects,)

    def _meta(self, key: str) -> Path:
        name = hashlib.sha256(key_bytes(key)).hexdigest()
        tree = self._control if key.startswith(CONTROL) else self._objects
        return tree / name[:2] / name[2:4] / f"{name}.json"

    def _body(self, key: str) -> BinaryIO:
        """An overwrite may take the body away between reading the meta file and opening it."""
        meta = self._meta(key)
        for _ in range(READ_TRIES):
            stat = _read_meta(meta)
            if stat is None:
                raise NotFound("there is no such object")
            with suppress(FileNotFoundError):
                return _body_path(meta, stat.etag).open("rb")
        raise Unavailable("the body of an object is missing", retryable=False)

    def _commit(
        self,
        key: str,
        body: Path,
        stat: Stat,
        publish: Callable[[Path, Path], None],
        only_over: str = "",
    ) -> Stat:
        meta = self._meta(key)
        with self._turn(meta):
            there = _read_meta(meta) if only_over else None
            if only_over and (there is None or there.etag != only_over):
                raise _OtherBytes
            try:
                _replace(body, _body_path(meta, stat.etag))
                with self._written(json.dumps(asdict(stat)).encode()) as (path, _, _):
                    publish(path, meta)
            finally:
                kept = _read_meta(meta)
                _remove_bodies(meta, keep=kept.etag if kept else None)
        return stat

    @contextmanager
    def _turn(self, meta: Path) -> Iterator[None]:
        """Only one writer among all threads and processes, for the keys that share a lock file."""
        _make_folder(meta.parent)
        descriptor = os.open(self._locks / meta.name[:2], os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _written(self, body: bytes | BinaryIO) -> Iterator[tuple[Path, str, int]]:
        """A synced temporary file with its SHA-256 and size, gone afterwards if nobody moved it."""
        path = self._temporary / uuid.uuid4().hex
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                digest, size = hashlib.sha256(), 0
                for chunk in _chunks(body):
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                file.flush()
                os.fsync(file.fileno())
            yield path, digest.hexdigest(), size
        finally:
            path.unlink(missing_ok=True)


class _OtherBytes(Exception):
    """What was to be replaced is not there any more."""


def _content_type(stat: Stat | None) -> str:
    return stat.content_type if stat else ""


def _stat(key: str, etag: str, size: int, content_type: str) -> Stat:
    now_ms = time.time_ns() // 1_000_000
    return Stat(key, etag, size, now_ms, content_type or DEFAULT_CONTENT_TYPE)


def _read_meta(path: Path) -> Stat | None:
    try:
        return Stat(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise Unavailable(f"the meta file {path} is damaged", retryable=False) from error


def _body_path(meta: Path, etag: str) -> Path:
    return meta.with_name(f"{meta.stem}.{etag}")


def _chunks(body: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    while chunk := body.read(CHUNK):
        yield chunk


def _replace(source: Path, target: Path) -> None:
    source.replace(target)
    _sync_folder(target.parent)


def _link(source: Path, target: Path) -> None:
    """Raises ``FileExistsError`` where ``_replace`` would overwrite."""
    os.link(source, target)
    _sync_folder(target.parent)


def _remove_bodies(meta: Path, *, keep: str | None) -> None:
    for path in meta.parent.glob(f"{meta.stem}.*"):
        if path != meta and path.suffix != f".{keep}":
            path.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_abandoned(folder: Path) -> None:
    """Temporary files that nobody has written to for an hour: their writers are dead."""
    oldest = time.time() - ABANDONED_S
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()


@contextmanager
def _translated(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = "the disk is full" if error.errno in _FULL else str(error.strerror or error)
        raise Unavailable(f"{place}: {what}", retryable=error.errno not in _LASTING) from error
