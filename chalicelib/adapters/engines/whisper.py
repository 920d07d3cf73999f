"""Whisper over one channel: speech first, then words with times, and no text that nobody spoke.

Voice activity (Silero, carried by faster-whisper) cuts the channel into speech stretches. They are
packed into windows of at most 30 s, which is what the model reads at once, so a window never ends
inside a word and silence is never recognised. Word times are laid back onto the recording and clipped
to the stretch that they come from. Runs inside a worker process; memory is bounded by ``SCAN_S``.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chalicelib.adapters.engines.repetition import without_loops
from chalicelib.domain.transcript import Word

RATE = 16_000
SCAN_S = 120
WINDOW_S = 30
LONGEST_STRETCH_S = 28
MIN_SILENCE_MS = 300
PAD = RATE * 400 // 1000
CLIP = RATE * 100 // 1000
TEMPERATURES = (0.0, 0.2, 0.4)
JOIN_MS = 1000
END_WORDS = 3
END_PROBABILITY = 0.1
LEAST_HEARD = 0.8

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Piece:
    """A speech stretch in a window: ``offset`` in the window, ``begin`` in the recording, both of the
    padded piece; ``speech`` is what the detector found. In samples."""

    offset: int
    begin: int
    speech: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """What the model hears at once, and where each piece of it lies in the recording."""

    audio: Samples
    pieces: tuple[Piece, ...]

    @property
    def end_ms(self) -> int:
        return _ms(self.pieces[-1].speech[1])


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known before it is heard: the language, such as ``en``, and words to expect. ``detect``:
    the language is only assumed, and the model may hear another one."""

    language: str
    hot_words: str = ""
    detect: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of one channel, in time order; ``looped``: repetitions were taken out. ``confidence``:
    how sure the model is of the ``language`` that it heard; None where it was told the language."""

    words: tuple[Word, ...]
    looped: bool
    language: str = ""
    confidence: float | None = None


class Recogniser:
    """One loaded model. Loads from a folder only; ``threads`` are those of one recognition."""

    def __init__(self, folder: str, *, threads: int) -> None:
        import faster_whisper  # noqa: PLC0415 - only a worker process pays for it
        import tqdm  # type: ignore[import-untyped]  # noqa: PLC0415

        tqdm.tqdm.set_lock(
            threading.RLock()
        )  # its own is a semaphore that outlives a killed process
        self._model = faster_whisper.WhisperModel(
            folder, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )

    def hear(
        self, blocks: Iterator[Samples], asked: Asked, on_progress: Callable[[int], None]
    ) -> Heard:
        """The words of a channel given as 16 kHz blocks. ``on_progress`` takes ms recognised."""
        words: list[Word] = []
        looped = False
        sure: float | None = None
        for window in windows(blocks, speech_stretches):
            if asked.detect:
                language, share, _ = self._model.detect_language(window.audio)
                asked, sure = listened(asked, language, share)
            heard, removed = without_loops(self._words(window, asked))
            words += heard
            looped |= removed
            on_progress(window.end_ms)
        ordered = tuple(sorted(words, key=lambda w: (w.begin_ms, w.end_ms)))
        return Heard(ordered, looped, asked.language, sure)

    def _words(self, window: Window, asked: Asked) -> list[Word]:
        segments, _ = self._model.transcribe(
            window.audio,
            language=asked.language,
            hotwords=asked.hot_words or None,
            beam_size=1,
            condition_on_previous_text=False,
            without_timestamps=True,
            word_timestamps=True,
            temperature=TEMPERATURES,
        )
        heard = [word for segment in segments for word in segment.words or ()]
        return placed(without_invented_end(heard), window)


def listened(asked: Asked, language: str, share: float) -> tuple[Asked, float | None]:
    """What to recognise a channel as, once its first window was listened to, and how sure that is. A
    model that is not sure changes nothing."""
    if share < LEAST_HEARD:
        return replace(asked, detect=False), None
    return replace(asked, language=language, detect=False), round(float(share), 4)


def speech_stretches(audio: Samples) -> list[tuple[int, int]]:
    """Where somebody speaks, in samples, without padding."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415

    options = VadOptions(
        min_silence_duration_ms=MIN_SILENCE_MS,
        speech_pad_ms=0,
        max_speech_duration_s=LONGEST_STRETCH_S,
    )
    return [(found["start"], found["end"]) for found in get_speech_timestamps(audio, options)]


