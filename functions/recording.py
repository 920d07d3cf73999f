"""A recording as every function gets it: an open file, judged by its header before it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.formats import wav
from chalicelib.formats.wav import WavInfo


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused: more bytes or more seconds than these."""

    max_bytes: int
    max_seconds: int


@dataclass(frozen=True, slots=True)
class Recording:
    """A temporary copy, open for reading and writing, and its real size in bytes."""

    file: BinaryIO
    size: int

    def header(self, limits: Limits) -> WavInfo:
        """What the header says. Raises ``InputRefused`` for what is no recording or beyond the limits."""

        def read(offset: int, length: int) -> bytes:
            self.file.seek(offset)
            return self.file.read(length)

        return wav.parse(
            read, self.size, max_bytes=limits.max_bytes, max_seconds=limits.max_seconds
        )
