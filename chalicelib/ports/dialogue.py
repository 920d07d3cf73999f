"""A dialogue in writing: one utterance in, one turn of the bot out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.domain.transcript import Engine


@dataclass(frozen=True, slots=True)
class BotTurn:
    """``state`` and ``dialog_action`` are Lex V2's words: InProgress, ReadyForFulfillment, Fulfilled,
    Failed; ElicitIntent, ElicitSlot, ConfirmIntent, Close. ``slots`` maps names to interpreted values, None
    while empty. ``missed``: no intent was understood. ``confidence`` 0..1 of the intent."""

    engine: Engine
    session: str
    messages: tuple[str, ...]
    intent: str | None
    state: str
    dialog_action: str
    slots: Mapping[str, str | None] = field(default_factory=dict)
    slot_to_elicit: str | None = None
    confidence: float | None = None
    missed: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


class Dialogue(Protocol):
    """A bot that keeps sessions. Raises ``Unavailable``, ``InputRefused`` for a text it cannot take,
    ``NotFound`` for an unknown bot."""

    @property
    def engine(self) -> Engine: ...

    def begin(self, bot: str, session: str, attributes: Mapping[str, str]) -> BotTurn:
        """Open a session with its attributes; opened again, it goes on where it was."""

    def say(self, bot: str, session: str, text: str) -> BotTurn:
        """One utterance of the customer, 1 to 1,024 characters."""

    def forget(self, bot: str, session: str) -> None:
        """Remove the session; a missing one is no error."""
