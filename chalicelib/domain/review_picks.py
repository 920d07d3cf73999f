"""Which judgements of an analysed contact a person should look at.

Three causes: the engine was unsure, two engines say opposite things, and chance. The chance is a sample that
is unbiased because nothing about the contact but its id decides it, and because it is taken before the
doubtful ones fill the few places that a contact has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from chalicelib.domain.review import Kind, Place, Source
from chalicelib.domain.sentiment import TurnSentiment
from chalicelib.domain.transcript import SentimentLabel, Turn

UNSURE_MOOD = 0.4
"""A sentiment label below this confidence: of three, another one is nearly as likely. See docs/reviews.md for
how many turns that are."""
UNSURE_WORDS = 0.6
"""A turn whose words have a mean confidence below this was perhaps not said."""
FEWEST_WORDS = 4
"""Shorter turns are too short for their mean to mean anything."""
LOUD = 0.4
"""How far from 0 (of -1..1) the second engine has to be to contradict the first."""
MOST = 3
"""Items of one contact at most."""
POLES = (SentimentLabel.POSITIVE, SentimentLabel.NEGATIVE)


@dataclass(frozen=True, slots=True)
class Pick:
    """``doubt`` orders picks of one cause: 0..1, the highest first."""

    kind: Kind
    source: Source
    place: Place
    doubt: float = 0.0


def sampled(contact_id: str, percent: float) -> bool:
    """Whether chance picks this contact: of many ids ``percent`` in a hundred, always the same ones."""
    return _number(contact_id, "audit") % 1_000_000 < percent * 10_000


def chosen(contact_id: str, places: Sequence[Pick]) -> Pick | None:
    """The one of these that chance picks."""
    return places[_number(contact_id, "place") % len(places)] if places else None


def unsure_mood(mood: TurnSentiment) -> bool:
    return mood.confidence is not None and mood.confidence < UNSURE_MOOD


def opposite(first: SentimentLabel, second: SentimentLabel, score: float) -> bool:
    """Whether a second engine contradicts the first: POSITIVE against NEGATIVE, and clearly."""
    return first in POLES and second in POLES and first is not second and abs(score) >= LOUD


def heard(turn: Turn) -> float | None:
    """The mean confidence of a turn's words, None where too few have one."""
    known = [word.confidence for word in turn.words if word.confidence is not None]
    return sum(known) / len(known) if len(known) >= FEWEST_WORDS else None


def limited(audit: Pick | None, doubtful: Iterable[Pick]) -> list[Pick]:
    """The audit, then what is left of the places, the most doubtful first: contradictions, then what was
    unsure. No place of a kind is asked about twice."""
    contradictions_first = sorted(
        doubtful, key=lambda pick: (pick.source is not Source.DISAGREEMENT, -pick.doubt)
    )
    found: dict[tuple[Kind, Place], Pick] = {}
    for pick in chain([audit] if audit else [], contradictions_first):
        found.setdefault((pick.kind, pick.place), pick)
    return list(found.values())[:MOST]


def _number(contact_id: str, use: str) -> int:
    told = f"{use}:{contact_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big")


def counts(picks: Iterable[Pick]) -> Mapping[str, str]:
    """How many of each cause, as an outcome's inputs tell it."""
    told: dict[str, int] = {}
    for pick in picks:
        told[pick.source.value] = told.get(pick.source.value, 0) + 1
    return {name: str(count) for name, count in sorted(told.items())}
