"""WAV files for tests, byte by byte, good and bad."""

from __future__ import annotations

import struct

PCM, FLOAT, ALAW, MULAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
STREAMED = 0xFFFFFFFF
PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")
UNKNOWN_GUID = bytes.fromhex("deadbeef00001000800000aa00389b71")
SECOND = b"\0\0\0\0" * 8000


def chunk(name: bytes, body: bytes, *, size: int | None = None) -> bytes:
    """A chunk; ``size`` is what it claims when it lies. Odd bodies are padded."""
    claimed = len(body) if size is None else size
    return name + struct.pack("<I", claimed) + body + b"\0" * (len(body) % 2)


def fmt(
    tag: int = PCM,
    *,
    channels: int = 2,
    rate: int = 8000,
    bits: int = 16,
    block_align: int | None = None,
    guid: bytes | None = None,
) -> bytes:
    """A fmt chunk; EXTENSIBLE when a sub-format GUID is given."""
    align = channels * ((bits + 7) // 8) if block_align is None else block_align
    body = struct.pack(
        "<HHIIHH",
        EXTENSIBLE if guid else tag,
        channels,
        rate,
        rate * align % 2**32,
        align % 2**16,
        bits,
    )
    if guid:
        body += struct.pack("<HHI", 22, bits, 3) + guid
    return chunk(b"fmt ", body)


def wav(
    data: bytes = SECOND,
    *,
    format_chunk: bytes | None = None,
    before: bytes = b"",
    after: bytes = b"",
    riff_size: int | None = None,
    data_size: int | None = None,
    riff: bytes = b"RIFF",
) -> bytes:
    """A whole file: RIFF header, ``before``, fmt, data, ``after``; one second of silence by default."""
    body = b"WAVE" + before + (fmt() if format_chunk is None else format_chunk)
    body += chunk(b"data", data, size=data_size) + after
    return riff + struct.pack("<I", len(body) if riff_size is None else riff_size) + body


def rf64(data: bytes = SECOND, *, name: bytes = b"RF64", ds64: bytes | None = None) -> bytes:
    """A file with 64-bit sizes in a ds64 chunk."""
    sizes = struct.pack("<QQQI", 72 + len(data), len(data), len(data) // 4, 0)
    return wav(
        data,
        before=chunk(b"ds64", sizes if ds64 is None else ds64),
        riff_size=STREAMED,
        data_size=STREAMED,
        riff=name,
    )
