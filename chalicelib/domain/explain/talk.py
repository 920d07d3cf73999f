"""Explanations of a call's characteristics, from the evidence that they keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.domain.characteristics import Characteristics, Interruption
from chalicelib.domain.explain.evidence import Bench, excerpt
from chalicelib.domain.explain.explanation import Explanation, Input, Metric
from chalicelib.domain.explain.formulas import ASKED_OF, TALK
from chalicelib.domain.transcript import ANALYSED_ROLES, Role, Span

BACKCHANNEL = ("interruption_backchannel_only", "interruption_backchannel_open")
WORDS = "transcript"


def total_duration(bench: Bench) -> Explanation:
    turns = bench.conversation.transcript.turns
    last = max(turns, key=lambda turn: turn.end_ms, default=None)
    return Explanation(
        Metric.TOTAL_DURATION,
        bench.conversation.characteristics.total_duration_ms,
        () if last is None else (bench.turn(last.id),),
        engine=bench.engine(WORDS),
    )


def voice(bench: Bench) -> Iterator[Explanation]:
    """Every characteristic of a call. Where nobody could be told apart there are few."""
    c = bench.conversation.characteristics
    yield _non_talk(bench, c)
    yield from _loudness(bench, c)
    if not c.talk_time_ms:
        return
    yield from _talk_times(bench, c)
    yield from _interruptions(bench, c)
    for role in c.talk_speed_wpm:
        yield _speed(bench, c, role)
    yield from _turn_taking(bench, c)
    for role in c.question_rate:
        yield question_rate(bench, role, Input(TALK, c.talk_time_ms.get(role), role=role))


def _published(value: float, role: Role | None = None) -> tuple[Input, ...]:
    return (Input("published", value, role=role),)


def _stretches(c: Characteristics, role: Role) -> tuple[Input, ...]:
    return tuple(Input("talk", span=span, role=role) for span in c.talk.get(role, ()))


def _talk_times(bench: Bench, c: Characteristics) -> Iterator[Explanation]:
    settings, engine = bench.settings("talk_join_ms"), bench.engine(WORDS)
    for role, ms in c.talk_time_ms.items():
        taken = "talk_time_ms" in c.imported
        inputs = _published(ms, role) if taken else _stretches(c, role)
        yield Explanation(
            Metric.TALK_TIME, ms, inputs, role, settings=settings, engine=engine, imported=taken
        )
    both = tuple(Input(TALK, ms, role=role) for role, ms in c.talk_time_ms.items())
    yield Explanation(
        Metric.TALK_TIME_SUM,
        c.talk_time_sum_ms,
        both,
        settings=settings,
        engine=engine,
        imported="talk_time_sum_ms" in c.imported,
    )
    yield Explanation(
        Metric.TALK_TIME_UNION,
        c.talk_time_union_ms,
        (*both, *(i for role in c.talk_time_ms for i in _stretches(c, role))),
        settings=settings,
        engine=engine,
        imported="talk_time_union_ms" in c.imported,
    )


def _non_talk(bench: Bench, c: Characteristics) -> Explanation:
    return Explanation(
        Metric.NON_TALK_TIME,
        c.non_talk_ms,
        tuple(Input("silence", span=gap) for gap in c.non_talk),
        settings=bench.settings("non_talk_min_ms", "non_talk_include_leading"),
        engine=bench.engine("acoustics") or bench.engine(WORDS),
        imported="non_talk" in c.imported,
    )


def _interruptions(bench: Bench, c: Characteristics) -> Iterator[Explanation]:
    """Of both sides, then of each; nothing where one channel holds both."""
    if c.interruptions is None:
        return
    settings = bench.settings("interruption_min_overlap_ms", *BACKCHANNEL)
    for role in (None, *ANALYSED_ROLES):
        own = [each for each in c.interruptions if role in (None, each.interrupter)]
        yield Explanation(
            Metric.INTERRUPTIONS,
            len(own),
            tuple(_overlap(bench, each) for each in own),
            role,
            unit="count",
            settings=settings,
            engine=bench.engine(WORDS),
        )


def _overlap(bench: Bench, of: Interruption) -> Input:
    turn = bench.turns.get(of.turn_id)
    return Input(
        f"interrupts {of.interrupted_turn_id}",
        of.duration_ms,
        span=Span(of.begin_ms, of.end_ms),
        turn_id=of.turn_id,
        role=of.interrupter,
        text=excerpt(turn.text) if turn else "",
    )


def _speed(bench: Bench, c: Characteristics, role: Role) -> Explanation:
    speed, taken = c.talk_speed_wpm[role], "talk_speed_wpm" in c.imported
    counted = (
        Input("words", c.word_count.get(role), role=role),
        Input(TALK, c.talk_time_ms.get(role), role=role),
    )
    return Explanation(
        Metric.TALK_SPEED,
        speed,
        _published(speed, role) if taken else counted,
        role,
        unit="words per minute",
        settings=bench.settings("talk_join_ms"),
        engine=bench.engine(WORDS),
        imported=taken,
    )


def _loudness(bench: Bench, c: Characteristics) -> Iterator[Explanation]:
    """How many values each role has; the values themselves stand at the turns."""
    heard: dict[Role, list[Input]] = {}
    for turn_id, values in c.loudness.items():
        if turn_id in bench.turns:
            each = bench.turn(turn_id, quantity=len(values))
            heard.setdefault(bench.turns[turn_id].role, []).append(each)
    for role, inputs in heard.items():
        yield Explanation(
            Metric.LOUDNESS,
            sum(i.quantity or 0 for i in inputs),
            tuple(inputs),
            role,
            unit="values",
            engine=bench.engine("acoustics") or bench.engine(WORDS),
            imported="loudness" in c.imported,
        )


def _turn_taking(bench: Bench, c: Characteristics) -> Iterator[Explanation]:
    for role, stretch in c.longest_monologue.items():
        yield Explanation(
            Metric.LONGEST_MONOLOGUE,
            stretch.duration_ms,
            (Input("talk", span=stretch, role=role),),
            role,
            settings=bench.settings("talk_join_ms", *BACKCHANNEL),
            engine=bench.engine(WORDS),
        )
    for role, wait in c.patience_ms.items():
        waits = (
            bench.turn(each.turn_id, f"after {each.after_turn_id}", each.wait_ms)
            for each in c.handovers
            if each.role is role
        )
        yield Explanation(
            Metric.PATIENCE,
            wait,
            tuple(waits),
            role,
            settings=bench.settings(*BACKCHANNEL),
            engine=bench.engine(WORDS),
        )


def question_rate(bench: Bench, role: Role, by: Input) -> Explanation:
    """``by``: the talk time or the number of messages that the questions are counted against."""
    c = bench.conversation.characteristics
    return Explanation(
        Metric.QUESTION_RATE,
        c.question_rate[role],
        (*_asked(bench, c, role), by),
        role,
        unit="per minute" if by.what == TALK else "per message",
        engine=bench.engine(WORDS),
        decimals=2,
    )


def _asked(bench: Bench, c: Characteristics, role: Role) -> Iterable[Input]:
    for turn in bench.conversation.transcript.analysed_turns(role):
        if turn.id in c.questions:
            yield bench.turn(turn.id, ASKED_OF, c.questions[turn.id])
