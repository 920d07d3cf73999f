"""What is counted: characters, spans, alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

COUNTED = (
    "PERSON", "STREET_ADDRESS", "CREDIT_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "ZIP_CODE",
    "IBAN_CODE", "US_SSN", "IP_ADDRESS", "US_DRIVER_LICENSE",
)  # fmt: skip
COVERED = 0.8
PERSONAL_CODES = {"name", "address", "number"}
"""Judgements that an alarm is none: a person's name, address or number that the set does not label."""

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its personal data, as ``(begin, end, type)``."""

    text: str
    spans: Sequence[tuple[int, int, str]]
    group: str = ""


@dataclass(slots=True)
class Score:
    """Counts of characters, and of spans by type: how many there are, how many are covered."""

    hit: int = 0
    missed: int = 0
    false: int = 0
    spans: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return self.hit / max(1, self.hit + self.false)

    @property
    def recall(self) -> float:
        return self.hit / max(1, self.hit + self.missed)

    @property
    def f2(self) -> float:
        p, r = self.precision, self.recall
        return 5 * p * r / (4 * p + r) if p + r else 0.0


def score(texts: Iterable[Labelled], found: Iterable[Sequence[Interval]]) -> Score:
    """Every text against what was found in it; types that are not counted are left out."""
    total = Score()
    for labelled, masks in zip(texts, found, strict=True):
        masked = {i for begin, end in masks for i in range(begin, end)}
        own, other = set[int](), set[int]()
        for begin, end, kind in labelled.spans:
            place = range(begin, end)
            (own if kind in COUNTED else other).update(place)
            if kind in COUNTED:
                total.spans[kind] += 1
                total.covered[kind] += covered(begin, end, masks)
        total.hit += len(own & masked)
        total.missed += len(own - masked)
        total.false += sum(not labelled.text[i].isspace() for i in masked - own - other)
    return total


@dataclass(frozen=True, slots=True)
class Alarms:
    """Turns without labelled personal data of which something was masked, as ``(id, what was masked)``.

    ``judged``: what a person said of some of them, by id. Those that nobody judged count as false.
    """

    turns: int
    masked: tuple[tuple[str, str], ...]
    judged: Mapping[str, str] = field(default_factory=dict)

    @property
    def false(self) -> tuple[tuple[str, str], ...]:
        """Alarms that hold nothing personal."""
        return tuple(one for one in self.masked if self.judged.get(one[0]) not in PERSONAL_CODES)

    @property
    def per_200(self) -> float:
        return 200 * len(self.masked) / max(1, self.turns)

    @property
    def false_per_200(self) -> float:
        return 200 * len(self.false) / max(1, self.turns)


def alarms(
    quiet: Iterable[tuple[str, str, Sequence[Interval]]], judged: Mapping[str, str] | None = None
) -> Alarms:
    """From ``(id, text, masks)`` of turns that hold nothing that is labelled as personal."""
    listed = list(quiet)
    told = (
        (key, f"{' | '.join(text[b:e] for b, e in masks)}   <-   {text}")
        for key, text, masks in listed
        if masks
    )
    return Alarms(len(listed), tuple(told), judged or {})


def covered(begin: int, end: int, masks: Sequence[Interval]) -> bool:
    """Whether at least four fifths of the span are masked."""
    masked = {i for b, e in masks for i in range(max(b, begin), min(e, end))}
    return len(masked) >= COVERED * (end - begin)
