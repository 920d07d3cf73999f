"""Entities without a model of their own: a list of the team's names, forms of dates and quantities, and
the places that the redaction model sees anyway.

People, events, titles and what no list names are not looked for, and the product says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from chalicelib.adapters.engines.entity_patterns import dates_and_quantities
from chalicelib.adapters.engines.entity_places import may_name, places
from chalicelib.adapters.engines.rampart import Token
from chalicelib.domain.entities import TYPES
from chalicelib.domain.entity_list import EntityList, Matcher
from chalicelib.domain.language import primary
from chalicelib.domain.transcript import Engine
from chalicelib.ports.entities import Mention, Mentions
from chalicelib.ports.language import Failed

VERSION = "1"


class Labeller(Protocol):
    """A model that labels stretches of texts."""

    def label(self, texts: Sequence[str]) -> list[list[Token]]:
        """The tokens of each text that may be something. Raises ``EngineMissing``."""


class LocalEntities:
    """An ``EntityFinder`` in this process. ``model``: what sees places, if it is there."""

    def __init__(self, listed: EntityList | None = None, model: Labeller | None = None) -> None:
        self._listed = listed or EntityList()
        self._names = Matcher(self._listed)
        self._model = model
        parts = ["dates and quantities by their form in English"]
        parts += ["places by the redaction model"] if model else []
        parts += [f"names by list {self._listed.id[:12]}"] if self._listed.id else []
        self.engine = Engine("loupe-entities", VERSION, "; ".join(parts))

    def types(self, language: str) -> tuple[str, ...]:
        known = set(self._listed.types)
        if primary(language) == "en":
            known |= {"DATE", "QUANTITY"} | ({"LOCATION"} if self._model else set())
        return tuple(kind for kind in TYPES if kind in known)

    def find(self, texts: Sequence[str], language: str) -> Sequence[Mentions | Failed]:
        """Listed names in every language, the rest in English. Raises ``EngineMissing``."""
        if primary(language) != "en":
            return [_apart(self._named(text)) for text in texts]
        return [
            _apart([*self._named(text), *dates_and_quantities(text), *places(text, tokens)])
            for text, tokens in zip(texts, self._labelled(texts), strict=True)
        ]

    def _labelled(self, texts: Sequence[str]) -> list[list[Token]]:
        """What the model says of each text that may name a place."""
        asked = [n for n, text in enumerate(texts) if may_name(text)] if self._model else []
        out: list[list[Token]] = [[] for _ in texts]
        if self._model and asked:
            for n, tokens in zip(asked, self._model.label([texts[n] for n in asked]), strict=True):
                out[n] = tokens
        return out

    def _named(self, text: str) -> Iterator[Mention]:
        for begin, end, kind in self._names.matches(text):
            yield Mention(begin, end, kind)


def _apart(found: Iterable[Mention]) -> Mentions:
    """In order, without overlaps: what was found first counts, a listed name before a form."""
    taken: list[Mention] = []
    for each in found:
        at = bisect_left(taken, each.begin, key=lambda mention: mention.begin)
        free_before = at == 0 or taken[at - 1].end <= each.begin
        if free_before and (at == len(taken) or each.end <= taken[at].begin):
            taken.insert(at, each)
    return taken
