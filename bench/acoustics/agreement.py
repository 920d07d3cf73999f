"""Speech activity on real recordings, ours and webrtcvad's: ``python -m bench.acoustics.agreement FOLDER``.

Two yardsticks, in 10 ms steps: agreement with silero (a neural detector, not a human label) on the
recording as it is and with white noise at 10 dB, and the truth of the recording's own speech with gaps of
weak noise put between its pieces. webrtcvad is mode 2 with the same closing and padding as ours.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import webrtcvad
from faster_whisper.vad import VadOptions, get_speech_timestamps

from chalicelib.formats import wav
from functions.acoustics import activity
from functions.acoustics.decode import decode
from functions.acoustics.work import run
from functions.recording import Limits, Recording
from tests.wav_files import fmt
from tests.wav_files import wav as wav_bytes

LIMITS = Limits(1 << 30, 4 * 3600)
SILERO = VadOptions(min_silence_duration_ms=300, speech_pad_ms=100)
GAP_NOISE = 25
SNR_DB = 10
LONGEST = 15

Signal = np.ndarray
Detector = Callable[[Signal, int], np.ndarray]


def steps(spans: list[tuple[float, float]], samples: int, rate: int) -> np.ndarray:
    """Spans in milliseconds as one truth value per 10 ms."""
    mask = np.zeros(samples * 100 // rate, bool)
    for begin, end in spans:
        mask[int(begin / 10) : int(end / 10)] = True
    return mask


def ours(signal: Signal, rate: int) -> np.ndarray:
    body = wav_bytes(signal.tobytes(), format_chunk=fmt(channels=1, rate=rate))
    (channel,) = run(Recording(BytesIO(body), len(body)), LIMITS).channels
    return steps([(s.begin_ms, s.end_ms) for s in channel.speech], len(signal), rate)


def webrtc(signal: Signal, rate: int) -> np.ndarray:
    vad, width = webrtcvad.Vad(2), rate // 50
    frames = range(0, len(signal) - width + 1, width)
    active = [vad.is_speech(signal[at : at + width].tobytes(), rate) for at in frames]
    runs = activity._joined(activity._runs(np.array(active)))
    spans = activity._spans(runs, len(signal) * 1000 // rate)
    return steps([(s.begin_ms, s.end_ms) for s in spans], len(signal), rate)


def silero_spans(signal: Signal, rate: int) -> list[tuple[float, float]]:
    wave = resampled(signal / np.float32(2**15), rate, 16_000)
    return [(s["start"] / 16, s["end"] / 16) for s in get_speech_timestamps(wave, SILERO)]


def silero(signal: Signal, rate: int) -> np.ndarray:
    return steps(silero_spans(signal, rate), len(signal), rate)


def resampled(wave: Signal, rate: int, wanted: int) -> Signal:
    """Band-limited, by padding the spectrum; only upwards."""
    if rate == wanted:
        return wave.astype(np.float32)
    size = len(wave) * wanted // rate
    return (np.fft.irfft(np.fft.rfft(wave), size) * (size / len(wave))).astype(np.float32)


def noisy(signal: Signal, speech: np.ndarray, rate: int) -> Signal:
    spoken = signal[: len(speech) * rate // 100][np.repeat(speech, rate // 100)].astype(float)
    level = np.sqrt((spoken**2).mean()) * 10 ** (-SNR_DB / 20)
    mixed = signal + np.random.default_rng(5).normal(0, level, len(signal))
    return np.rint(mixed).clip(-(2**15), 2**15 - 1).astype(np.int16)


def with_gaps(signal: Signal, rate: int) -> tuple[Signal, np.ndarray]:
    """Pieces of speech with gaps of 0.6 s and up in 0.35 s steps, and what is speech in that."""
    rng, parts, spans, at = np.random.default_rng(4), [], [], 0
    pieces = [s for s in silero_spans(signal, rate) if s[1] - s[0] > 800][:LONGEST]
    for n, (begin, end) in enumerate(pieces):
        piece = signal[int(begin * rate / 1000) : int(end * rate / 1000)]
        gap = np.rint(rng.normal(0, GAP_NOISE, int((0.6 + 0.35 * n) * rate))).astype(np.int16)
        spans.append((at * 1000 / rate, (at + len(piece)) * 1000 / rate))
        parts += [piece, gap]
        at += len(piece) + len(gap)
    return np.concatenate(parts), steps(spans, at, rate)


def score(found: np.ndarray, truth: np.ndarray) -> str:
    missed = (truth & ~found).sum() / max(1, truth.sum())
    false = (found & ~truth).sum() / max(1, (~truth).sum())
    return f"{(found == truth).mean():6.1%} (missed {missed:5.1%}, false {false:5.1%})"


def channels(path: Path) -> list[tuple[str, int, Signal]]:
    body = path.read_bytes()
    info = wav.parse(
        lambda at, n: body[at : at + n], len(body), max_bytes=1 << 30, max_seconds=14_400
    )
    samples = decode(body[info.data_offset : info.data_offset + info.data_bytes], info).samples
    whole = np.rint(samples * 2**15).clip(-(2**15), 2**15 - 1).astype(np.int16)
    return [(f"{path.name[:8]}.{n}", info.sample_rate, whole[:, n]) for n in range(info.channels)]


def main(folder: str) -> None:
    for path in sorted(Path(folder).rglob("*.wav")):
        for name, rate, signal in channels(path):
            reference = silero(signal, rate)
            noised = noisy(signal, reference, rate)
            gapped, truth = with_gaps(signal, rate)
            detectors: dict[str, Detector] = {"loupe": ours, "webrtcvad": webrtc, "silero": silero}
            for engine, detect in detectors.items():
                print(
                    f"{name} {engine:<9} as it is {score(detect(signal, rate), reference)}  "
                    f"+10 dB noise {score(detect(noised, rate), reference)}  "
                    f"known gaps {score(detect(gapped, rate), truth)}"
                )


if __name__ == "__main__":
    main(sys.argv[1])
