"""An ``ObjectStore`` in memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

from chalicelib.domain.errors import NotFound
from chalicelib.ports.storage import Stat


class MemoryObjects:
    """Etags are MD5 as S3's are; times stand still."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    def stat(self, key: str) -> Stat | None:
        body = self._bodies.get(key)
        if body is None:
            return None
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return Stat(key, etag, len(body), 0)

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        if key not in self._bodies:
            raise NotFound(key)
        end = None if length is None else start + length
        return self._bodies[key][start:end]

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        return io.BytesIO(self.read(key))

    def put(self, key: str, body: bytes | BinaryIO, *, content_type: str = "") -> Stat:
        self._bodies[key] = body if isinstance(body, bytes) else body.read()
        found = self.stat(key)
        assert found
        return found

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "") -> bool:
        if key in self._bodies:
            return False
        self._bodies[key] = body
        return True

    def delete(self, key: str) -> None:
        self._bodies.pop(key, None)

    def list(self, prefix: str = "") -> Iterator[Stat]:
        found = (self.stat(key) for key in sorted(self._bodies) if key.startswith(prefix))
        return (stat for stat in found if stat)

    def sign(self, key: str, *, expires_s: int, content_type: str = "") -> str:
        return f"memory:{key}"
