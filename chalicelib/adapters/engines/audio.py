"""One channel of a WAV file as the speech engine wants it: 16 kHz mono floats, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from chalicelib.formats.wav import WavInfo
from functions.acoustics.decode import decode

if TYPE_CHECKING:
    import av

RATE = 16_000
BLOCK_S = 10

Samples = NDArray[np.float32]


def channel(source: BinaryIO, info: WavInfo, index: int) -> Iterator[Samples]:
    """Channel ``index`` in blocks of about ten seconds, values in -1..1. Reads ``source`` itself."""
    blocks = (
        np.ascontiguousarray(decode(raw, info).samples[:, index])
        for raw in raw_blocks(source, info)
    )
    return blocks if info.sample_rate == RATE else resampled(blocks, info.sample_rate)


def raw_blocks(source: BinaryIO, info: WavInfo) -> Iterator[bytes]:
    """The samples as stored, whole frames at a time."""
    source.seek(info.data_offset)
    left = info.data_bytes
    while left > 0:
        raw = source.read(min(left, BLOCK_S * info.sample_rate * info.block_align))
        if not raw:
            return
        left -= len(raw)
        yield raw


def resampled(blocks: Iterator[Samples], rate: int) -> Iterator[Samples]:
    """The same sound at 16 kHz, through FFmpeg's band-limited resampler, which keeps its state."""
    import av  # noqa: PLC0415 - 40 MB that only recognition needs

    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(block[np.newaxis], format="flt", layout="mono")
        frame.sample_rate = rate
        yield from _samples(resampler.resample(frame))
    yield from _samples(resampler.resample(None))


def _samples(frames: list[av.AudioFrame]) -> Iterator[Samples]:
    for frame in frames:
        yield np.clip(frame.to_ndarray()[0], -1.0, 1.0)


def same_channels(source: BinaryIO, info: WavInfo) -> bool:
    """Whether both channels of a stereo file hold the same bytes, sample for sample."""
    if info.channels != 2:
        return False
    width = info.block_align // 2
    for raw in raw_blocks(source, info):
        pairs = np.frombuffer(raw, np.uint8).reshape(-1, 2, width)
        if not np.array_equal(pairs[:, 0], pairs[:, 1]):
            return False
    return True
