"""What a number means, from the words around it and from what was asked just before.

A keyword arms: after "card number" the next digits are a card number, however many were recognised.
Other keywords disarm: after "order number" they are not. The nearest keyword wins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.adapters.engines import pii_keywords
from chalicelib.adapters.engines.pii_keywords import CARD_WORD, GENERIC, HARMLESS, MILD
from chalicelib.domain.spoken_numbers import CORRECTION, DigitRun

_WEAK = re.compile(
    r"\b(?P<card>card|cc|credit|debit|amex|visa|mastercard)\b|\b(?P<account>account|acct)\b",
    re.IGNORECASE,
)
_NAMED_AFTER = re.compile(
    r"\s*,?\s*(?:is|was|for|as|'s|that'?s|that is)\s+(?:my|the|your|our)?\s*\Z", re.IGNORECASE
)
_MEMORY = 6
_OWN_MEMORY = 2
_ACKNOWLEDGEMENT = 3
_EXPECTED = {
    "CREDIT_DEBIT_CVV": range(3, 5),
    "CREDIT_DEBIT_EXPIRY": range(3, 7),
    "CREDIT_DEBIT_NUMBER": range(12, 20),
    "SSN": (4, 9),
    "BANK_ROUTING": (6, 9),
    "PIN": range(4, 9),
    "BANK_ACCOUNT_NUMBER": range(5, 18),
    "DRIVER_ID": range(5, 15),
    "PASSPORT_NUMBER": range(6, 10),
    "ADDRESS": (4, 5, 9),
    "PHONE": range(7, 16),
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": range(15, 35),
    GENERIC: range(4, 20),
    MILD: range(13),
    HARMLESS: range(13),
}
_LEAST = {
    "PHONE": 7, "BANK_ROUTING": 4, "BANK_ACCOUNT_NUMBER": 4, "DRIVER_ID": 5, "PASSPORT_NUMBER": 6,
}  # fmt: skip
WITH_LETTERS = {
    "BANK_ACCOUNT_NUMBER", "DRIVER_ID", "PASSPORT_NUMBER", "INTERNATIONAL_BANK_ACCOUNT_NUMBER", "SSN",
    "ADDRESS",
}  # fmt: skip
"""Numbers that may have letters in them."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_AMOUNT_BEFORE = re.compile(
    r"(?:[$£€¥]|\b(?:usd|eur|gbp|paid|pay|spent|charged?|costs?|price|fee|total|worth|balance"
    r"|transfer|limit|rate"
    r"|deductible|copay|bill"
    r"|used|since|until|date|time|year|made|manufactured)"
    r"(?:'s)?(?: (?:of|is|was|about|only|in|on|at|not|me|should be|will be|would be|comes to"
    r"|came to|around|over|:)){0,2}"
    rf"|\b{_MONTH}|\d[:/]|\b(?:step|option|page|chapter)) ?\Z",
    re.IGNORECASE,
)
_IN_BEFORE = re.compile(r"\b(?<!ends )(?<!ending )(?<!finishing )in \Z", re.IGNORECASE)
_AMOUNT_AFTER = re.compile(
    r"\s?(?:%|[:/]\d|[$£€¥]|(?:percent|dollars?|bucks|cents?|pounds?|euros?|usd|[ap]\.?m\b"
    r"|o'?clock|hours?|hrs?"
    r"|minutes?|mins?|seconds?|days?|weeks?|months?|years?|times|st|nd|rd|th|oz|lbs?|kg|gb|mb|miles?|items?"
    r"|people|persons?|tickets?|of (?:them|those|these|the)|more|pieces?|nights?|bags?)\b"
    rf"|(?:of )?{_MONTH}\b)",
    re.IGNORECASE,
)


