"""A team's own names of things (products, competitors, branches), found in texts word by word.

Matching is blind to capitals and blanks and takes whole words: a text is read once, and at each word the
longest listed name wins, so that time grows with the text and not with the list.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_PART = re.compile(r"\w+|[^\w\s]")
END = ""
MAX_PARTS = 16

Tree = dict[str, "Tree | str"]


@dataclass(frozen=True, slots=True)
class EntityList:
    """Phrases with their types; ``id`` is a hash of what is listed, empty for an empty list."""

    phrases: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        listed = "\n".join(f"{kind}\t{phrase}" for phrase, kind in sorted(self.phrases.items()))
        return hashlib.sha256(listed.encode()).hexdigest() if listed else ""

    @property
    def types(self) -> frozenset[str]:
        return frozenset(self.phrases.values())


def parts_of(text: str) -> list[tuple[str, int, int]]:
    """Words and single marks, folded, with their offsets."""
    return [(m.group().casefold(), m.start(), m.end()) for m in _PART.finditer(text)]


class Matcher:
    """The list as a tree of words."""

    def __init__(self, listed: EntityList) -> None:
        self._root: Tree = {}
        for phrase, kind in listed.phrases.items():
            node = self._root
            for part, _, _ in parts_of(phrase):
                step = node.setdefault(part, {})
                node = step if isinstance(step, dict) else {}
            node[END] = kind

    def matches(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Begin, end and type of each listed name, in order, none overlapping another."""
        parts = parts_of(text)
        at = 0
        while at < len(parts):
            length, kind = self._longest(parts, at)
            if length:
                yield parts[at][1], parts[at + length - 1][2], kind
            at += length or 1

    def _longest(self, parts: list[tuple[str, int, int]], at: int) -> tuple[int, str]:
        node, best = self._root, (0, "")
        for length, (part, _, _) in enumerate(parts[at : at + MAX_PARTS], start=1):
            step = node.get(part)
            if not isinstance(step, dict):
                break
            node, kind = step, step.get(END)
            best = (length, kind) if isinstance(kind, str) else best
        return best
