"""Numbers as people say them and as speech recognition writes them.

"four one one one", "double two", "forty five", "oh four twenty six", "4111-1111 1111.1111": each is one
run of digits with its place in the text. A run tells nothing about what the number means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

_UNITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1", "two": "2",
    "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "niner": "9", "tree": "3", "fife": "5",
}  # fmt: skip
_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6",
    "seventy": "7", "eighty": "8", "ninety": "9",
}  # fmt: skip
_REPEATS = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_ZEROS = {"hundred": "00", "thousand": "000"}
_NUMBER_WORDS = {*_UNITS, *_TEENS, *_TENS, *_REPEATS, *_ZEROS}
# Words that may begin a run only if a number follows: "oh, hello" is no zero.
_ONLY_INSIDE = {"oh", "o", "tree", "fife", *_REPEATS, *_ZEROS}
FILLERS = {
    "uh", "um", "uhm", "umm", "er", "erm", "ah", "hmm", "mm", "okay", "ok", "then", "and", "dash", "hyphen",
    "space", "dot", "point", "slash", "comma",
}  # fmt: skip
CORRECTION = re.compile(
    r"\b(?:no|nope|sorry|oops|wait|actually|correction|rather|pardon(?: me)?|excuse me|i mean|i meant"
    r"|scratch that|make that|strike that|my (?:bad|mistake)|(?:hold|hang) on|let me (?:see|think|check)"
    r"|that's wrong|(?:let me|i'?ll|let's)? ?(?:start|try|do that) (?:over|again)"
    r"|(?:one|a|just a) (?:sec|second|moment))\b",
    re.IGNORECASE,
)
"""What people say when they break off in a number and go on with it."""

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+(?:['’][^\W\d_]+)*|\S")
_JOIN = set("-–—.,()…")
_JOIN_STRICT = set("-–.()")
_BREAK = "<break>"
_REACH = 3


@dataclass(frozen=True, slots=True)
class DigitRun:
    """``text[begin:end]`` says ``digits``. ``spoken``: some of it is written in words.

    ``loose``: a comma or a filler stands between its parts. ``first`` / ``last``: nothing but
    punctuation and fillers stands before / after it in the text.
    """

    begin: int
    end: int
    digits: str
    spoken: bool = False
    loose: bool = False
    first: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    word: str
    begin: int
    end: int

    @property
    def numeric(self) -> bool:
        return self.word in _NUMBER_WORDS or self.typed

    @property
    def typed(self) -> bool:
        return self.word.isascii() and self.word.isdigit()

    @property
    def joins(self) -> bool:
        return self.word in FILLERS or self.word in _JOIN or self.word == _BREAK


@lru_cache(maxsize=4)
def digit_runs(text: str, *, strict: bool = False) -> tuple[DigitRun, ...]:
    """Every run of digits in the text, in order; letters and digits in one word are no run.

    ``strict``: only numerals with blanks, dots, hyphens and brackets between them. Every reader of a turn
    asks for its runs, so that the last texts are remembered.
    """
    pieces = _pieces(text)
    opening = next((i for i, piece in enumerate(pieces) if not piece.joins), 0)
    others = (i for i in range(len(pieces) - 1, -1, -1) if not _closing(pieces[i]))
    closing = next(others, 0)
    stretches = (_trimmed(pieces, *ends) for ends in _stretches(pieces, strict=strict))
    return tuple(
        _run(pieces[first : last + 1], first=first <= opening, last=last >= closing)
        for first, last in stretches
        if first <= last
    )


def _pieces(text: str) -> list[_Piece]:
    """The tokens; those of a correction are breaks, letters that touch digits nothing that a run can hold."""
    breaks = [found.span() for found in CORRECTION.finditer(text)]
    found = [_Piece(m[0].lower(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    return [replace(piece, word=_seen(piece, text, breaks)) for piece in found]


def _seen(piece: _Piece, text: str, breaks: Sequence[tuple[int, int]]) -> str:
    if _part_of_code(piece, text):
        return "§"
    within = any(begin <= piece.begin and piece.end <= end for begin, end in breaks)
    return _BREAK if within else piece.word


def _part_of_code(piece: _Piece, text: str) -> bool:
    """Whether letters touch digits here, as in ``K17``."""
    before, after = text[piece.begin - 1 : piece.begin], text[piece.end : piece.end + 1]
    return piece.typed and (before.isalpha() or after.isalpha() or "_" in (before, after))


def _stretches(pieces: Sequence[_Piece], *, strict: bool) -> Iterator[tuple[int, int]]:
    """Index ranges that begin and end with a number and hold only numbers and joins."""
    first = last = -1
    between = 0
    for index, piece in enumerate(pieces):
        if piece.typed if strict else piece.numeric:
            first = index if first < 0 else first
            last = index
            between = 0
        elif first >= 0:
            between += piece.word != _BREAK
            if not _joins(piece, strict=strict) or between > _REACH:
                yield first, last
                first = -1
    if first >= 0:
        yield first, last


def _joins(piece: _Piece, *, strict: bool) -> bool:
    return piece.word in _JOIN_STRICT if strict else piece.joins


def _trimmed(pieces: Sequence[_Piece], first: int, last: int) -> tuple[int, int]:
    """Without words at the start or the end that are only numbers before others or after others."""
    while first <= last and pieces[first].word in _ONLY_INSIDE:
        if first < last and pieces[first + 1].numeric:
            break
        first += 1
        while first <= last and not pieces[first].numeric:
            first += 1
    while first <= last and pieces[last].word in _REPEATS:
        last -= 1
    while first <= last and not pieces[last].numeric:
        last -= 1
    return first, last


def _run(pieces: Sequence[_Piece], *, first: bool, last: bool) -> DigitRun:
    own = [piece.word for piece in pieces if piece.numeric]
    between = {piece.word for piece in pieces if piece.joins}
    return DigitRun(
        begin=pieces[0].begin,
        end=pieces[-1].end,
        digits=_digits(own),
        spoken=not all(piece.typed for piece in pieces if piece.numeric),
        loose=bool(between & {",", _BREAK, *FILLERS}),
        first=first,
        last=last,
    )


def _closing(piece: _Piece) -> bool:
    return piece.joins or piece.word in "!?;:"


def _digits(words: Sequence[str]) -> str:
    out: list[str] = []
    repeat, tens = 1, False
    for word in words:
        if word in _REPEATS:
            repeat, tens = _REPEATS[word], False
            continue
        if tens and _UNITS.get(word, "0") != "0":
            out[-1] = out[-1][:-1] + _UNITS[word]
        else:
            out.append(_written(word) * repeat)
        repeat, tens = 1, word in _TENS
    return "".join(out)


def _written(word: str) -> str:
    if word in _TENS:
        return _TENS[word] + "0"
    return _UNITS.get(word) or _TEENS.get(word) or _ZEROS.get(word) or word
