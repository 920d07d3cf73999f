"""A review item and what may happen to it: a person looks at what the machine was unsure of.

    OPEN ──claim──> CLAIMED ──answer──> ANSWERED ──claim──> CLAIMED ──answer──> RESOLVED
      └────────── a claim is a lease: it lapses ─────────┘       (or ANSWERED: a third opinion opens)
    every state but RESOLVED ──time──> EXPIRED          every open state ──resolve──> RESOLVED

A judged item wants one verdict or two independent ones. Nobody answers twice, and whoever has not answered
is *blind*: told neither the machine's value nor anybody's verdict. Two that differ open a third; what the
majority says is decided, and three that all differ decide nothing. Resolving closes an item and decides
nothing. A plain task (``OTHER``) is no measurement: it is never blind, and others may take it over.

Time alone moves an item as well: ``as_of`` tells how it stands now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.errors import InputRefused, StateRefused, VersionMoved
from chalicelib.domain.follow_up import Reason
from chalicelib.domain.transcript import Engine

OPINIONS = 3
"""Verdicts that an item takes at most."""


class Kind(StrEnum):
    """What is judged: the sentiment of a turn, whether a category applies, whether masks are right,
    whether a contact is fraud, whether a turn was heard right, or a task in words."""

    SENTIMENT = "sentiment"
    CATEGORY = "category"
    PII = "pii"
    RISK = "risk"
    TRANSCRIPT = "transcript"
    OTHER = "other"


class Source(StrEnum):
    """Why the item was opened."""

    LOW_CONFIDENCE = "LOW_CONFIDENCE"
    DISAGREEMENT = "DISAGREEMENT"
    FEEDBACK = "FEEDBACK"
    RULE = "RULE"
    RANDOM = "RANDOM"
    RISK = "RISK"


class State(StrEnum):
    OPEN = "OPEN"
    CLAIMED = "CLAIMED"
    ANSWERED = "ANSWERED"
    RESOLVED = "RESOLVED"
    EXPIRED = "EXPIRED"


FRAUD, LEGITIMATE = "fraud", "legitimate"
CLOSED = (State.RESOLVED, State.EXPIRED)
OPTIONS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SENTIMENT: ("POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"),
    Kind.CATEGORY: ("yes", "no"),
    Kind.PII: ("right", "missed", "too-much"),
    Kind.RISK: (FRAUD, LEGITIMATE),
    Kind.TRANSCRIPT: ("right", "wrong"),
    Kind.OTHER: (),
}
"""The values of a verdict. A task has none: its verdict is any word."""
RISK_SAYS: Mapping[str, str] = {"approve": LEGITIMATE, "block-callback": FRAUD}
"""Outcomes of a risk decision that claim something; ``review`` asks."""
PRIORITY: Mapping[Source, int] = {
    Source.RISK: 90,
    Source.FEEDBACK: 70,
    Source.RULE: 60,
    Source.DISAGREEMENT: 50,
    Source.LOW_CONFIDENCE: 40,
    Source.RANDOM: 10,
}


@dataclass(frozen=True, slots=True)
class Place:
    """What is judged, by name: a turn of a conversation, or a category (``about``). ``analysis_key``: the
    publication in which it stood so. Nothing that was said is in it."""

    channel: str = ""
    turn_id: str = ""
    begin_ms: int | None = None
    about: str = ""
    analysis_key: str = ""


NOWHERE = Place()
"""The contact as a whole."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine says, and how sure it is (0..1)."""

    value: str
    engine: Engine | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``informed``: who gave it had seen what the machine says, as in feedback."""

    by: str
    value: str
    at_ms: int
    note: str = ""
    informed: bool = False


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """``revision`` counts steps from 1. ``by`` took the last step; ``note`` is what was resolved.

    ``name`` is what a reviewer reads before answering and tells no value; ``description`` and ``reasons``
    are read after. ``wanted``: verdicts it takes. ``decided``: what the verdicts came to, empty for nothing.
    ``lease_ms``: until when it is claimed; ``expires_ms``: until when it can be worked on (None: always).
    The rule is the one whose task it is.
    """

    id: str
    revision: int
    state: State
    contact_id: str
    rule_id: str
    rule_name: str
    rule_version: int
    name: str
    description: str
    opened_ms: int
    changed_ms: int
    by: str = ""
    note: str = ""
    kind: Kind = Kind.OTHER
    source: Source = Source.RULE
    place: Place = NOWHERE
    machine: Machine | None = None
    reasons: tuple[Reason, ...] = ()
    wanted: int = 1
    verdicts: tuple[Verdict, ...] = ()
    decided: str = ""
    lease_ms: int | None = None
    expires_ms: int | None = None

    @property
    def judged(self) -> bool:
        """Whether it is a measurement, and not just a task."""
        return self.kind is not Kind.OTHER

    @property
    def closed(self) -> bool:
        return self.state in CLOSED

    @property
    def priority(self) -> int:
        """0..100, higher is more urgent: by source, and the less sure the machine the higher."""
        sure = self.machine.confidence if self.machine else None
        return PRIORITY[self.source] + (0 if sure is None else round(9 * (1 - sure)))


def check_value(kind: Kind, value: str) -> None:
    """Raise ``InputRefused`` for a verdict that this kind does not know."""
    allowed = OPTIONS[kind]
    if allowed and value not in allowed:
        told = f"a verdict on {kind} is one of {', '.join(allowed)}"
        raise InputRefused("review.value", told)


def as_of(item: ReviewItem, now_ms: int) -> ReviewItem:
    """The item as it stands now: a claim that ran out is none, and an old item is EXPIRED."""
    if item.closed:
        return item
    if item.expires_ms is not None and item.expires_ms <= now_ms:
        return replace(item, state=State.EXPIRED, lease_ms=None)
    lapsed = item.lease_ms is not None and item.lease_ms <= now_ms
    if item.state is State.CLAIMED and lapsed:
        return replace(item, state=_waiting(item.verdicts), lease_ms=None)
    return item


def blind(item: ReviewItem, who: str) -> bool:
    """Whether this person must not see yet what the machine and others say."""
    return item.judged and not item.closed and who not in answered_by(item)


def answered_by(item: ReviewItem) -> tuple[str, ...]:
    return tuple(verdict.by for verdict in item.verdicts)


def claimed(item: ReviewItem, by: str, now_ms: int, lease_ms: int) -> ReviewItem:
    """The item taken on until ``now_ms + lease_ms``; who has it already keeps it longer.

    Raises ``VersionMoved`` for a closed item, ``StateRefused`` for one that somebody else has
    (a task can be taken over) and for who has answered.
    """
    now = _open(item, now_ms)
    if now.judged and by in answered_by(now):
        raise StateRefused(
            "review.answered", "You have answered this item; it wants another person."
        )
    if now.judged and now.state is State.CLAIMED and now.by != by:
        raise StateRefused("review.claimed", "Somebody else has claimed this item.")
    return _step(now, by, now_ms, state=State.CLAIMED, lease_ms=now_ms + lease_ms)


def answered(item: ReviewItem, verdict: Verdict) -> ReviewItem:
    """The item with a verdict of who has claimed it.

    Raises ``VersionMoved`` for a closed item, ``StateRefused`` without a claim that still runs,
    ``InputRefused`` for a value of another kind.
    """
    now = _open(item, verdict.at_ms)
    check_value(now.kind, verdict.value)
    if now.state is not State.CLAIMED or now.by != verdict.by:
        raise StateRefused(
            "review.unclaimed", "Claim the item first: nobody, or somebody else, has it."
        )
    return _step(with_verdict(now, verdict), verdict.by, verdict.at_ms, lease_ms=None)


def with_verdict(item: ReviewItem, verdict: Verdict) -> ReviewItem:
    """The item after one more opinion: RESOLVED when it is enough of them, else ANSWERED."""
    verdicts = (*item.verdicts, verdict)
    if len(verdicts) < item.wanted:
        return replace(item, verdicts=verdicts, state=State.ANSWERED)
    decided = majority(verdicts)
    if decided is None and len(verdicts) < OPINIONS:
        wanted = len(verdicts) + 1
        return replace(item, verdicts=verdicts, wanted=wanted, state=State.ANSWERED)
    return replace(item, verdicts=verdicts, decided=decided or "", state=State.RESOLVED)


def resolved(item: ReviewItem, by: str, now_ms: int, note: str) -> ReviewItem:
    """The item closed without a decision. Raises ``VersionMoved`` for a closed one."""
    now = _open(item, now_ms)
    return _step(now, by, now_ms, state=State.RESOLVED, note=note, lease_ms=None)


def majority(verdicts: Sequence[Verdict]) -> str | None:
    """The value that more than half of the verdicts have."""
    value, count = Counter(verdict.value for verdict in verdicts).most_common(1)[0]
    return value if 2 * count > len(verdicts) else None


def agreeing(item: ReviewItem) -> float:
    """The share of verdicts that say what was decided."""
    votes = [verdict.value == item.decided for verdict in item.verdicts]
    return sum(votes) / len(votes) if votes else 0.0


def machine_says(item: ReviewItem) -> str:
    """What the machine claims, in the words of a verdict; empty when it claims nothing."""
    value = item.machine.value if item.machine else ""
    return RISK_SAYS.get(value, "") if item.kind is Kind.RISK else value


def first_two(items: Iterable[ReviewItem]) -> list[tuple[Verdict, Verdict]]:
    """The first two opinions of each item that has them, where neither giver knew the machine's. Agreement
    is measured on them: a third opinion exists only because they differ."""
    found = []
    for item in items:
        independent = [verdict for verdict in item.verdicts[:2] if not verdict.informed]
        if len(independent) == 2:
            found.append((independent[0], independent[1]))
    return found


def _waiting(verdicts: Sequence[Verdict]) -> State:
    return State.ANSWERED if verdicts else State.OPEN


def _open(item: ReviewItem, now_ms: int) -> ReviewItem:
    now = as_of(item, now_ms)
    if now.closed:
        raise VersionMoved(f"this item is {now.state.lower()}")
    return now


def _step(item: ReviewItem, by: str, now_ms: int, **changes: object) -> ReviewItem:
    taken = {"revision": item.revision + 1, "by": by, "changed_ms": now_ms, **changes}
    return replace(item, **taken)  # type: ignore[arg-type]
