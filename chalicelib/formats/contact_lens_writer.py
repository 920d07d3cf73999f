"""An analysed conversation as a Contact Lens analysis file: voice ``1.1.0``, chat ``CHAT-2022-11-30``.

The document is Contact Lens's, key by key, so that what reads Contact Lens reads Loupe. Everything that
is Loupe's own stands under the one top-level key ``Loupe``. Readers demand both roles in ``TalkTime``
and ``TalkSpeed``: a role without figures has 0 there, and ``Loupe.Skipped`` says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib import __version__
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.rules.rule import CategoryMatch
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Channel,
    Engine,
    Participant,
    Role,
    Speakers,
)
from chalicelib.formats.contact_lens_trees import (
    Tree,
    chat_figures,
    chat_items,
    display_name,
    item,
    participant_id,
    shift,
    span,
    voice_figures,
    voice_turns,
)

VOICE_VERSION = "1.1.0"
CHAT_VERSION = "CHAT-2022-11-30"
CHAT_TRANSCRIPT_VERSION = "2019-08-26"
FEATURES = {
    "categories": "CATEGORIZATION",
    "summary": "POST_CONTACT_SUMMARY",
    "entities": "INFORMATION_EXTRACTION",
}
REASONS = (
    "QUOTA_EXCEEDED", "INSUFFICIENT_CONVERSATION_CONTENT", "FAILED_SAFETY_GUIDELINES",
    "INVALID_ANALYSIS_CONFIGURATION", "INTERNAL_ERROR",
)  # fmt: skip
INTERPRETATIONS = {
    "Interruptions": "Loupe's own definition: a turn that begins inside the other side's and overlaps it"
    " for interruption_min_overlap_ms, back-channel excluded",
    "LoudnessScore": "clip(100 + RMS in dBFS of the participant's channel in that second, 0, 100)",
    "NonTalkTime": "silence of both sides between words, longer than non_talk_min_ms; counted from 0",
    "SentimentShift": "Loupe shift: scores of the first and of the last quarter of time",
    "TalkTime": "TotalTimeMillis is the sum of the roles and counts overlap twice",
    "Sentiment": "streak-weighted mean of the labels' points; MIXED counts 0 points",
}


def write(
    contact: ContactAnalysis,
    conversation: Conversation,
    *,
    redacted: bool,
    account_id: str = "",
    instance_id: str = "",
    bucket: str = "",
) -> dict[str, Any]:
    """The analysis document of one conversation of the contact.

    ``redacted`` says which of the two readings ``conversation`` is. ``account_id`` and ``instance_id``
    are used where the contact record names none; ``bucket`` makes ``InputS3Uri`` a full URI.
    """
    voice = conversation.channel is Channel.VOICE
    record = contact.record
    return {
        "Version": VOICE_VERSION if voice else CHAT_VERSION,
        "AccountId": (record and record.account_id) or account_id,
        "Channel": conversation.channel.value,
        **({} if voice else {"ChatTranscriptVersion": CHAT_TRANSCRIPT_VERSION}),
        "ContentMetadata": _content(conversation, redacted=redacted),
        "JobStatus": "COMPLETED",
        "JobDetails": {"SkippedAnalysis": _skipped(conversation.skipped)},
        "LanguageCode": conversation.transcript.language,
        "Participants": _participants(conversation, redacted=redacted),
        "Categories": _categories(conversation),
        "ConversationCharacteristics": (voice_figures if voice else chat_figures)(conversation),
        "CustomerMetadata": {
            "InputS3Uri": f"s3://{bucket}/{conversation.source_key}"
            if bucket
            else conversation.source_key,
            "ContactId": contact.contact_id,
            "InstanceId": (record and record.instance_id)
            or conversation.transcript.instance_id
            or instance_id,
        },
        "Transcript": voice_turns(conversation)
        if voice
        else chat_items(conversation.transcript, redacted=redacted),
        "Loupe": _loupe(contact, conversation),
    }


def _content(conversation: Conversation, *, redacted: bool) -> Tree:
    if not redacted:
        return {"Output": "Raw"}
    masks = {
        turn.text[r.begin : r.end]
        for turn in conversation.transcript.turns
        for r in turn.redactions
        if r.end > r.begin
    }
    asked = conversation.redaction
    plain = masks <= {"[PII]"} if masks else asked.mask == "pii"
    return {
        "Output": "Redacted",
        "RedactionTypes": ["PII"],
        "RedactionTypesMetadata": {
            "PII": {
                **({"RedactionEntitiesRequested": list(asked.entities)} if asked.entities else {}),
                "RedactionMaskMode": "PII" if plain else "ENTITY_TYPE",
            }
        },
    }


def _skipped(skipped: tuple[SkippedAnalysis, ...]) -> list[Tree]:
    """What Contact Lens has a feature name for; all of it stands in ``Loupe.Skipped``."""
    return [
        {
            "Feature": FEATURES[each.capability],
            "ReasonCode": each.reason
            if each.reason in REASONS
            else "INVALID_ANALYSIS_CONFIGURATION",
        }
        for each in skipped
        if each.capability in FEATURES
    ]


def _participants(conversation: Conversation, *, redacted: bool) -> list[Tree]:
    if conversation.channel is Channel.CHAT:
        listed = conversation.transcript.participants
        return [_chat_participant(participant, redacted=redacted) for participant in listed]
    others = [p for p in conversation.transcript.participants if p.role not in ANALYSED_ROLES]
    mixed = any(turn.role is Role.UNKNOWN for turn in conversation.transcript.turns)
    known = [] if mixed and others else [Participant(r.value, r) for r in ANALYSED_ROLES]
    return [
        {"ParticipantId": participant_id(p.role, p.id), "ParticipantRole": p.role.value}
        for p in (*known, *others)
    ]


def _chat_participant(participant: Participant, *, redacted: bool) -> Tree:
    name = display_name(participant.role, participant.display_name, redacted=redacted)
    return {
        **({"DisplayName": name} if name else {}),
        "ParticipantId": participant.id,
        "ParticipantRole": participant.role.value,
    }


def _categories(conversation: Conversation) -> Tree:
    voice = conversation.channel is Channel.VOICE
    points = _voice_points if voice else _chat_points
    return {
        "MatchedCategories": [match.name for match in conversation.categories],
        "MatchedDetails": {
            match.name: {"PointsOfInterest": points(match)} for match in conversation.categories
        },
    }


def _voice_points(match: CategoryMatch) -> list[Tree]:
    return [span(point.begin_ms, point.end_ms) for point in match.points]


def _chat_points(match: CategoryMatch) -> list[Tree]:
    return [
        {"TranscriptItems": [item(point.turn_id, point.begin, point.end)]}
        for point in match.points
        if point.turn_id
    ]


def _speakers(of: Speakers | None) -> Tree:
    """Who was inferred to be who on one channel, where the engine separated the voices."""
    if of is None:
        return {}
    found = {"Voices": of.voices, "Lead": of.lead, "Margin": of.margin}
    return {"Speakers": {**found, "Agent": of.agent, "Customer": of.customer}}


def _loupe(contact: ContactAnalysis, conversation: Conversation) -> Tree:
    c, s = conversation.characteristics, conversation.sentiment
    return {
        "Version": __version__,
        "Schema": contact.schema,
        "Method": dict(c.method),
        "Engines": _engines(conversation.engines),
        "Rules": {
            m.name: {"RuleId": m.rule_id, "Version": m.rule_version}
            for m in conversation.categories
        },
        "Interpretations": INTERPRETATIONS,
        "Imported": list(c.imported),
        "Flags": list(conversation.transcript.flags),
        **_speakers(conversation.transcript.speakers),
        "Skipped": [
            {"Capability": each.capability, "Reason": each.reason, "Detail": each.detail}
            for each in conversation.skipped
        ],
        "TalkTimeUnionMillis": c.talk_time_union_ms,
        "SentimentShift": {role.value: shift(s.shift[role]) for role in s.shift},
        "UnlabelledTurns": dict(s.unlabelled),
    }


def _engines(engines: Mapping[str, Engine]) -> Tree:
    return {
        name: {"Name": engine.name, "Version": engine.version, "Detail": engine.detail}
        for name, engine in engines.items()
    }


def analysis_key(contact_id: str, channel: Channel, at_ms: int, *, redacted: bool = False) -> str:
    """Where Contact Lens would put the file of an analysis made at ``at_ms``, epoch milliseconds."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC)
    folder = f"Analysis/{channel.value.title()}" + ("/Redacted" if redacted else "")
    kind = "analysis_redacted" if redacted else "analysis"
    return f"{folder}/{at:%Y/%m/%d}/{contact_id.lower()}_{kind}_{at:%Y-%m-%dT%H:%M:%S}Z.json"
