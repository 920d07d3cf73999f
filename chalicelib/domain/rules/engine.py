"""A rule set made ready, and what it says of a conversation.

Conditions on words name *anchors*: words without which they find nothing. Only rules of which an anchor
was said are judged, besides those that can match without any; so a thousand rules cost little more than
ten. Compile once for each version of the rule set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import LoupeError
from chalicelib.domain.rules import comparisons, conditions
from chalicelib.domain.rules.anchors import Anchor, AnchorIndex
from chalicelib.domain.rules.facts import TAG
from chalicelib.domain.rules.finding import Check, Finding, Look, State, Tools
from chalicelib.domain.rules.rule import (
    ANY,
    ExactMatch,
    Fact,
    Group,
    Interrupting,
    Measure,
    Node,
    Operator,
    PatternMatch,
    PersonalData,
    RegexMatch,
    Rule,
    RuleSet,
    SemanticMatch,
    SentimentState,
    Silence,
    Statement,
)
from chalicelib.domain.rules.subject import Subject

CHECKS: Mapping[type, Callable[[Any], Check]] = {
    ExactMatch: conditions.said,
    PatternMatch: conditions.patterned,
    SemanticMatch: conditions.Meant,
    Statement: conditions.Stated,
    RegexMatch: conditions.Expressed,
    PersonalData: conditions.Private,
    SentimentState: conditions.Felt,
    Fact: comparisons.Recorded,
    Measure: comparisons.Measured,
    Silence: comparisons.Silent,
    Interrupting: comparisons.Interrupted,
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A group made ready."""

    node: Group
    members: tuple[Branch | Check, ...]

    def judge(self, look: Look) -> Finding:
        parts = tuple(member.judge(look) for member in self.members)
        states = {part.state for part in parts}
        decisive = State.NOT_MET if self.node.operator is Operator.AND else State.MET
        if decisive in states:
            state = decisive
        elif State.UNKNOWN in states:
            state = State.UNKNOWN
        else:
            state = State.MET if decisive is State.NOT_MET else State.NOT_MET
        reason = next((p.reason for p in parts if p.reason), "")
        points = tuple(p for part in parts if part.met for p in part.points)
        finding = Finding(self.node, state, points, reason=reason, parts=parts)
        return finding.negated() if self.node.negate else finding


def ready(node: Node) -> Branch | Check:
    """Raises ``ValueError`` for a pattern that can be read in two ways."""
    if isinstance(node, Group):
        return Branch(node, tuple(ready(member) for member in node.members))
    return CHECKS[type(node)](node)


def checks_of(tree: Branch | Check) -> Iterator[Check]:
    if isinstance(tree, Branch):
        for member in tree.members:
            yield from checks_of(member)
    else:
        yield tree


def needs_words(tree: Branch | Check) -> bool:
    """Whether nothing can match unless one of its anchors was said."""
    if isinstance(tree, Branch):
        if tree.node.negate:
            return False
        needs = (needs_words(member) for member in tree.members)
        return any(needs) if tree.node.operator is Operator.AND else all(needs)
    return tree.anchors is not None and not tree.node.negate


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule that was judged, with its finding; ``error``: it failed, and disabled nothing else."""

    rule: Rule
    finding: Finding | None
    error: str = ""

    @property
    def matched(self) -> bool:
        return self.finding is not None and self.finding.met


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rules that matched or failed, in the order of the rules; ``lacking``: reasons for capabilities
    that conditions asked for in vain, ``codes``: the same as reason codes."""

    verdicts: tuple[Verdict, ...]
    lacking: Mapping[str, str]
    codes: Mapping[str, str]


