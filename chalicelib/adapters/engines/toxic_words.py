"""Abuse by a list of English words and turns of phrase, between word boundaries, and by nothing else.

The list is our own (``toxic_words.json``; ``*`` stands for any ending). It knows no meaning: a quoted curse
counts, a polite threat does not. Hate speech, sexual and graphic content are not looked for.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

from chalicelib.domain.insight import Toxicity

FOUND = 1.0
"""What is on the list is on it: the figure is no probability."""
CLEAN = Toxicity(0.0)


def toxicity(text: str) -> Toxicity:
    """1.0 for every kind of which a word stands in the text, and for the text if there is one."""
    plain = " ".join(text.lower().replace("’", "'").split())
    labels = {kind: FOUND for kind, pattern in patterns().items() if pattern.search(plain)}
    return Toxicity(FOUND, labels) if labels else CLEAN


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """One expression for the words of each kind."""
    file = resources.files("chalicelib.adapters.engines").joinpath("toxic_words.json")
    words: dict[str, list[str]] = json.loads(file.read_text())
    return {kind: _pattern(listed) for kind, listed in sorted(words.items())}


def _pattern(words: list[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    forms = (
        re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "")
        for word in longest_first
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)")
