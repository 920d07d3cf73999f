"""The conditions of the Contact Lens rule language as a table: what each may hold, and where.

Sources are ``C`` (a call is over), ``H`` (a chat is over) and ``R`` (still going on, with the conditions
that are documented for calls; those of chats are assumed to be alike).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from chalicelib.domain.rules.facts import ATTRIBUTE, SEGMENT
from chalicelib.domain.rules.rule import Edge
from chalicelib.domain.transcript import Channel


@dataclass(frozen=True, slots=True)
class Source:
    """An event source: when its rules run, on what, and the names it has for things.

    ``prefix`` begins its comparison values, ``period`` is its filter for a window of these ``edges``.
    """

    event: str
    letter: str
    prefix: str
    period: str
    channel: Channel
    real_time: bool = False

    @property
    def edges(self) -> Mapping[str, Edge]:
        if self.real_time:
            return {"Past": Edge.PAST}
        return {"First": Edge.FIRST, "Last": Edge.LAST}


SOURCES = (
    Source(
        "OnPostCallAnalysisAvailable",
        "C",
        "$.ContactLens.PostCall.",
        "PostCallContactPeriodSeconds",
        Channel.VOICE,
    ),
    Source(
        "OnPostChatAnalysisAvailable",
        "H",
        "$.ContactLens.PostChat.",
        "PostChatContactPeriodSeconds",
        Channel.CHAT,
    ),
    Source(
        "OnRealTimeCallAnalysisAvailable",
        "R",
        "$.ContactLens.RealTimeCall.",
        "RealTimeCallContactPeriodSeconds",
        Channel.VOICE,
        real_time=True,
    ),
    Source(
        "OnRealTimeChatAnalysisAvailable",
        "R",
        "$.ContactLens.RealTimeChat.",
        "RealTimeChatContactPeriodSeconds",
        Channel.CHAT,
        real_time=True,
    ),
)
BY_EVENT: Mapping[str, Source] = {source.event: source for source in SOURCES}

ROLE, PERIOD, LANGUAGE = "ParticipantRole", "period", "PatternMatchLanguageFilter"
USE_CASE, ESCALATED = "AiAgentUseCase", "AiAgentEscalatedToHuman"
ROLES = ("AGENT", "CUSTOMER", "ANY")
LANGUAGES = ("EN", "ES", "AR", "DE", "FR", "HI", "IT", "PT", "KO", "JA", "ZH")
USE_CASES = ("SelfService", "AgentAssistance")
CONTAINS_ANY, EQUALS = "CONTAINS_ANY", "EQUALS"
AT_MOST, AT_LEAST = "NumberLessOrEqualTo", "NumberGreaterOrEqualTo"
OPERATORS = (CONTAINS_ANY, EQUALS, AT_MOST, AT_LEAST)

METHODS = ("INBOUND", "OUTBOUND", "TRANSFER", "QUEUE_TRANSFER", "CALLBACK", "API", "DISCONNECT")
REASONS = (
    "TELECOM_BUSY", "TELECOM_NUMBER_INVALID", "TELECOM_POTENTIAL_BLOCKING", "TELECOM_UNANSWERED",
    "TELECOM_TIMEOUT", "TELECOM_ORIGINATOR_CANCEL", "TELECOM_PROBLEM", "CUSTOMER_NEVER_ARRIVED",
    "THIRD_PARTY_DISCONNECT", "CUSTOMER_DISCONNECT", "AGENT_DISCONNECT", "BARGED",
    "CONTACT_FLOW_DISCONNECT", "OTHER", "OUTBOUND_DESTINATION_ENDPOINT_ERROR",
    "OUTBOUND_RESOURCE_ERROR", "OUTBOUND_ATTEMPT_FAILED", "EXPIRED", "AGENT_NETWORK_DISCONNECT",
    "CUSTOMER_CONNECTION_NOT_ESTABLISHED", "API", "IDLE_DISCONNECT", "SYSTEM_ERROR",
    "AGENT_COMPLETED", "TRANSFERRED", "DISCARDED",
)  # fmt: skip
ISSUES = (
    "AGENT_CONNECTIVITY_ISSUE", "AGENT_DEVICE_ISSUE", "CUSTOMER_CONNECTIVITY_ISSUE",
    "CUSTOMER_DEVICE_ISSUE",
)  # fmt: skip


class Kind(Enum):
    """What a condition is about; each kind is read and written in one way."""

    EXACT = auto()
    MEANING = auto()
    STATEMENT = auto()
    PATTERN = auto()
    FACT = auto()
    STATE = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One condition: ``path`` follows the source's prefix, a path that ends with a dot takes a key.

    ``name`` is the fact's or the metric's in Loupe. ``negate`` and ``no_value`` are the sources where
    Negate may be true and where EQUALS without a value asks for an empty field. ``past`` are the sources
    that allow a window besides those of ``filters``. ``limit`` and ``cards`` name limits: on its operands,
    and on how often it may stand in a rule.
    """

    path: str
    sources: str
    kind: Kind
    name: str = ""
    operator: str = CONTAINS_ANY
    negate: str = ""
    no_value: str = ""
    filters: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    low: int = 1
    high: int | None = None
    past: str = ""
    limit: str = ""
    cards: str = ""

    def allowed(self, source: Source) -> tuple[str, ...]:
        """The types of filters that it may have, in the order in which they are written."""
        window = PERIOD in self.filters or source.letter in self.past
        types = {ROLE: ROLE in self.filters, source.period: window}
        rest = [name for name in self.filters if name not in (ROLE, PERIOD)]
        return (*(name for name, there in types.items() if there), *rest)

    @property
    def roles(self) -> tuple[str, ...]:
        return ROLES[:2] if ROLE in self.needs else ROLES


