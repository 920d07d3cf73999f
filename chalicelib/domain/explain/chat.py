"""Explanations of a chat's characteristics: greeting, responses, questions."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.characteristics import ResponseTime
from chalicelib.domain.chat_metrics import agent_joined, greeting_turn, responses
from chalicelib.domain.explain.evidence import Bench
from chalicelib.domain.explain.explanation import Explanation, Input, Metric
from chalicelib.domain.explain.talk import question_rate
from chalicelib.domain.transcript import Role


def chat(bench: Bench) -> Iterator[Explanation]:
    """Every characteristic of a chat."""
    c = bench.conversation.characteristics
    if c.greeting_ms is not None:
        yield _greeting(bench, c.greeting_ms)
    for role, answers in c.response_time.items():
        yield from _responses(bench, role, answers)
    for role in c.question_rate:
        own = bench.conversation.transcript.analysed_turns(role)
        yield question_rate(bench, role, Input("messages", len(own), role=role))


def _greeting(bench: Bench, value: int) -> Explanation:
    transcript = bench.conversation.transcript
    named = (("joined", agent_joined(transcript)), ("greeting", greeting_turn(transcript)))
    return Explanation(
        Metric.GREETING,
        value,
        tuple(bench.turn(turn.id, what) for what, turn in named if turn),
        Role.AGENT,
        engine=bench.engine("transcript"),
    )


def _responses(bench: Bench, role: Role, answers: ResponseTime) -> Iterator[Explanation]:
    own = tuple(
        bench.turn(each.turn_id, f"answers {each.asked_turn_id}", each.wait_ms)
        for each in responses(bench.conversation.transcript)
        if each.role is role
    )
    for metric, value, inputs in (
        (Metric.RESPONSE_AVERAGE, answers.average_ms, own),
        (Metric.RESPONSE_MAXIMUM, answers.maximum_ms, own),
        (Metric.RESPONSE_FIRST, answers.first_ms, own[:1]),
    ):
        yield Explanation(metric, value, inputs, role, engine=bench.engine("transcript"))
