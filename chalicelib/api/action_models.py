"""What rules brought about, as the API tells it."""

from __future__ import annotations

from typing import Literal

from chalicelib.api.model_base import Model

ActionState = Literal["WAITING", "DONE", "FAILED", "SUPPRESSED", "NOT_CARRIED_OUT"]


class ActionInfo(Model):
    """``via``: the channel of a notification. ``reason``: why it failed, waits or was not carried out."""

    id: str
    kind: str
    via: str
    state: ActionState
    reason: str
    attempts: int
    contact_id: str
    rule_id: str
    rule_name: str
    rule_version: int
    matched_at: str
    ended_at: str | None


class ActionList(Model):
    """``truncated``: there are more in that time."""

    items: list[ActionInfo]
    truncated: bool


class Alert(Model):
    id: str
    contact_id: str
    rule_id: str
    rule_name: str
    rule_version: int
    matched_at: str
    text: str


class AlertList(Model):
    items: list[Alert]
    truncated: bool
