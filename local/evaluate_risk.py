"""``loupe follow-ups evaluate-risk``: the model of risk on a file of events, trained on the first part in
time and asked about the later one.

The variables of an event are its own columns and the history of each value that comes again, as it was known
just before the event: with verdicts that are known at once, a month later, and with none at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.adapters.engines.risk_training import quality, too_few, train
from chalicelib.domain.errors import InputRefused
from chalicelib.domain.risk.history import Happened, History, plain, repeating
from chalicelib.domain.risk.model import Example
from chalicelib.formats import fraud_events

DIGITS = 6
TRAINED = 0.7
CAPACITIES = (0.01, 0.02, 0.05)
VARIANTS: Mapping[str, int | None] = {
    "known at once": 0,
    "known after 30 days": 30 * 24 * 3600 * 1000,
    "none": None,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """An event of the later part with the probability that the model gave it."""

    event: Happened
    fraud: bool
    share: float
    variables: Mapping[str, str]


def read(path: Path) -> list[Happened]:
    """The events of a file. Raises ``InputRefused``."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputRefused("object.unreadable", error.strerror or "cannot be read") from error
    return fraud_events.read(body)


def report(events: Sequence[Happened], trained: float = TRAINED) -> dict[str, Any]:
    """The document. ``trained``: the share of events to learn from. Raises ``InputRefused`` where the first
    part makes no model or the later one shows nothing, ``EngineMissing`` without scikit-learn."""
    known = [event for event in events if event.fraud is not None]
    first = known[: int(len(known) * trained)]
    keys = repeating(first)
    others = plain(first, keys)
    variants = {
        name: _asked(events, keys, others, delay_ms, len(first))
        for name, delay_ms in VARIANTS.items()
    }
    return {
        "events": len(events),
        "withVerdict": len(known),
        "trainedOn": len(first),
        "history": list(keys),
        "columns": list(others),
        "verdictsInVariables": {
            name: _whole(asked, first, keys) for name, asked in variants.items()
        },
        "seldomSeenAlone": {key: _seldom(variants["none"], key) for key in keys},
    }


def _asked(
    events: Sequence[Happened],
    keys: Sequence[str],
    others: Sequence[str],
    delay_ms: int | None,
    cut: int,
) -> list[_Asked]:
    """The later part. An event without a verdict is history to others, and is not asked about."""
    told = History(keys, delay_ms).variables(events)
    rows = [
        (event, Example(event.id, event.at_ms, {**_own(event, others), **known}, event.fraud))
        for event, known in zip(events, told, strict=True)
        if event.fraud is not None
    ]
    if reason := too_few([example for _, example in rows[:cut]]):
        raise InputRefused("fraud_events.few", f"to learn from: {reason}")
    model = train([example for _, example in rows[:cut]])
    return [
        _Asked(event, e.fraud, model.probability(model.row(e.variables)), e.variables)
        for event, e in rows[cut:]
    ]


def _own(event: Happened, others: Sequence[str]) -> dict[str, str]:
    return {name: event.values[name] for name in others if name in event.values}


def _whole(
    asked: Sequence[_Asked], first: Sequence[Happened], keys: Sequence[str]
) -> dict[str, Any]:
    """All of the later part, and apart what has values that were not trained on."""
    whole = _figures(asked)
    if "auc" not in whole:
        raise InputRefused("fraud_events.few", "the later part has verdicts of one kind only")
    parts = {}
    for key in keys:
        seen = {event.values.get(key) for event in first}
        for name, wanted in (("seen", True), ("not seen", False)):
            of_part = [one for one in asked if (one.event.values.get(key) in seen) is wanted]
            parts[f"{key} {name} in training"] = _figures(of_part)
    return {"all": whole, "parts": parts}


def _figures(asked: Sequence[_Asked]) -> dict[str, Any]:
    """A part with one kind of verdict has no figures but its counts."""
    frauds = sum(one.fraud for one in asked)
    counts = {"count": len(asked), "frauds": frauds}
    if not 0 < frauds < len(asked):
        return counts
    told = quality([one.share for one in asked], [int(one.fraud) for one in asked])
    return {
        **counts,
        "baseRate": round(frauds / len(asked), DIGITS),
        "auc": round(told.auc, DIGITS),
        "brier": round(told.brier, DIGITS),
        "calibrationError": round(told.ece, DIGITS),
        "reviewed": [_reviewed(asked, capacity, frauds) for capacity in CAPACITIES],
    }


def _reviewed(asked: Sequence[_Asked], capacity: float, frauds: int) -> dict[str, float]:
    """What reviewers find who look at the highest scores, and at no more than this share."""
    top = sorted(asked, key=lambda one: -one.share)[: max(1, int(len(asked) * capacity))]
    hits = sum(one.fraud for one in top)
    return {
        "share": capacity,
        "precision": round(hits / len(top), DIGITS),
        "recall": round(hits / frauds, DIGITS),
    }


def _seldom(asked: Sequence[_Asked], key: str) -> float:
    """The AUC of a single count, without any model: how seldom the value was seen before."""
    seldom = [1 / (1 + int(one.variables.get(f"{key}_seen", "0"))) for one in asked]
    return round(quality(seldom, [int(one.fraud) for one in asked]).auc, DIGITS)
