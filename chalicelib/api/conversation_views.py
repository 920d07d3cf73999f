"""Analysed conversations as the API shows them: detail, segments, waveform."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chalicelib import queries
from chalicelib.api import (
    entity_models,
    language_models,
    models,
    speaker_models,
    summary_models,
    views,
)
from chalicelib.api.brought_models import BroughtInfo
from chalicelib.api.category_models import CategoryInfo
from chalicelib.domain.acoustics import Acoustics, ChannelAcoustics
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import ContactRecord, ContactRow
from chalicelib.domain.entities import Entities, grouped, quoted
from chalicelib.domain.language import Language
from chalicelib.domain.principal import LISTEN, UNREDACTED, Principal
from chalicelib.domain.sentiment import Sentiment, TurnSentiment
from chalicelib.domain.summary import GeneratedSummary, Summary, SummarySentence
from chalicelib.domain.transcript import Channel, Role, Span, Speakers, Transcript, Turn
from chalicelib.formats.native_brought import brought_tree

NOTHING_SILENCED = models.Skipped(
    capability="audio_redaction",
    reason="NO_TRANSCRIPT",
    detail="what is said is not known, so nothing can be silenced: there is no redacted copy",
    conversation="voice",
)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the principal may listen to."""

    redacted: bool
    original: bool

    @classmethod
    def of(cls, principal: Principal) -> Hearing:
        return cls(principal.may(LISTEN), principal.may(UNREDACTED))


def detail(
    row: ContactRow, analysis: ContactAnalysis | None, hearing: Hearing
) -> models.ContactDetail:
    known, record = row.publication, analysis.record if analysis else None
    conversations = analysis.conversations if analysis else ()
    original = queries.recording(row) is not None
    hearing = replace(hearing, original=hearing.original and original)
    has_audio = original or queries.kept_copy(row) is not None
    return models.ContactDetail(
        **dict(views.summary(row)),
        attributes=dict(known.attributes) if known else {},
        initiation_method=known.initiation_method if known else None,
        disconnect_reason=record.disconnect_reason if record else None,
        hold=_hold(record),
        conversations=[conversation(c, hearing, has_audio=has_audio) for c in conversations],
        parts=[views.part(p) for p in row.parts],
        stages=[views.stage(run) for run in row.stages],
        analysis_key=known.analysis_key or None if known else None,
    )


def _hold(record: ContactRecord | None) -> models.HoldInfo | None:
    """Null when no record says anything about holds."""
    if record is None or (record.holds, record.hold_s, record.longest_hold_s) == (None,) * 3:
        return None
    return models.HoldInfo(
        holds=record.holds,
        total_seconds=record.hold_s,
        longest_seconds=record.longest_hold_s,
    )


def conversation(of: Conversation, hearing: Hearing, *, has_audio: bool) -> models.ConversationInfo:
    voice = of.channel is Channel.VOICE
    plays = voice and has_audio
    silenced = queries.redactable(of)
    limits = [NOTHING_SILENCED] if plays and not silenced else []
    return models.ConversationInfo(
        channel=of.channel.value,
        language=of.transcript.language,
        language_evidence=language(of.language) if of.language else None,
        duration_millis=of.duration_ms,
        participants=[
            models.Named(id=p.id, name=p.display_name or p.id) for p in of.transcript.participants
        ],
        characteristics=characteristics(of.characteristics, voice=voice),
        sentiment=sentiment(of.sentiment),
        entities=entities(of.entities, of.transcript) if of.entities else None,
        summary=summary(of.summary, of.transcript) if of.summary else None,
        categories=[CategoryInfo.of(match) for match in of.categories],
        brought=BroughtInfo.model_validate(brought_tree(of.brought, of.categories))
        if of.brought
        else None,
        engines={name: views.engine(e) for name, e in of.engines.items()},
        skipped=[
            *(views.skipped(s) for s in of.skipped),
            *limits,
        ],
        flags=list(of.transcript.flags),
        speakers=speakers(of.transcript.speakers) if of.transcript.speakers else None,
        acoustics=of.acoustics_key is not None,
        recording=plays and silenced and hearing.redacted,
        original_recording=plays and hearing.original,
        source_key=of.source_key,
    )


