"""What became of a next action, as the API takes and tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from chalicelib.api.model_base import Model

OutcomeEvent = Literal["accepted", "declined", "resolved"]


class NextActionOutcomeRequest(Model):
    """``accepted`` or ``declined``: what the customer said. ``resolved``: it settled the matter."""

    model_config = ConfigDict(extra="forbid")

    event: OutcomeEvent


class NextActionOutcome(Model):
    """``action``: the one that was shown. ``at``: when this was told first."""

    follow_up_id: str
    action: str
    event: OutcomeEvent
    at: str


class NextActionOutcomeList(Model):
    items: list[NextActionOutcome]
