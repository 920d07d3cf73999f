"""Which language a conversation is in, and how that is known.

What a source states counts before what an engine makes of the text, and that before what the settings
assume. An engine is believed when there is enough text, when it is sure, and when its second choice is
far behind: a wrong language would turn every analysis after it into an invention.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.transcript import Engine

STATED, IDENTIFIED, ASSUMED = "STATED", "IDENTIFIED", "ASSUMED"
LEAST_WORDS = 6
LEAST_CONFIDENCE = 0.8
LEAST_MARGIN = 0.3
LETTERS_A_WORD = 2
"""Of scripts that put no blank between words, such as Chinese: about so many letters are a word."""
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


@dataclass(frozen=True, slots=True)
class Language:
    """``code`` is a BCP 47 tag, with a region where one is known (``en-US``, ``de``).

    ``confidence`` and ``margin`` (to the next language) are an engine's, 0..1; ``words`` is how much
    text it had. ``detail`` says who states it, or why it is assumed.
    """

    code: str
    how: str
    detail: str = ""
    engine: Engine | None = None
    confidence: float | None = None
    margin: float | None = None
    words: int | None = None


def primary(code: str) -> str:
    """``en`` of ``en-US``."""
    return code.replace("_", "-").partition("-")[0].lower()


def words_in(text: str) -> int:
    """How many words a text has; of scripts without blanks, about how many."""
    return sum(_words(token) for token in text.split())


def _words(token: str) -> int:
    letters = [c for c in token if c.isalpha()]
    packed = sum(unicodedata.name(c, "").startswith(_UNSPACED) for c in letters)
    return max(1, packed // LETTERS_A_WORD) if letters else 0


def believed(shares: Mapping[str, float], words: int) -> tuple[str, float, float] | None:
    """The language to believe with its confidence and margin; None where text or certainty lack.

    ``shares``: confidence by language, in any order, together at most 1.
    """
    ranked = sorted(((share, code) for code, share in shares.items()), reverse=True)
    if words < LEAST_WORDS or not ranked:
        return None
    confidence, code = ranked[0]
    margin = confidence - (ranked[1][0] if len(ranked) > 1 else 0.0)
    if confidence < LEAST_CONFIDENCE or margin < LEAST_MARGIN:
        return None
    return code, round(confidence, 4), round(margin, 4)


def with_region(code: str, assumed: str) -> str:
    """A text tells no region: the assumed language lends its own where it is the same language."""
    return assumed if primary(code) == primary(assumed) else code
