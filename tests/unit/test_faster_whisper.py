"""The local speech engine on real sound: who speaks, what is never invented, and how it breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import psutil
import pytest

from chalicelib.adapters.engines import audio, models
from chalicelib.adapters.engines.faster_whisper import FasterWhisper
from chalicelib.domain.errors import EngineMissing, IntegrityError, NotFound, Unavailable
from chalicelib.domain.method import Method
from chalicelib.domain.transcript import Role, Transcript
from chalicelib.formats import vocabulary
from chalicelib.formats.wav import WavInfo, parse
from chalicelib.ports.speech import SpeechJob
from tests import spoken
from tests.fakes.stores import MemoryObjects
from tests.shared_data import shared
from tests.wav_files import fmt, wav

BOTH = (Role.CUSTOMER, Role.AGENT)
speech = pytest.mark.speech


class Desk:
    """The engine, its sources, and the progress that it told."""

    def __init__(self, **settings: object) -> None:
        self.sources = MemoryObjects()
        self.progress: list[tuple[str, float]] = []
        self.engine = FasterWhisper(
            self.sources,
            threads=1,
            method=Method(),
            on_progress=lambda name, share: self.progress.append((name, share)),
            **settings,  # type: ignore[arg-type]
        )

    def job(
        self, body: bytes, *, language: str = "en-US", roles: tuple[Role, ...] = BOTH
    ) -> SpeechJob:
        stat = self.sources.put("call.wav", body)
        return SpeechJob("loupe-1", "call.wav", stat.etag, roles, 8000, language, "out.json")

    def hear(self, body: bytes, roles: tuple[Role, ...] = BOTH) -> Transcript:
        state = self.engine.start(self.job(body, roles=roles))
        assert (state.state, state.failure) == ("DONE", None)
        assert state.transcript
        return state.transcript


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    made = Desk(workers=2)
    yield made
    made.engine.close()


def _said(transcript: Transcript, role: Role) -> str:
    return " ".join(turn.text for turn in transcript.turns if turn.role is role).lower()


@speech
def test_a_silent_recording_says_nothing(desk: Desk) -> None:
    transcript = desk.hear(spoken.silent())
    assert transcript.turns == ()
    assert [p.role for p in transcript.participants] == list(BOTH)


@speech
def test_noise_is_not_made_into_words(desk: Desk) -> None:
    noise = np.random.default_rng(1).normal(0, 0.02, 2 * 10 * 8000)
    assert desk.hear(wav((noise * 32767).astype("<i2").tobytes())).turns == ()


@speech
def test_a_side_that_is_silent_has_no_turns(desk: Desk) -> None:
    transcript = desk.hear(spoken.agent_only())
    assert {turn.role for turn in transcript.turns} == {Role.AGENT}
    assert "thank you for calling" in _said(transcript, Role.AGENT)


@speech
def test_the_agent_may_be_on_the_left(desk: Desk) -> None:
    transcript = desk.hear(spoken.agent_only(), roles=BOTH[::-1])
    assert {turn.role for turn in transcript.turns} == {Role.CUSTOMER}


@speech
def test_nobody_is_guessed_in_a_mono_recording(desk: Desk) -> None:
    transcript = desk.hear(spoken.mono(), roles=(Role.UNKNOWN,))
    assert [(p.id, p.role) for p in transcript.participants] == [("SPEAKER", Role.UNKNOWN)]
    assert transcript.flags == ("mono",)
    assert "thank you for calling" in _said(transcript, Role.UNKNOWN)


@speech
def test_identical_channels_are_one_voice_and_not_two(desk: Desk) -> None:
    transcript = desk.hear(spoken.both_the_same())
    assert transcript.flags == ("channels_identical",)
    assert _said(transcript, Role.UNKNOWN).count("thank you for calling") == 1


@speech
def test_progress_grows_to_the_last_spoken_word(desk: Desk) -> None:
    desk.progress.clear()
    desk.hear(spoken.stereo())
    shares = [share for name, share in desk.progress if name == "loupe-1"]
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] <= 1.0


@speech
def test_the_same_recording_gives_the_same_transcript(desk: Desk) -> None:
    assert desk.hear(spoken.stereo()) == desk.hear(spoken.stereo())


@speech
def test_a_file_that_is_no_recording_fails_with_its_code(desk: Desk) -> None:
    state = desk.engine.start(desk.job(b"{}"))
    assert state.state == "FAILED"
    assert state.failure
    assert state.failure.code == "audio.not_wav"


def test_a_language_that_the_model_does_not_know_is_not_made_into_english() -> None:
    made = Desk()
    with pytest.raises(EngineMissing, match="knows English, not es-US"):
        made.engine.start(made.job(spoken.mono(), language="es-US"))


def test_without_the_library_the_engine_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Desk()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineMissing, match="faster-whisper is not installed"):
        made.engine.start(made.job(spoken.mono()))


def test_a_model_that_is_not_the_pinned_one_is_never_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Desk()
    pin = {name: {"sha256": "00" * 32} for name in ("model.bin", "config.json")}
    monkeypatch.setattr(models, "pins", lambda: {"tiny.en": pin})
    with pytest.raises(IntegrityError):
        made.engine.start(made.job(spoken.mono()))


def test_a_recording_that_was_replaced_is_not_taken_for_the_old_one() -> None:
    made = Desk()
    job = made.job(spoken.mono())
    made.sources.put("call.wav", spoken.silent())
    with pytest.raises(NotFound):
        made.engine.start(job)
    made.sources.delete("call.wav")
    with pytest.raises(NotFound):
        made.engine.start(job)


def test_a_recording_beyond_the_limit_is_refused_before_it_is_read() -> None:
    made = Desk(limits=(1000, 3600))
    state = made.engine.start(made.job(spoken.mono()))
    assert state.failure
    assert state.failure.code == "audio.too_large"


TRADE = vocabulary.load(b"Phrase\tDisplayAs\nthank-you\tThankyou\n")


def test_another_vocabulary_is_another_engine() -> None:
    plain, told = Desk().engine.engine, Desk(vocabulary=TRADE).engine.engine
    assert plain.detail == "tiny.en"
    assert told.detail == f"tiny.en; vocabulary {TRADE.id[:12]}"


@speech
def test_terms_are_written_as_the_vocabulary_has_them() -> None:
    made = Desk(workers=1, vocabulary=TRADE)
    try:
        transcript = made.hear(spoken.mono(), roles=(Role.UNKNOWN,))
    finally:
        made.engine.close()
    words = transcript.turns[0].words
    assert [word.text for word in words[:2]] == ["Thankyou", "for"]
    assert words[0].end_ms - words[0].begin_ms > 100
    assert f"vocabulary {TRADE.id[:12]}" in transcript.engine.detail


@speech
def test_a_killed_worker_may_be_tried_again_and_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Desk(workers=1)
    job = made.job(spoken.agent_only())
    first = set(_speech_children())

    def killing(*args: object) -> Iterator[np.ndarray]:
        for child in set(_speech_children()) - first:
            child.kill()
        return iter([np.zeros(16000, np.float32)])

    try:
        with monkeypatch.context() as patch:
            patch.setattr(audio, "channel", killing)
            with pytest.raises(Unavailable) as caught:
                made.engine.start(job)
        assert caught.value.retryable
        assert made.engine.start(job).state == "DONE"
    finally:
        made.engine.close()


@speech
def test_a_worker_that_died_while_it_waited_is_replaced_unnoticed() -> None:
    before = set(_speech_children())
    made = Desk(workers=1)
    try:
        made.hear(spoken.mono(), roles=(Role.UNKNOWN,))
        (worker,) = set(_speech_children()) - before
        worker.kill()
        worker.join()
        made.hear(spoken.mono(), roles=(Role.UNKNOWN,))
    finally:
        made.engine.close()


@speech
def test_a_model_that_cannot_be_loaded_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    for name, text in {"model.bin": "x", "config.json": "{}", "tokenizer.json": "{}"}.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "vocabulary.txt").write_text("a\n", "utf-8")
    made = Desk(model=str(tmp_path))
    try:
        with pytest.raises(Unavailable, match="the speech engine failed"):
            made.engine.start(made.job(spoken.mono()))
    finally:
        made.engine.close()


@speech
def test_a_closed_engine_has_no_processes_and_starts_none() -> None:
    before = set(_speech_children())
    made = Desk(workers=1)
    job = made.job(spoken.mono(), roles=(Role.UNKNOWN,))
    made.engine.start(job)
    assert set(_speech_children()) > before
    made.engine.close()
    assert set(_speech_children()) <= before
    with pytest.raises(Unavailable):
        made.engine.start(job)


def _speech_children() -> list[BaseProcess]:
    return [child for child in active_children() if child.name == "loupe-speech"]


PARENT = """
import sys
from chalicelib.adapters.engines.models import locate
from chalicelib.adapters.engines.speech_worker import Worker
if __name__ == "__main__":
    worker = Worker(str(locate("").path), 1)
    print(worker._process.pid, flush=True)
    sys.stdin.read()
