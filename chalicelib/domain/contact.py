"""The contact: its parts, its contact record, its row.

The row is what is committed; everything large lies in objects that the row names. A row is replaced
whole, conditioned on the version that was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.transcript import Channel, Engine

COUNTING = "2"
"""The version of what roll-ups count of a contact."""


class Status(StrEnum):
    """What the API shows of a contact."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    QUARANTINED = "QUARANTINED"
    FAILED = "FAILED"
    DELETED = "DELETED"


class PartKind(StrEnum):
    """What a source object is to its contact."""

    RECORDING = "RECORDING"
    CHAT = "CHAT"
    TRANSCRIPT = "TRANSCRIPT"
    CONTACT_RECORD = "CONTACT_RECORD"
    UNKNOWN = "UNKNOWN"


class PartState(StrEnum):
    """``released``: the object is away but what was made of it stays; ``gone``: it was deleted."""

    PRESENT = "PRESENT"
    RELEASED = "RELEASED"
    GONE = "GONE"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an input was refused: a code of the bad-input matrix and a sentence without customer text."""

    code: str
    detail: str
    first_seen_ms: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A source object of the contact, as it was when last looked at.

    ``format`` says how to read it (``wav``, ``connect-chat``, ``transcribe``, ``call-analytics``,
    ``contact-lens``, ``contact-record``). ``etag`` is an identity token, not a checksum.
    ``superseded`` marks the older of two different objects of one kind, or another copy of the same bytes.
    ``copy_key`` names the redacted copy that stands for a recording which Loupe itself removed.
    """

    key: str
    etag: str
    kind: PartKind
    format: str
    size: int
    modified_ms: int
    state: PartState = PartState.PRESENT
    superseded: bool = False
    refusal: Refusal | None = None
    flags: tuple[str, ...] = ()
    copy_key: str = ""


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """The fields of a Connect contact record that Loupe uses; times are ISO 8601 UTC strings.

    ``routing_profile``, ``hierarchy`` (the agent's groups), ``disconnect_issue`` and ``ai_agents`` are
    empty where the record has none, None where nobody looked. An AI agent is ``id:version``, followed by
    ``;NAME=VALUE`` for what it was there for.
    """

    contact_id: str
    last_update: str = ""
    channel: str | None = None
    initiation_method: str | None = None
    initiation_time: str | None = None
    connected_time: str | None = None
    disconnect_time: str | None = None
    disconnect_reason: str | None = None
    instance_id: str | None = None
    account_id: str | None = None
    agent_id: str | None = None
    agent_name: str | None = None
    agent_interaction_s: int | None = None
    after_contact_work_s: int | None = None
    hold_s: int | None = None
    longest_hold_s: int | None = None
    holds: int | None = None
    queue_id: str | None = None
    queue_name: str | None = None
    queue_wait_s: int | None = None
    customer_address: str | None = None
    language: str | None = None
    previous_contact_id: str | None = None
    initial_contact_id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    media_keys: tuple[str, ...] = ()
    routing_profile: tuple[str, ...] | None = None
    hierarchy: tuple[str, ...] | None = None
    disconnect_issue: tuple[str, ...] | None = None
    ai_agents: tuple[str, ...] | None = None
    segment_attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    instance_arn: str | None = None


@dataclass(frozen=True, slots=True)
class StageRun:
    """One line of a contact's history: state is DONE, RUNNING, WAITING, FAILED or SKIPPED."""

    stage: str
    conversation: str
    state: str
    fingerprint: str = ""
    started_ms: int | None = None
    duration_ms: int | None = None
    engine: Engine | None = None
    attempt: int = 0
    error: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A recipe entry: the fingerprint in force of one stage, and the inputs it stands on."""

    fingerprint: str
    version: int
    inputs: Mapping[str, str]
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class SkippedAnalysis:
    """A capability that gave nothing for this contact, and why."""

    capability: str
    reason: str
    detail: str
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """What lists, tiles and roll-ups see of an analysed contact. None means "not known", never 0.

    Times are epoch milliseconds UTC; sentiment -5 .. +5; percentages 0..100 of the conversation.
    ``customer_ref`` is a pseudonym. ``brought_categories`` are those of ``categories`` that only an
    imported source matched.
    """

    analysis_key: str
    channel: Channel
    channels: tuple[Channel, ...]
    initiation_ms: int
    disconnect_ms: int
    duration_ms: int
    agent_id: str | None = None
    agent_name: str | None = None
    queue_id: str | None = None
    queue_name: str | None = None
    initiation_method: str | None = None
    customer_ref: str | None = None
    sentiment_agent: float | None = None
    sentiment_customer: float | None = None
    sentiment_shift: float | None = None
    talk_ms: int | None = None
    agent_talk_ms: int | None = None
    customer_talk_ms: int | None = None
    non_talk_ms: int | None = None
    interruptions: int | None = None
    agent_interruptions: int | None = None
    handle_ms: int | None = None
    turns: int = 0
    categories: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    engines: Mapping[str, Engine] = field(default_factory=dict)
    skipped: tuple[SkippedAnalysis, ...] = ()
    flags: tuple[str, ...] = ()
    synthetic: bool = False
    rule_set: str = ""
    brought_categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stage whose product somebody else is making."""

    fingerprint: str
    since_ms: int
    attempt: int = 0
    job: str = ""


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact as committed. ``version`` counts commits; a new row has version 1.

    ``recipe`` and ``waiting`` are keyed ``<conversation>/<stage>``; a conversation is ``voice`` or ``chat``.
    ``tombstone`` of a DELETED row: ``deleted``, ``erased`` or ``moved`` (to the contact that its record
    names). ``analysed_ms``: when it was analysed for the first time. ``told``: the actions of rules that
    were told for it, or kept quiet for good. ``counted``: by which scheme the roll-ups count it
    (``domain.rollup``); empty for a row of an earlier version. ``lake_day`` and ``aliases``: of an erased
    contact the day whose file held it, and the provisional contacts that it was known as.
    """

    contact_id: str
    version: int
    status: Status
    updated_ms: int
    parts: tuple[Part, ...] = ()
    recipe: Mapping[str, Made] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    publication: Publication | None = None
    stages: tuple[StageRun, ...] = ()
    failure: Refusal | None = None
    failed_stage: str | None = None
    tombstone: str | None = None
    first_seen_ms: int = 0
    analysed_ms: int = 0
    told: tuple[str, ...] = ()
    lake_day: str = ""
    aliases: tuple[str, ...] = ()
    counted: str = f"{COUNTING}/UTC"

    @property
    def refused_parts(self) -> tuple[Part, ...]:
        return tuple(p for p in self.parts if p.refusal and p.state is PartState.PRESENT)
