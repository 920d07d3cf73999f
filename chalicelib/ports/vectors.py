"""Meaning as numbers: vectors of texts, and groups of what is alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.themes import Cluster
from chalicelib.domain.transcript import Engine
from chalicelib.domain.vectors import Vector


class SentenceVectors(Protocol):
    """One direction per text. The same text has the same vector, whatever stands beside it."""

    engine: Engine

    def vectors(self, texts: Sequence[str]) -> Sequence[Vector]:
        """As many vectors as texts, in order and of one width. Raises ``EngineMissing``,
        ``IntegrityError``."""

    def check(self) -> None:
        """Whether there will be vectors. Raises ``EngineMissing``, ``IntegrityError``."""


class Clusterer(Protocol):
    """Groups what is alike. The order of what is given makes no difference to the groups."""

    engine: Engine

    def clusters(self, items: Sequence[Sequence[Vector]]) -> Sequence[Cluster]:
        """Groups of items, each item told by one vector or more; largest group first. An item is in
        one group or, if it is like none, in no group. Raises ``EngineMissing``."""
