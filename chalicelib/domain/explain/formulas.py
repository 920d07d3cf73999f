"""The formula of each metric: its words, its place in ``docs/metrics.md``, its arithmetic.

The arithmetic sees the inputs of an explanation and nothing else, so that a reader can do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.domain.explain.explanation import Explanation, Input, Metric
from chalicelib.domain.rounding import half_away, whole
from chalicelib.domain.timeline import union_ms

MINUTE_MS = 60_000
SECOND_MS = 1000
TALK, ASKED_OF = "talk time", "questions"


@dataclass(frozen=True, slots=True)
class Formula:
    """``id`` is an anchor of ``docs/metrics.md``; ``derive`` gives None where inputs are missing."""

    id: str
    text: str
    derive: Callable[[Explanation], float | None]


def formula_of(explanation: Explanation) -> Formula:
    return IMPORTED if explanation.imported and _one_published(explanation) else _of(explanation)


def _of(explanation: Explanation) -> Formula:
    return FORMULAS[explanation.metric]


def _one_published(explanation: Explanation) -> bool:
    return [each.what for each in explanation.inputs] == ["published"]


def derived(explanation: Explanation) -> float | None:
    """The number from its inputs alone."""
    return formula_of(explanation).derive(explanation)


def comes_out(explanation: Explanation) -> bool:
    """Whether the inputs give the stored value, exactly."""
    return derived(explanation) == explanation.value


def working(explanation: Explanation) -> str:
    """The arithmetic in one line, with the numbers of this explanation."""
    result = derived(explanation)
    if result is None:
        return "the analysis is older than the evidence for this number"
    if formula_of(explanation).derive is not _weighted_mean:
        count = len(explanation.inputs)
        return f"{_shown(result)} from {count} {'input' if count == 1 else 'inputs'}"
    total, weights = weighted_sums(explanation.inputs)
    if not weights:
        return "no turns: 0"
    exact = f"{_shown(total)} / {weights} = {_shown(total / weights)}"
    return exact if explanation.decimals is None else f"{exact}, rounded {_shown(result)}"


def _shown(value: float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def weighted_sums(inputs: Sequence[Input]) -> tuple[float, int]:
    """Sum of weight x points, sum of weights."""
    total = sum((each.weight or 0) * (each.quantity or 0) for each in inputs)
    return total, sum(each.weight or 0 for each in inputs)


def _quantities(e: Explanation, what: str | None = None) -> list[float]:
    return [
        i.quantity for i in e.inputs if i.quantity is not None and (what is None or i.what == what)
    ]


def _lengths(e: Explanation) -> int:
    return sum(i.span.duration_ms for i in e.inputs if i.span)


def _latest_end(e: Explanation) -> float:
    return max((i.span.end_ms for i in e.inputs if i.span), default=0)


def _sum(e: Explanation) -> float:
    return sum(_quantities(e))


def _count(e: Explanation) -> float:
    return len(e.inputs)


def _published(e: Explanation) -> float | None:
    return next(iter(_quantities(e)), None)


def _union(e: Explanation) -> float | None:
    """Both talk times less what is said at the same time, and no less than either of them."""
    both = _quantities(e)
    spans = [i.span for i in e.inputs if i.span]
    overlap = sum(span.duration_ms for span in spans) - union_ms(spans)
    return max(sum(both) - overlap, *both) if both else None


def _speed(e: Explanation) -> float | None:
    words, talk = _quantities(e, "words"), _quantities(e, TALK)
    if not words or not talk:
        return None
    return whole(words[0] * MINUTE_MS / talk[0]) if talk[0] else 0


def _seconds_touched(e: Explanation) -> float:
    """One value for each wall-clock second from begin to end; as published where it was."""
    if e.imported:
        return _sum(e)
    spans = (i.span for i in e.inputs if i.span)
    return sum(s.end_ms // SECOND_MS - s.begin_ms // SECOND_MS + 1 for s in spans)


def _mean(e: Explanation) -> float | None:
    waits = _quantities(e)
    return whole(sum(waits) / len(waits)) if waits else None


def _first(e: Explanation) -> float | None:
    return next(iter(_quantities(e)), None)


def _longest(e: Explanation) -> float | None:
    return max(_quantities(e), default=None)


def _question_rate(e: Explanation) -> float | None:
    asked = sum(_quantities(e, ASKED_OF))
    if talk := _quantities(e, TALK):
        return half_away(asked * MINUTE_MS / talk[0], 2) if talk[0] else None
    messages = _quantities(e, "messages")
    return half_away(asked / messages[0], 2) if messages and messages[0] else None


def _between(e: Explanation) -> float | None:
    begins = [i.span.begin_ms for i in e.inputs if i.span]
    return begins[-1] - begins[0] if begins else None


def _weighted_mean(e: Explanation) -> float:
    total, weights = weighted_sums(e.inputs)
    mean = total / weights if weights else 0.0
    return mean if e.decimals is None else half_away(mean, e.decimals)


SCORE = "sum of weight × points / sum of weights, over {}"
FORMULAS = {
    Metric.TOTAL_DURATION: Formula(
        "total-duration", "end of the last turn of anybody", _latest_end
    ),
    Metric.TALK_TIME: Formula("talk-time", "lengths of the own stretches of talk, added", _lengths),
    Metric.TALK_TIME_SUM: Formula("talk-time-sum", "talk times of both sides, added", _sum),
    Metric.TALK_TIME_UNION: Formula(
        "talk-time-union", "talk times of both sides, less the time in which both talk", _union
    ),
    Metric.NON_TALK_TIME: Formula(
        "non-talk-time", "lengths of the silences of both sides, added", _lengths
    ),
    Metric.INTERRUPTIONS: Formula(
        "interruptions", "number of turns that interrupt the other side", _count
    ),
    Metric.TALK_SPEED: Formula("talk-speed", "words / own talk time in minutes", _speed),
    Metric.LOUDNESS: Formula(
        "loudness", "one value for each second that a turn touches", _seconds_touched
    ),
    Metric.LONGEST_MONOLOGUE: Formula(
        "longest-monologue", "length of the longest stretch of own talk", _lengths
    ),
    Metric.PATIENCE: Formula("patience", "mean of the waits before own turns", _mean),
    Metric.QUESTION_RATE: Formula(
        "question-rate",
        "questions / own talk time in minutes; in a chat: questions / own messages",
        _question_rate,
    ),
    Metric.GREETING: Formula(
        "agent-greeting", "first message of the agent - the agent's joining", _between
    ),
    Metric.RESPONSE_AVERAGE: Formula("response-time-average", "mean of the responses", _mean),
    Metric.RESPONSE_MAXIMUM: Formula("response-time-maximum", "the longest response", _longest),
    Metric.RESPONSE_FIRST: Formula("response-time-first", "the first response", _first),
    Metric.SENTIMENT: Formula("sentiment", SCORE.format("all own turns or groups"), _weighted_mean),
    Metric.SENTIMENT_QUARTER: Formula(
        "sentiment-quarter", SCORE.format("the own turns that begin in the quarter"), _weighted_mean
    ),
    Metric.SENTIMENT_SHIFT: Formula(
        "sentiment-shift",
        SCORE.format("the own turns or groups of the first and of the last quarter of time"),
        _weighted_mean,
    ),
    Metric.SENTIMENT_PROGRESSIVE: Formula(
        "sentiment-progressive", SCORE.format("the last three own groups"), _weighted_mean
    ),
    Metric.SENTIMENT_WITH_AGENT: Formula(
        "sentiment-with-agent", SCORE.format("the groups since the agent came"), _weighted_mean
    ),
    Metric.SENTIMENT_WITHOUT_AGENT: Formula(
        "sentiment-without-agent", SCORE.format("the groups before the agent came"), _weighted_mean
    ),
    Metric.SENTIMENT_SHIFT_WITH_AGENT: Formula(
        "sentiment-shift-with-agent",
        SCORE.format("the first and the last quarter of the time with the agent"),
        _weighted_mean,
    ),
    Metric.CATEGORY: Formula("category", "number of places where the rule matched", _count),
    Metric.REDACTIONS: Formula("redactions", "number of masked stretches of text", _count),
    Metric.HOLD_TIME: Formula("hold-time", "as the contact record has it", _published),
    Metric.LONGEST_HOLD: Formula("longest-hold", "as the contact record has it", _published),
    Metric.HOLDS: Formula("holds", "as the contact record has it", _published),
}
IMPORTED = Formula("imported", "taken over as the source published it", _published)
