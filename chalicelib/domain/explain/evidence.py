"""Inputs made of turns: what all explanations of a conversation cut their evidence from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.analysis import Conversation
from chalicelib.domain.explain.explanation import Explanation, Input, Metric, Setting
from chalicelib.domain.rules.rule import CategoryMatch, PointOfInterest
from chalicelib.domain.transcript import Engine, Role, Span, Turn

RULES = "rules"
EXCERPT = 160


@dataclass(frozen=True, slots=True)
class Bench:
    """A conversation with its turns by id."""

    conversation: Conversation
    turns: Mapping[str, Turn]

    @classmethod
    def of(cls, conversation: Conversation) -> Bench:
        return cls(conversation, {t.id: t for t in conversation.transcript.turns})

    def turn(
        self,
        turn_id: str,
        what: str = "turn",
        quantity: float | None = None,
        weight: int | None = None,
    ) -> Input:
        """The turn as an input; an imported group may name one that the transcript does not hold."""
        turn = self.turns.get(turn_id)
        if turn is None:
            return Input(what, quantity, weight, turn_id=turn_id)
        span = Span(turn.begin_ms, turn.end_ms)
        return Input(what, quantity, weight, span, turn_id, turn.role, excerpt(turn.text))

    def settings(self, *names: str) -> dict[str, Setting]:
        """The settings of these names as the analysis used them."""
        method = self.conversation.characteristics.method
        return {name: method[name] for name in names if name in method}

    def engine(self, name: str) -> Engine | None:
        return self.conversation.engines.get(name)


def excerpt(text: str) -> str:
    """The begin of a long text, so that explanations stay small."""
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def categories(bench: Bench) -> Iterable[Explanation]:
    """One for each matched category; a negated rule matches without places."""
    for match in bench.conversation.categories:
        yield Explanation(
            Metric.CATEGORY,
            len(match.points),
            tuple(_place(bench, point) for point in match.points),
            part=match.name,
            unit="places",
            engine=_rule(match),
        )


def _rule(match: CategoryMatch) -> Engine:
    return Engine(RULES, str(match.rule_version), match.rule_id)


def _place(bench: Bench, point: PointOfInterest) -> Input:
    turn = bench.turns.get(point.turn_id)
    return Input(
        "match",
        span=Span(point.begin_ms, point.end_ms),
        turn_id=point.turn_id,
        role=turn.role if turn else None,
        text=turn.text[point.begin : point.end] if turn else "",
    )


def redactions(bench: Bench) -> Iterable[Explanation]:
    """One for each role that has masks."""
    found: dict[Role, list[Input]] = {}
    for turn in bench.conversation.transcript.turns:
        found.setdefault(turn.role, []).extend(_masks(turn))
    for role, masks in found.items():
        if masks:
            yield Explanation(
                Metric.REDACTIONS,
                len(masks),
                tuple(masks),
                role=role,
                unit="masks",
                engine=bench.engine("pii"),
            )


def _masks(turn: Turn) -> Iterable[Input]:
    for mask in turn.redactions:
        begin = turn.begin_ms if mask.begin_ms is None else mask.begin_ms
        end = turn.end_ms if mask.end_ms is None else mask.end_ms
        yield Input(
            mask.entity,
            span=Span(begin, end),
            turn_id=turn.id,
            role=turn.role,
            text=turn.text[mask.begin : mask.end],
        )
