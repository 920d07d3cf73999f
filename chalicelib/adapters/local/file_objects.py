"""Files of the user's, read in place as objects: what ``loupe analyze`` works on. Never written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, NoReturn

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.ports.storage import Stat


class FileObjects:
    """A read-only ``ObjectStore`` over named files. The etag is size and modification time."""

    def __init__(self, files: Mapping[str, Path] | None = None) -> None:
        self._files = dict(files or {})

    def show(self, key: str, path: Path) -> None:
        """From now on show this one file, under ``key``."""
        self._files = {key: path}

    def stat(self, key: str) -> Stat | None:
        path = self._files.get(key)
        if path is None or not path.is_file():
            return None
        found = path.stat()
        etag = f"{found.st_size:x}-{found.st_mtime_ns:x}"
        return Stat(key, etag, found.st_size, found.st_mtime_ns // 1_000_000)

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        with self.open(key) as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        path = self._files.get(key)
        if path is None:
            raise NotFound(key)
        try:
            return path.open("rb")
        except FileNotFoundError as error:
            raise NotFound(key) from error
        except OSError as error:
            raise Unavailable(str(error), retryable=False) from error

    def list(self, prefix: str = "") -> Iterator[Stat]:
        for key in sorted(self._files):
            found = self.stat(key)
            if key.startswith(prefix) and found:
                yield found

    def put(self, key: str, body: bytes | BinaryIO, *, content_type: str = "") -> NoReturn:
        self._refuse()

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "") -> NoReturn:
        self._refuse()

    def delete(self, key: str, *, etag: str = "") -> NoReturn:
        self._refuse()

    def replace(self, key: str, body: bytes, *, etag: str) -> NoReturn:
        self._refuse()

    def purge(self, key: str, *, former: bool = False) -> NoReturn:
        self._refuse()

    def purge_under(self, prefix: str, *, but: str = "") -> NoReturn:
        self._refuse()

    def sign(self, key: str, *, expires_s: int, content_type: str = "") -> NoReturn:
        self._refuse()

    @staticmethod
    def _refuse() -> NoReturn:
        raise Unavailable("these files are only read", retryable=False)
