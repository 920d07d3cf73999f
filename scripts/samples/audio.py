"""From samples at any rate to a telephone recording: band, 8 kHz, mu-law, a WAV file."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

RATE = 8000
PER_MS = RATE // 1000
NOISE = 10 ** (-62 / 20)
MU_LAW = 7


def telephone(samples: Samples, rate: int) -> Samples:
    """Band-pass 300-3400 Hz with the soft skirts of a telephone line, resampled to 8 kHz."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    band = 1 / (1 + np.exp(-(hertz - 250) / 80)) / (1 + np.exp((hertz - 3600) / 80))
    length = round(len(samples) * RATE / rate)
    narrow: Samples = np.fft.irfft((spectrum * band)[: length // 2 + 1], length)
    narrow *= length / len(samples)
    return narrow


def spoken_part(samples: Samples, *, floor: float = 0.02) -> Samples:
    """Without the silence before the first and after the last sound, padded to whole milliseconds."""
    loud = np.flatnonzero(np.abs(samples) > floor * np.abs(samples).max())
    cut: Samples = samples[loud[0] : loud[-1] + 1]
    return np.concatenate([cut, np.zeros(-len(cut) % PER_MS)])


def at_level(samples: Samples, db: float = 0.0, *, rms: float = 0.07) -> Samples:
    """Scaled to one loudness plus ``db``; peaks are kept below full scale."""
    scaled = samples * (rms * 10 ** (db / 20) / np.sqrt(np.mean(samples**2)))
    limited: Samples = np.clip(scaled, -0.95, 0.95)
    return limited


def channel(clips: Sequence[tuple[int, Samples]], length_ms: int, seed: int) -> Samples:
    """Clips at their begin times (ms) over light comfort noise."""
    track = np.random.default_rng(seed).normal(0.0, NOISE, length_ms * PER_MS)
    for begin_ms, clip in clips:
        start = begin_ms * PER_MS
        track[start : start + len(clip)] += clip
    return track


def mu_law(samples: Samples) -> bytes:
    """G.711 mu-law, one byte a sample."""
    pcm = np.clip(np.round(samples * 32767), -32635, 32635).astype(np.int32)
    magnitude = np.abs(pcm) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(pcm < 0, 0x80, 0)
    codes = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return bytes(codes.astype(np.uint8))


def wav(left: Samples, right: Samples, comment: str) -> bytes:
    """Stereo 8 kHz mu-law WAV that says in its LIST/INFO chunk what it is."""
    frames = bytearray(2 * len(left))
    frames[0::2], frames[1::2] = mu_law(left), mu_law(right)
    info = b"INFO" + _chunk(b"ICMT", comment.encode("ascii") + b"\0")
    body = (
        b"WAVE"
        + _chunk(b"fmt ", struct.pack("<HHIIHHH", MU_LAW, 2, RATE, 2 * RATE, 2, 8, 0))
        + _chunk(b"fact", struct.pack("<I", len(left)))
        + _chunk(b"LIST", info)
        + _chunk(b"data", bytes(frames))
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def read_wav(body: bytes) -> tuple[Samples, Samples]:
    """Both channels of a file that ``wav`` wrote."""
    codes = ~np.frombuffer(body[body.index(b"data") + 8 :], np.uint8) & 0xFF
    magnitude = (((codes & 0x0F).astype(np.int32) << 3) + 132 << ((codes & 0x70) >> 4)) - 132
    pcm = np.where(codes & 0x80, -magnitude, magnitude) / 32768
    return pcm[0::2], pcm[1::2]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
