"""A deeper reading of what was said: of what people speak with which feeling, and whether they abuse each
other.

All of it points into texts that were redacted before, so nothing masked can be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.transcript import SentimentLabel

TARGET_KINDS = (
    "PERSON", "LOCATION", "ORGANIZATION", "FACILITY", "BRAND", "COMMERCIAL_ITEM", "MOVIE", "MUSIC", "BOOK",
    "SOFTWARE", "GAME", "PERSONAL_TITLE", "EVENT", "DATE", "QUANTITY", "ATTRIBUTE", "OTHER",
)  # fmt: skip
TOXIC_KINDS = (
    "GRAPHIC", "HARASSMENT_OR_ABUSE", "HATE_SPEECH", "INSULT", "PROFANITY", "SEXUAL",
    "VIOLENCE_OR_THREAT",
)  # fmt: skip
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Feeling:
    """``text[begin:end]`` means something of one of ``TARGET_KINDS`` and is spoken of like this.

    ``name`` is what the text calls the thing, which for a pronoun is another place of it. ``score`` is
    -1 .. 1, the positive share less the negative one.
    """

    begin: int
    end: int
    name: str
    kind: str
    label: SentimentLabel
    score: float


@dataclass(frozen=True, slots=True)
class Toxicity:
    """``score`` 0..1 of a text as a whole, ``labels`` 0..1 by what it is of ``TOXIC_KINDS``."""

    score: float
    labels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phrase:
    """``text[begin:end]`` is a phrase that matters; ``score`` 0..1 if the engine gives one."""

    begin: int
    end: int
    score: float | None = None


@dataclass(frozen=True, slots=True)
class DocumentClass:
    """A class of one's own that a text belongs to with this certainty."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Target:
    """One thing over all texts: ``score`` is the mean of ``count`` mentions, ``low`` the worst."""

    name: str
    kind: str
    count: int
    score: float
    low: float


def targets(feelings: Iterable[Feeling]) -> tuple[Target, ...]:
    """Equal names of one kind together, capitals and blanks aside; the most often said first."""
    groups: dict[tuple[str, str], list[Feeling]] = {}
    for each in feelings:
        name = " ".join(each.name.casefold().split())
        groups.setdefault((name, each.kind), []).append(each)
    found = [_target(own) for own in groups.values()]
    return tuple(sorted(found, key=lambda one: (-one.count, one.score, one.name)))


def _target(mentions: Sequence[Feeling]) -> Target:
    scores = [each.score for each in mentions]
    mean = round(sum(scores) / len(scores), DIGITS)
    first = mentions[0]
    return Target(first.name, first.kind, len(mentions), mean, min(scores))
