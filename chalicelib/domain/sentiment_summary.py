"""From labels to the sentiment of a conversation: overall, quarters, progress, shift.

Voice scores are rounded to one decimal, half away from zero; chat scores are full doubles. Turns of an
unknown speaker have labels but count in no score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.chat_metrics import agent_since
from chalicelib.domain.label_units import LabelUnit, label_units
from chalicelib.domain.rounding import half_away
from chalicelib.domain.sentiment import (
    GroupSentiment,
    Quarter,
    Sentiment,
    Shift,
    TurnSentiment,
)
from chalicelib.domain.sentiment_score import (
    QUARTERS,
    progressive_scores,
    quarter_of,
    quarter_spans,
    score,
)
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Channel,
    Engine,
    Role,
    SentimentLabel,
    Span,
    Transcript,
)


@dataclass(frozen=True, slots=True)
class _Labelled:
    unit: LabelUnit
    mood: TurnSentiment


def sentiment_of(
    transcript: Transcript,
    labels: Mapping[str, TurnSentiment],
    engine: Engine,
    unlabelled: Mapping[str, str] | None = None,
) -> Sentiment:
    """Sentiment of a conversation from the labels of its units.

    ``labels`` by unit id as ``texts_to_label`` asked for them; labels that a unit brings along stand.
    ``unlabelled``: reason by unit id for texts that the engine could not read.
    """
    units = label_units(transcript)
    known = [_Labelled(unit, mood) for unit in units if (mood := _mood(unit, labels))]
    missing = {
        turn_id: (unlabelled or {})[unit.id]
        for unit in units
        if unit.id in (unlabelled or {})
        for turn_id in unit.turn_ids
    }
    summary = _chat if transcript.channel is Channel.CHAT else _voice
    return replace(
        summary(transcript, known, _provenance(transcript, units, engine)),
        turns=tuple(replace(x.mood, turn_id=i) for x in known for i in x.unit.turn_ids),
        unlabelled=missing,
    )


def _mood(unit: LabelUnit, labels: Mapping[str, TurnSentiment]) -> TurnSentiment | None:
    if unit.label is not None:
        return TurnSentiment(unit.id, unit.label)
    return labels.get(unit.id)


def _provenance(transcript: Transcript, units: Sequence[LabelUnit], engine: Engine) -> Engine:
    """Who made the labels: the source if it brought all of them, else the engine, saying how many
    came along."""
    imported = sum(unit.imported for unit in units)
    if not imported:
        return engine
    if all(unit.label is not None for unit in units):
        return transcript.engine
    note = f"{imported} of {len(units)} labels as imported from {transcript.engine.name}"
    return replace(engine, detail="; ".join(filter(None, (engine.detail, note))))


def _of_roles(known: Iterable[_Labelled]) -> dict[Role, list[_Labelled]]:
    by_role: dict[Role, list[_Labelled]] = {}
    for labelled in known:
        if labelled.unit.role in ANALYSED_ROLES:
            by_role.setdefault(labelled.unit.role, []).append(labelled)
    return by_role


def _score(labelled: Iterable[_Labelled]) -> float:
    return score([x.mood.label for x in labelled])


def _voice(transcript: Transcript, known: Sequence[_Labelled], engine: Engine) -> Sentiment:
    by_role = _of_roles(known)
    quarters = {role: _quarters(transcript, role, own) for role, own in by_role.items()}
    return Sentiment(
        engine,
        overall={role: half_away(_score(own), 1) for role, own in by_role.items()},
        quarters=quarters,
        shift={role: Shift(four[0].score, four[-1].score) for role, four in quarters.items()},
    )


def _quarters(transcript: Transcript, role: Role, own: Sequence[_Labelled]) -> tuple[Quarter, ...]:
    """Four quarters from 0 to the end of the participant's own last turn. A turn belongs to the
    quarter that holds its begin; a quarter without turns scores 0."""
    end = max(turn.end_ms for turn in transcript.analysed_turns(role))
    scores = [half_away(value, 1) for value in _scores_by_quarter(own, Span(0, end))]
    return tuple(
        Quarter(span.begin_ms, span.end_ms, value)
        for span, value in zip(quarter_spans(end), scores, strict=True)
    )


def _scores_by_quarter(own: Iterable[_Labelled], clock: Span) -> list[float]:
    parts: list[list[_Labelled]] = [[] for _ in range(QUARTERS)]
    for labelled in own:
        if labelled.unit.begin_ms is not None:
            at = labelled.unit.begin_ms - clock.begin_ms
            parts[quarter_of(at, clock.duration_ms)].append(labelled)
    return [_score(part) for part in parts]


def _chat(transcript: Transcript, known: Sequence[_Labelled], engine: Engine) -> Sentiment:
    by_role = _of_roles(known)
    begins = [turn.begin_ms for turn in transcript.turns]
    whole = Span(min(begins, default=0), max(begins, default=0))
    sentiment = Sentiment(
        engine,
        overall={role: _score(own) for role, own in by_role.items()},
        groups=_groups(known, by_role),
        shift={role: _shift(own, whole) for role, own in by_role.items()},
    )
    return _interaction(sentiment, by_role.get(Role.CUSTOMER, []), agent_since(transcript), whole)


def _groups(
    known: Sequence[_Labelled], by_role: Mapping[Role, Sequence[_Labelled]]
) -> tuple[GroupSentiment, ...]:
    progress = {
        labelled.unit.id: value
        for own in by_role.values()
        for labelled, value in zip(own, progressive_scores(_labels(own)), strict=True)
    }
    return tuple(
        GroupSentiment(x.unit.role, x.unit.turn_ids, x.mood.label, progress[x.unit.id])
        for x in known
    )


def _labels(own: Iterable[_Labelled]) -> list[SentimentLabel]:
    return [labelled.mood.label for labelled in own]


def _shift(own: Sequence[_Labelled], clock: Span) -> Shift:
    scores = _scores_by_quarter(own, clock)
    return Shift(scores[0], scores[-1])


def _interaction(
    sentiment: Sentiment, customer: Sequence[_Labelled], since: int | None, whole: Span
) -> Sentiment:
    """The CUSTOMER's score before and after the AGENT came; a side without groups is left out."""
    came = whole.end_ms + 1 if since is None else since
    before = [x for x in customer if _begins(x, lambda at: at < came)]
    after = [x for x in customer if _begins(x, lambda at: at >= came)]
    return replace(
        sentiment,
        with_agent=_score(after) if after else None,
        without_agent=_score(before) if before else None,
        with_agent_shift=_shift(after, Span(came, whole.end_ms)) if after else None,
    )


def _begins(labelled: _Labelled, when: Callable[[int], bool]) -> bool:
    return labelled.unit.begin_ms is not None and when(labelled.unit.begin_ms)
