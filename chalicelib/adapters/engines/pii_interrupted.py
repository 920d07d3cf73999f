"""Numbers that a speaker breaks off within a turn: "four one one one, hold on, five five"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from chalicelib.adapters.engines.pii_context import is_amount, keywords
from chalicelib.adapters.engines.pii_keywords import GENERIC
from chalicelib.adapters.engines.pii_shapes import Shape
from chalicelib.domain.spoken_numbers import CORRECTION, DigitRun, digit_runs

_ASIDE = re.compile(
    rf"{CORRECTION.pattern}|\b(?:is|was) (?:that|it|this)\b|\bhow many\b"
    r"|\bwhere (?:was|am|were) (?:i|we)\b"
    r"|\bi (?:think|guess|believe)\b|\bcan(?:'t|not) (?:see|read|make|tell)\b|\bdropped\b"
    r"|\blet me\b|\blooks like\b"
    r"|\b(?:yes|yeah|yep|right|got (?:it|that)|you (?:there|with me|getting|got)|still there)\b"
    r"|\bthere'?s an?\b|\bbear with\b|\bgive me\b",
    re.IGNORECASE,
)
_WORDS = 10
_PLUS = re.compile(r"(?:\bplus|\+)[ ,]{0,2}\Z", re.IGNORECASE)
_INTERNATIONAL = range(9, 16)
_IBAN, _GAP = "INTERNATIONAL_BANK_ACCOUNT_NUMBER", 6


def interrupted(text: str) -> Iterator[Sequence[DigitRun]]:
    """Runs of one text between which somebody only loses and finds the place."""
    group: list[DigitRun] = []
    for run in digit_runs(text):
        if group and (is_amount(text, run) or not _is_aside(text[group[-1].end : run.begin])):
            yield from _whole(group)
            group = []
        group.append(run)
    yield from _whole(group)


def _whole(group: list[DigitRun]) -> Iterator[Sequence[DigitRun]]:
    """The group without a lone digit at its end, which may count something."""
    while group and len(group[-1].digits) == 1:
        group = group[:-1]
    if len(group) > 1:
        yield group


def _is_aside(between: str) -> bool:
    short = len(between.split()) <= _WORDS and bool(_ASIDE.search(between))
    return short and all(k.kind == GENERIC for k in keywords(between))


def international(text: str) -> Iterator[Shape]:
    """Telephone numbers that begin with a plus, written or said."""
    for run in digit_runs(text):
        plus = _PLUS.search(text, max(0, run.begin - 8), run.begin)
        if plus and len(run.digits) in _INTERNATIONAL:
            yield Shape(plus.start(), run.end, "PHONE")


def joined(text: str, shapes: Sequence[Shape]) -> Iterator[Shape]:
    """What stands between the parts of an IBAN, as in "d e eight nine, then the bank code"."""
    parts = sorted({shape for shape in shapes if shape.entity == _IBAN})
    for one, other in pairwise(parts):
        between = text[one.end : other.begin]
        if len(between.split()) <= _GAP and not digit_runs(between):
            yield Shape(one.begin, other.end, _IBAN)