_AGAIN = re.compile(
    r"\b(?:so that|that's|i(?:'ve| have)? got|i have|i heard|you said|to confirm"
    r"|read(?:ing)? (?:it|that) back|repeat"
    r"|again|not (?:matching|right|working|it)|wrong|try|i said|it's|should be|old one|new one)\b",
    re.IGNORECASE,
)
CARDS = {"CREDIT_DEBIT_NUMBER", "CREDIT_DEBIT_CVV", "CREDIT_DEBIT_EXPIRY"}
_CARD_TALK = 4
_ASIDE = 5
_PAIR = 2
_TEEN = r"(?:ten|eleven|twelve|\w+teen)"
_TENS = r"(?:\w+ty)"
_UNIT = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_PRICE = re.compile(
    rf"(?:(?:{_UNIT} hundred (?:and )?)?(?:{_TEEN}|{_TENS}(?:[ -]{_UNIT})?)|{_UNIT})"
    rf"(?: and| point)? (?:{_TEEN}|{_TENS}(?:[ -]{_UNIT})?|oh {_UNIT})",
    re.IGNORECASE,
)
_GENERIC_WORDS, _GENERIC_DIGITS, _GENERIC_REACH = 2, 5, 16
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d|(?:0?[1-9]|1[0-2])(?:0[1-9]|[12]\d"
    r"|3[01])(?:19|20)\d\d"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)
_MONEY = re.compile(r"\d,\d{3}|\.\d\d\Z")
_TIME_BEFORE = re.compile(
    r"\b(?:at|from|by|around|about|after|before|till|until|than) \Z", re.IGNORECASE
)
_PHONE_SIZES = (7, 10, 11)
_CARDINAL = re.compile(r"\b(?:hundred|thousand)\b", re.IGNORECASE)


_BIRTH = re.compile(r"birth|dob", re.IGNORECASE)
_OURS = re.compile(r"\b(?:us|our)\b", re.IGNORECASE)
_CALLED = re.compile(
    r"\W*(?:\b(?:number|no|code|is|was|it|it's|reads|says|you|i|gave|me|us|here|that|the|of|on|at|has|got|want|need)\b\W*){0,5}"
    r"(?:[a-z]{1,2}\W{1,2}){0,3}",
    re.IGNORECASE,
)

