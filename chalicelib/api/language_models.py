"""How the language of a conversation is known, as the API answers it."""

from __future__ import annotations

from typing import Literal

from chalicelib.api.model_base import EngineInfo, Model


class LanguageEvidence(Model):
    """How ``language`` is known; ``confidence`` and ``margin`` (0..1) are the engine's."""

    how: Literal["STATED", "IDENTIFIED", "ASSUMED"]
    detail: str
    engine: EngineInfo | None
    confidence: float | None
    margin: float | None
    words: int | None
