"""Of what a text speaks, and in which words: things named with an article, and the clause of each.

A feeling is looked for in the clause, not in the sentence: "the agent was great but the router is awful"
says two things.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from chalicelib.adapters.engines.summary_phrases import SILENT, TOKEN
from chalicelib.adapters.engines.summary_sentences import Sentence
from chalicelib.adapters.engines.summary_words import MANNERS
from chalicelib.domain.summary import KeyPhrase

LONGEST = 3
Place = tuple[int, int]
_ARTICLE = re.compile(
    r"\b(?:the|a|an|my|your|our|his|her|their|this|that|these|those)\s+", re.IGNORECASE
)
_CONTRAST = re.compile(
    r"(?:[,;:]\s*)?\b(?:but|however|although|though|whereas|while|except|yet)\b|;|\s-\s",
    re.IGNORECASE,
)
_DESCRIBES = ("able", "ible", "ful", "ous", "ing", "ed", "est")
_BEFORE = frozenset(
    ("new", "old", "whole", "entire", "same", "other", "last", "first", "next", "second", "own", "very")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thing:
    """``text[begin:end]`` names something of this kind."""

    begin: int
    end: int
    kind: str


def things(sentence: Sentence, text: str) -> Iterator[Thing]:
    """What stands behind an article, without words that describe it and up to three words long."""
    if MANNERS.search(sentence.plain):
        return
    for article in _ARTICLE.finditer(text, sentence.begin, sentence.end):
        words = list(_words(text, article.end(), sentence.end))
        while len(words) > 1 and words[0][2].endswith(_DESCRIBES):
            del words[0]
        if words:
            yield Thing(words[0][0], words[-1][1], "OTHER")


def _words(text: str, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    """At most so many telling words in a row, each with its place."""
    at = begin
    tokens = list(islice(TOKEN.finditer(text, begin, end), LONGEST + 1))
    while tokens and tokens[0].group().lower() in _BEFORE:
        at = tokens.pop(0).end()
    for found in tokens[:LONGEST]:
        word = found.group().lower()
        apart = text[at : found.start()].strip()
        if apart or not word[0].isalpha() or word in SILENT or len(word) < 3:
            return
        yield found.start(), found.end(), word
        at = found.end()


def spoken(phrases: Iterable[KeyPhrase], text: str) -> Iterator[Place]:
    """Where key phrases stand in the text, word for word."""
    for phrase in phrases:
        words = r"\s+".join(map(re.escape, phrase.text.replace("’", "'").split()))
        plain = text.replace("’", "'")
        for found in re.finditer(rf"(?<!\w){words}(?!\w)", plain, re.IGNORECASE):
            yield found.span()


def clauses(said: Sequence[Sentence], text: str) -> list[Place]:
    """The sentences of a text, cut where they turn against themselves, in order."""
    return [place for sentence in said for place in _clauses(sentence, text)]


def _clauses(sentence: Sentence, text: str) -> Iterator[Place]:
    begin = sentence.begin
    for found in _CONTRAST.finditer(text, sentence.begin, sentence.end):
        yield begin, found.start()
        begin = found.end()
    yield begin, sentence.end


def clause_of(at: int, cut: Sequence[Place]) -> Place | None:
    """The clause that a place stands in, None for a place in none."""
    nearest = bisect_right(cut, at, key=lambda place: place[0]) - 1
    if nearest < 0 or cut[nearest][1] <= at:
        return None
    return cut[nearest]
