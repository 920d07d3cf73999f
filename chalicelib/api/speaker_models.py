"""Shapes of separated speakers, as part of a conversation."""

from __future__ import annotations

from typing import Literal

from chalicelib.api.model_base import Model


class SpeakerCueInfo(Model):
    """A turn of phrase that speaks for a role; ``speaker`` is the engine's label of the voice."""

    cue: str
    speaker: str
    speaks_for: Literal["AGENT", "CUSTOMER"]
    points: int
    segment_id: str


class SpeakersInfo(Model):
    """Voices that the engine separated on one channel. ``agent`` and ``customer`` are its labels, inferred
    from the cues; null where ``lead`` is below ``margin``."""

    voices: int
    agent: str | None
    customer: str | None
    lead: int
    margin: int
    cues: list[SpeakerCueInfo]
