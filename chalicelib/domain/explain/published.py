"""The figures that an imported analysis published, under the names of Loupe's own.

Only what has the documented shape counts as published: a number where a number belongs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, TypeGuard

from chalicelib.domain.explain.explanation import Metric
from chalicelib.domain.transcript import ANALYSED_ROLES, Channel, Role

Key = tuple[Metric, Role | None, str]
Tree = Mapping[str, Any]
Figure = tuple[Key, object]
INTERACTION = ("DetailsByInteraction", "DetailsByParticipantRole", "CUSTOMER")


def published_figures(channel: Channel, tree: Tree) -> dict[Key, float]:
    """By metric, role and part; empty where nothing was imported."""
    found = _chat(tree) if channel is Channel.CHAT else _voice(tree)
    return {key: value for key, value in found if _is_number(value)}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _at(tree: object, *path: str) -> object:
    for step in path:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree


def _listed(tree: object, *path: str) -> list[Any]:
    found = _at(tree, *path)
    return found if isinstance(found, list) else []


def _voice(tree: Tree) -> Iterator[Figure]:
    yield (Metric.TOTAL_DURATION, None, ""), tree.get("TotalConversationDurationMillis")
    yield (Metric.TALK_TIME_SUM, None, ""), _at(tree, "TalkTime", "TotalTimeMillis")
    yield (Metric.NON_TALK_TIME, None, ""), _at(tree, "NonTalkTime", "TotalTimeMillis")
    yield (Metric.INTERRUPTIONS, None, ""), _at(tree, "Interruptions", "TotalCount")
    for role in ANALYSED_ROLES:
        yield from _voice_role(tree, role)


def _voice_role(tree: Tree, role: Role) -> Iterator[Figure]:
    talk = _at(tree, "TalkTime", "DetailsByParticipant", role, "TotalTimeMillis")
    speed = _at(tree, "TalkSpeed", "DetailsByParticipant", role, "AverageWordsPerMinute")
    yield (Metric.TALK_TIME, role, ""), talk
    yield (Metric.TALK_SPEED, role, ""), speed
    if isinstance(by_role := _at(tree, "Interruptions", "InterruptionsByInterrupter"), Mapping):
        yield (Metric.INTERRUPTIONS, role, ""), len(_listed(by_role, role))
    yield (Metric.SENTIMENT, role, ""), _at(tree, "Sentiment", "OverallSentiment", role)
    quarters = _listed(tree, "Sentiment", "SentimentByPeriod", "QUARTER", role)
    for n, quarter in enumerate(quarters, start=1):
        yield (Metric.SENTIMENT_QUARTER, role, str(n)), _at(quarter, "Score")


def _chat(tree: Tree) -> Iterator[Figure]:
    greeting = _at(tree, "ResponseTime", "AgentGreetingTimeMillis")
    yield (Metric.GREETING, Role.AGENT, ""), greeting
    for role in ANALYSED_ROLES:
        yield from _chat_role(tree, role)
    yield from _with_agent(tree)
    for group in _listed(tree, "Sentiment", "DetailsByTranscriptItemGroup"):
        yield from _progressive(group)


def _chat_role(tree: Tree, role: Role) -> Iterator[Figure]:
    waits = _at(tree, "ResponseTime", "DetailsByParticipantRole", role)
    yield (Metric.RESPONSE_AVERAGE, role, ""), _at(waits, "Average", "ValueMillis")
    yield (Metric.RESPONSE_MAXIMUM, role, ""), _at(waits, "Maximum", "ValueMillis")
    by_role = ("DetailsByParticipantRole", role)
    overall = _at(tree, "Sentiment", "OverallSentiment", *by_role)
    yield (Metric.SENTIMENT, role, ""), overall
    shift = _at(tree, "Sentiment", "SentimentShift", *by_role)
    yield (Metric.SENTIMENT_SHIFT, role, "begin"), _at(shift, "BeginScore")
    yield (Metric.SENTIMENT_SHIFT, role, "end"), _at(shift, "EndScore")


def _with_agent(tree: Tree) -> Iterator[Figure]:
    customer = _at(tree, "Sentiment", "OverallSentiment", *INTERACTION)
    yield (Metric.SENTIMENT_WITH_AGENT, Role.CUSTOMER, ""), _at(customer, "WithAgent")
    yield (Metric.SENTIMENT_WITHOUT_AGENT, Role.CUSTOMER, ""), _at(customer, "WithoutAgent")
    shift = _at(tree, "Sentiment", "SentimentShift", *INTERACTION, "WithAgent")
    metric = Metric.SENTIMENT_SHIFT_WITH_AGENT
    yield (metric, Role.CUSTOMER, "begin"), _at(shift, "BeginScore")
    yield (metric, Role.CUSTOMER, "end"), _at(shift, "EndScore")


def _progressive(group: object) -> Iterator[Figure]:
    role = next((r for r in ANALYSED_ROLES if r == _at(group, "ParticipantRole")), None)
    first = next(iter(_listed(group, "TranscriptItems")), None)
    turn_id = _at(first, "Id")
    if role is not None and isinstance(turn_id, str):
        yield (Metric.SENTIMENT_PROGRESSIVE, role, turn_id), _at(group, "ProgressiveScore")
