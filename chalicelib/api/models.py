"""What the API answers, as pydantic models: camelCase JSON, times RFC 3339 UTC, offsets in milliseconds.

Absent is null with an entry in ``skipped``, never 0. ``openapi.json`` and the dashboard's types are
generated from these.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chalicelib.api.brought_models import BroughtInfo
from chalicelib.api.category_models import CategoryInfo
from chalicelib.api.entity_models import EntitiesInfo
from chalicelib.api.language_models import LanguageEvidence
from chalicelib.api.model_base import EngineInfo, Model
from chalicelib.api.snippet_models import SnippetInfo
from chalicelib.api.speaker_models import SpeakersInfo
from chalicelib.api.summary_models import SummaryInfo

StatusName = Literal["IN_PROGRESS", "COMPLETED", "QUARANTINED", "FAILED", "DELETED"]
ChannelName = Literal["VOICE", "CHAT"]
RoleName = Literal["AGENT", "CUSTOMER", "SYSTEM", "CUSTOM_BOT", "SUPERVISOR", "UNKNOWN"]
LabelName = Literal["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"]
StageState = Literal["DONE", "RUNNING", "WAITING", "FAILED", "SKIPPED"]


class Named(Model):
    """A queue or agent; ``name`` falls back to the id."""

    id: str
    name: str


class Skipped(Model):
    """A capability that gave nothing, and why. ``conversation`` is ``voice``, ``chat`` or empty."""

    capability: str
    reason: str
    detail: str
    conversation: str = ""


class Problem(Model):
    """RFC 9457 problem details; ``errors`` point into the request."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    code: str
    errors: list[ProblemPointer] = Field(default_factory=list)


class ProblemPointer(Model):
    """``code`` where the place has one of its own."""

    pointer: str
    detail: str
    code: str | None = None


class PartError(Model):
    """Why a source object or a stage was refused or failed."""

    code: str
    detail: str
    object_key: str | None = None
    first_seen: str | None = None


class SentimentSummary(Model):
    agent: float | None = None
    customer: float | None = None
    shift: float | None = None


class TalkSummary(Model):
    """Percentages of the conversation's duration, 0..100."""

    agent_percent: float | None = None
    customer_percent: float | None = None
    non_talk_percent: float | None = None


class ContactSummary(Model):
    contact_id: str
    channel: ChannelName | None
    channels: list[ChannelName]
    status: StatusName
    version: int
    initiation_timestamp: str | None
    disconnect_timestamp: str | None
    updated_timestamp: str
    duration_millis: int | None
    queue: Named | None
    agent: Named | None
    sentiment: SentimentSummary
    talk: TalkSummary
    interruptions: int | None
    categories: list[str]
    brought_categories: list[str] = Field(
        description="those of `categories` that only an imported source matched"
    )
    stage: str | None = Field(
        description="the stage that runs, waits or failed; null when finished"
    )
    error: PartError | None
    skipped: list[Skipped]
    synthetic: bool
    snippets: list[SnippetInfo] | None = Field(
        default=None, description="where the words were said; null when none were asked for"
    )


class ContactList(Model):
    items: list[ContactSummary]
    next_token: str | None = None
    truncated: bool = False
    searched_to: str | None = None
    search_id: str | None = Field(
        default=None, description="of a search that still runs: ask `/v1/searches/{searchId}`"
    )


class SpanInfo(Model):
    begin_offset_millis: int
    end_offset_millis: int


class TotalSpans(Model):
    total_millis: int
    instances: list[SpanInfo]


class InterruptionInfo(Model):
    interrupter: RoleName
    begin_offset_millis: int
    end_offset_millis: int
    segment_id: str
    interrupted_segment_id: str


class TalkTimeInfo(Model):
    """``sumMillis`` counts overlap twice, ``unionMillis`` once."""

    sum_millis: int
    union_millis: int
    by_participant: dict[RoleName, int]


class ResponseTimeInfo(Model):
    average_millis: int
    maximum_millis: int
    first_millis: int
    slowest_segment_ids: list[str]


class CharacteristicsInfo(Model):
    """``method`` holds the thresholds by setting name; ``imported`` names fields taken over as published."""

    total_duration_millis: int
    talk_time: TalkTimeInfo | None
    non_talk_time: TotalSpans | None
    interruptions: list[InterruptionInfo] | None
    talk_speed: dict[RoleName, int] | None
    agent_greeting_millis: int | None
    response_time: dict[RoleName, ResponseTimeInfo] | None
    longest_monologue: dict[RoleName, SpanInfo] | None
    patience_millis: dict[RoleName, int] | None
    question_rate: dict[RoleName, float] | None
    imported: list[str]
    method: dict[str, str | int | float | bool]


class QuarterInfo(Model):
    begin_offset_millis: int
    end_offset_millis: int
    score: float


class ShiftInfo(Model):
    begin_score: float
    end_score: float


