"""Speech recognition on this machine: Whisper models through faster-whisper and CTranslate2.

Each channel of the recording is recognised whole and on its own, since the channel is the speaker.
The work is done in ``workers`` processes (see ``speech_worker``); this class only streams audio to
them and puts words together to turns.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from chalicelib.adapters.engines import audio
from chalicelib.adapters.engines.models import DEFAULT, ModelFolder, locate
from chalicelib.adapters.engines.speech_worker import Workers
from chalicelib.adapters.engines.whisper import Asked, Heard
from chalicelib.domain.contact import Refusal
from chalicelib.domain.errors import (
    EngineMissing,
    InputRefused,
    LanguageNotServed,
    NotFound,
    Unavailable,
)
from chalicelib.domain.language import with_region
from chalicelib.domain.method import Method
from chalicelib.domain.timeline import turns_of_participants
from chalicelib.domain.transcript import Channel, Engine, Participant, Role, Transcript
from chalicelib.domain.vocabulary import Vocabulary
from chalicelib.formats.wav import WavInfo, parse
from chalicelib.ports.speech import JobState, SpeechJob
from chalicelib.ports.storage import ObjectStore

LIBRARY = "faster-whisper"
SPEAKER = Participant("SPEAKER", Role.UNKNOWN)

NO_VOCABULARY = Vocabulary()

OnProgress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class _Recording:
    """What is known of the file before it is recognised."""

    key: str
    size: int
    info: WavInfo
    identical: bool


class FasterWhisper:
    """A ``Transcriber`` that works in ``start``: it returns DONE or FAILED and keeps nothing.

    ``model``: a CTranslate2 folder, or "" for the pinned default. ``threads``: of one recognition;
    ``workers``: recognitions at the same time. ``vocabulary``: words to expect, and how to write them.
    ``limits``: bytes and seconds of audio that are taken. ``on_progress`` is called with the job's name
    and the share of the audio that is recognised, 0..1, from the threads that recognise.
    """

    def __init__(
        self,
        sources: ObjectStore,
        *,
        model: str = "",
        threads: int = 2,
        workers: int = 1,
        method: Method,
        limits: tuple[int, int] = (2 * 1024**3, 4 * 3600),
        vocabulary: Vocabulary = NO_VOCABULARY,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.engine = Engine(LIBRARY, _installed(), (model or DEFAULT) + _with(vocabulary))
        self._sources = sources
        self._model = model
        self._threads = threads
        self._method = method
        self._vocabulary = vocabulary
        self._limits = limits
        self._workers = Workers(workers)
        self._channels = ThreadPoolExecutor(workers, thread_name_prefix="speech")
        self._on_progress = on_progress
        self._closed = False

    def start(self, job: SpeechJob) -> JobState:
        """Recognise now. Raises ``EngineMissing`` (no library or no model),
        ``LanguageNotServed``, ``IntegrityError``, ``NotFound`` and ``Unavailable``."""
        folder = usable_model(self._model, job.language)
        try:
            recording = self._look_at(job)
        except InputRefused as refused:
            return JobState("FAILED", failure=Refusal(refused.code, refused.detail))
        heard = self._hear(job, recording, folder)
        return JobState("DONE", transcript=self._transcript(job, recording, heard, folder))

    def look(self, job: SpeechJob) -> JobState:  # noqa: ARG002 - the port's signature
        """ABSENT: nothing is kept after ``start``."""
        return JobState("ABSENT")

    def forget(self, job: SpeechJob) -> None:
        """Nothing is kept, so nothing is to be deleted."""

    def close(self) -> None:
        """End the worker processes; jobs in work raise ``Unavailable``."""
        self._closed = True
        self._workers.close()
        self._channels.shutdown(cancel_futures=True)

    def _look_at(self, job: SpeechJob) -> _Recording:
        key = job.source_key
        stat = self._sources.stat(key)
        if stat is None or stat.etag != job.source_etag:
            raise NotFound(f"the recording of job {job.name} is gone or was replaced")
        max_bytes, max_seconds = self._limits
        info = parse(
            lambda offset, length: self._sources.read(key, start=offset, length=length),
            stat.size,
            max_bytes=max_bytes,
            max_seconds=max_seconds,
        )
        with self._sources.open(key) as source:
            return _Recording(key, stat.size, info, audio.same_channels(source, info))

    def _hear(self, job: SpeechJob, recording: _Recording, folder: ModelFolder) -> Sequence[Heard]:
        """One result a channel; identical channels are recognised once."""
        count = 1 if recording.identical else recording.info.channels
        done = [0] * count

        def hear(index: int) -> Heard:
            def progress(ms: int) -> None:
                done[index] = ms
                self._tell(job, sum(done) / (count * recording.info.duration_ms))

            return self._hear_channel(job, recording, folder, index, progress)

        if self._closed:
            raise Unavailable("the speech engine is shut down")
        try:
            return list(self._channels.map(hear, range(count)))
        except CancelledError as error:
            raise Unavailable("the speech engine is shutting down") from error
        except KeyboardInterrupt:
            self.close()
            raise

    def _hear_channel(
        self,
        job: SpeechJob,
        recording: _Recording,
        folder: ModelFolder,
        index: int,
        on_progress: Callable[[int], None],
    ) -> Heard:
        detect = job.language_assumed and not folder.english_only
        asked = Asked(_spoken(job.language), self._vocabulary.hot_words, detect)
        with (
            self._workers.worker(str(folder.path), self._threads) as worker,
            self._sources.open(recording.key) as source,
        ):
            blocks = audio.channel(source, recording.info, index)
            return worker.hear(blocks, asked, on_progress)

    def _tell(self, job: SpeechJob, share: float) -> None:
        if self._on_progress:
            self._on_progress(job.name, min(1.0, share))

    def _transcript(
        self, job: SpeechJob, recording: _Recording, heard: Sequence[Heard], folder: ModelFolder
    ) -> Transcript:
        if recording.identical and not heard[0].words:
            heard = [*heard, *heard]
        people = _participants(job.roles, len(heard))
        write = self._vocabulary.written
        spoken = {who: write(channel.words) for who, channel in zip(people, heard, strict=True)}
        found = {
            "mono": recording.info.channels == 1,
            "channels_identical": recording.identical,
            "repetition_removed": any(channel.looped for channel in heard),
        }
        language, confidence = heard_language(job.language, heard)
        return Transcript(
            channel=Channel.VOICE,
            language=language,
            language_confidence=confidence,
            participants=people,
            turns=turns_of_participants(spoken, self._method),
            engine=Engine(LIBRARY, self.engine.version, folder.detail + _with(self._vocabulary)),
            flags=tuple(flag for flag, is_so in found.items() if is_so),
        )


def heard_language(assumed: str, heard: Sequence[Heard]) -> tuple[str, float | None]:
    """The language of a recording: the one of most words that a model heard, else the assumed one.
    Channels that speak two languages are as sure as the share of words in the first."""
    words: dict[str, int] = {}
    for channel in heard:
        words[channel.language] = words.get(channel.language, 0) + len(channel.words)
    most = max(words, key=lambda language: words[language])
    sure = [c.confidence for c in heard if c.language == most and c.words and c.confidence]
    if not sure:
        return assumed, None
    share = words[most] / sum(words.values())
    return with_region(most, assumed), round(min(sure) * share, 4)


def usable_model(model: str, language: str) -> ModelFolder:
    """The model that recognises this language here. Raises ``EngineMissing`` and ``IntegrityError``."""
    if importlib.util.find_spec("faster_whisper") is None:
        raise EngineMissing("speech", f"{LIBRARY} is not installed")
    folder = locate(model)
    if folder.english_only and _spoken(language) != "en":
        reason = f"the model {folder.name} knows English, not {language}"
        raise LanguageNotServed("speech", reason)
    return folder


def _with(vocabulary: Vocabulary) -> str:
    """The vocabulary as part of the engine's detail: another one makes other transcripts."""
    return f"; vocabulary {vocabulary.id[:12]}" if vocabulary.id else ""


def _participants(roles: Sequence[Role], channels: int) -> tuple[Participant, ...]:
    """One for each channel. One channel holds both sides of the call: nobody knows who speaks."""
    if channels == 1:
        return (SPEAKER,)
    return tuple(Participant(role.value, role) for role in roles)


def _spoken(language: str) -> str:
    """``en`` of ``en-US``."""
    return language.split("-", maxsplit=1)[0].lower()


def _installed() -> str:
    try:
        return version(LIBRARY)
    except PackageNotFoundError:
        return ""
