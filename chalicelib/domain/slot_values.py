"""What an answer says, read as the value of a slot. Nothing is guessed: two numbers are no number.

Values are Lex V2's: digits, ISO dates, the name of an enum's value, ``yes`` or ``no``, the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from chalicelib.domain.bot import NO, YES, Slot, SlotKind
from chalicelib.domain.rules.words import words
from chalicelib.domain.spoken_numbers import digit_runs

_YES = {
    "yes", "yeah", "yep", "yup", "sure", "ok", "okay", "absolutely", "certainly", "definitely", "correct",
    "right", "please", "gladly", "ja", "oui",
}  # fmt: skip
_NO = {"no", "nope", "nah", "never", "not", "don't", "dont", "nein", "non", "neither"}
_YES_PHRASES = ("of course", "why not", "go ahead", "no problem", "not a problem", "don't mind")
_UNSURE = ("not sure", "don't know", "dont know", "no idea", "maybe", "perhaps", "yes and no")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_NO_WHOLE = re.compile(
    r"[0-9][.,][0-9]|(?:^|\s)[-−][0-9]|\b(?:minus|negative|half|point)\b", re.IGNORECASE
)
_OUT_OF = re.compile(
    r"\s*(?:\bout of\b|\bof\b|/)\s*(?:[0-9]{1,3}|five|ten|hundred)\b.*", re.IGNORECASE | re.DOTALL
)
_ISO = re.compile(r"\b([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\b")
_SLASHED = re.compile(r"\b([0-9]{1,2})/([0-9]{1,2})(?:/([0-9]{4}))?\b")
_DOTTED = re.compile(r"\b([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})?(?![0-9])")
_NAMED = "|".join(f"{name[:3]}(?:{name[3:]})?" if name[3:] else name for name in _MONTHS)
_DAY_MONTH = re.compile(
    rf"\b([0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_NAMED})\b(?:,?\s+([0-9]{{4}}))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b({_NAMED})\s+(?:the\s+)?([0-9]{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+([0-9]{{4}}))?",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"\bin\s+([a-z0-9]+)\s+(day|week)s?\b", re.IGNORECASE)


def read(slot: Slot, text: str, today: date) -> str | None:
    """The value that the text gives the slot; None where it gives none that the slot may have. A day
    without a year is the next one; a day before ``today`` is none."""
    value = _value(slot, text, today)
    return value if value is not None and slot.takes(value) else None


def settled(slot: Slot, interpreted: str | None, original: str, today: date) -> str | None:
    """A value that another reader interpreted, if the slot may have it; else what the words say."""
    if interpreted and slot.takes(interpreted):
        return interpreted
    return read(slot, interpreted or "", today) or read(slot, original, today)


def _value(slot: Slot, text: str, today: date) -> str | None:
    if slot.kind is SlotKind.NUMBER:
        return number(text)
    if slot.kind is SlotKind.DATE:
        found = day(text, today)
        return found.isoformat() if found else None
    if slot.kind is SlotKind.YES_NO:
        return yes_no(text)
    if slot.kind is SlotKind.ENUM:
        return choice(slot.values, text)
    return text.strip() if words(text) else None


def number(text: str) -> str | None:
    """The one whole number in the text, in digits; ``four out of five`` is 4."""
    text = _OUT_OF.sub("", text, count=1) if _OUT_OF.search(text) else text
    if _NO_WHOLE.search(text):
        return None
    found = {run.digits for run in digit_runs(text)}
    return str(int(found.pop())) if len(found) == 1 else None


def yes_no(text: str) -> str | None:
    said = words(text)
    plain = f" {' '.join(said)} "
    if any(f" {phrase} " in plain for phrase in _UNSURE):
        return None
    if any(f" {phrase} " in plain for phrase in _YES_PHRASES):
        return YES
    refused, agreed = _NO.intersection(said), _YES.intersection(said)
    if refused:
        return None if agreed - {"please", "right", "ok", "okay", "sure"} else NO
    return YES if agreed else None


def choice(values: Mapping[str, tuple[str, ...]], text: str) -> str | None:
    """The one value whose name or synonym is said."""
    plain = f" {' '.join(words(text))} "
    found = [
        name
        for name, synonyms in values.items()
        if any(f" {' '.join(words(word))} " in plain for word in (name, *synonyms))
    ]
    return found[0] if len(found) == 1 else None


def day(text: str, today: date) -> date | None:
    """The one day that is named, from ``today`` on."""
    found = _relative(text.lower(), today) or _calendar(text, today)
    return found if found and found >= today else None


def _relative(text: str, today: date) -> date | None:
    said = words(text)
    if "yesterday" in said:
        return None
    if "tomorrow" in said:
        after = "day after tomorrow" in " ".join(said)
        return today + timedelta(days=2 if after else 1)
    if "today" in said or "tonight" in said:
        return today
    if ahead := _AHEAD.search(text):
        count = number(ahead[1]) or {"a": "1", "an": "1"}.get(ahead[1])
        days = int(count) * (7 if ahead[2] == "week" else 1) if count and len(count) < 4 else None
        return None if days is None else today + timedelta(days=days)
    return _weekday(said, today)


def _weekday(said: Sequence[str], today: date) -> date | None:
    """``Friday`` is the next one after today; ``next week`` is in seven days."""
    named = [place for place, name in enumerate(_DAYS) if name in said or f"{name}s" in said]
    if len(named) == 1:
        return today + timedelta(days=(named[0] - today.weekday() - 1) % 7 + 1)
    return today + timedelta(days=7) if not named and "next week" in " ".join(said) else None


def _calendar(text: str, today: date) -> date | None:
    if found := _ISO.search(text):
        return _date(found[1], int(found[2]), found[3], today)
    if found := _DOTTED.search(text):
        return _date(found[3], int(found[2]), found[1], today)
    if found := _SLASHED.search(text):
        return _date(found[3], int(found[1]), found[2], today)
    if found := _DAY_MONTH.search(text):
        return _date(found[3], _month(found[2]), found[1], today)
    if found := _MONTH_DAY.search(text):
        return _date(found[3], _month(found[1]), found[2], today)
    return None


def _month(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()[:3]))


def _date(year: str | None, month: int, of_month: str, today: date) -> date | None:
    try:
        if year:
            return date(int(year), month, int(of_month))
        this = date(today.year, month, int(of_month))
        return this if this >= today else date(today.year + 1, month, int(of_month))
    except ValueError:
        return None
