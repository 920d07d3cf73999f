"""Finding what texts speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.transcript import Engine
from chalicelib.ports.language import Failed


@dataclass(frozen=True, slots=True)
class Mention:
    """``text[begin:end]`` is of this type; ``score`` 0..1 if the engine gives one."""

    begin: int
    end: int
    kind: str
    score: float | None = None


Mentions = Sequence[Mention]


class EntityFinder(Protocol):
    """Finds entities of Amazon Comprehend's types, text by text."""

    engine: Engine

    def types(self, language: str) -> tuple[str, ...]:
        """The types that it knows in this language; none where it does not read it."""

    def find(self, texts: Sequence[str], language: str) -> Sequence[Mentions | Failed]:
        """As many results as texts, in order, each without overlaps and in order. Raises
        ``Unavailable``, ``EngineMissing``."""
