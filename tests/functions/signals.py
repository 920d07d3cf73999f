"""Signals with a known truth, as arrays and as WAV files."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from chalicelib.domain.acoustics import Acoustics
from chalicelib.formats import wav as reader
from functions.acoustics.work import run
from functions.recording import Limits, Recording
from tests import wav_files as f

RATE = 8000


def voice(seconds: float, *, rate: int = RATE, level: float = 0.3, seed: int = 1) -> np.ndarray:
    """Something voice-like: harmonics of a moving pitch with syllables, never a constant level."""
    t = np.arange(round(seconds * rate)) / rate
    pitch = 120 + 20 * np.sin(2 * np.pi * 0.7 * t + seed)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    tones = sum(np.sin(n * phase) / n for n in range(1, 12))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * t + seed)
    return level * tones / np.abs(tones).max() * syllables


def tone(seconds: float, *, hertz: float = 440, rate: int = RATE, level: float = 0.3) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def noise(seconds: float, *, rate: int = RATE, level: float = 0.003, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level, round(seconds * rate))


def silence(seconds: float, *, rate: int = RATE) -> np.ndarray:
    return np.zeros(round(seconds * rate))


def line(*parts: np.ndarray) -> np.ndarray:
    return np.concatenate(parts)


def pcm16(*channels: np.ndarray) -> bytes:
    """Interleaved 16-bit samples."""
    scaled = np.clip(np.stack(channels, axis=1) * 2**15, -(2**15), 2**15 - 1)
    return np.rint(scaled).astype("<i2").tobytes()


def recording(*channels: np.ndarray, rate: int = RATE) -> bytes:
    """A 16-bit WAV file."""
    return f.wav(pcm16(*channels), format_chunk=f.fmt(channels=len(channels), rate=rate))


def parsed(body: bytes) -> reader.WavInfo:
    return reader.parse(
        lambda offset, length: body[offset : offset + length],
        len(body),
        max_bytes=len(body),
        max_seconds=24 * 3600,
    )


def measured(body: bytes) -> Acoustics:
    return run(Recording(BytesIO(body), len(body)), Limits(len(body), 24 * 3600))
