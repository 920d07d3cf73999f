"""Evidence as it may be shown: out of the redacted conversation, which holds nothing that is masked."""

from __future__ import annotations

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.rules.engine import CompiledRules
from chalicelib.domain.rules.finding import Finding, Point, Tools
from chalicelib.domain.rules.rule import Rule, RuleSet
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.flow.past import shown_subject


def judge(rule: Rule, subject: Subject, tools: Tools) -> tuple[Finding | None, str]:
    """What the rule says of a conversation, or why it failed."""
    (verdict,) = CompiledRules(RuleSet(rule.id, (rule,))).explain(subject, tools)
    return verdict.finding, verdict.error


def shown_evidence(
    analysis: ContactAnalysis, rule: Rule, tools: Tools
) -> tuple[tuple[Point, ...], tuple[Line, ...]]:
    """Evidence of the first conversation that matches as it is shown, and its lines; none where the rule
    matched on words that are masked."""
    for one in analysis.conversations:
        subject = shown_subject(one, analysis.record)
        finding, _ = judge(rule, subject, tools)
        if finding and finding.met:
            return finding.points, subject.lines
    return (), ()
