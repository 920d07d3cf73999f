"""Loops: what a recogniser says when it repeats itself instead of listening."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.transcript import Word

LOOP_PHRASE = 8
LOOP_REPEATS = 4
LOOP_WORDS = 20


def without_loops(words: Sequence[Word]) -> tuple[list[Word], bool]:
    """The words with loops of the model cut to their first round, and whether there was one.

    A loop is a phrase of up to eight words said four or more times in a row, twenty words in all: no
    card number is that long, and people do not repeat themselves so.
    """
    kept: list[Word] = []
    at = 0
    while at < len(words):
        size, rounds = _loop(words, at)
        kept += words[at : at + size]
        at += size * rounds
    return kept, len(kept) < len(words)


def _loop(words: Sequence[Word], at: int) -> tuple[int, int]:
    """Length and number of rounds of a loop that begins here; (1, 1) where none does."""
    for size in range(1, LOOP_PHRASE + 1):
        rounds = _rounds(words, at, size)
        if rounds >= LOOP_REPEATS and rounds * size >= LOOP_WORDS:
            return size, rounds
    return 1, 1


def _rounds(words: Sequence[Word], at: int, size: int) -> int:
    phrase = [_bare(word) for word in words[at : at + size]]
    rounds = 1
    while phrase == [_bare(w) for w in words[at + rounds * size : at + (rounds + 1) * size]]:
        rounds += 1
    return rounds


def _bare(word: Word) -> str:
    return word.text.strip(".,!?;:-").lower()
