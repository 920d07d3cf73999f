"""Windows over the speech of a channel, words on the recording's time, and loops taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from chalicelib.adapters.engines import whisper
from chalicelib.adapters.engines.repetition import without_loops
from chalicelib.adapters.engines.whisper import RATE, Piece, Samples, Window
from chalicelib.domain.transcript import Word


@dataclass
class Heard:
    word: str
    start: float
    end: float
    probability: float = 0.9


def channel(seconds: float, *speech: tuple[float, float]) -> Samples:
    """Ones where somebody speaks, zeros elsewhere."""
    audio = np.zeros(int(seconds * RATE), np.float32)
    for begin, end in speech:
        audio[int(begin * RATE) : int(end * RATE)] = 1
    return audio


def blocks(audio: Samples, seconds: float = 10) -> Iterator[Samples]:
    size = int(seconds * RATE)
    return (audio[at : at + size] for at in range(0, audio.size, size))


def detect(audio: Samples) -> list[tuple[int, int]]:
    """The ones."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], audio, [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _speech(windows: list[Window]) -> list[tuple[float, float]]:
    return [(p.speech[0] / RATE, p.speech[1] / RATE) for w in windows for p in w.pieces]


def _made(audio: Samples) -> list[Window]:
    return list(whisper.windows(blocks(audio), detect))


def test_silence_makes_no_windows() -> None:
    assert _made(channel(300)) == []


def test_no_audio_makes_no_windows() -> None:
    assert _made(channel(0)) == []


def test_stretches_are_padded_and_packed_into_one_window() -> None:
    (window,) = _made(channel(20, (1, 2), (10, 12)))
    assert [(p.offset, p.begin) for p in window.pieces] == [
        (0, int(0.6 * RATE)),
        (int(1.8 * RATE), int(9.6 * RATE)),
    ]
    assert window.audio.size == int((1.8 + 2.8) * RATE)
    assert window.end_ms == 12_000


def test_padding_ends_in_the_middle_of_a_short_gap_and_at_the_edges() -> None:
    (window,) = _made(channel(4.1, (0.1, 2), (2.4, 4)))
    assert [p.begin for p in window.pieces] == [0, int(2.2 * RATE)]
    assert window.audio.size == int(4.1 * RATE)


def test_a_window_is_no_longer_than_the_model_reads_at_once() -> None:
    windows = _made(channel(100, *((at, at + 9) for at in range(0, 100, 10))))
    assert len(_speech(windows)) == 10
    assert all(w.audio.size <= 30 * RATE for w in windows)
    assert len(windows) == 4


def test_a_long_channel_is_scanned_in_parts_without_cutting_a_stretch() -> None:
    speech = [(float(at), at + 7.5) for at in range(1, 590, 9)]
    assert _speech(_made(channel(600, *speech))) == speech


def test_speech_that_goes_on_and_on_is_still_recognised() -> None:
    windows = _made(channel(250, (0, 250)))
    assert _speech(windows)[0][0] == 0
    assert _speech(windows)[-1][1] == 250


WINDOW = Window(
    np.zeros(0, np.float32),
    (
        Piece(0, 1 * RATE, (int(1.4 * RATE), 3 * RATE)),
        Piece(int(2.4 * RATE), 10 * RATE, (int(10.4 * RATE), 12 * RATE)),
    ),
)


@pytest.mark.parametrize(
    ("start", "end", "begin_ms", "end_ms"),
    [
        pytest.param(0.6, 1.0, 1600, 2000, id="in_the_first_piece"),
        pytest.param(3.0, 3.5, 10_600, 11_100, id="in_the_second_piece"),
        pytest.param(0.0, 0.6, 1300, 1600, id="a_begin_in_the_padding_is_clipped"),
        pytest.param(1.8, 2.7, 2800, 3100, id="an_end_in_the_next_piece_is_clipped_to_its_own"),
        pytest.param(9.0, 9.5, 12_100, 12_100, id="what_lies_behind_all_speech_has_no_length"),
    ],
)
def test_words_lie_in_the_speech_they_come_from(
    start: float, end: float, begin_ms: int, end_ms: int
) -> None:
    (word,) = whisper.placed([Heard(" hello", start, end, 0.12345)], WINDOW)
    assert (word.text, word.begin_ms, word.end_ms) == ("hello", begin_ms, end_ms)
    assert word.confidence == 0.123


def test_pieces_of_one_word_are_joined() -> None:
    heard = [Heard(" in", 0.6, 0.8), Heard("-house", 0.8, 1.2), Heard(" now", 1.2, 1.4)]
    words = whisper.placed(heard, WINDOW)
    assert [(w.text, w.begin_ms, w.end_ms) for w in words] == [
        ("in-house", 1600, 2200),
        ("now", 2200, 2400),
    ]


def test_pieces_far_apart_are_words_of_their_own() -> None:
    words = whisper.placed([Heard(" T", 0.6, 0.8), Heard("-I", 3.0, 3.2)], WINDOW)
    assert [w.text for w in words] == ["T", "-I"]


def test_a_mark_alone_is_no_word() -> None:
    assert whisper.placed([Heard(" .", 0.6, 0.8), Heard(" ...", 1, 1.2)], WINDOW) == []


@pytest.mark.parametrize(
    ("probabilities", "kept"),
    [
        pytest.param([0.9, 0.9, 0.9, 0.9], 4, id="words_believed_in_stay"),
        pytest.param([0.9, 0.9, 0.04, 0.9], 2, id="from_an_unlikely_word_near_the_end_all_go"),
        pytest.param([0.05, 0.9, 0.9, 0.9], 4, id="an_unlikely_word_further_up_stays"),
        pytest.param([0.02], 0, id="one_unlikely_word_alone_goes"),
        pytest.param([], 0, id="nothing_stays_nothing"),
    ],
)
def test_what_the_model_adds_after_the_last_sound_is_dropped(
    probabilities: list[float], kept: int
) -> None:
    heard = [Heard(f" w{n}", n, n + 0.5, p) for n, p in enumerate(probabilities)]
    assert whisper.without_invented_end(heard) == heard[:kept]


def _words(text: str) -> list[Word]:
    return [Word(each, n * 100, n * 100 + 90) for n, each in enumerate(text.split())]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param("a b c " + "9, " * 40 + "d", "a b c 9, d", id="one_word_over_and_over"),
        pytest.param("thank you. " * 15, "thank you.", id="a_phrase_over_and_over"),
        pytest.param("I am sorry, sir! i am sorry sir " * 5, "I am sorry, sir!", id="marks_do_not_hide_it"),
        pytest.param("one two three four five " * 4, "one two three four five", id="the_shortest_loop"),
        pytest.param("4 " + "1 " * 15, "4 " + "1 " * 15, id="a_card_number_is_no_loop"),
        pytest.param("no " * 19, "no " * 19, id="nineteen_words_are_no_loop"),
        pytest.param("I want to speak to a manager " * 3, "I want to speak to a manager " * 3,
                     id="saying_it_three_times_is_no_loop"),
        pytest.param("", "", id="nothing_is_no_loop"),
    ],
)  # fmt: skip
def test_loops_are_cut_to_their_first_round(said: str, kept: str) -> None:
    words, removed = without_loops(_words(said))
    assert " ".join(word.text for word in words) == kept.strip()
    assert removed is (len(words) < len(_words(said)))