def windows(
    blocks: Iterator[Samples], detect: Callable[[Samples], list[tuple[int, int]]]
) -> Iterator[Window]:
    """Windows of at most ``WINDOW_S``, made as the audio comes in; ``detect`` finds the speech."""
    kept: Samples = np.empty(0, np.float32)
    at = 0
    for block in blocks:
        kept = np.concatenate((kept, block))
        if kept.size >= SCAN_S * RATE:
            speech = detect(kept)
            cut = _cut(kept.size, speech)
            yield from _pack(kept[:cut], [s for s in speech if s[1] <= cut], at)
            kept, at = kept[cut:], at + cut
    if kept.size:
        yield from _pack(kept, detect(kept), at)


def _cut(size: int, speech: Sequence[tuple[int, int]]) -> int:
    """Where the scan may end: before the last stretch, which may go on in audio yet to come."""
    if not speech:
        return size
    before = speech[-2][1] if len(speech) > 1 else 0
    return (before + speech[-1][0]) // 2 or size


def _pack(audio: Samples, speech: Sequence[tuple[int, int]], at: int) -> Iterator[Window]:
    parts: list[Samples] = []
    pieces: list[Piece] = []
    filled = 0
    for (begin, end), stretch in zip(_padded(speech, audio.size), speech, strict=True):
        if pieces and filled + end - begin > WINDOW_S * RATE:
            yield Window(np.concatenate(parts), tuple(pieces))
            parts, pieces, filled = [], [], 0
        pieces.append(Piece(filled, at + begin, (at + stretch[0], at + stretch[1])))
        parts.append(audio[begin:end])
        filled += end - begin
    if parts:
        yield Window(np.concatenate(parts), tuple(pieces))


def _padded(speech: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Stretches widened by ``PAD``, or to the middle of a shorter gap."""
    for n, (begin, end) in enumerate(speech):
        left = (speech[n - 1][1] + begin) // 2 if n else 0
        right = (end + speech[n + 1][0]) // 2 if n + 1 < len(speech) else size
        yield max(left, begin - PAD), min(right, end + PAD)


class HeardWord(Protocol):
    """A word as the model gives it: times in seconds of the window."""

    word: str
    start: float
    end: float
    probability: float


def without_invented_end(heard: Sequence[HeardWord]) -> Sequence[HeardWord]:
    """The words up to what the model added after the last sound: of the last ``END_WORDS`` those from
    the first on that it believes in with less than ``END_PROBABILITY``."""
    first = max(0, len(heard) - END_WORDS)
    for n, word in enumerate(heard[first:], start=first):
        if word.probability < END_PROBABILITY:
            return heard[:n]
    return heard


def placed(heard: Sequence[HeardWord], window: Window) -> list[Word]:
    """The model's words on the recording's time. Pieces of a word ("in", "-house") are joined, marks
    that stand alone are left out."""
    words: list[Word] = []
    for each in heard:
        if not any(character.isalnum() for character in each.word):
            continue
        word = _place(each, window)
        joins = words and not each.word.startswith(" ")
        if joins and word.begin_ms - words[-1].end_ms < JOIN_MS:
            last = words[-1]
            words[-1] = replace(last, text=last.text + word.text, end_ms=word.end_ms)
        else:
            words.append(word)
    return words


def _place(each: HeardWord, window: Window) -> Word:
    middle = int((each.start + each.end) / 2 * RATE)
    offsets = [piece.offset for piece in window.pieces]
    piece = window.pieces[max(0, bisect_right(offsets, middle) - 1)]
    first, last = piece.speech[0] - CLIP, piece.speech[1] + CLIP
    begin, end = (
        min(max(int(t * RATE) - piece.offset + piece.begin, first, 0), last)
        for t in (each.start, each.end)
    )
    return Word(each.word.strip(), _ms(begin), _ms(end), round(float(each.probability), 3))


def _ms(samples: int) -> int:
    return samples * 1000 // RATE
