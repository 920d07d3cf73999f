"""The work of one message, free of any cloud: fetch the recording, silence it, store the copy.

The copy is written only if absent, so a message may be worked off any number of times.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.formats import wav
from functions.audio_redaction.silence import Silencer, silence_in_place


@dataclass(frozen=True, slots=True)
class Recording:
    """A temporary copy of a recording, open for reading and writing, and its size in bytes."""

    file: BinaryIO
    size: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused: more bytes or more seconds than these."""

    max_bytes: int
    max_seconds: int


Fetch = Callable[[CopyOrder], AbstractContextManager[Recording | None]]
Store = Callable[[str, BinaryIO], None]


def work(order: CopyOrder, fetch: Fetch, store: Store, limits: Limits) -> None:
    """Silence what ``fetch`` opens and ``store(key, file)`` it.

    ``fetch`` gives None for an object that is gone or has changed: its next analysis orders another
    copy. Raises ``InputRefused`` for what is no recording.
    """
    with fetch(order) as recording:
        if recording is None:
            return
        file = recording.file

        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        info = wav.parse(
            read, recording.size, max_bytes=limits.max_bytes, max_seconds=limits.max_seconds
        )
        silence_in_place(file, Silencer(info, order.silences))
        file.seek(0)
        store(order.target_key, file)
