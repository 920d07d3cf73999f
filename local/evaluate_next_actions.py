"""``loupe follow-ups evaluate``: the local next actions replayed over a log, beside popularity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalicelib.adapters.engines import action_model
from chalicelib.domain import replay
from chalicelib.domain.errors import InputRefused
from chalicelib.domain.popularity import trials
from chalicelib.formats import interactions
from chalicelib.formats.instants import iso

DIGITS = 4


def report(path: Path, at: float | int, k: int, *, repeats: bool = False) -> dict[str, Any]:
    """The document. ``at``: a share of the log, or a time in milliseconds. Raises ``InputRefused``."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputRefused("object.unreadable", error.strerror or "cannot be read") from error
    known = trials(interactions.load(body))
    cut = replay.cut_at(known, at) if isinstance(at, float) else at
    before, after = replay.split(known, cut)
    asked = replay.questions(before, after, repeats=repeats)
    if not asked:
        detail = "nobody took a known action after the split that they had not taken before"
        raise InputRefused("interactions.split", detail)
    model = action_model.fitted(before)
    ours, base = action_model.ranking(model), replay.by_popularity(before)
    found = replay.compare(asked, ours, base, k)
    return {
        "split": iso(cut),
        "trials": {"before": len(before), "after": len(after)},
        "actions": len({trial.action for trial in before}),
        "customers": found.customers,
        "questions": found.questions,
        "k": k,
        "engine": {"name": model.engine.name, "detail": model.engine.detail},
        "popularity": _scores(found.base),
        "local": _scores(found.ours),
        "gain": {"hitRate": _gain(found.hit_rate), "ndcg": _gain(found.ndcg)},
        "abovePopularity": found.hit_rate.shown and found.ndcg.shown,
    }


def _scores(scores: replay.Scores) -> dict[str, float]:
    return {"hitRate": round(scores.hit_rate, DIGITS), "ndcg": round(scores.ndcg, DIGITS)}


def _gain(gain: replay.Gain) -> dict[str, Any]:
    """With the interval of 95 %."""
    interval = [round(gain.low, DIGITS), round(gain.high, DIGITS)]
    return {"mean": round(gain.mean, DIGITS), "interval": interval}
