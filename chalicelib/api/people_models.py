"""People and what was written down of what they did, as the API tells it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from chalicelib.api.model_base import Model

RoleWord = Literal["agent", "supervisor", "analyst", "admin"]
GrantWord = Literal[
    "recordings:listen",
    "recordings:unredacted",
    "export",
    "rules:write",
    "erase",
    "audit:read",
]
Name = Annotated[str, StringConstraints(max_length=256)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Me(Model):
    """Who asks. ``queues`` None: contacts of all queues are visible. ``permissions``: everything that may be
    done."""

    id: str
    name: str
    role: RoleWord
    queues: list[str] | None
    agent_id: str | None
    permissions: list[str]


class PersonInfo(Model):
    """``role`` None: the groups of the user pool say it. ``revoked``: no token counts."""

    id: str
    name: str
    role: RoleWord | None
    queues: list[str]
    agent_id: str | None
    granted: list[str]
    revoked: bool
    changed_at: str


class PersonList(Model):
    items: list[PersonInfo]


class PersonChange(Model):
    """All of what is known of a person; what is left out is empty."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    role: RoleWord | None = None
    queues: list[Id] = Field(default_factory=list, max_length=500)
    agent_id: Id | None = None
    granted: list[GrantWord] = Field(default_factory=list, max_length=20)
    revoked: bool = False


class AuditLine(Model):
    """``subject``: the contact, rule or person that it was about."""

    number: int
    at: str
    who: str
    role: str
    act: str
    subject: str
    reason: str
    request_id: str
    address: str


class AuditList(Model):
    items: list[AuditLine]
    next_token: str | None


class AuditVerdict(Model):
    """``broken``: the number of the first line that does not fit, and ``why``; None: all of them do."""

    lines: int
    broken: int | None
    why: str
