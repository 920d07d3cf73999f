"""Turns cut into sentences, and the words by which sentences are compared.

A sentence is a trimmed piece of one turn: ``turn.text[begin:end]``. Masks are never cut and are no words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.adapters.engines.summary_words import FILLERS, STOP_WORDS
from chalicelib.domain.transcript import Role, Turn
from chalicelib.domain.word_offsets import MASK, set_masks

BREAK = re.compile(r"[.!?…]+[\"')\]]*(?=\s)|\n+")
ABBREVIATION = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|no|vs|approx|e\.g|i\.e)|\b[a-z])\Z")
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
SUFFIXES = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s")
SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Sentence:
    """``at`` is its place in the conversation, 0 for the first and 1 for the last sentence;
    ``plain`` is the text for looking at words only, its offsets are not those of the turn."""

    turn_id: str
    role: Role
    begin: int
    end: int
    text: str
    plain: str
    words: tuple[str, ...]
    terms: tuple[str, ...]
    at: float = 0.0


def sentences(turns: Sequence[Turn]) -> tuple[Sentence, ...]:
    """All sentences of the turns, in order."""
    cut = [(turn, begin, end) for turn in turns for begin, end in pieces(turn)]
    last = max(len(cut) - 1, 1)
    return tuple(_sentence(*one, at=number / last) for number, one in enumerate(cut))


def pieces(turn: Turn) -> Iterator[tuple[int, int]]:
    """Where the sentences of a turn begin and end, without the blanks around them."""
    begin = 0
    for end in (*_breaks(turn), len(turn.text)):
        raw = turn.text[begin:end]
        trimmed = raw.strip()
        if any(char.isalnum() for char in trimmed):
            start = begin + len(raw) - len(raw.lstrip())
            yield start, start + len(trimmed)
        begin = end


def _breaks(turn: Turn) -> Iterator[int]:
    masked = [(m.begin, m.end) for m in set_masks(turn)]
    for found in BREAK.finditer(turn.text):
        before = turn.text[max(0, found.start() - 8) : found.start()].lower()
        short = found.group().startswith(".") and ABBREVIATION.search(before)
        if not short and not any(b < found.end() < e for b, e in masked):
            yield found.end()


def _sentence(turn: Turn, begin: int, end: int, at: float) -> Sentence:
    text = turn.text[begin:end]
    plain = plain_text(text)
    words = tuple(WORD.findall(plain))
    terms = tuple(stem(w) for w in words if w not in STOP_WORDS and w not in FILLERS)
    return Sentence(turn.id, turn.role, begin, end, text, plain, words, terms, at)


def plain_text(text: str) -> str:
    """Small letters, straight apostrophes, ``do n't`` as one word, no masks."""
    unmasked = MASK.sub(" | ", text)
    return unmasked.lower().replace("’", "'").replace(" n't", "n't")


def stem(word: str) -> str:
    """A word without its ending: near enough to count ``refunds`` and ``refunded`` together."""
    base = word.removesuffix("'s")
    for suffix in SUFFIXES:
        if base.endswith(suffix) and len(base) - len(suffix) >= SHORTEST_STEM:
            return base.removesuffix(suffix)
    return base
