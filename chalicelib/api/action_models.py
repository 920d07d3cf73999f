"""What rules brought about, as the API tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from chalicelib.api.model_base import Model

ActionState = Literal["WAITING", "DONE", "FAILED", "SUPPRESSED", "NOT_CARRIED_OUT"]
ReviewState = Literal["OPEN", "CLAIMED", "RESOLVED"]


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


class ReviewItemInfo(Model):
    """``revision`` is what the next step has to name. ``by`` took the last step."""

    id: str
    revision: int
    state: ReviewState
    contact_id: str
    rule_id: str
    rule_name: str
    rule_version: int
    name: str
    description: str
    opened_at: str
    changed_at: str
    by: str
    note: str


class ReviewItemList(Model):
    items: list[ReviewItemInfo]
    truncated: bool


class ReviewClaim(Model):
    """``revision``: of the item as it was seen."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=1)


class ReviewResolution(ReviewClaim):
    note: str = Field(default="", max_length=4000)