def _number(path: str, sources: str, name: str, low: int = 1, high: int | None = None) -> Row:
    return Row(path, sources, Kind.NUMBER, name, low=low, high=high)


def _score(path: str, name: str) -> Row:
    return Row(path, "CH", Kind.NUMBER, name, filters=(ROLE,), low=-5, high=5, cards="sentiments")


def _of_side(path: str, name: str, low: int) -> Row:
    return Row(path, "C", Kind.NUMBER, name, filters=(ROLE,), needs=(ROLE,), low=low)


_WORDS = (ROLE, PERIOD)
ROWS = (
    Row("ExactMatch.Transcript", "CHR", Kind.EXACT, negate="CH", filters=_WORDS, limit="phrases"),
    Row(
        "SemanticMatch.Transcript",
        "CH",
        Kind.MEANING,
        negate="CH",
        filters=_WORDS,
        limit="examples",
    ),
    Row("SemanticMatch.Phrase", "CH", Kind.STATEMENT, operator=EQUALS, negate="CH"),
    Row(
        "PatternMatch.Transcript",
        "CHR",
        Kind.PATTERN,
        negate="CH",
        filters=(*_WORDS, LANGUAGE),
        limit="patterns",
    ),
    Row("Agent.AgentId", "CHR", Kind.FACT, "agent", limit="agents"),
    Row("Queue.QueueId", "CHR", Kind.FACT, "queue", negate="R", no_value="CH", limit="queues"),
    Row(
        "ContactAttribute.",
        "CHR",
        Kind.FACT,
        ATTRIBUTE,
        operator=EQUALS,
        negate="CHR",
        cards="attributes",
    ),
    Row(
        "SegmentAttributes.UserDefined.", "CH", Kind.FACT, SEGMENT, negate="CH", cards="attributes"
    ),
    Row("Agent.RoutingProfile", "CH", Kind.FACT, "routing_profile"),
    Row("Agent.HierarchyGroup.ARN", "CH", Kind.FACT, "hierarchy"),
    Row("InitiationMethod", "CH", Kind.FACT, "initiation_method", values=METHODS),
    Row("DisconnectReason", "CH", Kind.FACT, "disconnect_reason", values=REASONS),
    Row(
        "PotentialDisconnectIssue",
        "CH",
        Kind.FACT,
        "potential_disconnect_issue",
        no_value="CH",
        values=ISSUES,
    ),
    Row(
        "AiAgent.IdWithVersion",
        "CH",
        Kind.FACT,
        "ai_agent",
        filters=(USE_CASE, ESCALATED),
        needs=(USE_CASE,),
    ),
    Row(
        "Sentiment.State",
        "CHR",
        Kind.STATE,
        operator=EQUALS,
        filters=(ROLE,),
        values=("POSITIVE", "NEGATIVE", "NEUTRAL"),
        past="R",
        cards="sentiments",
    ),
    _score("Sentiment.OverallScore", "sentiment"),
    _score("Sentiment.Score.Beginning", "sentiment_begin"),
    _score("Sentiment.Score.End", "sentiment_end"),
    _number("Agent.AfterContactWorkDurationSecs", "CH", "after_contact_work", 0),
    _number("Agent.AgentInteractionDurationSecs", "CH", "interaction"),
    _number("NonTalkTime.TotalTimeSecs", "C", "non_talk"),
    _number("NonTalkTime.LongestTimeSecs", "C", "longest_non_talk"),
    _number("Agent.NonTalkTimePct", "C", "non_talk_share", 0, 100),
    _of_side("TalkTime.TotalTimeSecs", "talk_time", 0),
    _of_side("Loudness.HighestLoudnessScore", "loudness", -1000),
    Row("Interruptions.Instances", "C", Kind.NUMBER, "interruptions", cards="interruptions"),
    _number("Agent.CustomerHoldDurationSecs", "C", "hold"),
    _number("Agent.LongestHoldDurationSecs", "C", "longest_hold"),
    _number("Agent.NumberOfHolds", "C", "holds"),
    _number("Agent.CustomerHoldDurationPct", "C", "hold_share", 0, 100),
    _number("ResponseTime.Agent.FirstResponseTimeSecs", "H", "first_response"),
    _number("ResponseTime.Agent.AverageTimeSecs", "H", "average_response"),
    _number("ResponseTime.Agent.LongestTimeSecs", "H", "longest_response"),
)
BY_PATH: Mapping[str, Row] = {row.path: row for row in ROWS}
KEYED = tuple(row for row in ROWS if row.path.endswith("."))


def row_of(path: str) -> Row | None:
    """The condition with this comparison value, its prefix taken away."""
    if path in BY_PATH and not path.endswith("."):
        return BY_PATH[path]
    return next((row for row in KEYED if path.startswith(row.path) and path != row.path), None)
