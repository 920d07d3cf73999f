"""Dates of birth: a date, written or said, where a birth is the subject.

Contact Lens has no such entity and masks every date; Loupe masks only dates that identify a person, as
``DATE_OF_BIRTH``, so that deliveries and deadlines stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chalicelib.adapters.engines.pii_shapes import Shape
from chalicelib.domain.spoken_numbers import digit_runs
from chalicelib.domain.transcript import Turn

ENTITY = "DATE_OF_BIRTH"
_MEMORY = 3
_SUBJECT = re.compile(
    r"\b(?:(?:date|year|day) of birth|d[. ]?o[. ]?b\b|birth ?(?:date|day|year)|born)", re.IGNORECASE
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_NUMBER = (
    r"(?:\d{1,4}(?:st|nd|rd|th)?|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth"
    r"|ninth)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth"
    r"|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|zero|oh|o|one|two"
    r"|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|and)\b"
)
_CORRECTION = r"(?:(?:no|sorry|i mean|uh|um|er),? ){0,3}"
_NAMED = re.compile(
    rf"(?:\b(?:the )?{_NUMBER}(?:[ -]{_NUMBER})? (?:of )?)?\b{_MONTH}"
    rf"(?:[ ,-]{{1,2}}{_CORRECTION}(?:the )?{_NUMBER}){{1,8}}"
    rf"|\b(?:the )?{_NUMBER}(?:[ -]{_NUMBER})? of the {_NUMBER}(?:[ ,-]{{1,2}}{_NUMBER}){{0,5}}"
    rf"|\b(?:the )?{_NUMBER}(?:[ -]{_NUMBER})? (?:of )?{_MONTH}",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"(?<![\d/.-])(?:\d{1,2} ?[/.-] ?\d{1,2} ?[/.-] ?(?:\d{4}|\d\d)|\d{4}-\d\d?-\d\d?)(?![\d/-])"
)
_DIGITS = range(4, 10)


def births(turns: Iterable[Turn]) -> Iterator[list[Shape]]:
    """The dates of birth of each turn. A question is remembered for a few turns, until it is answered."""
    left = 0
    for turn in turns:
        own = bool(_SUBJECT.search(turn.text))
        found = list(_dates(turn.text)) if own or left else []
        yield found
        asked = own and not found
        left = _MEMORY if asked else 0 if found else max(0, left - 1)


def _dates(text: str) -> Iterator[Shape]:
    places = [found.span() for pattern in (_WRITTEN, _NAMED) for found in pattern.finditer(text)]
    if not places:
        runs = [run for run in digit_runs(text) if len(run.digits) in _DIGITS]
        places = [(run.begin, run.end) for run in runs]
    yield from (Shape(begin, end, ENTITY) for begin, end in places)
