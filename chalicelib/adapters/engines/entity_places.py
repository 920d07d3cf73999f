"""Cities and states that the redaction model sees: a place alone is no address and stays readable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chalicelib.adapters.engines.rampart import Token
from chalicelib.ports.entities import Mention

LABELS = ("CITY", "STATE")
SURE = 0.8
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_BETWEEN = re.compile(r",? ")


def may_name(text: str) -> bool:
    """Whether a word behind the first has a capital: of no other text is the model worth asking."""
    return any(match.start() and match.group()[0].isupper() for match in _WORD.finditer(text))


def places(text: str, tokens: Sequence[Token]) -> Iterator[Mention]:
    """Capitalised words that the model is sure of, neighbours joined: "Portland, Oregon" is one place."""
    words = [
        (match.start(), match.end(), score)
        for match in _WORD.finditer(text)
        if match.group()[0].isupper() and (score := _score(match, tokens)) >= SURE
    ]
    at = 0
    while at < len(words):
        begin, end, score = words[at]
        at += 1
        while at < len(words) and _BETWEEN.fullmatch(text, end, words[at][0]):
            _, end, more = words[at]
            score, at = min(score, more), at + 1
        yield Mention(begin, end, "LOCATION", round(score, 3))


def _score(word: re.Match[str], tokens: Sequence[Token]) -> float:
    """The model's belief in a place, averaged over the word's characters."""
    inside = [
        (min(t.end, word.end()) - max(t.begin, word.start()), t)
        for t in tokens
        if t.begin < word.end() and word.start() < t.end
    ]
    belief = sum(size * token.score for size, token in inside if token.label in LABELS)
    return belief / (word.end() - word.start())
