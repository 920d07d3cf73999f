"""Summing up: what a conversation was about, from its redacted text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.summary import Summary
from chalicelib.domain.transcript import Engine, Turn


class Summarizer(Protocol):
    """Reads the analysed turns of one conversation, in order and redacted."""

    engine: Engine

    def summarise(self, turns: Sequence[Turn], language: str) -> Summary:
        """At most one highlight of each kind, each within one turn and cutting no mask; sentences and
        phrases cite turns that were given. Raises ``Unavailable``, ``EngineMissing``."""
