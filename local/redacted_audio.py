"""Redacted copies of recordings on one machine: made when somebody asks to listen, or at once where
originals are not stored."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.events import Hint
from chalicelib.flow import advance
from chalicelib.ports.services import Services
from functions.audio_redaction.silence import Silencer, silenced
from functions.recording import Limits, Recording


def work(services: Services, body: Mapping[str, str]) -> None:
    """One message of the queue of audio redaction: the copy, then what waited for it."""
    make_copy(services, CopyOrder.from_body(body))
    advance(services, Hint(contact_id=body["contactId"]))


def make_copy(services: Services, order: CopyOrder) -> bool:
    """Whether the copy is there now; False when the recording is another than was ordered.

    Streamed into the store; asked twice at once, both write the same bytes.
    """
    sources, key = services.sources, order.source_key
    found = sources.stat(key)
    if found is None or found.etag != order.source_etag:
        return False
    with sources.open(key) as file:
        if sources.stat(key) != found:  # the open file may be of the bytes that came meanwhile
            return False
        limits = Limits(services.settings.max_audio_bytes, services.settings.max_audio_s)
        header = Recording(file, found.size).header(limits)
        body = _Blocks(silenced(file, Silencer(header, order.silences)))
        services.redacted.put(order.target_key, cast("BinaryIO", body), content_type="audio/wav")
    return True


class _Blocks(io.RawIOBase):
    """Blocks as a file that is read once, from its start to its end."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._left:
            self._left = memoryview(next(self._blocks, b""))
        taken = min(len(buffer), len(self._left))
        buffer[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken
