"""Dates of birth: a date, written or said, where a birth is the subject.

Contact Lens has no such entity and masks every date; Loupe masks only dates that identify a person, as
``DATE_OF_BIRTH``, so that deliveries and deadlines stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chalicelib.adapters.engines.pii_context import is_again, is_amount, keywords
from chalicelib.adapters.engines.pii_dates import CORRECTION, MONTH, NUMBER
from chalicelib.adapters.engines.pii_shapes import Shape
from chalicelib.domain.spoken_numbers import CORRECTION as CORRECTION_CUE
from chalicelib.domain.spoken_numbers import digit_runs
from chalicelib.domain.transcript import Turn

ENTITY = "DATE_OF_BIRTH"
_MEMORY = 3
_SUBJECT = re.compile(
    r"\b(?:(?:date|year|day|month) of birth|d[. ]?o[. ]?b\b|birth ?(?:date|day|year)|born)",
    re.IGNORECASE,
)
_YEAR = rf"(?:[ ,'’-]{{1,3}}(?:and )?(?:the )?year(?:'s| is| was)?(?:[ -]{NUMBER}){{1,4}})?"
_NAMED = re.compile(
    rf"(?:\b(?:the )?{NUMBER}(?:[ -]{NUMBER})? (?:of )?)?\b{MONTH}"
    rf"(?:[ ,'’-]{{1,3}}{CORRECTION}(?:the )?{NUMBER}){{1,8}}{_YEAR}"
    rf"|\b(?:the )?{NUMBER}(?:[ -]{NUMBER})? of the {NUMBER}"
    rf"(?:[ ,'’-]{{1,3}}{CORRECTION}{NUMBER}){{0,5}}{_YEAR}"
    rf"|\b(?:the )?{NUMBER}(?:[ -]{NUMBER})? (?:of )?{MONTH}"
    rf"|\b{MONTH} (?:of )?(?:19|20)\d\d",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"(?<![\d/.-])(?:\d{1,2} ?[/.-] ?\d{1,2} ?[/.-] ?(?:\d{4}|\d\d)|\d{4}-\d\d?-\d\d?)(?![\d/-])"
)
_DIGITS = range(4, 10)
_AGAIN, _SHORT, _ASIDE = 3, 8, 2
_NEW = re.compile(r"\b(?:when|what|where|how|which|who)\b(?! year)", re.IGNORECASE)


def births(turns: Iterable[Turn]) -> Iterator[list[Shape]]:
    """The dates of birth of each turn.

    A question is remembered for a few turns, until it is answered. A short turn just after the answer
    may hold the rest of the date, correct it or read it back.
    """
    left = again = 0
    for turn in turns:
        own = bool(_SUBJECT.search(turn.text))
        more = again > 0 and _goes_on(turn.text)
        found = list(_dates(turn.text)) if own or left or more else []
        yield found
        asked = own and not found
        left = _MEMORY if asked else 0 if found else max(0, left - 1)
        if _NEW.search(turn.text) and not found:
            again = 0
        again = _AGAIN if found and (own or left or not more) else max(0, again - 1)


def _goes_on(text: str) -> bool:
    """Whether a turn speaks of nothing new."""
    places = list(_dates(text))
    own = sum(len(text[p.begin : p.end].split()) for p in places)
    aside = len(text.split()) - own
    again = CORRECTION_CUE.search(text) or is_again(text)
    return (aside <= _ASIDE or (again and aside <= _SHORT)) and not keywords(text)


def _dates(text: str) -> Iterator[Shape]:
    places = [found.span() for pattern in (_WRITTEN, _NAMED) for found in pattern.finditer(text)]
    if not places:
        runs = [run for run in digit_runs(text) if len(run.digits) in _DIGITS]
        places = [(run.begin, run.end) for run in runs if not is_amount(text, run)]
    yield from (Shape(begin, end, ENTITY) for begin, end in places)
