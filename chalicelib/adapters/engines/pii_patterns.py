"""Personal data that patterns find: numbers by their form and by what was asked, e-mail addresses.

Readers, one after the other: forms that show by themselves (``pii_shapes``), spoken addresses
(``pii_email``), numbers that get their meaning from the talk (``pii_context``), births (``pii_birth``).
No number is trusted to have the right count of digits: recognition drops, doubles and merges them.
Keywords and number words are English; forms are read in every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from chalicelib.adapters.engines import pii_context as context
from chalicelib.adapters.engines.pii_birth import births
from chalicelib.adapters.engines.pii_dates import CORRECTION, MONTH, NUMBER
from chalicelib.adapters.engines.pii_email import spoken_emails
from chalicelib.adapters.engines.pii_interrupted import international, interrupted, joined
from chalicelib.adapters.engines.pii_keywords import GENERIC, HARMLESS, MILD
from chalicelib.adapters.engines.pii_memory import Memory
from chalicelib.adapters.engines.pii_public import PUBLIC, public_stretches, without_nobodys
from chalicelib.adapters.engines.pii_shapes import Shape, is_card, shapes, valid_phone
from chalicelib.adapters.engines.pii_spelled import codes as spelled_codes
from chalicelib.adapters.engines.pii_split import split_numbers
from chalicelib.domain.language import primary
from chalicelib.domain.redaction import PiiSpan, merge
from chalicelib.domain.shadow_text import has_format_characters, shadow
from chalicelib.domain.spoken_numbers import DigitRun, digit_runs
from chalicelib.domain.transcript import Engine, Turn

_MONTH_BEFORE = re.compile(rf"\b{MONTH},? (?:of )?\Z", re.IGNORECASE)
_EXPIRY = re.compile(
    r"(?<![\d/])(?:0?[1-9]|1[0-2]) ?[/-] ?(?:20)?\d\d(?![\d/])"
    rf"|(?:\bend of )?\b(?:{MONTH}|(?:the )?{NUMBER} (?:month )?of)"
    rf"(?:[ ,/'’-]{{1,3}}{CORRECTION}(?:the )?{NUMBER}){{1,4}}",
    re.IGNORECASE,
)
_NEW_CARD = re.compile(r"\bnew (?:card|one)\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w-])[A-Za-z0-9-]{5,24}(?![\w-])")
_CARDINAL = re.compile(r"\b(?:hundred|thousand)\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"\bthousand\b.*\bhundred\b", re.IGNORECASE)
_SERIES = re.compile(r"\bthen\b.*\bthen\b", re.IGNORECASE)
_TOLL_FREE = re.compile(r"(?:one )?eight hundred(?!.*\bthousand\b)", re.IGNORECASE)
_SHORT, _LEAST_SAID = 9, 7
_ALONE = 4
_CARD_SIZES = range(13, 20)
_NOBODYS = (HARMLESS, PUBLIC)


class PatternPii:
    """A ``PiiDetector`` that needs no model. Stateless between conversations."""

    engine = Engine("loupe-patterns", "6")

    def spans(self, turns: Sequence[Turn], language: str) -> Sequence[PiiSpan]:
        """Findings of all turns, in order, none overlapping another.

        Texts are read as they look. An invisible character may hide in a word or stand for the blank
        between two: where there is one, the conversation is read both ways.
        """
        return pattern_spans(turns, self.findings(turns, language))

    def findings(self, turns: Sequence[Turn], language: str) -> list[list[Shape]]:
        """What is found in each turn, and what is nobody's there (``HARMLESS``, ``PUBLIC``)."""
        found: list[list[Shape]] = [[] for _ in turns]
        hidden = any(has_format_characters(turn.text) for turn in turns)
        for gap in ("", " ") if hidden else ("",):
            seen = [shadow(turn.text, gap=gap) for turn in turns]
            plain = [replace(turn, text=s.text) for turn, s in zip(turns, seen, strict=True)]
            for own, as_seen, more in zip(found, seen, _found(plain, language), strict=True):
                own += [Shape(*as_seen.original(s.begin, s.end), s.entity) for s in more]
        return found

    def limits(self, language: str) -> str:
        if _reads_words(language):
            return ""
        return (
            "keywords and number words are read in English only;"
            f" in {language} what is found is what its form shows"
        )


def pattern_spans(turns: Sequence[Turn], found: Sequence[Sequence[Shape]]) -> list[PiiSpan]:
    """The findings that are somebody's."""
    return [
        span
        for turn, own in zip(turns, found, strict=True)
        for span in merge(_span(turn, shape) for shape in own if shape.entity not in _NOBODYS)
    ]


def _reads_words(language: str) -> bool:
    return primary(language) in ("en", "")


