"""Explanations of sentiment scores: each label with its points and the weight of its streak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.chat_metrics import agent_since
from chalicelib.domain.explain.evidence import Bench
from chalicelib.domain.explain.explanation import Explanation, Input, Metric
from chalicelib.domain.sentiment import Shift
from chalicelib.domain.sentiment_score import (
    PADDING,
    PROGRESS_WINDOW,
    QUARTERS,
    Weighted,
    quarter_of,
    weigh,
)
from chalicelib.domain.transcript import (
    ANALYSED_ROLES,
    Channel,
    Role,
    SentimentLabel,
    Span,
    TurnKind,
)

BEFORE_THE_FIRST = "before the first"
VOICE_DECIMALS = 1


@dataclass(frozen=True, slots=True)
class _Unit:
    """A labelled turn or turn group; ``begin_ms`` None when the transcript holds none of its turns."""

    turn_id: str
    begin_ms: int | None
    label: SentimentLabel


def sentiment(bench: Bench) -> Iterator[Explanation]:
    """Every score of the conversation."""
    voice = bench.conversation.channel is Channel.VOICE
    for role in ANALYSED_ROLES:
        own = _turns(bench, role) if voice else _groups(bench, role)
        if role in bench.conversation.sentiment.overall:
            value = bench.conversation.sentiment.overall[role]
            yield _score(bench, Metric.SENTIMENT, value, own, role)
            yield from _voice(bench, own, role) if voice else _chat(bench, own, role)
    if not voice:
        yield from _interaction(bench)


def _turns(bench: Bench, role: Role) -> list[_Unit]:
    labels = {mood.turn_id: mood.label for mood in bench.conversation.sentiment.turns}
    return [
        _Unit(turn.id, turn.begin_ms, labels[turn.id])
        for turn in bench.conversation.transcript.turns
        if turn.kind is TurnKind.UTTERANCE and turn.role is role and turn.id in labels
    ]


def _groups(bench: Bench, role: Role) -> list[_Unit]:
    return [
        _Unit(group.turn_ids[0], _begin(bench, group.turn_ids), group.label)
        for group in bench.conversation.sentiment.groups
        if group.role is role
    ]


def _begin(bench: Bench, turn_ids: Iterable[str]) -> int | None:
    known = (bench.turns[turn_id].begin_ms for turn_id in turn_ids if turn_id in bench.turns)
    return min(known, default=None)


def _inputs(bench: Bench, units: Sequence[_Unit]) -> tuple[Input, ...]:
    weights = weigh([unit.label for unit in units])
    return tuple(_input(bench, *pair) for pair in zip(units, weights, strict=True))


def _input(bench: Bench, unit: _Unit, weighted: Weighted) -> Input:
    return bench.turn(unit.turn_id, unit.label.value, weighted.points, weighted.weight)


def _score(
    bench: Bench,
    metric: Metric,
    value: float,
    units: Sequence[_Unit],
    role: Role,
    part: str = "",
    inputs: tuple[Input, ...] | None = None,
) -> Explanation:
    voice = bench.conversation.channel is Channel.VOICE
    return Explanation(
        metric,
        value,
        _inputs(bench, units) if inputs is None else inputs,
        role,
        part,
        unit="points",
        engine=bench.conversation.sentiment.engine,
        decimals=VOICE_DECIMALS if voice else None,
    )


def _in_quarters(units: Iterable[_Unit], clock: Span) -> list[list[_Unit]]:
    parts: list[list[_Unit]] = [[] for _ in range(QUARTERS)]
    for unit in units:
        if unit.begin_ms is not None:
            parts[quarter_of(unit.begin_ms - clock.begin_ms, clock.duration_ms)].append(unit)
    return parts


def _voice(bench: Bench, own: Sequence[_Unit], role: Role) -> Iterator[Explanation]:
    four = bench.conversation.sentiment.quarters.get(role, ())
    if not four:
        return
    parts = _in_quarters(own, Span(0, four[-1].end_ms))
    for n, (quarter, units) in enumerate(zip(four, parts, strict=True), start=1):
        yield _score(bench, Metric.SENTIMENT_QUARTER, quarter.score, units, role, str(n))
    shift = bench.conversation.sentiment.shift.get(role)
    yield from _shift(bench, Metric.SENTIMENT_SHIFT, shift, parts, role)


def _chat(bench: Bench, own: Sequence[_Unit], role: Role) -> Iterator[Explanation]:
    parts = _in_quarters(own, _clock(bench))
    shift = bench.conversation.sentiment.shift.get(role)
    yield from _shift(bench, Metric.SENTIMENT_SHIFT, shift, parts, role)
    padding = Input(BEFORE_THE_FIRST, PADDING.points, PADDING.weight)
    padded = (*[padding] * (PROGRESS_WINDOW - 1), *_inputs(bench, own))
    groups = [g for g in bench.conversation.sentiment.groups if g.role is role]
    for n, group in enumerate(groups):
        window = padded[n : n + PROGRESS_WINDOW]
        yield _score(
            bench,
            Metric.SENTIMENT_PROGRESSIVE,
            group.progressive,
            (),
            role,
            group.turn_ids[0],
            window,
        )


def _clock(bench: Bench) -> Span:
    begins = [turn.begin_ms for turn in bench.conversation.transcript.turns]
    return Span(min(begins, default=0), max(begins, default=0))


def _shift(
    bench: Bench, metric: Metric, shift: Shift | None, parts: Sequence[Sequence[_Unit]], role: Role
) -> Iterator[Explanation]:
    if shift is not None:
        yield _score(bench, metric, shift.begin, parts[0], role, "begin")
        yield _score(bench, metric, shift.end, parts[-1], role, "end")


def _interaction(bench: Bench) -> Iterator[Explanation]:
    """The customer's scores before and after the agent came."""
    found, clock = bench.conversation.sentiment, _clock(bench)
    since = agent_since(bench.conversation.transcript)
    came = clock.end_ms + 1 if since is None else since
    customer = [u for u in _groups(bench, Role.CUSTOMER) if u.begin_ms is not None]
    after = [u for u in customer if (u.begin_ms or 0) >= came]
    before = [u for u in customer if (u.begin_ms or 0) < came]
    for metric, value, units in (
        (Metric.SENTIMENT_WITH_AGENT, found.with_agent, after),
        (Metric.SENTIMENT_WITHOUT_AGENT, found.without_agent, before),
    ):
        if value is not None:
            yield _score(bench, metric, value, units, Role.CUSTOMER)
    parts = _in_quarters(after, Span(came, max(came, clock.end_ms)))
    shift, metric = found.with_agent_shift, Metric.SENTIMENT_SHIFT_WITH_AGENT
    yield from _shift(bench, metric, shift, parts, Role.CUSTOMER)
