"""From a recording to a transcript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.contact import Refusal
from chalicelib.domain.transcript import Engine, Role, Transcript


@dataclass(frozen=True, slots=True)
class SpeechJob:
    """One recording to transcribe. ``name`` is deterministic, so that a second start is the first.

    ``roles``: the participant role of each channel (one entry for a mono recording).
    ``language_assumed``: nobody says that it is ``language``, so an engine that can tell may hear another.
    ``result_key`` is where an external service puts its output.
    """

    name: str
    source_key: str
    source_etag: str
    roles: tuple[Role, ...]
    sample_rate: int
    language: str
    result_key: str
    language_assumed: bool = False


@dataclass(frozen=True, slots=True)
class JobState:
    """``state`` is ABSENT, RUNNING, DONE (with the transcript) or FAILED (with the refusal)."""

    state: str
    transcript: Transcript | None = None
    failure: Refusal | None = None


class Transcriber(Protocol):
    """Speech recognition with word times, a whole recording at a time.

    Raises ``Unavailable`` for what may pass, ``EngineMissing`` when there is no engine or model.
    """

    engine: Engine

    def start(self, job: SpeechJob) -> JobState:
        """Start, or notice that a job of this name was started before. An engine that works in this
        process returns DONE or FAILED, a service returns RUNNING."""

    def look(self, job: SpeechJob) -> JobState:
        """How the job of this name stands; ABSENT if none was started or it is forgotten."""

    def forget(self, job: SpeechJob) -> None:
        """Delete what the service keeps of the job; a missing job is no error."""
