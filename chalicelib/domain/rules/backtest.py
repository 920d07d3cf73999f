"""What a rule would have matched: counts over history, and the difference to what was published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from chalicelib.domain.rules.engine import CompiledRules, Verdict, unjudged
from chalicelib.domain.rules.finding import State, Tools
from chalicelib.domain.rules.rule import Rule, RuleSet
from chalicelib.domain.rules.subject import Subject

SAMPLES = 20


class Change(StrEnum):
    """How a contact fares under the new version."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    KEPT = "KEPT"


@dataclass(frozen=True, slots=True)
class Case:
    """A contact of the past; ``before``: whether the version compared with matched it."""

    contact_id: str
    at_ms: int
    queue: str
    agent: str
    subjects: tuple[Subject, ...]
    before: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """``state`` over all conversations of the contact; ``reasons`` why conditions could not be judged."""

    case: Case
    state: State
    reasons: tuple[str, ...] = ()

    @property
    def change(self) -> Change | None:
        now = self.state is State.MET
        if now and not self.case.before:
            return Change.ADDED
        if self.case.before:
            return Change.KEPT if now else Change.REMOVED
        return None


class Trial:
    """One rule made ready to be tried on contact after contact."""

    def __init__(self, rule: Rule, tools: Tools) -> None:
        self._rule = rule
        self._tools = tools
        self._compiled = CompiledRules(RuleSet(f"trial of {rule.id}", (rule,)))

    def on(self, case: Case) -> Outcome:
        """What the rule says of a contact: met in any of its conversations, else unknown in one."""
        verdicts = self._verdicts(case.subjects)
        if any(verdict.matched for verdict in verdicts):
            return Outcome(case, State.MET)
        reasons = tuple(dict.fromkeys(reason for one in verdicts for reason in _reasons(one)))
        return Outcome(case, State.UNKNOWN if reasons else State.NOT_MET, reasons)

    def matches(self, subjects: tuple[Subject, ...]) -> bool:
        """Whether any conversation matches."""
        return any(self._compiled.matching(subject, self._tools) for subject in subjects)

    def _verdicts(self, subjects: tuple[Subject, ...]) -> list[Verdict]:
        return [one for s in subjects for one in self._compiled.weigh(s, self._tools)]


def _reasons(verdict: Verdict) -> Iterable[str]:
    if verdict.error:
        return (verdict.error,)
    found = verdict.finding
    return unjudged(found) if found and found.state is State.UNKNOWN else ()


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts so far. ``without``: contacts of which nothing is left to judge.

    ``by_queue``, ``by_agent`` and ``by_day`` (UTC) count matches, under an empty name where it is not
    known. ``samples``: the first contacts of each change, newest contacts first.
    """

    contacts: int = 0
    without: int = 0
    matched: int = 0
    unknown: int = 0
    changes: Mapping[str, int] = field(default_factory=dict)
    by_queue: Mapping[str, int] = field(default_factory=dict)
    by_agent: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def plus(self, other: Tally) -> Tally:
        """Both together; ``other`` is about older contacts."""
        counted = {
            name: dict(Counter(getattr(self, name)) + Counter(getattr(other, name)))
            for name in ("changes", "by_queue", "by_agent", "by_day", "reasons")
        }
        kinds = self.samples.keys() | other.samples.keys()
        return Tally(
            contacts=self.contacts + other.contacts,
            without=self.without + other.without,
            matched=self.matched + other.matched,
            unknown=self.unknown + other.unknown,
            samples={
                kind: (*self.samples.get(kind, ()), *other.samples.get(kind, ()))[:SAMPLES]
                for kind in sorted(kinds)
            },
            **counted,
        )


def tally(outcomes: list[Outcome]) -> Tally:
    """The counts of some contacts, in the order that they are given."""
    matched = [one for one in outcomes if one.state is State.MET]
    samples: dict[str, tuple[str, ...]] = {}
    for one in outcomes:
        if one.change and len(samples.get(one.change, ())) < SAMPLES:
            samples[one.change] = (*samples.get(one.change, ()), one.case.contact_id)
    nothing = sum(1 for one in outcomes if not one.case.subjects)
    return Tally(
        contacts=len(outcomes),
        without=nothing,
        matched=len(matched),
        unknown=sum(1 for one in outcomes if one.state is State.UNKNOWN),
        changes=dict(Counter(one.change.value for one in outcomes if one.change)),
        by_queue=dict(Counter(one.case.queue for one in matched)),
        by_agent=dict(Counter(one.case.agent for one in matched)),
        by_day=dict(Counter(_day(one.case.at_ms) for one in matched)),
        reasons=dict(Counter(reason for one in outcomes for reason in one.reasons)),
        samples=samples,
    )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")


def compared(case: Case, against: Trial | None) -> Case:
    """The case with what another version says of it in place of what was published."""
    return case if against is None else replace(case, before=against.matches(case.subjects))
