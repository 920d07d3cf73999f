"""Silence within a recording, byte for byte: what is not silenced stays the source's own bytes.

Header, sizes and codec stay, so any byte range of the copy is made from the same range of the source and
memory follows the range, not the recording. Chunks around the samples are kept as they are.
Silent codes of companded samples: ITU-T G.711, positive zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.domain.audio_redaction import Silences
from chalicelib.domain.transcript import Engine, Span
from chalicelib.formats.wav import Codec, WavInfo

ENGINE = Engine("loupe-silence", "1", "silences what text redaction found, and nothing else")
BLOCK_BYTES = 1024 * 1024
_SILENT = {Codec.PCM_U8: b"\x80", Codec.MULAW: b"\xff", Codec.ALAW: b"\xd5"}
_ZERO = b"\x00"


@dataclass(frozen=True, slots=True)
class Silencer:
    """One recording's silences. Raises ``ValueError`` unless there is one list for each channel."""

    info: WavInfo
    silences: Silences

    def __post_init__(self) -> None:
        if len(self.silences) != self.info.channels:
            told = f"silences for {len(self.silences)} channels of {self.info.channels}"
            raise ValueError(told)

    def part(self, raw: bytes, start: int) -> bytes:
        """``raw``, the source's bytes from ``start`` on, as they are in the copy."""
        out = bytearray(raw)
        for channel, spans in enumerate(self.silences):
            for span in spans:
                self._silence(out, start, channel, self._frames(span))
        return bytes(out)

    def _frames(self, span: Span) -> range:
        """Every frame that the span touches; one that ends with the recording takes its last frame."""
        rate, end_ms = self.info.sample_rate, span.end_ms
        last = -(-end_ms * rate // 1000) if end_ms < self.info.duration_ms else self.info.frames
        return range(span.begin_ms * rate // 1000, min(self.info.frames, last))

    def _silence(self, out: bytearray, start: int, channel: int, frames: range) -> None:
        """Set this channel's samples in ``out``, which begins at byte ``start`` of the file."""
        block = self.info.block_align
        width = block // self.info.channels
        code = _SILENT.get(self.info.codec, _ZERO)
        for byte in range(width):
            origin = self.info.data_offset + channel * width + byte - start
            first = max(frames.start, -(origin // block))
            last = min(frames.stop, -((origin - len(out)) // block))
            if first < last:
                begin, end = origin + first * block, origin + (last - 1) * block + 1
                out[begin:end:block] = code * (last - first)


def silenced(
    file: BinaryIO, silencer: Silencer, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[bytes]:
    """The whole copy in blocks, from the recording in ``file``."""
    file.seek(0)
    at = 0
    while raw := file.read(block_bytes):
        yield silencer.part(raw, at)
        at += len(raw)


def silence_in_place(file: BinaryIO, silencer: Silencer, *, block_bytes: int = BLOCK_BYTES) -> None:
    """Turn the recording in ``file`` into its copy; only blocks with silence are written."""
    at = 0
    while True:
        file.seek(at)
        raw = file.read(block_bytes)
        if not raw:
            return
        made = silencer.part(raw, at)
        if made != raw:
            file.seek(at)
            file.write(made)
        at += len(raw)
