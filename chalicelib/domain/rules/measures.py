"""The figures that rules compare: their names, units and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.domain.characteristics import Characteristics
from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.sentiment import Sentiment
from chalicelib.domain.transcript import ANALYSED_ROLES, Channel, Role, Transcript

SECOND_MS = 1000


@dataclass(frozen=True, slots=True)
class Metric:
    """``unit`` is that of the value in a rule; ``by_role``: one figure for each side."""

    name: str
    unit: str
    by_role: bool = False
    only: Channel | None = None


_VOICE, _CHAT = Channel.VOICE, Channel.CHAT
METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("sentiment", "score", by_role=True),
        Metric("sentiment_begin", "score", by_role=True),
        Metric("sentiment_end", "score", by_role=True),
        Metric("sentiment_shift", "score", by_role=True),
        Metric("duration", "s"),
        Metric("interaction", "s"),
        Metric("after_contact_work", "s"),
        Metric("queue_wait", "s"),
        Metric("non_talk", "s", only=_VOICE),
        Metric("longest_non_talk", "s", only=_VOICE),
        Metric("non_talk_share", "%", only=_VOICE),
        Metric("talk_time", "s", by_role=True, only=_VOICE),
        Metric("talk_speed", "words/min", by_role=True, only=_VOICE),
        Metric("loudness", "0..100", by_role=True, only=_VOICE),
        Metric("longest_monologue", "s", by_role=True, only=_VOICE),
        Metric("patience", "s", by_role=True, only=_VOICE),
        Metric("interruptions", "count", only=_VOICE),
        Metric("interruptions_by", "count", by_role=True, only=_VOICE),
        Metric("hold", "s", only=_VOICE),
        Metric("longest_hold", "s", only=_VOICE),
        Metric("holds", "count", only=_VOICE),
        Metric("hold_share", "%", only=_VOICE),
        Metric("questions", "count", by_role=True),
        Metric("greeting", "s", only=_CHAT),
        Metric("first_response", "s", only=_CHAT),
        Metric("average_response", "s", only=_CHAT),
        Metric("longest_response", "s", only=_CHAT),
    )
}


def figures(
    transcript: Transcript,
    duration_ms: int,
    numbers: Characteristics,
    mood: Sentiment,
    record: ContactRecord | None,
) -> dict[str, float]:
    """What is known, by metric name or ``metric:ROLE``, in the metric's unit."""
    voice = transcript.channel is _VOICE
    return {
        "duration": duration_ms / SECOND_MS,
        **dict(_mood(mood)),
        **dict(_voice(duration_ms, numbers) if voice else _chat(numbers)),
        **dict(_by_turn(transcript, numbers)),
        **dict(_recorded(record) if record else ()),
    }


def _mood(mood: Sentiment) -> Iterator[tuple[str, float]]:
    for role, score in mood.overall.items():
        yield f"sentiment:{role}", score
    for role, shift in mood.shift.items():
        yield f"sentiment_begin:{role}", shift.begin
        yield f"sentiment_end:{role}", shift.end
        yield f"sentiment_shift:{role}", shift.end - shift.begin


def _voice(duration_ms: int, numbers: Characteristics) -> Iterator[tuple[str, float]]:
    yield "non_talk", numbers.non_talk_ms / SECOND_MS
    yield "longest_non_talk", max((g.duration_ms for g in numbers.non_talk), default=0) / SECOND_MS
    if duration_ms:
        yield "non_talk_share", 100 * numbers.non_talk_ms / duration_ms
    told_apart = bool(numbers.talk_time_ms)
    heard = numbers.interruptions if told_apart else None
    if heard is not None:
        yield "interruptions", len(heard)
        for role in ANALYSED_ROLES:
            yield f"interruptions_by:{role}", sum(1 for one in heard if one.interrupter is role)
    yield from _seconds("talk_time", numbers.talk_time_ms)
    yield from _seconds("longest_monologue", numbers.longest_monologue_ms)
    yield from _seconds("patience", numbers.patience_ms)
    for role, speed in numbers.talk_speed_wpm.items():
        yield f"talk_speed:{role}", speed


def _seconds(metric: str, by_role: Mapping[Role, int]) -> Iterator[tuple[str, float]]:
    for role, milliseconds in by_role.items():
        yield f"{metric}:{role}", milliseconds / SECOND_MS


def _chat(numbers: Characteristics) -> Iterator[tuple[str, float]]:
    """Responses are those of the agent, in whole seconds as Contact Lens's rules see them."""
    if numbers.greeting_ms is not None:
        yield "greeting", numbers.greeting_ms / SECOND_MS
    answered = numbers.response_time.get(Role.AGENT)
    if answered:
        yield "first_response", answered.first_ms // SECOND_MS
        yield "average_response", answered.average_ms // SECOND_MS
        yield "longest_response", answered.maximum_ms // SECOND_MS


def _by_turn(transcript: Transcript, numbers: Characteristics) -> Iterator[tuple[str, float]]:
    for role in ANALYSED_ROLES:
        turns = transcript.analysed_turns(role)
        if not turns:
            continue
        yield f"questions:{role}", sum(numbers.questions.get(turn.id, 0) for turn in turns)
        heard = [v for t in turns for v in numbers.loudness.get(t.id, ()) if v is not None]
        if heard:
            yield f"loudness:{role}", max(heard)


def _recorded(record: ContactRecord) -> Iterator[tuple[str, float]]:
    told = {
        "interaction": record.agent_interaction_s,
        "after_contact_work": record.after_contact_work_s,
        "queue_wait": record.queue_wait_s,
        "hold": record.hold_s,
        "longest_hold": record.longest_hold_s,
        "holds": record.holds,
    }
    yield from ((name, value) for name, value in told.items() if value is not None)
    if record.hold_s is not None and record.agent_interaction_s:
        yield "hold_share", 100 * record.hold_s / record.agent_interaction_s
