"""A ``Transcriber`` that a test moves on by hand: a service with jobs, without a service."""

from __future__ import annotations

from chalicelib.domain.contact import Refusal
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.transcript import Engine, Transcript
from chalicelib.ports.speech import JobState, SpeechJob


class FakeTranscriber:
    """Jobs run until ``finish`` or ``fail``. ``answer`` finishes every job as it is started.

    ``started`` counts the starts by job name, conflicts included; ``throttle`` makes the next calls
    raise ``Unavailable``.
    """

    def __init__(self, answer: Transcript | None = None) -> None:
        self.engine = Engine("fake", "1")
        self.started: dict[str, int] = {}
        self._answer = answer
        self._jobs: dict[str, JobState] = {}
        self._throttled = 0

    def start(self, job: SpeechJob) -> JobState:
        self._admit()
        self.started[job.name] = self.started.get(job.name, 0) + 1
        first = JobState("DONE", self._answer) if self._answer else JobState("RUNNING")
        return self._jobs.setdefault(job.name, first)

    def look(self, job: SpeechJob) -> JobState:
        self._admit()
        return self._jobs.get(job.name, JobState("ABSENT"))

    def forget(self, job: SpeechJob) -> None:
        self._admit()
        self._jobs.pop(job.name, None)

    def finish(self, name: str, transcript: Transcript) -> None:
        self._jobs[name] = JobState("DONE", transcript)

    def fail(self, name: str, reason: str) -> None:
        self._jobs[name] = JobState("FAILED", failure=Refusal("transcribe.failed", reason))

    def throttle(self, calls: int) -> None:
        self._throttled = calls

    def _admit(self) -> None:
        if self._throttled:
            self._throttled -= 1
            raise Unavailable("throttled")
