"""Where the words of a turn stand in its text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.domain.transcript import Redaction, Turn

Offsets = tuple[int, int]

MASK = re.compile(r"\[[A-Z][A-Z0-9_]*\]")


def masks_in(text: str) -> tuple[Redaction, ...]:
    """Everything in the text that looks like a mask; nobody says when it was spoken."""
    return tuple(Redaction(m.start(), m.end(), m[0][1:-1]) for m in MASK.finditer(text))


def set_masks(turn: Turn) -> tuple[Redaction, ...]:
    """The redactions of a turn that cut a mask out of its text; offsets of others are wrong."""
    return tuple(r for r in turn.redactions if MASK.fullmatch(turn.text[r.begin : r.end]))


def word_offsets(turn: Turn) -> tuple[Offsets, ...] | None:
    """``(begin, end)`` in code points for each word of the turn, in order.

    None where the text is not these words with spaces, punctuation and masks between them: a guess
    would leave a masked word readable.
    """
    masks = [(r.begin, r.end) for r in set_masks(turn)]
    places: list[Offsets] = []
    cursor = 0
    for word in turn.words:
        text = word.text.strip()
        at = _place(turn.text, text, cursor, masks)
        if not text or at < 0 or _says_more(turn.text, cursor, at, masks):
            return None
        cursor = at + len(text)
        places.append((at, cursor))
    return tuple(places)


def _place(text: str, word: str, cursor: int, masks: Sequence[Offsets]) -> int:
    """Where the word stands from the cursor on, -1 for nowhere; never within a mask."""
    at = text.find(word, cursor)
    while at >= 0 and any(_cuts(at, at + len(word), *mask) for mask in masks):
        at = text.find(word, at + 1)
    return at


def _cuts(begin: int, end: int, first: int, last: int) -> bool:
    return begin < last and first < end and not (begin <= first and last <= end)


def _says_more(text: str, begin: int, end: int, masks: Sequence[Offsets]) -> bool:
    return any(
        text[at].isalnum() and not any(first <= at < last for first, last in masks)
        for at in range(begin, end)
    )


def spoken_within(turn: Turn, begin: int, end: int) -> tuple[int, int] | None:
    """When ``turn.text[begin:end]`` was spoken, in milliseconds; None where words do not tell."""
    places = word_offsets(turn) or ()
    words = [
        word
        for word, (first, last) in zip(turn.words, places, strict=False)
        if first < end and begin < last
    ]
    return (min(w.begin_ms for w in words), max(w.end_ms for w in words)) if words else None
