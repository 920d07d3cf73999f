"""The header of a WAV file: accept, repair with a flag, or refuse with a code.

Telephony recorders write wrong sizes, streamed headers, extra chunks and half files. What the bytes
allow is used; what they do not allow is refused. Nothing is allocated from a header's claim: the real
size bounds every read, and the walk ends after ``MAX_CHUNKS`` chunks. Samples are not decoded here.

Sources: Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE),
Microsoft ``WAVEFORMATEXTENSIBLE``, EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.errors import InputRefused

Read = Callable[[int, int], bytes]

MAX_CHUNKS = 128
WINDOW_BYTES = 4096
UNKNOWN_SIZES = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
MIN_RATE, MAX_RATE = 1_000, 384_000
EXTENSIBLE = 0xFFFE
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
TRAILERS = (b"LIST", b"bext", b"fact", b"cue ", b"smpl", b"id3 ", b"iXML", b"PEAK", b"JUNK")


class Codec(StrEnum):
    """How one sample is stored; little-endian throughout."""

    PCM_U8 = "PCM_U8"
    PCM_S16 = "PCM_S16"
    PCM_S24 = "PCM_S24"
    PCM_S32 = "PCM_S32"
    FLOAT32 = "FLOAT32"
    FLOAT64 = "FLOAT64"
    MULAW = "MULAW"
    ALAW = "ALAW"


_CODECS = {
    (1, 1): Codec.PCM_U8,
    (1, 2): Codec.PCM_S16,
    (1, 3): Codec.PCM_S24,
    (1, 4): Codec.PCM_S32,
    (3, 4): Codec.FLOAT32,
    (3, 8): Codec.FLOAT64,
    (6, 1): Codec.ALAW,
    (7, 1): Codec.MULAW,
}


@dataclass(frozen=True, slots=True)
class WavInfo:
    """What a reader needs to decode the samples.

    ``bits``: as the header says; a sample fills ``block_align / channels`` bytes.
    ``data_bytes``: whole frames that are really there, from ``data_offset`` on.
    ``flags``: ``truncated``, ``streamed``, ``riff_size``, ``odd_tail``, ``mono``.
    """

    codec: Codec
    channels: int
    sample_rate: int
    bits: int
    block_align: int
    data_offset: int
    data_bytes: int
    frames: int
    duration_ms: int
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Format:
    codec: Codec
    channels: int
    sample_rate: int
    bits: int
    block_align: int


@dataclass(frozen=True, slots=True)
class _Chunk:
    name: bytes
    offset: int
    size: int

    @property
    def end(self) -> int:
        return self.offset + self.size


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where the samples lie, and what was wrong with the sizes."""

    offset: int
    length: int
    flags: tuple[str, ...]


def parse(read: Read, size: int, *, max_bytes: int, max_seconds: int) -> WavInfo:
    """The format of a recording of ``size`` bytes, of which ``read(offset, length)`` gives parts.

    Raises ``InputRefused`` with ``object.empty``, ``audio.not_wav``, ``audio.not_wav:mp3``,
    ``audio.header``, ``audio.codec_unsupported``, ``audio.channels``, ``audio.empty``,
    ``audio.too_large`` (before anything is read) or ``audio.too_long``.
    """
    if size == 0:
        raise InputRefused("object.empty", "the object has no bytes")
    if size > max_bytes:
        raise InputRefused("audio.too_large", f"{size} bytes; the limit is {max_bytes}")
    layout, extent = _header(_Window(read, size))
    frames = extent.length // layout.block_align
    if frames == 0:
        raise InputRefused("audio.empty", "the recording holds no samples")
    if frames > max_seconds * layout.sample_rate:
        raise InputRefused("audio.too_long", f"the limit is {max_seconds} seconds")
    return WavInfo(
        codec=layout.codec,
        channels=layout.channels,
        sample_rate=layout.sample_rate,
        bits=layout.bits,
        block_align=layout.block_align,
        data_offset=extent.offset,
        data_bytes=frames * layout.block_align,
        frames=frames,
        duration_ms=frames * 1000 // layout.sample_rate,
        flags=_flags(layout, extent),
    )


def _flags(layout: _Format, extent: _Extent) -> tuple[str, ...]:
    odd = ("odd_tail",) if extent.length % layout.block_align else ()
    mono = ("mono",) if layout.channels == 1 else ()
    return extent.flags + odd + mono


class _Window:
    """Bounded reads of an object: one window at the head serves many small chunk headers."""

    def __init__(self, read: Read, size: int) -> None:
        self.size = size
        self._read = read
        self._start = 0
        self._bytes = b""

    def get(self, offset: int, length: int) -> bytes:
        """Up to ``length`` bytes, at most one window, fewer at the end."""
        length = max(0, min(length, self.size - offset))
        if not self._start <= offset <= offset + length <= self._start + len(self._bytes):
            self._start = offset
            self._bytes = self._read(offset, min(WINDOW_BYTES, self.size - offset))
        begin = offset - self._start
        return self._bytes[begin : begin + length]


