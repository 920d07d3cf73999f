"""Vectors and groups that follow from words alone."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.themes import Cluster, Member
from chalicelib.domain.transcript import Engine
from chalicelib.domain.vectors import Vector


class FakeVectors:
    """One dimension per word of ``words``, and one for all others. ``asked`` keeps the batches;
    ``missing``: why there are none."""

    engine = Engine("fake-vectors", "1", "counts the words of a test")

    def __init__(
        self, words: Sequence[str] = ("refund", "password", "delivery"), *, missing: str = ""
    ) -> None:
        self._words = tuple(words)
        self._missing = missing
        self.asked: list[tuple[str, ...]] = []

    def check(self) -> None:
        if self._missing:
            raise EngineMissing("vectors", self._missing)

    def vectors(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.check()
        self.asked.append(tuple(texts))
        return [self._vector(text.lower()) for text in texts]

    def _vector(self, text: str) -> Vector:
        hits = [127 if word in text else 0 for word in self._words]
        return Vector(bytes([*hits, 0 if any(hits) else 127]), 1 / 127)


class FakeClusterer:
    """Items whose first vectors are the same are a group, if there are two or more of them."""

    engine = Engine("fake-groups", "1", "puts the same beside the same")

    def clusters(self, items: Sequence[Sequence[Vector]]) -> Sequence[Cluster]:
        groups: dict[bytes, list[Member]] = {}
        for n, item in enumerate(items):
            groups.setdefault(item[0].values, []).append(Member(n, 1.0, 0))
        found = [Cluster(tuple(members)) for members in groups.values() if len(members) > 1]
        return sorted(found, key=lambda cluster: -len(cluster.members))
