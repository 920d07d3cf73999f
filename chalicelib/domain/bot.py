"""Bots as data: intents with the utterances that mean them, and the slots that have to be filled.

Names and kinds are those of Lex V2, so that one definition serves the local engine and a bot of the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class SlotKind(StrEnum):
    """What a slot holds, and the slot type of Lex V2 that it is there."""

    NUMBER = "number"
    DATE = "date"
    ENUM = "enum"
    YES_NO = "yes-no"
    TEXT = "text"


class Deed(StrEnum):
    """What fulfilling an intent does. ``ANSWER`` says the closing text and nothing else; ``TASK`` opens a
    review item for a person; ``SURVEY`` keeps the slots as a survey's answer."""

    ANSWER = "answer"
    TASK = "task"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Condition:
    """A slot is asked for only where another one has this value."""

    slot: str
    value: str


@dataclass(frozen=True, slots=True)
class Slot:
    """``low`` and ``high`` bound a number. ``values``: of an enum, each with the words that mean it.
    ``retry`` is said instead of ``prompt`` when an answer was not understood."""

    name: str
    kind: SlotKind
    prompt: str
    retry: str
    low: int | None = None
    high: int | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only_if: Condition | None = None

    def takes(self, value: str) -> bool:
        """Whether an interpreted value is one that this slot may hold."""
        if self.kind is SlotKind.NUMBER:
            return self._in_bounds(value)
        if self.kind is SlotKind.ENUM:
            return value in self.values
        if self.kind is SlotKind.DATE:
            return _is_day(value)
        if self.kind is SlotKind.YES_NO:
            return value in (YES, NO)
        return any(map(str.isalnum, value))

    def _in_bounds(self, value: str) -> bool:
        if not (value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER):
            return False
        low, high = self.low or 0, self.high
        return low <= int(value) and (high is None or int(value) <= high)


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


YES, NO = "yes", "no"
LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Intent:
    """``examples``: utterances that mean it. ``confirm`` asks before it is fulfilled; ``declined`` is said
    when the answer is no. ``closing`` is said when it is fulfilled, ``failed`` when it is not. ``hook``: the
    fulfilment handler looks at every turn. ``task``: the name of the review item."""

    name: str
    examples: tuple[str, ...]
    closing: str
    failed: str
    slots: tuple[Slot, ...] = ()
    confirm: str = ""
    declined: str = ""
    deed: Deed = Deed.ANSWER
    task: str = ""
    hook: bool = False

    def slot(self, name: str | None) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)


@dataclass(frozen=True, slots=True)
class Bot:
    """``opens_with``: the intent that a session begins with, without an utterance; empty: the bot greets
    and listens. ``retries``: how often it asks again before it gives up. ``missed`` is said when no intent
    was understood."""

    id: str
    description: str
    language: str
    greeting: str
    missed: str
    gave_up: str
    intents: tuple[Intent, ...]
    opens_with: str = ""
    retries: int = 2

    def intent(self, name: str | None) -> Intent | None:
        return next((intent for intent in self.intents if intent.name == name), None)
