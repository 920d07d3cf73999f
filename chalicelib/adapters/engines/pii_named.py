"""From what a model thinks of tokens to names and addresses.

Words are masked, not tokens: a word counts by the mean over its characters. A capital letter is
evidence of its own, and so is "thanks" or "my name is" before a word, so that such a word needs less of
the model's belief than one in lower case, which is a car or a dish as often as it is a name.

A street makes an address: what stands around it, city, state and zip code, is masked with it. A city
alone is none, or nobody could read where a flight goes. Types are Contact Lens's: a zip code is ADDRESS.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from chalicelib.adapters.engines import pii_context as context
from chalicelib.adapters.engines.pii_keywords import HARMLESS
from chalicelib.adapters.engines.pii_shapes import Shape
from chalicelib.adapters.engines.pii_words import (
    is_courtesy,
    is_everyday,
    is_like_courtesy,
    is_like_everyday,
    is_you,
)
from chalicelib.adapters.engines.rampart import Token
from chalicelib.domain.spoken_numbers import digit_runs

_NAMES = {"GIVEN_NAME", "SURNAME"}
_STREETS = {"STREET_NAME", "SECONDARY_ADDRESS"}
_ADDRESSES = {*_STREETS, "BUILDING_NUMBER", "CITY", "STATE", "ZIP_CODE"}
_PLACES = {"CITY", "STATE", "ZIP_CODE"}
_NUMBERS = {
    "PHONE": ("PHONE", 7),
    "DRIVERS_LICENSE": ("DRIVER_ID", 5),
    "PASSPORT": ("PASSPORT_NUMBER", 6),
    "BANK_ACCOUNT": ("BANK_ACCOUNT_NUMBER", 6),
    "ROUTING_NUMBER": ("BANK_ROUTING", 9),
}
SURE, LONE, THING = 0.5, 0.9, 0.998
_NUMBER_REACH, _FEW, _FIGURES, _SMALL = 80, 6, 2, 3
STREET, OPENING, CAPITALISED, ASKED, BESIDE = 0.35, 0.5, 0.1, 0.2, 0.2
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BETWEEN_NAMES = re.compile(r"[\s,.'’-]{0,3}|\s\w\.?\s")
_PUNCTUATION = re.compile(r"[\s,.:()/#'’-]{0,6}")
_CUE = re.compile(
    r"\b(?:names?|nmae|this is|i'?m|i am|it'?s|myself|mr|mrs|ms|miss|hi|hello|hey|dear|thanks?|thank ?you"
    r"|bye|morning|afternoon|evening|please|yes|ok(?:ay)?|speaking (?:with|to)|for)"
    r"\W{1,3}(?:is |was )?(?:\w+ )?\Z",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?:\A|[.!?:\n])\W*\Z")
_COMPANY_BEFORE = re.compile(
    r"\b(?:calling|contacting|choosing|welcome to|reached|company(?: name)?(?: is)?)\W{1,3}(?:the )?\Z",
    re.IGNORECASE,
)
_COMPANY_AFTER = re.compile(
    r"(?:'s)?\W{1,3}(?:\w+\W{1,2})?(?:customers? (?:service|support|care)|support|airlines?|bank|insurance"
    r"|inc|ltd|llc|limited|corp(?:oration)?|company|pvt|and co|gmbh)\b",
    re.IGNORECASE,
)
_TRADE_AFTER = re.compile(
    r" (?:\w+ )?(?:computers?|services|solutions?|technolog(?:y|ies)|systems?|industries"
    r"|enterprises|motors)\b",
    re.IGNORECASE,
)
_DESIGNATOR = (
    r"(?:apt|apartment|suite|ste|unit|flat|floor|room|box|p\.? ?o|st|ul|no|number|lot|building)\b"
)
_WITHIN_ADDRESS = re.compile(
    rf"[\s,.;:()/#-]{{0,6}}(?:\b(?:{_DESIGNATOR}|in|at|of|and|the)[\s,.:#]{{0,4}}){{0,2}}",
    re.IGNORECASE,
)
_BEFORE_ADDRESS = re.compile(rf"(?:\b{_DESIGNATOR}[\s.:#]{{0,3}}){{1,3}}\Z", re.IGNORECASE)
_STREET_WORD = re.compile(
    r"\b(?:(?<!\d )(?:st|rd)|street|str|avenue|ave|road|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl"
    r"|square|terrace|circle|highway|hwy|parkway|pkwy|apartment|apt|suite|p\.? ?o\.? box)\b",
    re.IGNORECASE,
)
_NOUNS = {"place", "drive", "court", "square", "circle", "terrace", "lane", "road", "street"}
_ADDRESSED = re.compile(
    r"\b(?:address|street|zip|live|lives|living|moved|ship\w*|deliver\w*|mail(?:ed|ing)?|located|send|house|home"
    r"|apartment|apt|post ?code)\b",
    re.IGNORECASE,
)
_PLACE_ONLY = re.compile(
    r"\d{1,3}(?:st|nd|rd|th) (?:ave(?:nue)?|st(?:reet)?)|(?:hwy|highway|route|interstate) \d{1,3}",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"(?:will|may|can) (?:do|be|i|you|we|they|the|that|this|it|there)\b", re.IGNORECASE
)
_FIRM_AFTER = re.compile(r" [A-Z]\w+ [A-Z]\w+")
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)", re.IGNORECASE)
_ZIP = re.compile(r"\d{5}(?:-\d{4})?|[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}")
_CALLED = re.compile(
    r"\b(?:names?|mr|mrs|ms|miss|dr|this is|i'?m|i am|myself)\W{1,3}(?:is |was )?(?:\w+ )?\Z",
    re.IGNORECASE,
)
_THANK = re.compile(r"\bthanks? \Z", re.IGNORECASE)
_QUANTITY = re.compile(r"(?<![\w.-])\d{1,2}(?![\w.-])")
_BRANDS = {
    "audi", "bmw", "chevrolet", "chevy", "fiat", "honda", "hyundai", "jaguar", "jeep", "kia", "lexus",
    "mahindra", "maruti", "mazda", "nissan", "peugeot", "renault", "skoda", "subaru", "suzuki", "tesla",
    "toyota", "volkswagen", "volvo", "yamaha", "nokia", "samsung", "sony", "lenovo", "huawei", "heineken",
    "coke", "pepsi", "starbucks", "mcdonalds", "walmart", "costco", "ryanair", "lufthansa", "netflix",
    "spotify", "paypal", "amazon", "google", "microsoft", "alexa", "siri",
}  # fmt: skip
_THING = re.compile(
    r"\b(?:make|maker|made by|model|brand|car|vehicle|company|arrival|departure|city|order|add|buy|drive)\b",
    re.IGNORECASE,
)


class Word(NamedTuple):
    """A word that is part of a ``label``; ``score`` 0..1."""

    begin: int
    end: int
    label: str
    score: float


def named(text: str, tokens: Sequence[Token], *, asked: bool = False) -> Iterator[Shape]:
    """Names, addresses and numbers of one text. ``asked``: it answers the question for one of them."""
    words = _believed(text, list(labelled_words(text, tokens)), asked=asked)
    yield from _names(text, [w for w in words if w.label in _NAMES])
    yield from _addresses(text, [w for w in words if w.label in _ADDRESSES], asked=asked)
    yield from _numbers(text, [w for w in words if w.label in _NUMBERS])


def labelled_words(text: str, tokens: Sequence[Token]) -> Iterator[Word]:
    """Every word that the model gives any belief to, with the label that most of it has."""
    at = 0
    for found in _WORD.finditer(text):
        begin, end = found.span()
        weights: defaultdict[str, float] = defaultdict(float)
        while at < len(tokens) and tokens[at].end <= begin:
            at += 1
        here = at
        while here < len(tokens) and tokens[here].begin < end:
            token = tokens[here]
            weights[token.label] += token.score * (min(end, token.end) - max(begin, token.begin))
            here += 1
        if weights:
            label = max(weights, key=lambda name: weights[name])
            yield Word(begin, end, label, sum(weights.values()) / (end - begin))


def _believed(text: str, words: Sequence[Word], *, asked: bool) -> list[Word]:
    """The words that pass their bar, and those beside them of the same kind that nearly do."""
    kept = [word.score >= _bar(text, word, asked=asked) for word in words]
    for order in (range(1, len(words)), range(len(words) - 2, -1, -1)):
        for i in order:
            beside = i - 1 if order.step > 0 else i + 1
            if kept[beside] and not kept[i] and words[i].score >= BESIDE:
                kept[i] = _neighbours(text, *sorted((words[i], words[beside])))
    return [word for word, keep in zip(words, kept, strict=True) if keep]


def _neighbours(text: str, one: Word, other: Word) -> bool:
    same = _family(one) is _family(other)
    return same and bool(_BETWEEN_NAMES.fullmatch(text, one.end, other.begin))


def _family(word: Word) -> Collection[str]:
    return next((kind for kind in (_NAMES, _ADDRESSES) if word.label in kind), _NUMBERS)


def _bar(text: str, word: Word, *, asked: bool) -> float:
    """How sure the model must be of a word."""
    before = max(0, word.begin - 32)
    if text[word.begin].isupper() and not text.isupper():
        return OPENING if _OPENING.search(text, before, word.begin) else CAPITALISED
    if asked:
        return ASKED
    if word.label not in _NAMES or _CUE.search(text, before, word.begin):
        return SURE
    thing = _THING.search(text, before, word.begin) or _has_quantity(text)
    return THING if thing or is_like_everyday(text[word.begin : word.end]) else LONE


def _has_quantity(text: str) -> bool:
    """Whether a few words name so many of something."""
    return len(text.split()) <= _FEW and bool(_QUANTITY.search(text))


def _names(text: str, words: Sequence[Word]) -> Iterator[Shape]:
    own = [w for w in words if not _is_common(text, w)]
    for group in _grouped(text, own, _BETWEEN_NAMES):
        begin, end = group[0].begin, group[-1].end
        if not _is_company(text, begin, end):
            yield Shape(begin, end, "NAME")


def _is_common(text: str, word: Word) -> bool:
    """Whether the word is a courtesy, or an everyday thing in lower case that nothing calls a name."""
    said = text[word.begin : word.end]
    low = said.lower()
    if is_courtesy(low) or _MODAL.match(text, word.begin):
        return True
    before = max(0, word.begin - 32)
    if not said.islower() or _CALLED.search(text, before, word.begin):
        return False
    thanked = _THANK.search(text, before, word.begin)
    return is_like_courtesy(low) or is_everyday(low) or bool(thanked and is_you(low))


def _is_company(text: str, begin: int, end: int) -> bool:
    """Whether the words are a brand or stand where a company is named."""
    words = _WORD.findall(text[begin:end].lower())
    return (
        not _BRANDS.isdisjoint(words)
        or bool(_COMPANY_BEFORE.search(text, max(0, begin - 32), begin))
        or (text[begin:end].endswith(("'s", "’s")) and bool(_FIRM_AFTER.match(text, end)))
        or bool(_COMPANY_AFTER.match(text, end) or _TRADE_AFTER.match(text, end))
    )


def _addresses(text: str, words: Sequence[Word], *, asked: bool) -> Iterator[Shape]:
    """Groups with a street, whole, and zip codes beside their city or state."""
    for group in _grouped(text, words, _WITHIN_ADDRESS):
        begin, end = group[0].begin, group[-1].end
        if asked or _is_address(text, group):
            yield Shape(_address_begin(text, begin), end, "ADDRESS")


def _address_begin(text: str, begin: int) -> int:
    """With the number and the "apt" before it, also where they are said: "forty one hundred first avenue"."""
    first = max(0, begin - _NUMBER_REACH)
    runs = digit_runs(text[first:begin])
    if runs and not text[first + runs[-1].end : begin].strip(" ,.#"):
        begin = first + runs[-1].begin
    before = _BEFORE_ADDRESS.search(text, max(0, begin - 24), begin)
    return before.start() if before else begin


def _is_address(text: str, group: Sequence[Word]) -> bool:
    """A street that is called one; or a number beside a capitalised street; or a city with its zip."""
    labels = {w.label for w in group}
    shown = text[group[0].begin : group[-1].end]
    if not labels & _STREETS:
        dated = _MONTH.search(shown)
        return bool(labels & {"CITY", "STATE"} and _ZIP.search(shown) and not dated)
    if _PLACE_ONLY.fullmatch(shown) or shown.startswith(("The ", "the ")):
        return False
    numbered = any(c.isdigit() for c in shown)
    if _is_noun(text, group) and not _ADDRESSED.search(text):
        return False
    if _STREET_WORD.search(shown):
        return numbered or len(group) > 1
    streets = [w for w in group if w.label in _STREETS]
    capital = any(text[w.begin].isupper() for w in streets)
    placed = len(group) > 3 and "BUILDING_NUMBER" in labels and _is_placed(text, group)
    return numbered and (capital or placed) and max(w.score for w in streets) >= STREET


def _is_noun(text: str, group: Sequence[Word]) -> bool:
    """Whether the street is one only by a word that is an everyday noun or verb, beside a name: "1 tall Pike
    place"."""
    shown = text[group[0].begin : group[-1].end]
    nouns = [m for m in _STREET_WORD.finditer(shown) if m[0] in _NOUNS]
    if not nouns or len(nouns) < len(_STREET_WORD.findall(shown)) or shown.islower():
        return False
    housed = re.search(r"\d+\w?,? (?:[NSEW]\.? )?[A-Z]", shown)
    return not housed and not any(w.label in _PLACES for w in group)


