"""One pass over the samples: speech, loudness, waveform and quality of each channel.

The file is read in blocks of whole seconds, so memory does not follow the length of the call; what is
kept per channel is one number per frame, per second and per slice of the waveform.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from chalicelib.domain.acoustics import Acoustics, ChannelAcoustics
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.transcript import Engine
from chalicelib.formats.wav import Codec, WavInfo
from functions.acoustics.activity import FRAMES_PER_SECOND, speech
from functions.acoustics.decode import decode

ENGINE = Engine("loupe-acoustics", "1", "energy over an adaptive noise floor, 20 ms frames")

BLOCK_FRAMES = 131_072
FULL_SCALE = 0.975
CLIPPED_SHARE = 0.001
DC_OFFSET = 0.01
LOW_LOUDNESS = 50.0
SILENT_PEAK = 0.0003

Signal = NDArray[np.int16] | NDArray[np.float32]


def measure(file: BinaryIO, info: WavInfo, *, peaks: int = 1000) -> Acoustics:
    """What the recording in ``file`` sounds like; ``info`` is its parsed header.

    ``peaks``: slices of the waveform, fewer when there are fewer samples. Raises ``Unavailable`` when
    the file has fewer bytes than its header was read from.

    Quality flags: ``channels_identical`` (sample by sample, and not silent); ``clipped`` (a thousandth
    of the samples lies above 97.5 % of full scale); ``dc_offset`` (a mean beyond 1 % of full scale);
    ``low_level`` (the loudest second is below -50 dBFS RMS); ``silent`` or, when another channel is
    not, ``channel_silent`` (no sample beyond -70 dBFS); ``non_finite`` (NaN or infinity became 0).
    """
    meters = tuple(_Meter(info, peaks) for _ in range(info.channels))
    scratch = _Scratch(info)
    non_finite, identical = False, info.channels == 2
    for raw in _blocks(file, info):
        channels, replaced = scratch.split(raw)
        non_finite |= replaced
        identical = identical and np.array_equal(channels[0], channels[1])
        for meter, signal in zip(meters, channels, strict=True):
            meter.add(signal, scratch.as_float(signal))
    return Acoustics(
        duration_ms=info.duration_ms,
        sample_rate=info.sample_rate,
        channels=tuple(meter.result(index) for index, meter in enumerate(meters)),
        engine=ENGINE,
        flags=info.flags + _quality(meters, identical=identical, non_finite=non_finite),
    )


def _blocks(file: BinaryIO, info: WavInfo) -> Iterator[memoryview]:
    """The samples in blocks of whole seconds; only the last may end within one. The buffer is reused:
    fresh memory for each block costs more in page faults than reading does."""
    size = min(_block_frames(info) * info.block_align, info.data_bytes)
    buffer = memoryview(bytearray(size))
    reader = cast("BufferedIOBase", file)
    reader.seek(info.data_offset)
    for start in range(0, info.data_bytes, size):
        block = buffer[: info.data_bytes - start]
        if reader.readinto(block) != len(block):
            raise Unavailable("the recording became shorter while it was read")
        yield block


def _block_frames(info: WavInfo) -> int:
    return max(1, BLOCK_FRAMES // info.sample_rate) * info.sample_rate


class _Scratch:
    """Memory for one block, used again for each: fresh pages cost more than the arithmetic."""

    def __init__(self, info: WavInfo) -> None:
        size = min(_block_frames(info), info.frames)
        self._info = info
        self._integers = np.empty((info.channels, size), np.int16)
        self._floats = np.empty(size, np.float32)

    def split(self, raw: memoryview) -> tuple[list[Signal], bool]:
        """Each channel's samples, contiguous, and whether some were no numbers. 16-bit integers stay
        integers, everything else has full scale 1. The raw block is used up."""
        if self._info.codec is Codec.PCM_S16:
            return self._split_integers(raw), False
        samples, non_finite = decode(raw, self._info)
        return [np.ascontiguousarray(channel) for channel in samples.T], non_finite

    def _split_integers(self, raw: memoryview) -> list[Signal]:
        """A stereo frame is read as one 32-bit integer: its low half is left, its high half right."""
        if self._info.channels == 1:
            return [np.frombuffer(raw, "<i2")]
        frames = np.frombuffer(raw, "<i4")
        left, right = self._integers[:, : len(frames)]
        np.copyto(left, frames, casting="unsafe")
        np.right_shift(frames, 16, out=frames)
        np.copyto(right, frames, casting="unsafe")
        return [left, right]

    def as_float(self, signal: Signal) -> NDArray[np.float32]:
        """The same numbers as float32."""
        if signal.dtype == np.float32:
            return cast("NDArray[np.float32]", signal)
        floats = self._floats[: len(signal)]
        np.copyto(floats, signal)
        return floats


class _Meter:
    """Gathers one channel's numbers, block by block."""

    def __init__(self, info: WavInfo, peaks: int) -> None:
        self._info = info
        self._rate = info.sample_rate
        self._frame = max(1, info.sample_rate // FRAMES_PER_SECOND)
        self._ones = np.full(self._frame, 1 / self._frame, np.float32)
        self._scale = 2.0**-15 if info.codec is Codec.PCM_S16 else 1.0
        self._at = 0
        self._slices = np.arange(min(peaks, info.frames)) * info.frames // min(peaks, info.frames)
        self._peaks = np.zeros(len(self._slices))
        seconds = -(-info.frames // info.sample_rate)
        self._energy = np.zeros(seconds)
        self._level = np.zeros(seconds * FRAMES_PER_SECOND, np.float32)
        self._sum = 0.0
        self._loud_samples = 0

    def add(self, signal: Signal, wave: NDArray[np.float32]) -> None:
        """Take the next block, as stored and as floats; all but the last hold whole seconds."""
        loudest = self._add_peaks(signal)
        if loudest >= FULL_SCALE:
            limit = np.float32(FULL_SCALE / self._scale)
            self._loud_samples += int(np.count_nonzero(np.abs(wave) >= limit))
        self._add_seconds(wave)
        self._at += len(signal)

    def _add_peaks(self, signal: Signal) -> float:
        """Raise the peaks of the slices that this block touches; the block's own peak."""
        first = int(np.searchsorted(self._slices, self._at, side="right")) - 1
        last = int(np.searchsorted(self._slices, self._at + len(signal)))
        cuts = np.maximum(self._slices[first:last] - self._at, 0)
        highest = np.maximum.reduceat(signal, cuts).astype(np.float64)
        lowest = np.minimum.reduceat(signal, cuts).astype(np.float64)
        found = np.maximum(highest, -lowest) * self._scale
        self._peaks[first:last] = np.maximum(self._peaks[first:last], found)
        return float(found.max())

    def _add_seconds(self, wave: NDArray[np.float32]) -> None:
        missing = -len(wave) % self._rate
        seconds = (np.pad(wave, (0, missing)) if missing else wave).reshape(-1, self._rate)
        framed = self._frame * FRAMES_PER_SECOND
        frames, rest = seconds[:, :framed].reshape(-1, self._frame), seconds[:, framed:]
        means = frames @ self._ones
        energy = np.vecdot(frames, frames)
        at = self._at // self._rate
        whole = energy.reshape(-1, FRAMES_PER_SECOND).sum(axis=1) + np.vecdot(rest, rest)
        self._energy[at : at + len(seconds)] = whole * self._scale**2
        begin = at * FRAMES_PER_SECOND
        power = energy / self._frame - np.square(means)
        self._level[begin : begin + len(power)] = power * self._scale**2
        self._sum += float(means.sum(dtype=np.float64)) * self._frame * self._scale

    def result(self, index: int) -> ChannelAcoustics:
        return ChannelAcoustics(
            index=index,
            speech=speech(self._levels(), self._info.duration_ms),
            loudness=tuple(self.loudness().tolist()),
            peaks=tuple(np.round(self._peaks, 3).tolist()),
        )

    def _levels(self) -> NDArray[np.float32]:
        """The level of each whole frame in dBFS."""
        full, rest = divmod(self._info.frames, self._rate)
        count = full * FRAMES_PER_SECOND + min(rest // self._frame, FRAMES_PER_SECOND)
        power = np.maximum(self._level[:count], np.float32(1e-12))
        return np.asarray(10 * np.log10(power), np.float32)

    def loudness(self) -> NDArray[np.float64]:
        """``clip(100 + RMS dBFS, 0, 100)`` per wall-clock second, two decimals."""
        counts = np.full(len(self._energy), self._rate)
        counts[-1] = self._info.frames - (len(counts) - 1) * self._rate
        power = np.maximum(self._energy / counts, 1e-30)
        loudness = np.clip(100 + 10 * np.log10(power), 0, 100)
        return np.asarray(loudness.round(2))

    @property
    def silent(self) -> bool:
        return bool(self._peaks.max() < SILENT_PEAK)

    @property
    def clipped(self) -> bool:
        return self._loud_samples > CLIPPED_SHARE * self._info.frames

    @property
    def dc_offset(self) -> bool:
        return abs(self._sum) > DC_OFFSET * self._info.frames

    @property
    def low_level(self) -> bool:
        return not self.silent and bool(self.loudness().max() < LOW_LOUDNESS)


def _quality(meters: tuple[_Meter, ...], *, identical: bool, non_finite: bool) -> tuple[str, ...]:
    silent = [meter.silent for meter in meters]
    found = {
        "channels_identical": identical and not any(silent),
        "clipped": any(meter.clipped for meter in meters),
        "silent": all(silent),
        "channel_silent": any(silent) and not all(silent),
        "dc_offset": any(meter.dc_offset for meter in meters),
        "low_level": any(meter.low_level for meter in meters),
        "non_finite": non_finite,
    }
    return tuple(flag for flag, is_so in found.items() if is_so)
