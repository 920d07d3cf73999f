"""Dates and quantities by their form, in English: written, spoken and relative.

"May" and "second" are words before they are dates: a month needs a day or a year beside it, and an
ordinal needs a month. Patterns hold no nested repetition, so their time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.ports.entities import Mention

_MONTH = (
    r"(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_ORDINAL = (
    r"(?:(?:twenty|thirty)[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
    r"|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth"
    r"|twentieth|thirtieth)"
)
_YEAR = r"(?:19|20)\d\d"
_ONES = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
)
_WORDS = rf"(?:{_ONES}|a\shundred|a\sthousand)(?:(?:\sand\s|[ -])(?:{_ONES}|hundred|thousand|million)){{0,6}}"
_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,12})(?:\.\d{1,4})?"
_NUMBER = rf"(?:{_DIGITS}|{_WORDS})"
_SCALE = r"(?:\s?(?:k|thousand|million|billion)\b)?"
_PERIOD = r"(?:minute|hour|day|week|month|year)"
_COIN = r"(?:dollars?|bucks|euros?|pounds?|cents?|pence|usd|eur|gbp)"
_UNIT = (
    rf"(?:business\sdays?|working\sdays?|{_PERIOD}s?|mins?|hrs?|gb|mb|tb|gigs?|gigabytes?|megabytes?|mbps"
    r"|kg|kilos?|kilograms?|grams?|lbs?|ounces?|km|kilomet(?:er|re)s?|miles?|met(?:er|re)s?|feet|inch(?:es)?"
    r"|lit(?:er|re)s?|gallons?|degrees|times|items?|pieces?|copies|pairs?|boxes|bottles?|units?|points?"
    r"|tickets?|bags?|seats?|passengers?|people|persons|rooms?|nights?|lines?|devices?)"
)
_CLOCK = (
    r"(?:(?:[01]?\d|2[0-3]):[0-5]\d(?:\s?(?:[ap]m\b|[ap]\.m\.))?|(?:1[0-2]|[1-9])\s?(?:[ap]m\b|[ap]\.m\.)"
    r"|(?:1[0-2]|[1-9])\so'?clock|noon|midnight)"
)
_DATE = re.compile(
    rf"""(?<![\w/.-])(?:
      {_YEAR}-(?:1[0-2]|0[1-9])-(?:[12]\d|3[01]|0[1-9])(?!\d)
    | (?:[12]?\d|3[01]|0\d)(?P<sep>[/.])(?:[12]?\d|3[01]|0\d)(?P=sep)(?:{_YEAR}|\d\d)(?![\d/.]\d)
    | (?:(?:{_WEEKDAY}),?\s)?(?:{_MONTH}\s(?:the\s)?(?:{_DAY}|{_ORDINAL})(?:,?\s{_YEAR})?
        |(?:the\s)?(?:{_DAY}|{_ORDINAL})\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR})?|{_MONTH},?\s{_YEAR})(?!\w)
    | (?:(?:next|last|this|every)\s)?{_WEEKDAY}s?(?:\s(?:morning|afternoon|evening|night))?\b
    | (?:the\sday\s(?:after\stomorrow|before\syesterday)
        |(?:today|tomorrow|yesterday|tonight)(?:\s(?:morning|afternoon|evening|night))?)\b
    | (?:next|last|this|past)\s(?:{_PERIOD}|weekend|morning|afternoon|evening|night)\b
    | (?:{_NUMBER}|an?|a\s(?:few|couple\sof))\s{_PERIOD}s?\sago\b
    | {_CLOCK}(?![\w:])
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_QUANTITY = re.compile(
    rf"""(?<![\w.,-])(?:
      [$€£¥]\s?{_DIGITS}{_SCALE}
    | {_NUMBER}{_SCALE}\s{_COIN}(?:\sand\s{_NUMBER}\scents)?\b
    | {_DIGITS}\s?(?:[€£%])
    | {_NUMBER}\sper\s?cent\b
    | (?:an?|half\san?)\s(?:hour|day|week|month|year)\b
    | a\s(?:few|couple\sof|dozen)\s{_PERIOD}s\b
    | {_DIGITS}\s?(?:seconds?|secs?)\b
    | {_NUMBER}[\s-]?{_UNIT}\b
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)


def dates_and_quantities(text: str) -> Iterator[Mention]:
    """Every date and quantity, dates first: "two days ago" is no duration."""
    for kind, pattern in (("DATE", _DATE), ("QUANTITY", _QUANTITY)):
        for match in pattern.finditer(text):
            yield Mention(match.start(), match.end(), kind)