def _is_placed(text: str, group: Sequence[Word]) -> bool:
    """Whether a house number leads, or a city is named, and no list of things and figures stands here."""
    figures = [w for w in group if text[w.begin].isdigit()]
    leads = figures[:1] == [group[0]] or any(w.label in _PLACES for w in group)
    large = any(w.end - w.begin > _SMALL for w in figures)
    return leads and (large or len(figures) <= _FIGURES)


def _numbers(text: str, words: Sequence[Word]) -> Iterator[Shape]:
    """Numbers of a length that their type can have, where no word makes them harmless."""
    known = context.keywords(text) if words else ()
    for group in _grouped(text, words, _PUNCTUATION):
        begin, end = group[0].begin, group[-1].end
        entity, least = _NUMBERS[group[0].label]
        before = [k.kind for k in known if k.end <= begin]
        harmless = bool(before) and before[-1] == HARMLESS
        if context.is_date(text[begin:end]):
            continue
        if sum(c.isdigit() for c in text[begin:end]) >= least and not harmless:
            yield Shape(begin, end, entity)


def _grouped(text: str, words: Sequence[Word], between: re.Pattern[str]) -> Iterator[list[Word]]:
    """Words with nothing but this between them."""
    group: list[Word] = []
    for word in words:
        if group and not between.fullmatch(text, group[-1].end, word.begin):
            yield group
            group = []
        group.append(word)
    if group:
        yield group