def speakers(of: Speakers) -> speaker_models.SpeakersInfo:
    return speaker_models.SpeakersInfo(
        voices=of.voices,
        agent=of.agent,
        customer=of.customer,
        lead=of.lead,
        margin=of.margin,
        cues=[
            speaker_models.SpeakerCueInfo(
                cue=each.cue,
                speaker=each.speaker,
                speaks_for=each.role.value,
                points=each.points,
                segment_id=each.turn_id,
            )
            for each in of.cues
        ],
    )


def language(of: Language) -> language_models.LanguageEvidence:
    return language_models.LanguageEvidence(
        how=of.how,
        detail=of.detail,
        engine=views.engine(of.engine) if of.engine else None,
        confidence=of.confidence,
        margin=of.margin,
        words=of.words,
    )


def span(of: Span) -> models.SpanInfo:
    return models.SpanInfo(begin_offset_millis=of.begin_ms, end_offset_millis=of.end_ms)


def characteristics(of: Characteristics, *, voice: bool) -> models.CharacteristicsInfo:
    """Voice figures are null where nobody is known to have talked, and for chats."""
    spoken = voice and bool(of.talk_time_ms)
    return models.CharacteristicsInfo(
        total_duration_millis=of.total_duration_ms,
        talk_time=_talk_time(of) if spoken else None,
        non_talk_time=_non_talk(of) if voice else None,
        interruptions=_interruptions(of) if spoken else None,
        talk_speed={r.value: wpm for r, wpm in of.talk_speed_wpm.items()} or None,
        agent_greeting_millis=of.greeting_ms,
        response_time=_response_time(of) or None,
        longest_monologue={r.value: span(s) for r, s in of.longest_monologue.items()} or None,
        patience_millis={r.value: ms for r, ms in of.patience_ms.items()} or None,
        question_rate={r.value: rate for r, rate in of.question_rate.items()} or None,
        imported=list(of.imported),
        method=dict(of.method),
    )


def _talk_time(of: Characteristics) -> models.TalkTimeInfo:
    return models.TalkTimeInfo(
        sum_millis=of.talk_time_sum_ms,
        union_millis=of.talk_time_union_ms,
        by_participant={role.value: ms for role, ms in of.talk_time_ms.items()},
    )


def _non_talk(of: Characteristics) -> models.TotalSpans:
    return models.TotalSpans(
        total_millis=of.non_talk_ms, instances=[span(gap) for gap in of.non_talk]
    )


def _interruptions(of: Characteristics) -> list[models.InterruptionInfo] | None:
    if of.interruptions is None:
        return None
    return [
        models.InterruptionInfo(
            interrupter=i.interrupter.value,
            begin_offset_millis=i.begin_ms,
            end_offset_millis=i.end_ms,
            segment_id=i.turn_id,
            interrupted_segment_id=i.interrupted_turn_id,
        )
        for i in of.interruptions
    ]


def _response_time(of: Characteristics) -> dict[models.RoleName, models.ResponseTimeInfo]:
    return {
        role.value: models.ResponseTimeInfo(
            average_millis=r.average_ms,
            maximum_millis=r.maximum_ms,
            first_millis=r.first_ms,
            slowest_segment_ids=list(r.slowest_turn_ids),
        )
        for role, r in of.response_time.items()
    }


def sentiment(of: Sentiment) -> models.SentimentInfo:
    return models.SentimentInfo(
        engine=views.engine(of.engine),
        overall={role.value: round(score, 1) for role, score in of.overall.items()},
        quarters={
            role.value: [
                models.QuarterInfo(
                    begin_offset_millis=q.begin_ms,
                    end_offset_millis=q.end_ms,
                    score=round(q.score, 1),
                )
                for q in quarters
            ]
            for role, quarters in of.quarters.items()
        },
        shift={
            role.value: models.ShiftInfo(
                begin_score=round(shift.begin, 1), end_score=round(shift.end, 1)
            )
            for role, shift in of.shift.items()
        },
    )


def entities(of: Entities, transcript: Transcript) -> entity_models.EntitiesInfo:
    return entity_models.EntitiesInfo(
        engine=views.engine(of.engine),
        looked_for=list(of.looked_for),
        not_looked_for=list(of.not_looked_for),
        mentions=[
            entity_models.EntityMention(
                type=entity.kind,
                text=text,
                segment_id=entity.turn_id,
                begin_char=entity.begin,
                end_char=entity.end,
                score=entity.score,
            )
            for entity, text in quoted(of, transcript)
        ],
        groups=[
            entity_models.EntityGroupInfo(
                type=group.kind,
                text=group.text,
                count=group.count,
                segment_ids=list(group.turn_ids),
            )
            for group in grouped(of, transcript)
        ],
        unread=dict(of.unread),
    )