class CompiledRules:
    """A rule set with its index of anchors. Safe to share between threads."""

    def __init__(self, rules: RuleSet) -> None:
        self.id = rules.id
        self.rules = rules.rules
        self._trees = tuple(ready(rule.when) for rule in rules.rules)
        self._always = [n for n, tree in enumerate(self._trees) if not needs_words(tree)]
        self._sure: defaultdict[Anchor, list[tuple[str | None, int]]] = defaultdict(list)
        self._open: defaultdict[Anchor, list[int]] = defaultdict(list)
        for number, tree in enumerate(self._trees):
            self._note(number, tree)
        self._index = AnchorIndex(self._sure.keys() | self._open.keys())

    def _note(self, number: int, tree: Branch | Check) -> None:
        """Note by anchor what it means for the rule: that it matches where a side says it, or that it
        has to be judged."""
        if isinstance(tree, conditions.Said) and tree.decisive:
            role = tree.node.scope.role
            for anchor in tree.anchors:
                self._sure[anchor].append((None if role == ANY else role, number))
            return
        for anchor in {a for check in checks_of(tree) for a in check.anchors or ()}:
            self._open[anchor].append(number)

    def judge(self, subject: Subject, tools: Tools, *, any_channel: bool = False) -> Judgement:
        """What the rules say; ``any_channel`` asks those for other channels and for real time too."""
        look = Look(subject, tools, self._index.heard(subject.lines))
        told = (one for one in self._due(look, any_channel) if one.matched or one.error)
        return Judgement(tuple(told), look.lacking, look.codes)

    def weigh(self, subject: Subject, tools: Tools) -> list[Verdict]:
        """The rules that could match by the words that were said, whatever came of them. Of words and
        patterns the first place is evidence enough here."""
        look = Look(subject, tools, self._index.heard(subject.lines), brief=True)
        return list(self._due(look, any_channel=False))

    def matching(self, subject: Subject, tools: Tools) -> list[Rule]:
        """The rules that ``judge`` says match, in their order, without evidence: what a phrase that was
        said decides is not looked at again."""
        look = Look(subject, tools, self._index.heard(subject.lines), brief=True)
        met = {number for number in self._undecided(look) if self._one(number, look).matched}
        every = (self.rules[number] for number in sorted(met | self._decided(look)))
        return [rule for rule in every if applies(rule, subject)]

    def _decided(self, look: Look) -> set[int]:
        """The rules that match because their side says an anchor."""
        places, line_of, lines = look.heard.places, look.heard.line_of, look.subject.lines
        return {
            number
            for anchor in places.keys() & self._sure.keys()
            for role, number in self._sure[anchor]
            if role is None or any(lines[line_of[at]].role == role for at in places[anchor])
        }

    def _undecided(self, look: Look) -> set[int]:
        """The rules that have to be judged: one of their anchors was said, or they can do without."""
        said = look.heard.places.keys() & self._open.keys()
        return {number for anchor in said for number in self._open[anchor]}.union(self._always)

    def explain(self, subject: Subject, tools: Tools) -> list[Verdict]:
        """Every rule with its finding, matched or not."""
        look = Look(subject, tools, self._index.heard(subject.lines))
        return [self._one(number, look) for number in range(len(self.rules))]

    def _due(self, look: Look, any_channel: bool) -> Iterator[Verdict]:
        said = look.heard.places.keys() & self._sure.keys()
        named = {number for anchor in said for _, number in self._sure[anchor]}
        for number in sorted(self._undecided(look) | named):
            if any_channel or applies(self.rules[number], look.subject):
                yield self._one(number, look)

    def _one(self, number: int, look: Look) -> Verdict:
        rule = self.rules[number]
        try:
            return Verdict(rule, self._trees[number].judge(look))
        except LoupeError as error:
            return Verdict(rule, None, str(error))


def applies(rule: Rule, subject: Subject) -> bool:
    """Whether the rule is for finished conversations of this channel, tagged as it asks for."""
    here = not rule.real_time and rule.channel in (None, subject.channel)
    return here and (not rule.tags or tagged(rule, subject))


def tagged(rule: Rule, subject: Subject) -> bool:
    return all(value in subject.facts.get(f"{TAG}{key}", ()) for key, value in rule.tags)


def unjudged(finding: Finding) -> Iterable[str]:
    """Reasons for which conditions of a rule could not be judged."""
    if finding.parts:
        return dict.fromkeys(r for part in finding.parts for r in unjudged(part))
    return (finding.reason,) if finding.state is State.UNKNOWN else ()
