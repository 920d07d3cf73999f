"""How conditions on figures, times and fields of the contact record are judged."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.rules.facts import KEYED, NOT_TOLD, has, passes
from chalicelib.domain.rules.finding import Finding, Look, Point, State, unknown
from chalicelib.domain.rules.measures import METRICS, Metric
from chalicelib.domain.rules.rule import (
    ANY,
    Comparison,
    Fact,
    Interrupting,
    Measure,
    Scope,
    Silence,
)
from chalicelib.domain.rules.subject import Overlap, Subject
from chalicelib.domain.transcript import ANALYSED_ROLES, Channel, Span

SILENT = ("non_talk", "longest_non_talk", "non_talk_share")


def _moment(span: Span | Overlap) -> Point:
    return Point("", 0, 0, span.begin_ms, span.end_ms)


def _close(node: Fact | Measure | Silence | Interrupting, finding: Finding) -> Finding:
    return finding.negated() if node.negate else finding


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure against a bound. Without a role, either side's figure is enough."""

    node: Measure
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        node, metric = self.node, METRICS[self.node.metric]
        if metric.only and metric.only is not look.subject.channel:
            which = "calls" if metric.only is Channel.VOICE else "chats"
            return unknown(node, f"only {which} have this figure")
        known = {
            key: look.subject.figures[key]
            for key in _keys(metric, node.role)
            if key in look.subject.figures
        }
        if not known:
            return unknown(node, _why_missing(look.subject, metric))
        met = any(self._holds(value) for value in known.values())
        saw = ", ".join(f"{_side(key)}{value:g} {metric.unit}" for key, value in known.items())
        points = _evidence(look.subject, node.metric) if met else ()
        return _close(node, Finding(node, State.MET if met else State.NOT_MET, points, saw))

    def _holds(self, value: float) -> bool:
        if self.node.comparison is Comparison.AT_LEAST:
            return value >= self.node.value
        return value <= self.node.value


def _keys(metric: Metric, role: str | None) -> tuple[str, ...]:
    if not metric.by_role:
        return (metric.name,)
    roles = ANALYSED_ROLES if role in (None, ANY) else (role,)
    return tuple(f"{metric.name}:{one}" for one in roles)


def _side(key: str) -> str:
    _, _, role = key.partition(":")
    return f"{role.lower()} " if role else ""


def _why_missing(subject: Subject, metric: Metric) -> str:
    own = ("sentiment",) if metric.name.startswith("sentiment") else (metric.name, "record")
    return next((subject.missing[name] for name in own if name in subject.missing), NOT_TOLD)


def _evidence(subject: Subject, metric: str) -> tuple[Point, ...]:
    if metric == "longest_non_talk" and subject.silences:
        return (_moment(max(subject.silences, key=lambda s: s.duration_ms)),)
    if metric in SILENT:
        return tuple(map(_moment, subject.silences))
    if metric in ("interruptions", "interruptions_by"):
        return tuple(map(_moment, subject.interruptions))
    return ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A field of the contact record."""

    node: Fact
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        node, facts = self.node, look.subject.facts
        if node.name not in facts and not (node.name.startswith(KEYED) and facts):
            reason = look.subject.missing.get("record", NOT_TOLD)
            return unknown(node, reason)
        values = [v for v in facts.get(node.name, ()) if passes(v, node.filters)]
        hit = any(has(node.name, value, wanted) for value in values for wanted in node.values)
        met = hit if node.values else not values
        saw = ", ".join(values) or "nothing"
        return _close(node, Finding(node, State.MET if met else State.NOT_MET, saw=saw))


@dataclass(frozen=True, slots=True)
class Silent:
    """Time in which nobody speaks, cut to the window."""

    node: Silence
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        node, subject = self.node, look.subject
        if subject.channel is not Channel.VOICE or "non_talk" not in subject.figures:
            return unknown(node, "only calls have non-talk time")
        low, high = look.bounds(Scope(window=node.window))
        cut = [(gap, min(gap.end_ms, high) - max(gap.begin_ms, low)) for gap in subject.silences]
        long = [_moment(gap) for gap, length in cut if length >= max(node.threshold_ms, 1)]
        longest = max((length for _, length in cut), default=0)
        state = State.MET if long else State.NOT_MET
        return _close(node, Finding(node, state, tuple(long), f"longest {longest / 1000:g} s"))


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Interruptions that begin in the window."""

    node: Interrupting
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        node, subject = self.node, look.subject
        if "interruptions" not in subject.figures:
            return unknown(
                node, subject.missing.get("interruptions", "only calls have interruptions")
            )
        low, high = look.bounds(node.scope)
        found = [
            one
            for one in subject.interruptions
            if node.scope.role in (None, ANY, one.role) and low <= one.begin_ms < high
        ]
        long = [one for one in found if one.end_ms - one.begin_ms >= node.threshold_ms]
        state = State.MET if long else State.NOT_MET
        points = tuple(map(_moment, long))
        return _close(node, Finding(node, state, points, f"{len(found)} interruptions"))
