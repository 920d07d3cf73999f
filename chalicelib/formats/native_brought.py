"""What an imported source said of a conversation, in Loupe's own document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.brought import Brought, BroughtCategory, BroughtPoint, BroughtSummary
from chalicelib.domain.rules.rule import CategoryMatch
from chalicelib.domain.transcript import Engine

Tree = dict[str, Any]


def brought_tree(said: Brought, matches: Iterable[CategoryMatch]) -> Tree:
    """``matches`` are those of Loupe's own rules: which names both found is said."""
    ours = {match.name for match in matches}
    return {
        "source": engine_tree(said.source),
        "categories": [_category(c, found=c.name in ours) for c in said.categories],
        "summary": _summary(said.summary) if said.summary else None,
    }


def _category(category: BroughtCategory, *, found: bool) -> Tree:
    return {
        "name": category.name,
        "foundByRules": found,
        "pointsOfInterest": [_point(point) for point in category.points],
    }


def _point(point: BroughtPoint) -> Tree:
    return {
        "beginOffsetMillis": point.span.begin_ms if point.span else None,
        "endOffsetMillis": point.span.end_ms if point.span else None,
        "items": [
            {"segmentId": item.turn_id, "beginChar": item.begin, "endChar": item.end}
            for item in point.items
        ],
    }


def _summary(summary: BroughtSummary) -> Tree:
    return {
        "text": summary.text,
        "masked": list(summary.masked),
        "detector": engine_tree(summary.detector) if summary.detector else None,
    }


def engine_tree(engine: Engine) -> Tree:
    """An engine wherever the document names one."""
    return {"name": engine.name, "version": engine.version, "detail": engine.detail}
