"""Figures that an imported analysis published, read out of its ``ConversationCharacteristics``.

They stand in only where Loupe cannot compute its own. A tree that lacks a figure gives None; the
reader of the format has checked its types before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.transcript import ANALYSED_ROLES, Role, Span

Tree = Mapping[str, Any]


def published_talk_time(tree: Tree) -> dict[Role, int] | None:
    """``TalkTime`` per role; a role that is left out spoke 0 ms."""
    return _by_role(tree, "TalkTime", "TotalTimeMillis")


def published_talk_speed(tree: Tree) -> dict[Role, int] | None:
    """``TalkSpeed`` per role in words per minute; a role that is left out has 0."""
    return _by_role(tree, "TalkSpeed", "AverageWordsPerMinute")


def _by_role(tree: Tree, metric: str, value: str) -> dict[Role, int] | None:
    details = tree.get(metric, {}).get("DetailsByParticipant")
    if details is None:
        return None
    return {role: details.get(role, {}).get(value, 0) for role in ANALYSED_ROLES}


def published_non_talk(tree: Tree) -> tuple[Span, ...] | None:
    """``NonTalkTime`` instances in time order."""
    metric = tree.get("NonTalkTime")
    if metric is None:
        return None
    found = metric.get("Instances", ())
    return tuple(sorted(Span(i["BeginOffsetMillis"], i["EndOffsetMillis"]) for i in found))
