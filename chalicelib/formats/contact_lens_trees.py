"""The two trees in which Contact Lens's voice and chat files differ: characteristics and transcript.

Names and shapes are Amazon's, key by key. Whole numbers are written as integers, as Amazon does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.analysis import Conversation
from chalicelib.domain.characteristics import Interruption, ResponseTime
from chalicelib.domain.sentiment import Shift
from chalicelib.domain.summary import Summary, highlights_by_turn
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Highlight,
    Redaction,
    Role,
    SentimentLabel,
    Transcript,
    Turn,
    TurnKind,
)

Tree = dict[str, Any]
HIGHLIGHTS = {
    "ISSUE": "IssuesDetected",
    "OUTCOME": "OutcomesDetected",
    "ACTION_ITEM": "ActionItemsDetected",
}
PERSONS = (Role.AGENT, Role.CUSTOMER, Role.SUPERVISOR, Role.UNKNOWN)
MASK = "[PII]"


def number(value: float) -> float:
    """Whole values as integers."""
    return int(value) if float(value).is_integer() else value


def voice_figures(conversation: Conversation) -> Tree:
    """``ConversationCharacteristics`` of a call."""
    c = conversation.characteristics
    return {
        **({"ContactSummary": _content(conversation.summary)} if conversation.summary else {}),
        "TotalConversationDurationMillis": c.total_duration_ms,
        "Sentiment": _voice_sentiment(conversation),
        "Interruptions": _interruptions(c.interruptions or ()),
        "NonTalkTime": {
            "TotalTimeMillis": c.non_talk_ms,
            "Instances": [instance(gap.begin_ms, gap.end_ms) for gap in c.non_talk],
        },
        "TalkSpeed": {
            "DetailsByParticipant": {
                role.value: {"AverageWordsPerMinute": c.talk_speed_wpm.get(role, 0)}
                for role in ANALYSED_ROLES
            }
        },
        "TalkTime": {
            "TotalTimeMillis": c.talk_time_sum_ms,
            "DetailsByParticipant": {
                role.value: {"TotalTimeMillis": c.talk_time_ms.get(role, 0)}
                for role in ANALYSED_ROLES
            },
        },
    }


def instance(begin_ms: int, end_ms: int) -> Tree:
    return {**span(begin_ms, end_ms), "DurationMillis": end_ms - begin_ms}


def span(begin_ms: int, end_ms: int) -> Tree:
    return {"BeginOffsetMillis": begin_ms, "EndOffsetMillis": end_ms}


def characters(begin: int, end: int) -> Tree:
    return {"BeginOffsetChar": begin, "EndOffsetChar": end}


def _voice_sentiment(conversation: Conversation) -> Tree:
    s = conversation.sentiment
    quarters = {
        role.value: [
            {**span(q.begin_ms, q.end_ms), "Score": number(q.score)} for q in s.quarters[role]
        ]
        for role in s.quarters
    }
    return {
        "OverallSentiment": {role.value: number(score) for role, score in s.overall.items()},
        "SentimentByPeriod": {"QUARTER": quarters},
    }


def _interruptions(found: Iterable[Interruption]) -> Tree:
    by_role: dict[str, list[Tree]] = {}
    for each in found:
        by_role.setdefault(each.interrupter, []).append(instance(each.begin_ms, each.end_ms))
    instances = [each for own in by_role.values() for each in own]
    return {
        "InterruptionsByInterrupter": {str(role): own for role, own in by_role.items()},
        "TotalCount": len(instances),
        "TotalTimeMillis": sum(each["DurationMillis"] for each in instances),
    }


def voice_turns(conversation: Conversation) -> list[Tree]:
    """``Transcript`` of a call. ``Sentiment`` is left out where a turn has no label."""
    labels = {mood.turn_id: mood.label for mood in conversation.sentiment.turns}
    marked = highlights_by_turn(conversation.transcript, conversation.summary)
    return [
        {
            **_voice_turn(turn, labels.get(turn.id), conversation),
            **_by_kind(marked.get(turn.id, ())),
        }
        for turn in conversation.transcript.turns
        if turn.kind is TurnKind.UTTERANCE
    ]


def _voice_turn(turn: Turn, label: SentimentLabel | None, conversation: Conversation) -> Tree:
    loudness = conversation.characteristics.loudness.get(turn.id, ())
    times = [
        span(r.begin_ms, r.end_ms)
        for r in turn.redactions
        if r.begin_ms is not None and r.end_ms is not None
    ]
    return _given(
        {
            "Id": turn.id,
            "ParticipantId": participant_id(turn.role, turn.participant_id),
            **span(turn.begin_ms, turn.end_ms),
            "Content": turn.text,
            "Sentiment": label.value if label else None,
            "LoudnessScore": list(loudness),
            "Redaction": {"RedactedTimestamps": times} if times else None,
        }
    )


def participant_id(role: Role, own: str) -> str:
    """Calls name participants by role, because readers take the role from the id."""
    return role.value if role in ANALYSED_ROLES else own


def _by_kind(highlights: Iterable[Highlight]) -> Tree:
    found: Tree = {}
    for highlight in highlights:
        found.setdefault(HIGHLIGHTS[highlight.kind], []).append(_quote(highlight))
    return found


def _quote(highlight: Highlight) -> Tree:
    return {
        "CharacterOffsets": characters(highlight.begin, highlight.end),
        "Text": highlight.text,
    }


def _content(summary: Summary) -> Tree:
    """What a model wrote, as in Contact Lens; where none did, the quoted sentences."""
    text = summary.generated.text if summary.generated else summary.text
    return {"PostContactSummary": {"Content": text}}


def _given(tree: Tree) -> Tree:
    return {name: value for name, value in tree.items() if value is not None}


def chat_figures(conversation: Conversation) -> Tree:
    """``ConversationCharacteristics`` of a chat."""
    return _given(
        {
            "ContactSummary": _chat_summary(conversation),
            "ResponseTime": _response_time(conversation),
            "Sentiment": _chat_sentiment(conversation),
        }
    )


def _chat_summary(conversation: Conversation) -> Tree | None:
    marked = highlights_by_turn(conversation.transcript, conversation.summary)
    found = {
        name: [
            {"TranscriptItems": [item(turn_id, h.begin, h.end)]}
            for turn_id, own in marked.items()
            for h in own
            if HIGHLIGHTS[h.kind] == name
        ]
        for name in HIGHLIGHTS.values()
    }
    return {
        **({"SummaryItemsDetected": [found]} if any(found.values()) else {}),
        **(_content(conversation.summary) if conversation.summary else {}),
    } or None


def item(turn_id: str, begin: int, end: int) -> Tree:
    return {"Id": turn_id, "CharacterOffsets": characters(begin, end)}


def _response_time(conversation: Conversation) -> Tree:
    c = conversation.characteristics
    by_role = {role.value: _answers(answers) for role, answers in c.response_time.items()}
    return _given({"AgentGreetingTimeMillis": c.greeting_ms, "DetailsByParticipantRole": by_role})


def _answers(answers: ResponseTime) -> Tree:
    slowest = [{"Id": turn_id} for turn_id in answers.slowest_turn_ids]
    return {
        "Average": {"ValueMillis": answers.average_ms},
        "Maximum": {"ValueMillis": answers.maximum_ms, "TranscriptItems": slowest},
    }


def _chat_sentiment(conversation: Conversation) -> Tree:
    s = conversation.sentiment
    overall = {role.value: number(score) for role, score in s.overall.items()}
    with_agent = {"WithAgent": s.with_agent, "WithoutAgent": s.without_agent}
    by_interaction = {name: number(x) for name, x in with_agent.items() if x is not None}
    shift_with_agent = {"WithAgent": shift(s.with_agent_shift)} if s.with_agent_shift else {}
    return {
        "DetailsByTranscriptItemGroup": _groups(conversation),
        "OverallSentiment": {
            **_interaction(by_interaction),
            "DetailsByParticipantRole": overall,
        },
        "SentimentShift": {
            **_interaction(shift_with_agent),
            "DetailsByParticipantRole": {role.value: shift(s.shift[role]) for role in s.shift},
        },
    }


def _interaction(customer: Mapping[str, Any]) -> Tree:
    if not customer:
        return {}
    return {"DetailsByInteraction": {"DetailsByParticipantRole": {"CUSTOMER": customer}}}


def shift(found: Shift) -> Tree:
    return {"BeginScore": number(found.begin), "EndScore": number(found.end)}


def _groups(conversation: Conversation) -> list[Tree]:
    """All groups of the AGENT first, then those of the CUSTOMER."""
    return [
        {
            "ParticipantRole": group.role.value,
            "ProgressiveScore": number(group.progressive),
            "Sentiment": group.label.value,
            "TranscriptItems": [{"Id": turn_id} for turn_id in group.turn_ids],
        }
        for role in ANALYSED_ROLES
        for group in conversation.sentiment.groups
        if group.role is role
    ]


def chat_items(transcript: Transcript, *, redacted: bool) -> list[Tree]:
    """``Transcript`` of a chat; keys that an item does not have are left out."""
    return [_chat_item(turn, redacted=redacted) for turn in transcript.turns]


def _chat_item(turn: Turn, *, redacted: bool) -> Tree:
    masks = [characters(r.begin, r.end) for r in turn.redactions if _masks_text(r)]
    known = turn.role is not Role.UNKNOWN
    return _given(
        {
            "AbsoluteTime": turn.absolute_time,
            "Content": turn.text if turn.text or turn.kind is TurnKind.MESSAGE else None,
            "ContentType": turn.content_type,
            "DisplayName": display_name(turn.role, turn.display_name, redacted=redacted),
            "Id": turn.id,
            "ParticipantId": turn.participant_id or None,
            "ParticipantRole": turn.role.value if known else None,
            "Type": turn.kind.value,
            "Redaction": {"CharacterOffsets": masks} if masks else None,
        }
    )


def _masks_text(redaction: Redaction) -> bool:
    return redaction.end > redaction.begin


def display_name(role: Role, name: str | None, *, redacted: bool) -> str | None:
    """Names of persons are masked in redacted chats, those of systems and bots are not."""
    return MASK if name and redacted and role in PERSONS else name
