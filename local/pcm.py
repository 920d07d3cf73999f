"""A recording as 16-bit PCM WAV, made while it is read: what every browser plays.

Browsers do not reliably play mu-law, A-law, 24-bit or float WAV, nor files with wrong sizes in the
header. Every sample becomes two bytes behind a header of 44 bytes, so that any byte range of the
rendition maps to a byte range of the source. Companding tables: ITU-T G.711.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from chalicelib.formats.wav import Codec, WavInfo

HEADER_BYTES = 44
LARGEST = 0xFFFFFFFF

Read = Callable[[int, int], bytes]


def plays_as_it_is(info: WavInfo) -> bool:
    """Whether the source is 16-bit PCM with a header that tells the truth."""
    return info.codec is Codec.PCM_S16 and not set(info.flags) - {"mono"}


@dataclass(frozen=True)
class Rendition:
    """The PCM file that a source would be; ``read`` gives bytes of the source."""

    info: WavInfo

    @property
    def data_bytes(self) -> int:
        return self.info.frames * self.info.channels * 2

    @property
    def size(self) -> int:
        return HEADER_BYTES + self.data_bytes

    @property
    def header(self) -> bytes:
        info, block = self.info, self.info.channels * 2
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF",
            min(LARGEST, self.size - 8),
            b"WAVE",
            b"fmt ",
            16,
            1,
            info.channels,
            info.sample_rate,
            info.sample_rate * block,
            block,
            16,
            b"data",
            min(LARGEST, self.data_bytes),
        )

    def part(self, read: Read, start: int, length: int) -> bytes:
        """Bytes ``[start, start+length)`` of the rendition."""
        head = self.header[start : start + length]
        return head + self._samples(read, max(0, start - HEADER_BYTES), length - len(head))

    def _samples(self, read: Read, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        width = self.info.block_align // self.info.channels
        first, last = start // 2, -(-(start + length) // 2)
        raw = read(self.info.data_offset + first * width, (last - first) * width)
        begin = start - first * 2
        return decode(self.info.codec, raw)[begin : begin + length]


def decode(codec: Codec, raw: bytes) -> bytes:
    """Whole samples of ``codec`` as little-endian 16-bit samples."""
    if codec in _FLOATS:
        return _from_floats(raw, *_FLOATS[codec])
    if codec in _BYTES:
        low, high = _tables(codec)
        return _paired(raw.translate(low), raw.translate(high))
    if codec is Codec.PCM_S16:
        return raw
    width = 3 if codec is Codec.PCM_S24 else 4
    return _paired(raw[width - 2 :: width], raw[width - 1 :: width])


def _paired(low: bytes, high: bytes) -> bytes:
    out = bytearray(2 * len(low))
    out[0::2], out[1::2] = low, high
    return bytes(out)


def _from_floats(raw: bytes, letter: str, width: int) -> bytes:
    count = len(raw) // width
    samples = struct.unpack(f"<{count}{letter}", raw)
    return struct.pack(f"<{count}h", *map(_clipped, samples))


def _clipped(sample: float) -> int:
    """-1 .. 1 to 16 bit; what is not a number is silence."""
    return round(max(-1.0, min(1.0, sample)) * 32767) if sample == sample else 0  # noqa: PLR0124


def mulaw(code: int) -> int:
    """One mu-law byte as a 16-bit sample."""
    inverted = ~code & 0xFF
    magnitude = (((inverted & 0x0F) << 3) + 0x84) << (inverted >> 4 & 7)
    return 0x84 - magnitude if inverted & 0x80 else magnitude - 0x84


def alaw(code: int) -> int:
    """One A-law byte as a 16-bit sample."""
    toggled = code ^ 0x55
    segment, step = toggled >> 4 & 7, (toggled & 0x0F) << 4
    magnitude = step + 8 if segment == 0 else (step + 0x108) << (segment - 1)
    return magnitude if toggled & 0x80 else -magnitude


def _unsigned(code: int) -> int:
    return (code - 128) << 8


_FLOATS = {Codec.FLOAT32: ("f", 4), Codec.FLOAT64: ("d", 8)}
_BYTES = {Codec.MULAW: mulaw, Codec.ALAW: alaw, Codec.PCM_U8: _unsigned}


@cache
def _tables(codec: Codec) -> tuple[bytes, bytes]:
    """The low and the high byte of the sample that each byte stands for."""
    samples = [_BYTES[codec](code) & 0xFFFF for code in range(256)]
    return bytes(s & 0xFF for s in samples), bytes(s >> 8 for s in samples)
