"""Where the words of a turn stand in its text."""

from __future__ import annotations

from chalicelib.domain.transcript import Turn

Offsets = tuple[int, int]


def word_offsets(turn: Turn) -> tuple[Offsets, ...] | None:
    """``(begin, end)`` in code points for each word of the turn, in order.

    None where the text is not these words with spaces and punctuation between them: a guess would
    leave a masked word readable.
    """
    places: list[Offsets] = []
    cursor = 0
    for word in turn.words:
        text = word.text.strip()
        at = turn.text.find(text, cursor)
        if not text or at < 0 or any(c.isalnum() for c in turn.text[cursor:at]):
            return None
        cursor = at + len(text)
        places.append((at, cursor))
    return tuple(places)


def spoken_within(turn: Turn, begin: int, end: int) -> tuple[int, int] | None:
    """When ``turn.text[begin:end]`` was spoken, in milliseconds; None where words do not tell."""
    places = word_offsets(turn) or ()
    words = [
        word
        for word, (first, last) in zip(turn.words, places, strict=False)
        if first < end and begin < last
    ]
    return (min(w.begin_ms for w in words), max(w.end_ms for w in words)) if words else None
