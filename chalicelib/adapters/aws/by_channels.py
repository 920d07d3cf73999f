"""Two engines as one: which of them hears a recording depends on whether each side has its channel."""

from __future__ import annotations

from chalicelib.domain.transcript import ANALYSED_ROLES
from chalicelib.ports.speech import JobState, SpeechJob, Transcriber


class ByChannels:
    """A ``Transcriber`` that gives recordings with a channel for each side to ``sides`` and all others to
    ``mixed``. Each transcript names the engine that made it."""

    def __init__(self, sides: Transcriber, mixed: Transcriber) -> None:
        self.engine = sides.engine
        self._sides = sides
        self._mixed = mixed

    def start(self, job: SpeechJob) -> JobState:
        return self._of(job).start(job)

    def look(self, job: SpeechJob) -> JobState:
        return self._of(job).look(job)

    def forget(self, job: SpeechJob) -> None:
        """By its name at both: the job may be known by no more than that."""
        for each in (self._sides, self._mixed):
            each.forget(job)

    def _of(self, job: SpeechJob) -> Transcriber:
        return self._sides if sorted(job.roles) == sorted(ANALYSED_ROLES) else self._mixed