class SentimentInfo(Model):
    """Scores -5..+5. ``quarters`` for voice only; ``shift`` is Loupe's own (first to last quarter)."""

    engine: EngineInfo
    overall: dict[RoleName, float]
    quarters: dict[RoleName, list[QuarterInfo]]
    shift: dict[RoleName, ShiftInfo]


class ConversationInfo(Model):
    """``acoustics``: has waveform and loudness. ``recording``: the redacted copy can be played.
    ``speakers``: only where voices were separated."""

    channel: ChannelName
    language: str
    language_evidence: LanguageEvidence | None
    duration_millis: int
    participants: list[Named]
    characteristics: CharacteristicsInfo
    sentiment: SentimentInfo
    entities: EntitiesInfo | None
    summary: SummaryInfo | None
    categories: list[CategoryInfo]
    brought: BroughtInfo | None
    engines: dict[str, EngineInfo]
    skipped: list[Skipped]
    flags: list[str]
    speakers: SpeakersInfo | None
    acoustics: bool
    recording: bool
    original_recording: bool
    source_key: str


class StageInfo(Model):
    stage: str
    conversation: str
    state: StageState
    attempts: int
    started_at: str | None
    millis: int | None
    engine: EngineInfo | None
    fingerprint: str
    error: PartError | None


class PartInfo(Model):
    key: str
    kind: Literal["RECORDING", "CHAT", "TRANSCRIPT", "CONTACT_RECORD", "UNKNOWN"]
    state: Literal["PRESENT", "RELEASED", "GONE"]
    size: int
    superseded: bool
    flags: list[str]
    error: PartError | None


class HoldInfo(Model):
    """Holds as the contact record has them, in whole seconds."""

    holds: int | None
    total_seconds: int | None
    longest_seconds: int | None


class ContactDetail(ContactSummary):
    """The contact without its transcript. ``conversations`` is empty until it is analysed."""

    attributes: dict[str, str]
    initiation_method: str | None
    disconnect_reason: str | None
    hold: HoldInfo | None
    conversations: list[ConversationInfo]
    parts: list[PartInfo]
    stages: list[StageInfo]
    analysis_key: str | None


class WordInfo(Model):
    text: str
    begin_offset_millis: int
    end_offset_millis: int
    confidence: float | None


class RedactionInfo(Model):
    begin: int
    end: int
    type: str


class Segment(Model):
    """One turn or chat item, redacted. Offsets are code points of ``content``."""

    id: str
    channel: ChannelName
    participant_id: str
    participant_role: RoleName
    display_name: str | None
    kind: Literal["UTTERANCE", "MESSAGE", "EVENT", "ATTACHMENT"]
    content_type: str
    content: str
    begin_offset_millis: int
    end_offset_millis: int
    absolute_time: str | None
    sentiment: LabelName | None
    score: float | None
    loudness: list[float | None] | None
    words: list[WordInfo]
    redactions: list[RedactionInfo]
    categories: list[str]


class SegmentList(Model):
    segments: list[Segment]
    next_token: str | None = None


class WaveChannel(Model):
    """``peaks`` 0..1 over equal slices of the recording; ``loudness`` 0..100 per second;
    ``speech`` where voice activity was found."""

    participant_role: RoleName
    peaks: list[float]
    loudness: list[float]
    speech: list[SpanInfo]


class Waveform(Model):
    duration_millis: int
    channels: list[WaveChannel]


class Recording(Model):
    """A signed URL that answers Range until ``expiresAt``. ``NONE``: nothing in it is silenced."""

    url: str
    expires_at: str
    content_type: str
    duration_millis: int
    redaction: Literal["REDACTED", "NONE"]


class FeedEvent(Model):
    id: str
    type: Literal[
        "contact.started",
        "contact.completed",
        "contact.failed",
        "contact.quarantined",
        "contact.deleted",
    ]
    at: str
    contact_id: str
    contact: ContactSummary


class Feed(Model):
    events: list[FeedEvent]
    cursor: str
    poll_after_ms: int


class QuarantineItem(Model):
    id: str
    contact_id: str
    object_key: str
    code: str
    detail: str
    first_seen: str


class QuarantineList(Model):
    items: list[QuarantineItem]
    next_token: str | None = None


class QueueDepth(Model):
    name: str
    waiting: int
    in_flight: int
    dead: int
    oldest_age_seconds: float | None


class CapabilityInfo(Model):
    """One engine in use. ``state`` is OK, DEGRADED or MISSING; ``detail`` says why and what it is not."""

    capability: str
    engine: EngineInfo
    state: Literal["OK", "DEGRADED", "MISSING"]
    detail: str


class Health(Model):
    """Without a token only ``status`` and ``version`` are filled."""

    status: Literal["OK", "DEGRADED"]
    version: str
    queues: list[QueueDepth] = Field(default_factory=list)
    engines: list[CapabilityInfo] = Field(default_factory=list)
    synthetic_samples: bool = False
