"""Text as a reader sees it: other scripts' digits, full-width forms and invisible characters undone.

``４１１１`` reads 4111, and so does ``41<zero-width space>11``. Detectors search the shadow; what they
find is mapped back to the code points that were written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_INVISIBLE = {"Cf", "Mn", "Me"}
_HYPHENS = dict.fromkeys("\u2010\u2011\u2012\u2212\ufe63\uff0d", "-")


@dataclass(frozen=True, slots=True)
class Shadow:
    """``text[i]`` stands for the code points from ``starts[i]`` up to ``starts[i + 1]`` of the original.

    ``starts`` is None where both texts are the same.
    """

    text: str
    starts: Sequence[int] | None = None

    def original(self, begin: int, end: int) -> tuple[int, int]:
        """Offsets in the original of ``text[begin:end]``, with what is invisible in it."""
        if self.starts is None:
            return begin, end
        return self.starts[begin], self.starts[end]


def shadow(text: str, *, gap: str = "") -> Shadow:
    """The text folded character by character; ``gap`` stands for every format character (Cf)."""
    if text.isascii():
        return Shadow(text)
    chars, starts = [], []
    for at, char in enumerate(text):
        seen = char if char.isascii() else _folded(char)
        seen = gap if seen is None else seen
        if seen:
            chars.append(seen)
            starts.append(at)
    return Shadow("".join(chars), (*starts, len(text)))


def has_format_characters(text: str) -> bool:
    """Whether the text holds characters that only steer its display (Cf)."""
    return not text.isascii() and any(_folded(c) is None for c in text if not c.isascii())


@lru_cache(maxsize=4096)
def _folded(char: str) -> str | None:
    """One character that looks the same, "" for a mark on the one before, None for a format character."""
    category = unicodedata.category(char)
    if category in _INVISIBLE:
        return None if category == "Cf" else ""
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    plain = _HYPHENS.get(char) or unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char
