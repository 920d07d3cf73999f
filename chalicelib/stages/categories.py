"""The categories of a conversation: what its rules say, and what they could not judge."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.rules.carry import point_of_interest
from chalicelib.domain.rules.engine import CompiledRules, Judgement
from chalicelib.domain.rules.explain import grounds
from chalicelib.domain.rules.finding import Tools
from chalicelib.domain.rules.rule import CategoryMatch, RuleSet
from chalicelib.domain.rules.subject import Subject
from chalicelib.domain.transcript import Transcript

KEPT = 16
_compiled: dict[str, CompiledRules] = {}


def compiled(rules: RuleSet) -> CompiledRules:
    """The rule set made ready; the latest few are kept by their version."""
    known = _compiled.get(rules.id)
    if known is None or known.rules != rules.rules:
        while len(_compiled) >= KEPT:
            _compiled.pop(next(iter(_compiled)), None)
        known = _compiled[rules.id] = CompiledRules(rules)
    return known


def make(
    subject: Subject, raw: Transcript, rules: RuleSet, tools: Tools
) -> tuple[tuple[CategoryMatch, ...], tuple[SkippedAnalysis, ...]]:
    """The product of the ``categories`` stage. ``subject`` was gathered from ``raw``.

    A rule that fails is reported and disables nothing else.
    """
    judged = compiled(rules).judge(subject, tools)
    turns = {turn.id: turn for turn in raw.turns}
    matches = tuple(
        CategoryMatch(
            verdict.rule.name,
            verdict.rule.id,
            verdict.rule.version,
            tuple(point_of_interest(point, turns) for point in verdict.finding.points),
            grounds(verdict.finding),
        )
        for verdict in judged.verdicts
        if verdict.finding and verdict.matched
    )
    return matches, tuple(_skipped(judged, subject.channel.lower()))


def _skipped(judged: Judgement, name: str) -> Iterator[SkippedAnalysis]:
    for capability, reason in judged.lacking.items():
        yield SkippedAnalysis(capability, judged.codes[capability], reason, name)
    for verdict in judged.verdicts:
        if verdict.error:
            yield SkippedAnalysis(
                f"category:{verdict.rule.name}", "RULE_FAILED", verdict.error, name
            )
