"""Where notifications go that leave the installation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notice:
    """A rule matched a contact: ids, names, and the text that the rule's author wrote. Never what was
    said. ``id`` is the same however often the notice is sent."""

    id: str
    rule_id: str
    rule_name: str
    rule_version: int
    contact_id: str
    channel: str
    at_ms: int
    agent_id: str | None = None
    queue_id: str | None = None
    subject: str = ""
    content: str = ""


class Notifier(Protocol):
    """A channel for notices."""

    def send(self, notice: Notice) -> None:
        """The receiver has it when this returns.

        Raises ``Unavailable``: not ``retryable`` when trying again is of no use.
        """
