"""Bots, talks with them, surveys and what was not understood, as the API tells them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chalicelib.api.model_base import EngineInfo, Model

DialogState = Literal["InProgress", "ReadyForFulfillment", "Fulfilled", "Failed"]


class BotIntentInfo(Model):
    name: str
    examples: list[str]
    slots: list[str]


class BotInfo(Model):
    """``opensWith``: the intent that a session begins with, empty: it listens first."""

    id: str
    description: str
    language: str
    opens_with: str
    intents: list[BotIntentInfo]


class BotList(Model):
    """``engine`` None: there is no dialogue here; ``detail`` says why."""

    items: list[BotInfo]
    engine: EngineInfo | None
    detail: str


class BotSessionRequest(Model):
    """``sessionId``: of your own, to open a session once; empty: a new one. ``contactId``: the contact that
    the session belongs to."""

    model_config = ConfigDict(extra="forbid")

    session_id: Annotated[str, Field(max_length=100)] = ""
    contact_id: Annotated[str, Field(max_length=256)] = ""


class BotUtterance(Model):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=1024)]


class BotTurnInfo(Model):
    """One exchange: ``said`` and the slots are masked. ``state`` and ``dialogAction`` are Lex V2's words.
    ``missed``: no intent was understood."""

    session_id: str
    bot_id: str
    number: int
    at: str
    said: str
    messages: list[str]
    intent: str | None
    state: str
    dialog_action: str
    slots: dict[str, str | None]
    slot_to_elicit: str | None
    confidence: float | None
    missed: bool
    closed: bool
    engine: str


class BotSessionInfo(Model):
    """``contactOfSession``: the contact that the finished talk becomes, where it becomes one."""

    session_id: str
    bot_id: str
    closed: bool
    contact_of_session: str
    turns: list[BotTurnInfo]


class SurveyInfo(Model):
    """``callBack`` None: not answered."""

    contact_id: str
    session_id: str
    at: str
    score: int | None
    reason: str
    call_back: bool | None
    call_back_on: str


class SurveyList(Model):
    """The latest answers. ``meanScore`` is over ``scored`` answers, None over none; ``truncated``: there are
    more answers than were read."""

    items: list[SurveyInfo]
    answers: int
    scored: int
    mean_score: float | None
    truncated: bool


class MissedUtterance(Model):
    """``source``: ``bot``, or ``contact`` for a customer's first request that no intent covers."""

    text: str
    contact_id: str
    source: str


class ProposedIntent(Model):
    name: str
    terms: list[str]
    count: int
    from_bots: int
    from_contacts: int
    examples: list[MissedUtterance]


class MissedUtteranceReport(Model):
    """Proposals, largest first. ``requestsCovered``: first requests that some intent's examples are like, by
    ``threshold``. ``unassigned``: utterances like no others."""

    proposals: list[ProposedIntent]
    missed_in_talks: int
    requests: int
    requests_covered: int
    unassigned: int
    threshold: float
    engine: EngineInfo
    grouping: EngineInfo


class LexExport(Model):
    """``files`` of an archive by their path. ``status`` says how far that was tried."""

    status: str
    files: dict[str, Any]