"""


@speech
def test_a_worker_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, "utf-8")
    root = str(Path(__file__).resolve().parents[2])
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    ) as parent:
        assert parent.stdout
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
        deadline = time.monotonic() + 10
        while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, "the worker outlived its parent"
            time.sleep(0.05)


def _info(body: bytes) -> WavInfo:
    return parse(lambda at, n: body[at : at + n], len(body), max_bytes=1 << 30, max_seconds=3600)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100])
def test_a_channel_comes_at_16_khz_whatever_its_rate(rate: int) -> None:
    seconds, tone = 12, 440
    wave = np.sin(2 * np.pi * tone * np.arange(seconds * rate) / rate) * 0.5
    pair = np.stack([np.zeros_like(wave), wave], axis=1)
    body = wav((pair * 32767).astype("<i2").tobytes(), format_chunk=fmt(rate=rate))
    sources = MemoryObjects()
    sources.put("tone.wav", body)
    with sources.open("tone.wav") as source:
        silent, loud = (np.concatenate(list(audio.channel(source, _info(body), n))) for n in (0, 1))
    assert abs(loud.size - seconds * 16000) <= 32
    assert np.abs(silent).max() < 1e-4
    assert np.abs(loud).max() == pytest.approx(0.5, abs=0.01)
    crossings = int(np.count_nonzero(np.diff(np.signbit(loud))))
    assert crossings == pytest.approx(2 * tone * seconds, abs=4)


@pytest.mark.parametrize(
    ("body", "same"),
    [
        pytest.param(spoken.both_the_same(), True, id="one_voice_twice"),
        pytest.param(spoken.stereo(), False, id="two_voices"),
        pytest.param(spoken.mono(), False, id="one_channel"),
    ],
)
def test_identical_channels_are_recognised(body: bytes, same: bool) -> None:
    sources = MemoryObjects()
    sources.put("call.wav", body)
    with sources.open("call.wav") as source:
        assert audio.same_channels(source, _info(body)) is same


@speech
@pytest.mark.shared_data
def test_a_real_call_of_four_minutes_is_heard_on_both_sides(desk: Desk) -> None:
    meta = next(shared("recordings", "connect").rglob("8c972468*.wav"))
    transcript = desk.hear(meta.read_bytes())
    words = [word for turn in transcript.turns for word in turn.words]
    assert 350 <= len(words) <= 800
    assert "thank you for calling" in _said(transcript, Role.AGENT)
    assert "tesla" in _said(transcript, Role.CUSTOMER)
    assert 15 <= len(transcript.turns) <= 60
    assert 235_000 <= max(turn.end_ms for turn in transcript.turns) <= 245_380
    for turn in transcript.turns:
        assert all(a.begin_ms <= b.begin_ms for a, b in pairwise(turn.words))
