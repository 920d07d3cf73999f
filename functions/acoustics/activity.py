"""Where somebody speaks, judged by the level of 20 ms frames.

A frame is heard when it stands out from the noise around it and is not far below the usual level of
this channel's speech: the first rule adapts to the line, the second keeps out breath and the other
side's echo. Hysteresis: a run of heard frames counts when some of them are clear. A run of constant
level is a tone, not a voice.

Not told apart: music, ringback and other beating tones, noise that comes and goes within seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from chalicelib.domain.transcript import Span

Levels = NDArray[np.float32]
Runs = NDArray[np.intp]

FRAME_MS = 20
FRAMES_PER_SECOND = 1000 // FRAME_MS
LOWEST_DB = -80.0

NOISE_WINDOW = 20 * FRAMES_PER_SECOND
NOISE_PERCENTILE = 10
HEARD_ABOVE_NOISE_DB = 2.5
CLEAR_ABOVE_NOISE_DB = 4.0
VOICE_ABOVE_NOISE_DB = 10.0
VOICE_PERCENTILE = 80
HEARD_BELOW_VOICE_DB = 30.0
CLEAR_BELOW_VOICE_DB = 20.0
CLEAR_FRAMES = 3
TONE_FRAMES = 5
TONE_RANGE_DB = 0.5
MIN_SILENCE_FRAMES = 300 // FRAME_MS
PAD_MS = 100


def speech(level: Levels, duration_ms: int) -> tuple[Span, ...]:
    """Speech intervals of one channel from the level of each frame in dBFS.

    Silences shorter than 300 ms are closed, then 100 ms are added on both sides.
    """
    if not level.size:
        return ()
    level = np.maximum(level, np.float32(LOWEST_DB))
    noise = _noise_floor(level)
    voice = _voice_level(level, noise)
    heard = level > np.maximum(noise + HEARD_ABOVE_NOISE_DB, voice - HEARD_BELOW_VOICE_DB)
    clear = level > np.maximum(noise + CLEAR_ABOVE_NOISE_DB, voice - CLEAR_BELOW_VOICE_DB)
    runs = _runs(heard)
    runs = runs[_reduced(np.add, clear.astype(np.float32), runs) >= CLEAR_FRAMES]
    runs = runs[~_is_tone(level, runs)]
    return _spans(_joined(runs), duration_ms)


def _noise_floor(level: Levels) -> Levels:
    """The level of the quiet frames around each frame, window by window."""
    size = min(NOISE_WINDOW, level.size)
    starts = np.minimum(np.arange(0, level.size, size), level.size - size)
    quiet = size * NOISE_PERCENTILE // 100
    windows = np.partition(sliding_window_view(level, size)[starts], quiet, axis=1)
    return np.repeat(windows[:, quiet], size)[: level.size]


def _voice_level(level: Levels, noise: Levels) -> float:
    loud = level[level > noise + VOICE_ABOVE_NOISE_DB]
    return float(np.percentile(loud, VOICE_PERCENTILE)) if loud.size else LOWEST_DB


def _runs(active: NDArray[np.bool_]) -> Runs:
    """Begin and end (exclusive) of each run of true values, shape (runs, 2)."""
    framed = np.zeros(active.size + 2, np.bool_)
    framed[1:-1] = active
    return np.flatnonzero(framed[1:] != framed[:-1]).reshape(-1, 2)


def _reduced(ufunc: np.ufunc, values: Levels, runs: Runs) -> Levels:
    """``ufunc`` over the values of each run; runs are not empty."""
    padded = np.append(values, values[-1:])
    return np.asarray(ufunc.reduceat(padded, runs.reshape(-1))[::2])


def _is_tone(level: Levels, runs: Runs) -> NDArray[np.bool_]:
    """Whether the level inside a run, without its first and last frame, does not move."""
    long_enough = runs[:, 1] - runs[:, 0] >= TONE_FRAMES
    inner = runs + np.where(long_enough[:, np.newaxis], (1, -1), (0, 0))
    height = _reduced(np.maximum, level, inner) - _reduced(np.minimum, level, inner)
    return np.asarray(long_enough & (height < TONE_RANGE_DB))


def _joined(runs: Runs) -> Runs:
    if not len(runs):
        return runs
    apart = runs[1:, 0] - runs[:-1, 1] >= MIN_SILENCE_FRAMES
    begins = runs[np.concatenate(([True], apart)), 0]
    ends = runs[np.concatenate((apart, [True])), 1]
    return np.stack((begins, ends), axis=1)


def _spans(runs: Runs, duration_ms: int) -> tuple[Span, ...]:
    return tuple(
        Span(max(0, begin * FRAME_MS - PAD_MS), min(duration_ms, end * FRAME_MS + PAD_MS))
        for begin, end in runs.tolist()
    )
