"""Figures that an imported analysis published, read out of its ``ConversationCharacteristics``.

They stand in only where Loupe cannot compute its own. A figure that is missing, or not of the
documented shape, was not published: None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.transcript import ANALYSED_ROLES, Role, Span

Tree = Mapping[str, Any]


def published_talk_time(tree: Tree) -> dict[Role, int] | None:
    """``TalkTime`` per role in ms; a role that is left out spoke 0 ms."""
    return _by_role(_within(tree, "TalkTime", "DetailsByParticipant"), "TotalTimeMillis")


def published_talk_speed(tree: Tree) -> dict[Role, int] | None:
    """``TalkSpeed`` per role in words per minute; a role that is left out has 0."""
    return _by_role(_within(tree, "TalkSpeed", "DetailsByParticipant"), "AverageWordsPerMinute")


def published_non_talk(tree: Tree) -> tuple[Span, ...] | None:
    """``NonTalkTime`` instances in time order."""
    instances = _within(tree, "NonTalkTime", "Instances")
    if not isinstance(instances, list):
        return None
    spans = [_span(instance) for instance in instances]
    return tuple(sorted(s for s in spans if s)) if all(spans) else None


def _within(tree: object, *path: str) -> object:
    for step in path:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree


def _by_role(details: object, figure: str) -> dict[Role, int] | None:
    if not isinstance(details, Mapping):
        return None
    given = {
        role: _count(_within(details, role, figure)) for role in ANALYSED_ROLES if role in details
    }
    if None in given.values():
        return None
    return {role: given.get(role) or 0 for role in ANALYSED_ROLES}


def _span(instance: object) -> Span | None:
    begin, end = _within(instance, "BeginOffsetMillis"), _within(instance, "EndOffsetMillis")
    if isinstance(begin, int) and isinstance(end, int) and 0 <= begin <= end:
        return Span(begin, end)
    return None


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
