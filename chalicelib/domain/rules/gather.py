"""From the products of a conversation to what rules are judged on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import ContactRecord, SkippedAnalysis
from chalicelib.domain.redaction import PiiSpan
from chalicelib.domain.rules.facts import NO_RECORD, facts
from chalicelib.domain.rules.measures import figures
from chalicelib.domain.rules.subject import Line, Overlap, Subject
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.transcript import SentimentLabel, Transcript, Turn
from chalicelib.domain.word_offsets import word_offsets


def subject_of(
    transcript: Transcript,
    duration_ms: int,
    numbers: Characteristics,
    mood: Sentiment,
    *,
    findings: Iterable[PiiSpan] = (),
    record: ContactRecord | None = None,
    skipped: Iterable[SkippedAnalysis] = (),
) -> Subject:
    """What rules see of a conversation. ``findings`` lie in the turns of ``transcript``."""
    labels = _labels(mood)
    private: dict[str, list[tuple[str, int, int]]] = {}
    for span in findings:
        private.setdefault(span.turn_id, []).append((span.entity, span.begin, span.end))
    return Subject(
        channel=transcript.channel,
        language=transcript.language,
        duration_ms=duration_ms,
        lines=tuple(
            _line(turn, labels.get(turn.id), private.get(turn.id, ()))
            for turn in transcript.analysed_turns()
        ),
        figures=figures(transcript, duration_ms, numbers, mood, record),
        facts=facts(record),
        silences=numbers.non_talk,
        interruptions=tuple(
            Overlap(one.interrupter, one.begin_ms, one.end_ms, one.turn_id)
            for one in numbers.interruptions or ()
        ),
        missing={
            **{one.capability: one.detail for one in skipped},
            **({} if record else {"record": NO_RECORD}),
        },
    )


def _labels(mood: Sentiment) -> dict[str, SentimentLabel]:
    """Labels by turn: a chat's messages have the label of their turn group."""
    grouped = {turn_id: group.label for group in mood.groups for turn_id in group.turn_ids}
    return {**grouped, **{turn.turn_id: turn.label for turn in mood.turns}}


def _line(
    turn: Turn, label: SentimentLabel | None, entities: Sequence[tuple[str, int, int]]
) -> Line:
    places = word_offsets(turn) or ()
    masked = ((r.entity, r.begin, r.end) for r in turn.redactions)
    begins = tuple(
        (begin, word.begin_ms) for (begin, _), word in zip(places, turn.words, strict=False)
    )
    return Line(
        id=turn.id,
        role=turn.role,
        begin_ms=turn.begin_ms,
        end_ms=turn.end_ms,
        text=turn.text,
        label=label,
        entities=tuple(sorted((*entities, *masked), key=lambda e: e[1])),
        word_begins=begins,
    )
