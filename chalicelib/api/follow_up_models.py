"""What follows a contact, as the API tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from chalicelib.api.model_base import EngineInfo, Model

FollowUpKind = Literal["risk", "next-action", "survey", "language", "review"]
FollowUpState = Literal["WAITING", "DONE", "FAILED", "SKIPPED"]


class FollowUpReason(Model):
    """``weight``: the share that it had, in the engine's own unit; ``beginOffsetMillis``: where in the
    conversation it shows."""

    text: str
    name: str
    value: str
    weight: float | None
    begin_offset_millis: int | None


class FollowUpOption(Model):
    name: str
    score: float
    reason: str


class FollowUpInfo(Model):
    """``outcome`` and what it rests on are there once it is DONE; ``detail`` says why it was skipped, failed
    or waits. ``score``: 0 to 1000 for risk. ``refs``: ids of what was opened elsewhere,
    and for risk the rule that decided, what the score rests on, and the thresholds it was held to."""

    id: str
    kind: FollowUpKind
    contact_id: str
    state: FollowUpState
    ordered_at: str
    ended_at: str | None
    attempts: int
    detail: str
    outcome: str | None
    score: float | None
    engine: EngineInfo | None
    inputs: dict[str, str]
    reasons: list[FollowUpReason]
    options: list[FollowUpOption]
    refs: dict[str, str]


class FollowUpList(Model):
    """``truncated``: there are more in that time."""

    items: list[FollowUpInfo]
    truncated: bool


class FollowUpRequest(Model):
    model_config = ConfigDict(extra="forbid")

    kind: FollowUpKind