def _found(turns: Sequence[Turn], language: str) -> list[list[Shape]]:
    """The findings of each turn."""
    region = _region(language)
    found = [list(shapes(turn.text, region)) for turn in turns]
    if _reads_words(language):
        for own, talked in zip(found, _talked_about(turns, region), strict=True):
            own.extend(talked)
        for own, born in zip(found, births(turns), strict=True):
            own.extend(born)
        for index, shape in split_numbers(turns, region):
            found[index].append(shape)
        for own, stretches in zip(found, public_stretches(turns), strict=True):
            own[:] = without_nobodys([*own, *stretches])
    return found


def _region(language: str) -> str:
    """Where local phone numbers are dialled: the region of the language tag, else the US."""
    region = language.rpartition("-")[2]
    return region.upper() if len(region) == 2 and "-" in language else "US"


def _span(turn: Turn, shape: Shape) -> PiiSpan:
    return PiiSpan(turn.id, shape.begin, shape.end, shape.entity, PatternPii.engine.name)


def _talked_about(turns: Iterable[Turn], region: str) -> Iterator[list[Shape]]:
    """The findings of each turn that come from the talk, with what was asked carried along."""
    asked = context.Asked()
    memory = Memory()
    before = ""
    for turn in turns:
        talk = _Talk(turn, context.keywords(turn.text, cards=asked.cards > 0), asked)
        ordinary = list(talk.ordinary(memory))
        armed = [*talk.armed(), *talk.spelled(memory)]
        numbers = [*armed, *talk.unannounced(region, memory), *talk.echoes(memory)]
        dates = list(talk.expiry_dates())
        addresses = spoken_emails(turn.text, before)
        shapes_ = [number.shape for number in (*numbers, *ordinary)]
        yield [*shapes_, *talk.broken_off(numbers), *dates, *talk.codes(), *addresses]
        memory = memory.after(_by_digits(numbers), _by_digits(ordinary), talk.amounts())
        given = [(number.shape.entity, number.complete) for number in armed]
        given += [(date.entity, True) for date in dates]
        asked = asked.after(turn.text, turn.participant_id, talk.known, given)
        before = f"{before[-200:]} {turn.text[-200:]}"


class _Number(NamedTuple):
    shape: Shape
    digits: str

    @property
    def complete(self) -> bool:
        return context.is_complete(self.shape.entity, self.digits)


@dataclass(frozen=True, slots=True)
class _Talk:
    """One turn with its keywords and what was asked before."""

    turn: Turn
    known: tuple[context.Keyword, ...]
    asked: context.Asked

    def meaning(self, run: DigitRun) -> tuple[str | None, bool]:
        answers = self.asked.kinds_for(self.turn.text, self.turn.participant_id, run)
        return context.meaning(self.turn.text, run, self.known, answers)

    def armed(self) -> Iterator[_Number]:
        """Numbers that a keyword or a question announced."""
        text = self.turn.text
        for run in digit_runs(text):
            entity, own = self.meaning(run)
            if entity in (None, HARMLESS) or context.too_short(text, entity, run, own=own):
                continue
            begin = _expiry_begin(text, run) if entity == "CREDIT_DEBIT_EXPIRY" else run.begin
            dated = entity in context.CARDS and text[: run.begin].endswith("/")
            if begin < run.begin or dated or not _is_amount(text, run):
                yield _Number(Shape(begin, run.end, entity), run.digits)

    def ordinary(self, memory: Memory) -> Iterator[_Number]:
        """Numbers of orders, flights and the like, also when they are repeated."""
        for run in digit_runs(self.turn.text):
            entity, own = self.meaning(run)
            called = entity == HARMLESS and (
                not own or context.is_called(self.turn.text, run, self.known)
            )
            if called or (entity is None and memory.is_ordinary(run.digits)):
                yield _Number(Shape(run.begin, run.end, HARMLESS), run.digits)

    def amounts(self) -> list[str]:
        """Money, times and quantities."""
        text = self.turn.text
        return [run.digits for run in digit_runs(text) if context.is_amount(text, run)]

    def spelled(self, memory: Memory) -> Iterator[_Number]:
        """Codes that are given letter by letter where such a number is the subject, or were before."""
        for code in spelled_codes(self.turn.text):
            kinds = self._about(code)
            fit = (kind for kind in kinds if kind in context.WITH_LETTERS)
            entity = next(fit, None) or (None if kinds else memory.personal(code.digits))
            if entity:
                yield _Number(Shape(code.begin, code.end, entity), code.digits)

    def _about(self, code: DigitRun) -> Sequence[str]:
        """What a code may be, nearest first."""
        own = [k.kind for k in reversed(self.known) if k.end <= code.begin]
        if {*own} <= {GENERIC}:
            return self.asked.kinds_for(self.turn.text, self.turn.participant_id, code)
        return own[:1] if own[0] in (HARMLESS, MILD) else own

    def broken_off(self, numbers: Sequence[_Number]) -> Iterator[Shape]:
        """Numbers that are broken off and gone on with, whole: "four one one, hold on, how many was that"."""
        for runs in interrupted(self.turn.text):
            begin, end = runs[0].begin, runs[-1].end
            known = (n.shape.entity for n in numbers if n.shape.begin < end and begin < n.shape.end)
            whole = sum(len(run.digits) for run in runs) in _CARD_SIZES
            entity = next(known, "CREDIT_DEBIT_NUMBER" if whole else None)
            if entity:
                yield Shape(begin, end, entity)
        yield from international(self.turn.text)
        yield from joined(self.turn.text, [number.shape for number in numbers])

    def expiry_dates(self) -> Iterator[Shape]:
        """``04/26`` and "may twenty six" where a card's expiry is the subject."""
        new = self.asked.cards > 0 and _NEW_CARD.search(self.turn.text)
        if new or "CREDIT_DEBIT_EXPIRY" in {*self.asked.kinds, *(k.kind for k in self.known)}:
            for found in _EXPIRY.finditer(self.turn.text):
                yield Shape(found.start(), found.end(), "CREDIT_DEBIT_EXPIRY")
            for run in digit_runs(self.turn.text):
                begin = _expiry_begin(self.turn.text, run)
                if begin < run.begin:
                    yield Shape(begin, run.end, "CREDIT_DEBIT_EXPIRY")

    def echoes(self, memory: Memory) -> Iterator[_Number]:
        """Digits that were personal when they were given, repeated whole or in part."""
        for run in digit_runs(self.turn.text):
            brief = context.is_aside(self.turn.text, run)
            entity = memory.personal(run.digits, brief=brief and run.spoken)
            if entity and self.meaning(run)[0] is None and not _is_amount(self.turn.text, run):
                yield _Number(Shape(run.begin, run.end, entity), run.digits)

    def codes(self) -> Iterator[Shape]:
        """Account, policy, passport and licence numbers that have letters in them."""
        for found in _CODE.finditer(self.turn.text):
            own = [k.kind for k in reversed(self.known) if k.end <= found.start()]
            about = own[0] if own else next(iter(self.asked.kinds), None)
            if about in context.WITH_LETTERS and _is_code(found[0]):
                yield Shape(found.start(), found.end(), about)

    def unannounced(self, region: str, memory: Memory) -> Iterator[_Number]:
        """Long numbers that nobody announced and nobody called harmless."""
        text = self.turn.text
        runs = digit_runs(text)
        spoken = [run for run in runs if run.spoken and not _is_cardinal(text, run)]
        lists = [run for run in runs if run.loose and is_card(run.digits)]
        for run in (*digit_runs(text, strict=True), *spoken, *lists):
            if not memory.is_ordinary(run.digits) and self.meaning(run)[0] in (
                (None,) if run.spoken else (None, "PHONE", "BANK_ACCOUNT_NUMBER")
            ):
                one_word = text[run.begin : run.end].isdigit()
                alone = run.spoken or one_word or (run.first and run.last)
                entity = likely_entity(run.digits, region, alone=alone) or _said(text, run)
                if entity:
                    yield _Number(Shape(run.begin, run.end, entity), run.digits)


