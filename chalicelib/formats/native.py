"""Loupe's own document of an analysed contact: everything, in the words and shapes of the API.

camelCase keys, offsets in milliseconds, character offsets in code points of ``content``. Absent is
null with an entry in ``skipped``, never 0. ``schemas/loupe-1.json`` describes the document,
``docs/metrics.md`` its figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pydantic.alias_generators import to_camel

from chalicelib import __version__
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.entities import Entities, grouped, quoted
from chalicelib.domain.explain.contact import comparison
from chalicelib.domain.explain.explanation import Explanation
from chalicelib.domain.language import Language
from chalicelib.domain.rules.rule import CategoryMatch
from chalicelib.domain.sentiment import Sentiment, Shift
from chalicelib.domain.summary import GeneratedSummary, Summary, highlights_by_turn
from chalicelib.domain.transcript import (
    Channel,
    Highlight,
    Role,
    Span,
    Speakers,
    Transcript,
    Turn,
)
from chalicelib.formats.native_brought import brought_tree, engine_tree

Tree = dict[str, Any]

UNSHOWN = (
    "customer_address", "routing_profile", "hierarchy", "disconnect_issue", "ai_agents",
    "segment_attributes", "tags", "instance_arn",
)  # fmt: skip


def document(analysis: ContactAnalysis, original: ContactAnalysis | None = None) -> dict[str, Any]:
    """The contact as one JSON object. With ``original``, the same contact before redaction, that
    reading stands beside it."""
    return {
        "schema": analysis.schema,
        "loupeVersion": __version__,
        "contactId": analysis.contact_id,
        "contactRecord": _record(analysis.record),
        "conversations": _conversations(analysis),
        **({"original": {"conversations": _conversations(original)}} if original else {}),
    }


def _record(record: ContactRecord | None) -> Tree | None:
    """The contact record without what may be personal data and is not masked, and what only rules ask."""
    if record is None:
        return None
    plain = {to_camel(k): v for k, v in asdict(record).items() if k not in UNSHOWN}
    return {**plain, "attributes": dict(record.attributes), "mediaKeys": list(record.media_keys)}


def _conversations(analysis: ContactAnalysis) -> list[Tree]:
    return [_conversation(conversation) for conversation in analysis.conversations]


def _conversation(c: Conversation) -> Tree:
    transcript = c.transcript
    return {
        "channel": c.channel.value,
        "language": transcript.language,
        "languageEvidence": _language(c.language) if c.language else None,
        "durationMillis": c.duration_ms,
        "sourceKey": c.source_key,
        "flags": list(transcript.flags),
        "speakers": _speakers(transcript.speakers),
        "participants": [
            {"id": p.id, "role": p.role.value, "name": p.display_name or p.id}
            for p in transcript.participants
        ],
        "characteristics": _characteristics(c.characteristics, c.channel),
        "sentiment": _sentiment(c.sentiment),
        "entities": _entities(c.entities, transcript) if c.entities else None,
        "summary": _summary(c.summary, transcript) if c.summary else None,
        "categories": [_category(match) for match in c.categories],
        "brought": brought_tree(c.brought, c.categories) if c.brought else None,
        "comparison": [_compared(each) for each in comparison(c)],
        "engines": {name: engine_tree(engine) for name, engine in c.engines.items()},
        "skipped": [
            {"capability": s.capability, "reason": s.reason, "detail": s.detail} for s in c.skipped
        ],
        "segments": _segments(c),
    }


def _speakers(of: Speakers | None) -> Tree | None:
    if of is None:
        return None
    cues = [
        {
            "cue": each.cue,
            "speaker": each.speaker,
            "speaksFor": each.role.value,
            "points": each.points,
            "segmentId": each.turn_id,
        }
        for each in of.cues
    ]
    return {
        "voices": of.voices,
        "agent": of.agent,
        "customer": of.customer,
        "lead": of.lead,
        "margin": of.margin,
        "cues": cues,
    }


def _language(of: Language) -> Tree:
    return {
        "how": of.how,
        "detail": of.detail,
        "engine": engine_tree(of.engine) if of.engine else None,
        "confidence": of.confidence,
        "margin": of.margin,
        "words": of.words,
    }


def _compared(e: Explanation) -> Tree:
    return {
        "metric": e.metric.value,
        "participantRole": e.role and e.role.value,
        "part": e.part,
        "ours": e.value,
        "published": e.published,
        "difference": e.difference,
    }


def _characteristics(c: Characteristics, channel: Channel) -> Tree:
    voice, chat = channel is Channel.VOICE, channel is Channel.CHAT
    told_apart = voice and bool(c.talk_time_ms)
    return {
        "totalDurationMillis": c.total_duration_ms,
        "talkTime": _talk_time(c) if told_apart else None,
        "nonTalkTime": _non_talk(c) if voice else None,
        "interruptions": _interruptions(c) if told_apart else None,
        "talkSpeed": _by_role(c.talk_speed_wpm) if told_apart else None,
        "agentGreetingMillis": c.greeting_ms,
        "responseTime": _response_time(c) if chat else None,
        "longestMonologue": _monologues(c) if told_apart else None,
        "patienceMillis": _by_role(c.patience_ms) if told_apart else None,
        "questionRate": _by_role(c.question_rate) if told_apart or chat else None,
        "imported": list(c.imported),
        "method": dict(c.method),
    }


def _talk_time(c: Characteristics) -> Tree:
    return {
        "sumMillis": c.talk_time_sum_ms,
        "unionMillis": c.talk_time_union_ms,
        "byParticipant": _by_role(c.talk_time_ms),
    }


def _non_talk(c: Characteristics) -> Tree:
    return {"totalMillis": c.non_talk_ms, "instances": [_span(gap) for gap in c.non_talk]}


def _interruptions(c: Characteristics) -> list[Tree] | None:
    if c.interruptions is None:
        return None
    return [
        {
            "interrupter": i.interrupter.value,
            **_span(Span(i.begin_ms, i.end_ms)),
            "segmentId": i.turn_id,
            "interruptedSegmentId": i.interrupted_turn_id,
        }
        for i in c.interruptions
    ]


def _monologues(c: Characteristics) -> Tree:
    return {role.value: _span(stretch) for role, stretch in c.longest_monologue.items()}


def _response_time(c: Characteristics) -> Tree:
    return {
        role.value: {
            "averageMillis": answers.average_ms,
            "maximumMillis": answers.maximum_ms,
            "firstMillis": answers.first_ms,
            "slowestSegmentIds": list(answers.slowest_turn_ids),
        }
        for role, answers in c.response_time.items()
    }


def _sentiment(s: Sentiment) -> Tree:
    return {
        "engine": engine_tree(s.engine),
        "overall": _by_role(s.overall),
        "quarters": {
            role.value: [{**_span(Span(q.begin_ms, q.end_ms)), "score": q.score} for q in four]
            for role, four in s.quarters.items()
        },
        "shift": {role.value: _shift(shift) for role, shift in s.shift.items()},
        "groups": [
            {
                "role": group.role.value,
                "sentiment": group.label.value,
                "progressiveScore": group.progressive,
                "segmentIds": list(group.turn_ids),
            }
            for group in s.groups
        ],
        "withAgent": s.with_agent,
        "withoutAgent": s.without_agent,
        "withAgentShift": _shift(s.with_agent_shift) if s.with_agent_shift else None,
        "unlabelled": dict(s.unlabelled),
    }


def _shift(shift: Shift) -> Tree:
    return {"beginScore": shift.begin, "endScore": shift.end}


def _entities(e: Entities, transcript: Transcript) -> Tree:
    return {
        "engine": engine_tree(e.engine),
        "lookedFor": list(e.looked_for),
        "notLookedFor": list(e.not_looked_for),
        "mentions": [
            {
                "type": entity.kind,
                "text": text,
                "segmentId": entity.turn_id,
                "beginChar": entity.begin,
                "endChar": entity.end,
                "score": entity.score,
            }
            for entity, text in quoted(e, transcript)
        ],
        "groups": [
            {"type": g.kind, "text": g.text, "count": g.count, "segmentIds": list(g.turn_ids)}
            for g in grouped(e, transcript)
        ],
        "unread": dict(e.unread),
    }


def _summary(s: Summary, transcript: Transcript) -> Tree:
    texts = {turn.id: turn.text for turn in transcript.turns}
    return {
        "engine": engine_tree(s.engine),
        "highlights": [
            {
                "kind": h.kind,
                "segmentId": h.turn_id,
                "beginChar": h.begin,
                "endChar": h.end,
                "text": texts[h.turn_id][h.begin : h.end],
                "source": h.source,
            }
            for h in s.highlights
        ],
        "sentences": [{"text": x.text, "segmentIds": list(x.turn_ids)} for x in s.sentences],
        "keyPhrases": [
            {"text": p.text, "count": p.count, "segmentIds": list(p.turn_ids)}
            for p in s.key_phrases
        ],
        "generated": _generated(s.generated) if s.generated else None,
    }


def _generated(g: GeneratedSummary) -> Tree:
    return {
        "engine": engine_tree(g.engine),
        "text": g.text,
        "sentences": [{"text": x.text, "segmentIds": list(x.turn_ids)} for x in g.claims],
    }


def _category(match: CategoryMatch) -> Tree:
    return {
        "name": match.name,
        "ruleId": match.rule_id,
        "ruleVersion": match.rule_version,
        "pointsOfInterest": [
            {
                "segmentId": point.turn_id,
                "beginChar": point.begin,
                "endChar": point.end,
                **_span(Span(point.begin_ms, point.end_ms)),
            }
            for point in match.points
        ],
        "grounds": [{"needed": one.needed, "saw": one.saw} for one in match.grounds],
    }


def _segments(c: Conversation) -> list[Tree]:
    moods = {mood.turn_id: mood for mood in c.sentiment.turns}
    named = _categories_of(c.categories)
    marked = highlights_by_turn(c.transcript, c.summary)
    return [
        {
            **_segment(turn),
            "highlights": [_highlight(h) for h in marked.get(turn.id, ())],
            "sentiment": mood.label.value if (mood := moods.get(turn.id)) else None,
            "score": mood.score if mood else None,
            "loudness": _listed(c.characteristics.loudness.get(turn.id)),
            "categories": named.get(turn.id, []),
        }
        for turn in c.transcript.turns
    ]


def _categories_of(matches: Iterable[CategoryMatch]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for match in matches:
        for turn_id in dict.fromkeys(point.turn_id for point in match.points if point.turn_id):
            named.setdefault(turn_id, []).append(match.name)
    return named


def _segment(turn: Turn) -> Tree:
    return {
        "id": turn.id,
        "participantId": turn.participant_id,
        "participantRole": turn.role.value,
        "displayName": turn.display_name,
        "kind": turn.kind.value,
        "contentType": turn.content_type,
        "content": turn.text,
        **_span(Span(turn.begin_ms, turn.end_ms)),
        "absoluteTime": turn.absolute_time,
        "words": [
            {"text": w.text, **_span(Span(w.begin_ms, w.end_ms)), "confidence": w.confidence}
            for w in turn.words
        ],
        "redactions": [{"begin": r.begin, "end": r.end, "type": r.entity} for r in turn.redactions],
    }


def _highlight(h: Highlight) -> Tree:
    return {"kind": h.kind, "begin": h.begin, "end": h.end, "text": h.text}


def _span(span: Span) -> Tree:
    return {"beginOffsetMillis": span.begin_ms, "endOffsetMillis": span.end_ms}


def _by_role(values: Mapping[Role, float]) -> Tree:
    return {role.value: value for role, value in values.items()}


def _listed(values: Iterable[float | None] | None) -> list[float | None] | None:
    return None if values is None else list(values)
