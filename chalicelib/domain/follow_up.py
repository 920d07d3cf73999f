"""What follows a published contact: a risk decision, a next best action, a survey, a deeper reading, a
human's look.

A follow-up is a product of the publication. Its id is a hash of contact, kind and what it stands on, and
goes to the service as the client token or event id: a call whose answer was lost cannot act twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

from chalicelib.domain.contact import Publication
from chalicelib.domain.transcript import Engine


class Kind(StrEnum):
    """The kinds that Loupe knows, by the name in settings, API and rules."""

    RISK = "risk"
    NEXT_ACTION = "next-action"
    SURVEY = "survey"
    LANGUAGE = "language"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Switch:
    """A kind that is on: for contacts of one of the queues and one of the categories, none named: of any.

    A queue is named by its id or its name.
    """

    kind: Kind
    queues: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    def covers(self, published: Publication) -> bool:
        """Whether it is on for a contact."""
        here = {published.queue_id, published.queue_name}
        return (not self.queues or not self.queues.isdisjoint(here)) and (
            not self.categories or not self.categories.isdisjoint(published.categories)
        )


def switch(text: str) -> Switch:
    """``kind[@queue+queue][#category+category]``; a blank in a name is ``%20``. Raises ``ValueError``."""
    head, _, categories = text.partition("#")
    name, _, queues = head.partition("@")
    if name not in set(Kind):
        raise ValueError(f"{name!r} is none of {', '.join(Kind)}")
    return Switch(Kind(name), _names(queues), _names(categories))


def _names(text: str) -> frozenset[str]:
    return frozenset(unquote(name) for name in text.split("+") if name)


class State(StrEnum):
    """``WAITING``: ordered, not carried out yet. ``SKIPPED``: there was nothing to do, with the reason."""

    WAITING = "WAITING"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an outcome came about. ``weight`` is the share that this input had, in the engine's own unit;
    ``begin_ms`` is where in the conversation it shows."""

    text: str
    name: str = ""
    value: str = ""
    weight: float | None = None
    begin_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A ranked choice with the probability-like ``score`` that the engine gave it."""

    name: str
    score: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A follow-up that was decided in the commit of a publication."""

    id: str
    kind: Kind
    contact_id: str
    analysis_key: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Result:
    """What one kind came to. ``outcome`` is a word of the kind (``approve``, the name of an action).

    ``inputs``: what the engine was given. ``refs``: ids of what was opened elsewhere.
    """

    outcome: str
    engine: Engine | None = None
    score: float | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    options: tuple[Option, ...] = ()
    refs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An order and how it stands. ``detail`` says why it was skipped or failed, or why it waits."""

    order: Order
    state: State
    attempts: int = 0
    result: Result | None = None
    detail: str = ""
    ended_ms: int | None = None


class Skipped(Exception):
    """There is nothing to do for this contact; the text is the reason, without customer text."""
