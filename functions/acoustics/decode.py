"""Samples of every accepted WAV codec as numbers.

Companding follows ITU-T G.711. Full scale is 1.0; integers are divided by the magnitude of their most
negative value, so -1.0 is reachable and +1.0 is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chalicelib.formats.wav import Codec, WavInfo

Samples = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class Decoded(NamedTuple):
    """``samples``: float32, shape (frames, channels), in [-1, 1]. ``non_finite``: NaN or infinity
    was found and replaced by 0."""

    samples: Samples
    non_finite: bool = False


def decode(raw: bytes | memoryview, info: WavInfo) -> Decoded:
    """Decode whole frames of the data chunk; a tail that is no whole frame is dropped."""
    frames = len(raw) // info.block_align
    body = np.frombuffer(raw, np.uint8, count=frames * info.block_align)
    if info.codec in (Codec.FLOAT32, Codec.FLOAT64):
        flat, non_finite = _floats(body, info.codec)
    else:
        flat, non_finite = _INTEGERS[info.codec](body), False
    return Decoded(flat.reshape(frames, info.channels), non_finite)


def _u8(body: Bytes) -> Samples:
    return (body.astype(np.float32) - np.float32(128)) / np.float32(128)


def _s16(body: Bytes) -> Samples:
    return body.view("<i2").astype(np.float32) / np.float32(2**15)


def _s24(body: Bytes) -> Samples:
    wide = np.zeros((len(body) // 3, 4), np.uint8)
    wide[:, 1:] = body.reshape(-1, 3)
    return _s32(wide.reshape(-1))


def _s32(body: Bytes) -> Samples:
    return body.view("<i4").astype(np.float32) / np.float32(2**31)


def _floats(body: Bytes, codec: Codec) -> tuple[Samples, bool]:
    given = body.view("<f4" if codec is Codec.FLOAT32 else "<f8")
    finite = np.isfinite(given)
    clipped = np.where(finite, given, 0).clip(-1, 1).astype(np.float32)
    return clipped, not finite.all()


def _mulaw_table() -> Samples:
    """G.711 table 2a: inverted bits, sign, three bits of exponent, four of mantissa, bias 132."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = code >> 4 & 7, code & 15
    value = ((mantissa.astype(np.int32) * 2 + 33) << exponent) - 33
    return (np.where(code & 0x80, -value, value) * 4 / 2**15).astype(np.float32)


def _alaw_table() -> Samples:
    """G.711 table 1a: even bits inverted, sign bit set for positive values."""
    code = np.arange(256, dtype=np.uint8) ^ np.uint8(0x55)
    exponent, mantissa = code >> 4 & 7, (code & 15).astype(np.int32)
    value = np.where(
        exponent == 0,
        mantissa * 2 + 1,
        (mantissa * 2 + 33) << np.maximum(exponent, 1) - 1,
    )
    return (np.where(code & 0x80, value, -value) * 8 / 2**15).astype(np.float32)


_MULAW = _mulaw_table()
_ALAW = _alaw_table()

_INTEGERS: dict[Codec, Callable[[Bytes], Samples]] = {
    Codec.PCM_U8: _u8,
    Codec.PCM_S16: _s16,
    Codec.PCM_S24: _s24,
    Codec.PCM_S32: _s32,
    Codec.MULAW: lambda body: _MULAW[body],
    Codec.ALAW: lambda body: _ALAW[body],
}