Given = Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Keyword:
    """``kind`` is the entity that is talked about, or one of ``HARMLESS``, ``MILD`` and ``GENERIC``."""

    kind: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What was talked about before, nearest first, by whom and how many turns ago.

    ``given``: digits followed; ``complete``: they may be the whole number. ``last``: who spoke last.
    ``cards``: for how many turns a card is still the subject.
    """

    kinds: tuple[str, ...] = ()
    by: str = ""
    age: int = 0
    given: bool = False
    complete: bool = False
    last: str = ""
    cards: int = 0

    def kinds_for(self, text: str, participant: str, run: DigitRun) -> tuple[str, ...]:
        """What a run in this participant's turn answers, if anything.

        A question is remembered longer than a word of one's own. After a whole number a turn of nothing
        but digits can still belong to it, or one that corrects it or reads it back.
        """
        alone = run.first and run.last
        if self.age > (_OWN_MEMORY if participant == self.by else _MEMORY):
            return ()
        if self.complete and not alone and not self._again(text, run):
            return ()
        if self.given and participant == self.last and not run.spoken and not self._fits(run):
            return ()
        begun = len(run.digits) == _PAIR == _words(text, run) and run.spoken and run.last
        return self.kinds if len(run.digits) > _PAIR or begun or (alone and self.given) else ()

    def _again(self, text: str, run: DigitRun) -> bool:
        """Whether a turn may give a whole number once more."""
        if is_year(run):
            return False
        if len(run.digits) > 2 and (CORRECTION.search(text) or is_again(text)):
            return True
        return self._fits(run) and len(text.split()) - _words(text, run) <= _ASIDE

    def _fits(self, run: DigitRun) -> bool:
        """Whether a number that nobody asked for in between can be of this kind."""
        size = len(run.digits)
        return not (is_year(run) or is_round(run)) and any(
            size == 4 or size in _EXPECTED[kind] for kind in self.kinds
        )

    def after(self, text: str, by: str, known: Sequence[Keyword], given: Given) -> Asked:
        """The state after a turn. ``given``: what each number was, and whether it may be all of it."""
        cards = _CARD_TALK if _about_cards(text, known) else max(0, self.cards - 1)
        return replace(self._next(text, by, known, given), last=by, cards=cards)

    def _next(self, text: str, by: str, known: Sequence[Keyword], given: Given) -> Asked:
        complete = any(whole for _, whole in given)
        kinds = _asked_for(text, known)
        if kinds and not ({*kinds} <= {MILD, GENERIC} and self._open()):
            told = tuple(entity for entity, _ in given) if {*kinds} == {GENERIC} else ()
            return Asked(told or kinds, by, 1, given=bool(given), complete=complete)
        if given:
            return replace(self, age=1, given=True, complete=complete)
        aside = len(text.split()) > _ACKNOWLEDGEMENT and (by == self.by or "?" in text)
        if self.complete and aside and not is_again(text):
            return Asked()
        return replace(self, age=self.age + 1)

    def _open(self) -> bool:
        """Whether an earlier question still waits."""
        return bool({*self.kinds} - {MILD, GENERIC}) and self.age <= _MEMORY and not self.complete


def keywords(text: str, *, cards: bool = False) -> tuple[Keyword, ...]:
    """The keywords of a text in order. ``cards``: a card was talked about before it."""
    about = cards or bool(CARD_WORD.search(text))
    return tuple(Keyword(*place) for place in pii_keywords.found(text, cards=about))


def _about_cards(text: str, known: Sequence[Keyword]) -> bool:
    return bool(CARD_WORD.search(text)) or any(k.kind in CARDS for k in known)


def _asked_for(text: str, known: Sequence[Keyword]) -> tuple[str, ...]:
    """The kinds, nearest first. A birth is no harmless number where another one is asked for beside it."""
    kinds = tuple(k.kind for k in reversed(known) if not _BIRTH.search(text, k.begin, k.end))
    return kinds or tuple(k.kind for k in reversed(known))


def _words(text: str, run: DigitRun) -> int:
    return len(text[run.begin : run.end].split())


def is_again(text: str) -> bool:
    """Whether a turn reads something back or gives it once more."""
    return bool(_AGAIN.search(text))


def is_year(run: DigitRun) -> bool:
    """Whether the run reads as a year of our time."""
    return bool(_YEAR.fullmatch(run.digits))


def is_round(run: DigitRun) -> bool:
    """Whether the run is an amount as people like them, as 1500."""
    return not run.spoken and run.digits.endswith("00")


def meaning(
    text: str, run: DigitRun, known: Sequence[Keyword], asked: Sequence[str]
) -> tuple[str | None, bool]:
    """The entity of a run of digits (or ``HARMLESS``, or None), and whether its own turn says so."""
    before = [
        k
        for k in known
        if k.end <= run.begin and (k.kind != GENERIC or run.begin - k.end <= _GENERIC_REACH)
    ]
    weak = _weakly(text, run, before[-1].end if before else 0)
    if weak:
        return weak, True
    own = [k.kind for k in reversed(before)] or _named_after(text, run, known)
    if asked and {*own} <= {GENERIC}:
        return _fitting(text, [*asked, *own], run), False
    return _fitting(text, own or asked, run), bool(own)


def is_amount(text: str, run: DigitRun) -> bool:
    """Whether the run is money, a time, a date, a percentage or a quantity."""
    dated = is_year(run) or len(run.digits) <= _PAIR
    if dated and _IN_BEFORE.search(text, max(0, run.begin - 16), run.begin):
        return True
    return bool(
        _AMOUNT_BEFORE.search(text, max(0, run.begin - 32), run.begin)
        or _AMOUNT_AFTER.match(text, run.end)
    )


def is_called(text: str, run: DigitRun, known: Sequence[Keyword]) -> bool:
    """Whether the nearest keyword stands right before the run, so that it and no other number is meant."""
    before = [k for k in known if k.end <= run.begin]
    if not before or before[-1].kind not in (HARMLESS, MILD):
        return False
    ours = _OURS.search(text, before[-1].begin, before[-1].end)
    return not ours and bool(_CALLED.fullmatch(text, before[-1].end, run.begin))


def is_aside(text: str, run: DigitRun) -> bool:
    """Whether little more than the run is said."""
    return len(text.split()) - _words(text, run) <= _ASIDE


def is_date(said: str) -> bool:
    """Whether this is a date in figures without a mark between them."""
    return said.isdigit() and bool(_DATE.fullmatch(said))


def is_complete(entity: str, digits: str) -> bool:
    """Whether this many digits can be the whole number."""
    return len(digits) in _EXPECTED[entity]


def _named_after(text: str, run: DigitRun, known: Sequence[Keyword]) -> list[str]:
    following = next((k for k in known if k.begin >= run.end), None)
    named = following and _NAMED_AFTER.match(text, run.end, following.begin)
    return [following.kind] if following and named else []


def _weakly(text: str, run: DigitRun, since: int) -> str | None:
    """A bare word, as in ``my card 4969…``, arms only for a long number right behind it."""
    found = list(_WEAK.finditer(text, max(since, run.begin - 24), run.begin))
    if not found or len(run.digits) < 8:
        return None
    return "CREDIT_DEBIT_NUMBER" if found[-1]["card"] else "BANK_ACCOUNT_NUMBER"


def _fitting(text: str, kinds: Sequence[str], run: DigitRun) -> str | None:
    """The nearest kind whose numbers are this long; else the nearest that is armed at all."""
    size = len(run.digits)
    armed = [kind for kind in kinds if kind not in (HARMLESS, MILD, GENERIC)]
    if kinds and kinds[0] in (HARMLESS, MILD) and size in _EXPECTED[HARMLESS]:
        return HARMLESS
    if not armed:
        return _generic(text, kinds, run)
    card = [kind for kind in armed if kind == "CREDIT_DEBIT_NUMBER" and size > 6]
    return next((kind for kind in armed if size in _EXPECTED[kind]), (card or armed)[0])


def _generic(text: str, kinds: Sequence[str], run: DigitRun) -> str | None:
    """What "the number" is: some account, if it is given digit by digit."""
    if not kinds or HARMLESS in kinds or MILD in kinds:
        return HARMLESS if kinds else None
    said = text[run.begin : run.end]
    typed = len(run.digits) > _GENERIC_DIGITS and not run.loose
    told = len(said.split()) > _GENERIC_WORDS if run.spoken else typed
    money = _CARDINAL.search(said) or _MONEY.search(said) or _TIME_BEFORE.search(text, 0, run.begin)
    if not told or money or len(run.digits) < 4 or is_year(run) or is_counting(run):
        return None
    if run.spoken and _PRICE.fullmatch(said):
        return None
    return "PHONE" if len(run.digits) in _PHONE_SIZES else "BANK_ACCOUNT_NUMBER"


def is_counting(run: DigitRun) -> bool:
    """Whether somebody only counts: "one two three four five"."""
    return run.digits in "12345678910" or run.digits in "10987654321"


def too_short(text: str, entity: str, run: DigitRun, *, own: bool) -> bool:
    """Whether so few digits are more likely something else.

    A turn of nothing but digits is part of the answer, however short; digits that end a turn may go on,
    and so may those that are said one by one.
    """
    spelt = run.spoken and (run.last or _words(text, run) > _PAIR)
    least = 3 if spelt else _LEAST.get(entity, 3)
    return (own or not (run.first and run.last)) and len(run.digits) < least
