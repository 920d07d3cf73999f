"""Personal data that shows by its form alone: written cards, phones, e-mail addresses, SSNs, IBANs, IPs.

Each detector reads one text and knows nothing of the conversation. No pattern backtracks over more
than a few characters, so that a text of 64 KB is as harmless as a short one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import phonenumbers

from chalicelib.domain.spoken_numbers import digit_runs

_SSN = re.compile(r"(?<![\d-])(?!000|666)\d{3}([- ])(?!00)\d\d\1(?!0000)\d{4}(?![\d-])")
_NANP = re.compile(
    r"(?<![\d(+])(?:\+?1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d]|[-.]\d)"
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d\d(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b"
)
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)")
_IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f:]{4,39}(?![\w:])")
_LOCAL = re.compile(r"[\w.%+'-]{1,64}\Z")
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}")
_SPACED_DOMAIN = re.compile(r" ?[\w-]{1,63}(?: ?\. ?[A-Za-z]{2,}){1,3}")
_POST_BOX = re.compile(
    r"\b(?:(?:psc|unit|cmr) \d{1,5},? )?(?:p\.? ?o\.? ?)?box \d{1,6}\s{1,2}(?:apo|fpo|dpo),? a[aep] \d{5}\b"
    r"|\bp\.? ?o\.? box \d{1,6}\b",
    re.IGNORECASE,
)
_OPEN, _CLOSE = r"\s?[\[({<]\s?", r"\s?[\])}>]\s?"
_BRACKETED_AT = re.compile(rf"{_OPEN}(?:at|@){_CLOSE}|\s?@\s?", re.IGNORECASE)
_BRACKETED_DOT = rf"(?:{_OPEN}(?:dot|\.){_CLOSE}|\.)"
_BRACKETED_LOCAL = re.compile(
    rf"[\w.%+'-]{{1,64}}(?:{_BRACKETED_DOT}[\w.%+'-]{{1,64}}){{0,3}}\Z", re.IGNORECASE
)
_BRACKETED_DOMAIN = re.compile(
    rf"[\w-]{{1,63}}(?:{_BRACKETED_DOT}[\w-]{{1,63}}){{1,5}}", re.IGNORECASE
)
_BRACKET = re.compile(rf"{_OPEN}(?:at|@|dot|\.){_CLOSE}", re.IGNORECASE)
_CARD_LENGTHS = range(13, 20)


class Shape(NamedTuple):
    """``text[begin:end]`` is an ``entity``."""

    begin: int
    end: int
    entity: str


def shapes(text: str, region: str) -> Iterator[Shape]:
    """Everything of a known form; findings may overlap. ``region`` is where local phones are dialled."""
    for detector in _DETECTORS:
        yield from detector(text)
    yield from phones(text, region)


def luhn(digits: str) -> bool:
    """The check sum of card numbers, ISO/IEC 7812-1."""
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (
        sum(int(d) for d in digits[::-2]) + sum(n - 9 if n > 9 else n for n in doubled)
    ) % 10 == 0


def is_card(digits: str) -> bool:
    """13 to 19 digits that a card network may have issued."""
    return len(digits) in _CARD_LENGTHS and digits[0] in "123456" and luhn(digits)


def valid_phone(digits: str, region: str) -> bool:
    """Whether the digits alone can be dialled in this region."""
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(digits, region)))
    except phonenumbers.NumberParseException:
        return False


def cards(text: str) -> Iterator[Shape]:
    """Card numbers, also grouped; the groups may be cut anywhere."""
    for run in digit_runs(text, strict=True):
        if is_card(run.digits):
            yield Shape(run.begin, run.end, "CREDIT_DEBIT_NUMBER")


def phones(text: str, region: str) -> Iterator[Shape]:
    """Numbers written like a North American phone, and valid ones of the region or with a plus."""
    for found in _NANP.finditer(text):
        yield Shape(found.start(), found.end(), "PHONE")
    if sum(c.isdigit() for c in text) >= 7:
        for number in phonenumbers.PhoneNumberMatcher(text, region):
            if not number.raw_string.isdigit():
                yield Shape(number.start, number.end, "PHONE")


def social_security_numbers(text: str) -> Iterator[Shape]:
    """``ddd-dd-dddd`` without the numbers that are never issued."""
    for found in _SSN.finditer(text):
        yield Shape(found.start(), found.end(), "SSN")


def emails(text: str) -> Iterator[Shape]:
    """Addresses with an @, also with blanks around it."""
    at = text.find("@")
    while at >= 0:
        before = text[max(0, at - 65) : at]
        local = _LOCAL.search(before) or _LOCAL.search(before.rstrip())
        spaced = bool(local) and before.endswith(" ")
        domain = (None if spaced else _DOMAIN.match(text, at + 1)) or _SPACED_DOMAIN.match(
            text, at + 1
        )
        if local and domain:
            begin = at - len(before) + local.start()
            yield Shape(begin, domain.end(), "EMAIL")
        at = text.find("@", at + 1)


def bracketed_emails(text: str) -> Iterator[Shape]:
    """Addresses written against machines, as in ``joe [at] example (dot) com``."""
    if not _BRACKET.search(text):
        return
    for at in _BRACKETED_AT.finditer(text):
        first = max(0, at.start() - 100)
        local = _BRACKETED_LOCAL.search(text[first : at.start()])
        domain = _BRACKETED_DOMAIN.match(text, at.end())
        if local and domain:
            yield Shape(first + local.start(), domain.end(), "EMAIL")


def ibans(text: str) -> Iterator[Shape]:
    """International account numbers with the right check digits, ISO 13616."""
    for found in _IBAN.finditer(text):
        end = next((e for e in _ends(found) if _iban_checks(text[found.start() : e])), None)
        if end:
            yield Shape(found.start(), end, "INTERNATIONAL_BANK_ACCOUNT_NUMBER")


def ip_addresses(text: str) -> Iterator[Shape]:
    """IPv4 and IPv6 addresses."""
    for pattern in (_IPV4, _IPV6):
        for found in pattern.finditer(text):
            if _is_ip(found[0]):
                yield Shape(found.start(), found.end(), "IP_ADDRESS")


def post_boxes(text: str) -> Iterator[Shape]:
    """Post-office boxes, and the boxes of US forces abroad with their office and code."""
    for found in _POST_BOX.finditer(text):
        yield Shape(found.start(), found.end(), "ADDRESS")


def _is_ip(text: str) -> bool:
    if text.strip(":") == "":
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _ends(found: re.Match[str]) -> Iterator[int]:
    """Where an account number may end: words that follow it may look like part of it."""
    yield found.end()
    for blank in reversed([m.start() for m in re.finditer(" ", found[0])]):
        yield found.start() + blank


def _iban_checks(text: str) -> bool:
    plain = text.replace(" ", "").upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


_DETECTORS: tuple[Callable[[str], Iterator[Shape]], ...] = (
    cards,
    social_security_numbers,
    emails,
    bracketed_emails,
    ibans,
    ip_addresses,
    post_boxes,
)