def _header(source: _Window) -> tuple[_Format, _Extent]:
    """Walk the chunks up to the samples."""
    riff_size = _riff(source.get(0, 12))
    layout, wide = None, None
    for chunk in _chunks(source):
        if chunk.name == b"ds64" and wide is None:
            wide = _ds64(source.get(chunk.offset, min(chunk.size, 16)))
        elif chunk.name == b"fmt " and layout is None:
            layout = _format(source.get(chunk.offset, min(chunk.size, 40)))
        elif chunk.name == b"data":
            if layout is None:
                raise InputRefused("audio.header", "the samples come before their format")
            return layout, _extent(source, chunk, riff_size, wide)
    raise InputRefused("audio.header", "no samples follow the header")


def _riff(head: bytes) -> int:
    """The size that the RIFF header claims for what follows it."""
    if head[:4] == b"RIFX":
        raise InputRefused("audio.codec_unsupported", "big-endian RIFX is not supported")
    if _is_mp3(head):
        raise InputRefused("audio.not_wav:mp3", "this is MP3, not WAV")
    if head[:4] not in (b"RIFF", b"RF64", b"BW64") or not b"WAVE".startswith(head[8:12]):
        raise InputRefused("audio.not_wav", "the file does not begin as a WAV file does")
    if len(head) < 12:
        raise InputRefused("audio.header", "the file ends inside its header")
    return int.from_bytes(head[4:8], "little")


def _chunks(source: _Window) -> Iterator[_Chunk]:
    at = 12
    for _ in range(MAX_CHUNKS):
        head = source.get(at, 8)
        if len(head) < 8:
            return
        chunk = _Chunk(head[:4], at + 8, int.from_bytes(head[4:8], "little"))
        yield chunk
        if chunk.end > source.size:
            raise InputRefused("audio.header", "a chunk claims more bytes than the file has")
        at = chunk.end + chunk.size % 2


def _ds64(body: bytes) -> tuple[int, int]:
    """The RIFF and data sizes of an RF64 or BW64 file."""
    if len(body) < 16:
        raise InputRefused("audio.header", "the ds64 chunk is too short")
    riff_size, data_size = struct.unpack("<QQ", body)
    return riff_size, data_size


def _format(body: bytes) -> _Format:
    if len(body) < 16:
        raise InputRefused("audio.header", "the fmt chunk is too short")
    tag, channels, rate, _, block_align, bits = struct.unpack_from("<HHIIHH", body)
    if channels == 0 or not MIN_RATE <= rate <= MAX_RATE or bits == 0:
        raise InputRefused("audio.header", f"{channels} channels at {rate} Hz with {bits} bits")
    width = (bits + 7) // 8
    codec = _CODECS.get((_sub_format(body) if tag == EXTENSIBLE else tag, width))
    if codec is None:
        raise InputRefused("audio.codec_unsupported", f"format tag {tag:#06x} with {bits} bits")
    if channels > 2:
        raise InputRefused("audio.channels", f"{channels} channels; one or two are understood")
    if block_align != channels * width:
        raise InputRefused("audio.header", f"block align {block_align} does not fit the format")
    return _Format(codec, channels, rate, bits, block_align)


def _sub_format(body: bytes) -> int:
    """The format tag inside an EXTENSIBLE header; -1 for a GUID that stands for none."""
    if len(body) < 40:
        raise InputRefused("audio.header", "the extensible fmt chunk is too short")
    return int.from_bytes(body[24:26], "little") if body[26:40] == GUID_TAIL else -1


def _extent(source: _Window, data: _Chunk, riff_size: int, wide: tuple[int, int] | None) -> _Extent:
    """The samples that are there, whatever the sizes say."""
    claimed = data.size
    if wide:
        riff_size = wide[0] if riff_size in UNKNOWN_SIZES else riff_size
        claimed = wide[1] if claimed in UNKNOWN_SIZES else claimed
    there = source.size - data.offset
    open_end = claimed in UNKNOWN_SIZES or (claimed == 0 and _samples_follow(source, data))
    if open_end or riff_size in (0, *UNKNOWN_SIZES):
        return _Extent(data.offset, there if open_end else min(claimed, there), ("streamed",))
    if claimed > there:
        return _Extent(data.offset, there, ("truncated",))
    return _Extent(data.offset, claimed, () if riff_size + 8 == source.size else ("riff_size",))


def _samples_follow(source: _Window, data: _Chunk) -> bool:
    """Whether a data chunk of size 0 is one whose writer never came back to fill the size in."""
    return source.get(data.offset, 4) not in (b"", *TRAILERS)


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag or an MPEG audio layer III frame header."""
    if head[:3] == b"ID3":
        return True
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[2] >> 4 != 0xF and head[2] & 0x0C != 0x0C
