"""Codes that are spelled: "d as in delta four oh two", "India Echo two nine, A-I-B-K", "C zero one X".

A stretch of single letters, alphabet words and numbers is one code. It says nothing by itself: only where a
licence, a passport or an account is talked about is it somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.domain.spoken_numbers import CORRECTION, FILLERS, DigitRun, digit_runs

_ALPHABET = (
    "alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliet|juliett|kilo|lima|mike|november|oscar"
    "|papa|quebec|romeo|sierra|tango|uniform|victor|whiskey|whisky|x-?ray|yankee|zulu"
)
_LETTER = re.compile(
    rf"(?<!['’])\b(?:(?P<word>{_ALPHABET})"
    r"|(?:capital |letter )?(?P<letter>[a-z])(?:,? (?:as in|like(?: in)?|for) [a-z]+(?:-[a-z]+)?)?)"
    r"\b(?!['’])",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"(?<![\w-])(?=[A-Z0-9-]*[A-Z])[A-Z0-9]{1,8}(?![\w'’])")
_JOIN = re.compile(
    rf"(?:[\s,.()/–—-]|{CORRECTION.pattern}|\b(?:{'|'.join(sorted(FILLERS))})\b){{0,8}}",
    re.IGNORECASE,
)
_LEAST = 3


def codes(text: str) -> Iterator[DigitRun]:
    """Every stretch with both letters and numbers in it, its characters in ``digits``."""
    stretch: list[tuple[int, int, str]] = []
    for part in _parts(text):
        if stretch and not _JOIN.fullmatch(text, stretch[-1][1], part[0]):
            yield from _code(text, stretch)
            stretch = []
        stretch.append(part)
    yield from _code(text, stretch)


def _parts(text: str) -> list[tuple[int, int, str]]:
    """Letters, blocks of capitals and numbers, none inside another."""
    capitals = not text.isupper()
    places = [(run.begin, run.end, run.digits) for run in digit_runs(text)]
    if capitals:
        places += [(m.start(), m.end(), m[0]) for m in _BLOCK.finditer(text) if m[0] != "I"]
    places += [(m.start(), m.end(), (m["letter"] or m["word"])[0]) for m in _LETTER.finditer(text)]
    parts: list[tuple[int, int, str]] = []
    for part in sorted(places, key=lambda p: (p[0], -p[1])):
        if not parts or part[0] >= parts[-1][1]:
            parts.append(part)
    return parts


def _code(text: str, stretch: list[tuple[int, int, str]]) -> Iterator[DigitRun]:
    """The stretch without an article in front, if it is long enough and no plain number or word."""
    while (
        stretch
        and text[slice(*stretch[-1][:2])].lower() in ("a", "i")
        and text[stretch[-1][1] :].strip(" .,!?")
    ):
        stretch = stretch[:-1]
    while stretch and text[stretch[0][0] : stretch[0][1]].lower() in ("a", "i", "o"):
        if len(stretch) > 1 and len(stretch[1][2]) == 1 and not stretch[1][2].isdigit():
            break
        if len(stretch) > 1 and stretch[1][2].isdigit() and len(stretch[1][2]) > _LEAST:
            break
        stretch = stretch[1:]
    said = "".join(part for *_, part in stretch).upper()
    if len(said) >= _LEAST and any(c.isalpha() for c in said) and any(c.isdigit() for c in said):
        begin, end = stretch[0][0], stretch[-1][1]
        rest = text[end:].strip(" .,!?")
        yield DigitRun(
            begin, end, said, spoken=True, first=not text[:begin].strip(" .,"), last=not rest
        )
