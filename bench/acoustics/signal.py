"""A synthetic stereo call with a known timeline, the same bytes for the same seed.

Declared: nobody speaks in it. A voice is a pitch with harmonics under two formants, cut into syllables
of changing level; the line is Gaussian noise. It serves speed and memory; it says nothing about
accuracy on real calls.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE = 8000
NOISE = 25.0
FORMANTS = ((500.0, 150.0), (1500.0, 250.0))
LEVELS = (9000.0, 4500.0, 3000.0)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn: who, from when, how long; seconds."""

    channel: int
    begin: float
    seconds: float


def timeline(seconds: float, rng: np.random.Generator) -> list[Spoken]:
    """12 % of the turns overlap by 0.6-1.5 s, 8 % come after 4-25 s, the rest after 0.2-1.6 s; the
    speaker changes with p = 0.85."""
    turns, at, channel = [], 1.0, 0
    while True:
        spoken = Spoken(channel, at, float(rng.uniform(1.5, 9.0)))
        if spoken.begin + spoken.seconds > seconds - 1:
            return turns
        turns.append(spoken)
        end, kind = spoken.begin + spoken.seconds, rng.random()
        changes = rng.random() < 0.85
        overlaps = kind < 0.12 and changes
        long_pause = 0.12 <= kind < 0.20
        gap = (
            -rng.uniform(0.6, 1.5)
            if overlaps
            else rng.uniform(*((4, 25) if long_pause else (0.2, 1.6)))
        )
        at, channel = end + float(gap), 1 - channel if changes else channel


def utterance(spoken: Spoken, rng: np.random.Generator) -> np.ndarray:
    """The samples of one turn, as floats on the 16-bit scale."""
    t = np.arange(round(spoken.seconds * RATE)) / RATE
    base = (115.0, 205.0)[spoken.channel]
    pitch = base * (1 + 0.12 * np.sin(2 * np.pi * 0.6 * t + rng.uniform(0, 6)))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    wave = np.zeros(len(t))
    for n in range(1, int(3400 / base)):
        wave += formant_gain(n * base) * np.sin(n * phase)
    wave *= syllables(len(t), rng)
    return wave / np.abs(wave).max() * LEVELS[rng.integers(len(LEVELS))]


def formant_gain(hertz: float) -> float:
    return sum(1 / (1 + ((hertz - centre) / width) ** 2) for centre, width in FORMANTS)


def syllables(samples: int, rng: np.random.Generator) -> np.ndarray:
    """About four rises and falls a second, each of its own height."""
    heights = rng.uniform(0.25, 1.0, samples * 4 // RATE + 2)
    at = np.arange(samples) * 4 / RATE
    swing = 0.55 - 0.45 * np.cos(2 * np.pi * at)
    return swing * np.interp(at, np.arange(len(heights)), heights)


def write_call(path: Path, seconds: int, seed: int) -> list[Spoken]:
    """Write the WAV file; the turns that are in it."""
    rng = np.random.default_rng(seed)
    turns = timeline(seconds, rng)
    samples = np.empty((seconds * RATE, 2), "<i2")
    for channel in (0, 1):
        wave = rng.normal(0, NOISE, seconds * RATE)
        for spoken in (turn for turn in turns if turn.channel == channel):
            begin = round(spoken.begin * RATE)
            voice = utterance(spoken, rng)
            wave[begin : begin + len(voice)] += voice
        samples[:, channel] = np.rint(wave).clip(-(2**15), 2**15 - 1)
    with path.open("wb") as file:
        file.write(header(samples.nbytes))
        file.write(samples.data)
    return turns


def header(data_bytes: int) -> bytes:
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, RATE, RATE * 4, 4, 16)
    head = struct.pack("<4sI4s", b"RIFF", data_bytes + 36, b"WAVE")
    return head + fmt + struct.pack("<4sI", b"data", data_bytes)