def _said(text: str, run: DigitRun) -> str | None:
    """Seven digits and more that are said one by one are somebody's number, of whatever kind, and so
    are four and more that are all that is said."""
    size = len(run.digits)
    alone = run.first and run.last and size >= _ALONE and not context.is_year(run)
    listed = context.is_counting(run) or _SERIES.search(text, run.begin, run.end)
    if not run.spoken or listed or not (size >= _LEAST_SAID or alone):
        return None
    return "PHONE" if size == _LEAST_SAID else "BANK_ACCOUNT_NUMBER"


def _is_amount(text: str, run: DigitRun) -> bool:
    """Long numbers and turns of nothing but digits are no amounts; dates in one word are."""
    if context.is_date(text[run.begin : run.end]):
        return True
    short = len(run.digits) < _SHORT and not (run.first and run.last)
    return short and context.is_amount(text, run)


def _by_digits(numbers: Iterable[_Number]) -> dict[str, str]:
    return {number.digits: number.shape.entity for number in numbers}


def _expiry_begin(text: str, run: DigitRun) -> int:
    """The month belongs to the date, as in ``April 2026``."""
    month = _MONTH_BEFORE.search(text, max(0, run.begin - 16), run.begin)
    return month.start() if month else run.begin


def _is_code(word: str) -> bool:
    return sum(c.isdigit() for c in word) >= 4 and any(c.isalpha() for c in word)


def _is_cardinal(text: str, run: DigitRun) -> bool:
    said = text[run.begin : run.end]
    counted = len(run.digits) <= _SHORT or _THOUSANDS.search(said)
    return bool(counted and _CARDINAL.search(said)) and not _TOLL_FREE.match(said)


def likely_entity(digits: str, region: str, *, alone: bool) -> str | None:
    """What a long number most likely is. ``alone``: one word, a turn of its own, or spoken out."""
    size = len(digits)
    if is_card(digits) or size >= 14:
        return "CREDIT_DEBIT_NUMBER"
    if size in (10, 11) and (alone or valid_phone(digits, region)):
        return "PHONE"
    return "SSN" if alone and size == 9 else None