def summary(of: Summary, transcript: Transcript) -> summary_models.SummaryInfo:
    texts = {turn.id: turn.text for turn in transcript.turns}
    return summary_models.SummaryInfo(
        engine=views.engine(of.engine),
        highlights=[
            summary_models.HighlightInfo(
                kind=h.kind,
                segment_id=h.turn_id,
                begin_char=h.begin,
                end_char=h.end,
                text=texts[h.turn_id][h.begin : h.end],
                source=h.source,
            )
            for h in of.highlights
        ],
        sentences=_sentences(of.sentences),
        key_phrases=[
            summary_models.KeyPhraseInfo(text=p.text, count=p.count, segment_ids=list(p.turn_ids))
            for p in of.key_phrases
        ],
        generated=_generated(of.generated) if of.generated else None,
    )


def _generated(of: GeneratedSummary) -> summary_models.GeneratedSummaryInfo:
    return summary_models.GeneratedSummaryInfo(
        engine=views.engine(of.engine), text=of.text, sentences=_sentences(of.claims)
    )


def _sentences(of: Iterable[SummarySentence]) -> list[summary_models.SummarySentenceInfo]:
    return [
        summary_models.SummarySentenceInfo(text=s.text, segment_ids=list(s.turn_ids)) for s in of
    ]


def segments(of: Conversation, turns: Iterable[Turn]) -> list[models.Segment]:
    """The given turns of a conversation with what was found about each."""
    moods = {mood.turn_id: mood for mood in of.sentiment.turns}
    hits: dict[str, list[str]] = {}
    for match in of.categories:
        for turn_id in dict.fromkeys(point.turn_id for point in match.points if point.turn_id):
            hits.setdefault(turn_id, []).append(match.name)
    return [_segment(of, turn, moods.get(turn.id), hits.get(turn.id, [])) for turn in turns]


def _segment(
    of: Conversation, turn: Turn, mood: TurnSentiment | None, categories: list[str]
) -> models.Segment:
    loudness = of.characteristics.loudness.get(turn.id)
    return models.Segment(
        id=turn.id,
        channel=of.channel.value,
        participant_id=turn.participant_id,
        participant_role=turn.role.value,
        display_name=turn.display_name,
        kind=turn.kind.value,
        content_type=turn.content_type,
        content=turn.text,
        begin_offset_millis=turn.begin_ms,
        end_offset_millis=turn.end_ms,
        absolute_time=turn.absolute_time,
        sentiment=mood.label.value if mood else None,
        score=mood.score if mood else None,
        loudness=list(loudness) if loudness is not None else None,
        words=_words(turn),
        redactions=[
            models.RedactionInfo(begin=r.begin, end=r.end, type=r.entity) for r in turn.redactions
        ],
        categories=categories,
    )


def _words(turn: Turn) -> list[models.WordInfo]:
    return [
        models.WordInfo(
            text=w.text,
            begin_offset_millis=w.begin_ms,
            end_offset_millis=w.end_ms,
            confidence=w.confidence,
        )
        for w in turn.words
    ]


def waveform(of: Acoustics, roles: Sequence[Role], points: int) -> models.Waveform:
    """``roles``: the participant of each channel."""
    channels = zip(of.channels, roles, strict=True)
    return models.Waveform(
        duration_millis=of.duration_ms,
        channels=[_channel(channel, role, points) for channel, role in channels],
    )


def _channel(of: ChannelAcoustics, role: Role, points: int) -> models.WaveChannel:
    return models.WaveChannel(
        participant_role=role.value,
        peaks=resampled(of.peaks, points),
        loudness=list(of.loudness),
        speech=[span(s) for s in of.speech],
    )


def resampled(peaks: Sequence[float], points: int) -> list[float]:
    """The highest peak of each of ``points`` equal slices; never more points than were measured."""
    have = len(peaks)
    if have <= points:
        return list(peaks)
    edges = [i * have // points for i in range(points + 1)]
    return [max(peaks[a:b]) for a, b in pairwise(edges)]
