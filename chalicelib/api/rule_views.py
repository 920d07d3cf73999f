"""Rules, publications and findings as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.api import rule_models as models
from chalicelib.domain.rules import actions
from chalicelib.domain.rules.backtest import Change
from chalicelib.domain.rules.explain import Told
from chalicelib.domain.rules.finding import Point
from chalicelib.domain.rules.rule import Rule
from chalicelib.domain.rules.subject import Line
from chalicelib.flow.sweeps import Sweep
from chalicelib.formats import rule_document
from chalicelib.formats.instants import iso
from chalicelib.formats.rule_forms import Form
from chalicelib.ports.rules import WITHDRAWN, Entry, Saved

QUOTES = 5


def summary(saved: Saved, in_force: Rule | None, entry: Entry | None) -> models.RuleSummary:
    """``entry``: the rule's latest line of the ledger."""
    rule = saved.rule
    status = "PUBLISHED" if in_force else "WITHDRAWN" if entry else "DRAFT"
    return models.RuleSummary(
        id=rule.id,
        name=rule.name,
        version=rule.version,
        in_force=standing(in_force, entry),
        channel=rule.channel,
        real_time=rule.real_time,
        status=status,
        description=rule.description,
    )


def standing(in_force: Rule | None, entry: Entry | None) -> models.InForce | None:
    if in_force is None:
        return None
    return models.InForce(
        version=in_force.version,
        from_=_iso(entry.from_ms) if entry else None,
        published_timestamp=_iso(entry.at_ms) if entry else None,
        published_by=entry.by if entry else None,
    )


def version(saved: Saved) -> models.RuleVersion:
    return models.RuleVersion(**_version(saved))


def detail(saved: Saved, form: Form) -> models.RuleDetail:
    """Raises ``RuleRefused`` where the form cannot hold the rule."""
    rule = saved.rule
    return models.RuleDetail(
        id=rule.id,
        description=rule.description,
        channel=rule.channel,
        real_time=rule.real_time,
        form=form.value,
        document=rule_document.write(rule, form),
        warnings=list(actions.warnings([rule])),
        **_version(saved),
    )


def _version(saved: Saved) -> dict[str, int | str | None]:
    return {
        "version": saved.rule.version,
        "name": saved.rule.name,
        "saved_timestamp": _iso(saved.at_ms or None),
        "saved_by": saved.by or None,
    }


def publication(entry: Entry, sweep: Sweep | None) -> models.RulePublication:
    return models.RulePublication(
        number=entry.number,
        rule_id=entry.rule_id,
        version=None if entry.version == WITHDRAWN else entry.version,
        from_=_iso(entry.from_ms),
        published_timestamp=iso(entry.at_ms),
        published_by=entry.by,
        quiet=entry.quiet,
        backfill=sweep and _backfill(sweep),
    )


def _backfill(sweep: Sweep) -> models.Backfill:
    return models.Backfill(
        id=sweep.id, state=sweep.state, contacts=sweep.tally.contacts, changed=sweep.hints
    )


def backtest(sweep: Sweep, expected: int) -> models.Backtest:
    told = sweep.tally
    return models.Backtest(
        id=sweep.id,
        rule_id=sweep.rule_id,
        version=sweep.version,
        against=sweep.against,
        since=_iso(sweep.since_ms),
        until=_iso(sweep.until_ms),
        started_timestamp=iso(sweep.at_ms),
        started_by=sweep.by,
        state=sweep.state,
        contacts=told.contacts,
        expected_contacts=expected,
        without_text=told.without,
        matched=told.matched,
        unknown=told.unknown,
        added=told.changes.get(Change.ADDED, 0),
        removed=told.changes.get(Change.REMOVED, 0),
        kept=told.changes.get(Change.KEPT, 0),
        by_queue=_counts(told.by_queue),
        by_agent=_counts(told.by_agent),
        by_day=sorted(_counts(told.by_day), key=lambda one: one.name),
        reasons=_counts(told.reasons),
    )


def _counts(counted: Mapping[str, int]) -> list[models.Count]:
    """Most first."""
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [models.Count(name=name, count=count) for name, count in ranked]


def explanation(told: Told) -> models.Explanation:
    return models.Explanation(
        state=told.state,
        needed=told.needed,
        saw=told.saw,
        parts=[explanation(part) for part in told.parts],
    )


def quotes(points: Iterable[Point], lines: Sequence[Line]) -> list[models.Quote]:
    """The first pieces of evidence, out of these lines."""
    by_id = {line.id: line for line in lines}
    return [_quote(point, by_id.get(point.turn_id)) for point in list(points)[:QUOTES]]


def _quote(point: Point, line: Line | None) -> models.Quote:
    return models.Quote(
        segment_id=point.turn_id,
        participant_role=line.role if line else None,
        text=line.text if line else "",
        begin_char=point.begin,
        end_char=point.end,
        begin_offset_millis=point.begin_ms,
    )


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso(at_ms)
