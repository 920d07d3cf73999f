"""A transcriber whose words follow from the bytes, so that a transcript of other bytes is noticed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from chalicelib.domain.transcript import Engine, Role, Transcript
from chalicelib.ports.speech import JobState, SpeechJob
from tests.world import spoken

ENGINE = Engine("scripted", "1")


def said_in(etag: str) -> Transcript:
    """What is said in the recording with this identity."""
    mood = "good" if int(etag[:6], 16) % 2 else "bad"
    return spoken(
        (Role.AGENT, "thank you for calling"),
        (Role.CUSTOMER, f"this is {mood} about {etag[:8]}"),
    )


class Speech:
    """In this process (``start`` answers), or as a service whose jobs run until ``finish``.

    A service knows a job by its name alone and writes what it heard where the first start asked for it.
    ``names`` holds the job names by contact, key and etag.
    """

    engine = ENGINE

    def __init__(self, *, service: bool = False, told: Callable[[str], None] | None = None) -> None:
        self.names: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._service = service
        self._told = told
        self._jobs: dict[str, SpeechJob] = {}
        self._done: set[str] = set()

    def start(self, job: SpeechJob) -> JobState:
        contact = job.result_key.rpartition("/")[0]
        self.names[contact, job.source_key, job.source_etag].add(job.name)
        if not self._service:
            return JobState("DONE", said_in(job.source_etag))
        self._jobs.setdefault(job.name, job)
        return self.look(job)

    def look(self, job: SpeechJob) -> JobState:
        known = self._jobs.get(job.name)
        if known is None:
            return JobState("ABSENT")
        if job.name not in self._done:
            return JobState("RUNNING")
        if known.result_key != job.result_key:
            return JobState("RUNNING")  # the output lies elsewhere
        return JobState("DONE", said_in(job.source_etag))

    def forget(self, job: SpeechJob) -> None:
        self._jobs.pop(job.name, None)

    def finish(self) -> int:
        """Every running job ends and is told of; how many."""
        running = [name for name in self._jobs if name not in self._done]
        for name in running:
            self._done.add(name)
            if self._told:
                self._told(name)
        return len(running)
