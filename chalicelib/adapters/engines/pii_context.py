"""What a number means, from the words around it and from what was asked just before.

A keyword arms: after "card number" the next digits are a card number, however many were recognised.
Other keywords disarm: after "order number" they are not. The nearest keyword wins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.spoken_numbers import DigitRun

HARMLESS = "HARMLESS"
_NUMBER = r"(?:numbers?|no\b\.?|num\b|nr\b|#|ids?\b)"
_KEYWORDS = {
    "CREDIT_DEBIT_CVV": r"\bcvv2?\b|\bcvc2?\b|security (?:code|number)|(?:code|digits|number)s? on the back"
    r"|(?:three|3)[- ]digit|\b(?:three|3|four|4) (?:\w+ )?on the (?:back|front)"
    r"|\bsignature (?:strip|panel)",
    "CREDIT_DEBIT_EXPIRY": r"\bexpir\w+|\bexp\b(?:\.| date)?|valid (?:thru|through|until|till|to)"
    r"|runs out|good thr(?:u|ough)",
    "CREDIT_DEBIT_NUMBER": rf"\b(?:card|cc|visa|mastercard|amex) ?{_NUMBER}|long number"
    r"|(?:numbers?|digits) (?:on|of|from|across) (?:the |your |my )?(?:front|(?:credit |debit |bank )?card)"
    r"|(?:sixteen|16)[- ]digit|card (?:details|info\w*)|card (?:is |that'?s? )?ending|card ends"
    r"|\b(?:ahead with|read(?: me| out)?|give me|have|take) (?:the|your) (?:credit |debit )?card\b",
    "SSN": r"social security|\bssn\b|\bsocial\b(?! (?:media|network|distanc))|\btax ?id\b|\bitin\b"
    r"|\blast (?:four|4)\b(?! (?:hours|days|weeks|months|years|times|orders|people))",
    "BANK_ROUTING": rf"\brouting|\b(?:nine|9)[- ]digits?\b|\bbottom (?:left )?of the che(?:ck|que)"
    rf"|\b(?:branch|institution) {_NUMBER}|\baba {_NUMBER}|\bsort code|\btransit {_NUMBER}",
    "PIN": r"\bpin\b|\bpass ?code|\bone[- ]time (?:code|pass\w+)|\b(?:verification|access|secret) code",
    "BANK_ACCOUNT_NUMBER": r"\b(?:bank|savings|checking|current) account(?: ?numbers?)?\b"
    r"|\baccount(?:'s| is| ending)\b"
    r"|\bnumber end(?:s|ing) (?:in|with)\b|\b(?:card account|account|acct|a/c|\bac"
    rf"|member(?:ship)?|policy|subscriber|loyalty|flyer|patient|customer) ?{_NUMBER}|\biban\b",
    "DRIVER_ID": rf"\bdriv(?:er'?s?'?|ing) licen[cs]e(?: ?{_NUMBER})?|\bdl ?{_NUMBER}",
    "PASSPORT_NUMBER": rf"\bpassport(?: ?{_NUMBER})?",
    "ADDRESS": r"\bzip(?: ?codes?)?\b(?! ?file)|\bpost(?:al)? ?codes?\b",
    "PHONE": r"\b(?:tele)?phone\b|\bcell\b|\bmobile\b|\blandline\b|\bfax\b"
    rf"|\b(?:contact|call ?back|registered|whats ?app) ?{_NUMBER}|\bmy registered\b|number to (?:call|reach)"
    r"|(?:what|which)(?:'s| is)? (?:a |the |your )?(?:good )?number\b(?! of)|\bnumber on (?:file|record)"
    r"|\A\W*(?:and )?(?:the |your )?number\W*\Z"
    r"|\b(?:call|reach|text|ring|answering|messages)\b.{0,12}\b(?:on|at|to)\b|best number",
    HARMLESS: r"\b(?:order|confirmation|tracking|reference|booking|reservation|case|ticket|claim|invoice"
    r"|flight|seat|item|product|model|serial|part|gate|room|house|apartment|extension|promo|area"
    rf"|imei|vin|request|incident|transaction|shipment|store|unit|row|table) ?(?:{_NUMBER}|codes?\b)"
    r"|\btracking\b|\bhow (?:many|much|long|old|often)\b"
    r"|\b(?:what|which) (?:year|date|time|day|size)\b"
    r"|\bdate of birth\b|\bdob\b|\bbirthday\b|\bamount\b|\bquantity\b",
}
_KEYWORD = re.compile(
    "|".join(f"(?P<k{i}>{pattern})" for i, pattern in enumerate(_KEYWORDS.values())), re.IGNORECASE
)
_KINDS = tuple(_KEYWORDS)

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
    HARMLESS: range(13),
}
_LEAST = {
    "PHONE": 7, "BANK_ROUTING": 4, "BANK_ACCOUNT_NUMBER": 4, "DRIVER_ID": 5, "PASSPORT_NUMBER": 6,
}  # fmt: skip
WITH_LETTERS = {"BANK_ACCOUNT_NUMBER", "DRIVER_ID", "PASSPORT_NUMBER"}
"""Numbers that may have letters in them."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_AMOUNT_BEFORE = re.compile(
    r"(?:[$£€¥]|\b(?:usd|eur|gbp|paid|pay|spent|charged?|costs?|price|fee|total|worth|balance|transfer"
    r"|(?<!ends )(?<!ending )in|used|since|until|date|time|year|made|manufactured)"
    r"(?: (?:of|is|was|about|only|in|on|at|not|:))?"
    rf"|\b{_MONTH}|\d[:/]|\b(?:step|option|page|chapter)) ?\Z",
    re.IGNORECASE,
)
_AMOUNT_AFTER = re.compile(
    r"\s?(?:%|[:/]\d|[$£€¥]|(?:percent|dollars?|bucks|cents?|pounds?|euros?|usd|[ap]\.?m\b|o'?clock|hours?|hrs?"
    r"|minutes?|mins?|seconds?|days?|weeks?|months?|years?|times|st|nd|rd|th|oz|lbs?|kg|gb|mb|miles?|items?"
    r"|people|persons?|tickets?|of (?:them|those|these|the)|more|pieces?|nights?|bags?)\b"
    rf"|(?:of )?{_MONTH}\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Keyword:
    """``kind`` is the entity that is talked about, or ``HARMLESS``."""

    kind: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What was talked about before, nearest first, by whom and how many turns ago.

    ``given``: digits followed; ``complete``: they may be the whole number.
    """

    kinds: tuple[str, ...] = ()
    by: str = ""
    age: int = 0
    given: bool = False
    complete: bool = False

    def kinds_for(self, participant: str, run: DigitRun) -> tuple[str, ...]:
        """What a run in this participant's turn answers, if anything.

        A question is remembered longer than a word of one's own; after a whole number only a turn of
        nothing but digits can still belong to it.
        """
        alone = run.first and run.last
        if self.age > (_OWN_MEMORY if participant == self.by else _MEMORY):
            return ()
        if self.complete and not alone:
            return ()
        return self.kinds if len(run.digits) > 2 or (alone and self.given) else ()

    def after(self, text: str, by: str, known: Sequence[Keyword], whole: Sequence[bool]) -> Asked:
        """The state after a turn. ``whole``: for each number given, whether it may be all of it."""
        complete = any(whole)
        if known:
            kinds = tuple(k.kind for k in reversed(known))
            return Asked(kinds, by, 1, given=bool(whole), complete=complete)
        if whole:
            return replace(self, age=1, given=True, complete=complete)
        if (
            self.complete
            and (by == self.by or "?" in text)
            and len(text.split()) > _ACKNOWLEDGEMENT
        ):
            return Asked()
        return replace(self, age=self.age + 1)


def keywords(text: str) -> tuple[Keyword, ...]:
    """The keywords of a text in order."""
    return tuple(
        Keyword(_KINDS[int((found.lastgroup or "k0")[1:])], found.start(), found.end())
        for found in _KEYWORD.finditer(text)
    )


def meaning(
    text: str, run: DigitRun, known: Sequence[Keyword], asked: Sequence[str]
) -> tuple[str | None, bool]:
    """The entity of a run of digits (or ``HARMLESS``, or None), and whether its own turn says so."""
    before = [k for k in known if k.end <= run.begin]
    weak = _weakly(text, run, before[-1].end if before else 0)
    if weak:
        return weak, True
    own = [k.kind for k in reversed(before)] or _named_after(text, run, known)
    return _fitting(own or asked, run), bool(own)


def is_amount(text: str, run: DigitRun) -> bool:
    """Whether the run is money, a time, a date, a percentage or a quantity."""
    return bool(
        _AMOUNT_BEFORE.search(text, max(0, run.begin - 16), run.begin)
        or _AMOUNT_AFTER.match(text, run.end)
    )


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


def _fitting(kinds: Sequence[str], run: DigitRun) -> str | None:
    """The nearest kind whose numbers are this long; else the nearest that is armed at all."""
    size = len(run.digits)
    armed = [kind for kind in kinds if kind != HARMLESS]
    if not armed or (kinds[0] == HARMLESS and size in _EXPECTED[HARMLESS]):
        return HARMLESS if kinds else None
    card = [kind for kind in armed if kind == "CREDIT_DEBIT_NUMBER" and size > 6]
    return next((kind for kind in armed if size in _EXPECTED[kind]), (card or armed)[0])


def too_short(entity: str, run: DigitRun, *, own: bool) -> bool:
    """Whether so few digits are more likely something else.

    A turn of nothing but digits is part of the answer, however short; digits that end a turn may go on.
    """
    least = 3 if run.spoken and run.last else _LEAST.get(entity, 3)
    return (own or not (run.first and run.last)) and len(run.digits) < least
