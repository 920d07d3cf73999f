"""A rule set made ready, and what it says of a conversation.

Conditions on words name *anchors*: words without which they find nothing. Only rules of which an anchor
was said are judged, besides those that can match without any; so a thousand rules cost little more than
ten. Compile once for each version of the rule set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chalicelib.domain.errors import LoupeError
from chalicelib.domain.rules import comparisons, conditions
from chalicelib.domain.rules.facts import TAG
from chalicelib.domain.rules.finding import Check, Finding, Look, State, Tools
from chalicelib.domain.rules.patterns import Anchor
from chalicelib.domain.rules.rule import (
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
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.rules.words import words

CHECKS: Mapping[type, Callable[[Any], Check]] = {
    ExactMatch: conditions.said,
    PatternMatch: conditions.said,
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
        self._always: list[int] = []
        by_anchor: defaultdict[Anchor, set[int]] = defaultdict(set)
        for number, tree in enumerate(self._trees):
            if not needs_words(tree):
                self._always.append(number)
            for check in checks_of(tree):
                for anchor in check.anchors or ():
                    by_anchor[anchor].add(number)
        self._rules_by_anchor = {anchor: tuple(numbers) for anchor, numbers in by_anchor.items()}
        plain = [a.words for a in by_anchor if not a.prefix]
        self._words = frozenset(word for word, *more in plain if not more)
        self._pairs = frozenset(pair for pair in plain if len(pair) > 1)
        prefixes: defaultdict[int, set[str]] = defaultdict(set)
        for (word,) in (a.words for a in by_anchor if a.prefix):
            prefixes[len(word)].add(word)
        self._prefixes = {length: frozenset(some) for length, some in prefixes.items()}

    def judge(self, subject: Subject, tools: Tools, *, any_channel: bool = False) -> Judgement:
        """What the rules say; ``any_channel`` asks those for other channels and for real time too."""
        look = Look(subject, tools, self._hits(subject.lines))
        told = (one for one in self._due(look, any_channel) if one.matched or one.error)
        return Judgement(tuple(told), look.lacking, look.codes)

    def weigh(self, subject: Subject, tools: Tools) -> list[Verdict]:
        """The rules that could match by the words that were said, whatever came of them."""
        return list(self._due(Look(subject, tools, self._hits(subject.lines)), any_channel=False))

    def explain(self, subject: Subject, tools: Tools) -> list[Verdict]:
        """Every rule with its finding, matched or not."""
        look = Look(subject, tools, self._hits(subject.lines))
        return [self._one(number, look) for number in range(len(self.rules))]

    def _due(self, look: Look, any_channel: bool) -> Iterator[Verdict]:
        due = {n for anchor in look.hits for n in self._rules_by_anchor[anchor]}
        for number in sorted(due.union(self._always)):
            if any_channel or applies(self.rules[number], look.subject):
                yield self._one(number, look)

    def _one(self, number: int, look: Look) -> Verdict:
        rule = self.rules[number]
        try:
            return Verdict(rule, self._trees[number].judge(look))
        except LoupeError as error:
            return Verdict(rule, None, str(error))

    def _hits(self, lines: Sequence[Line]) -> Mapping[Anchor, Sequence[int]]:
        hits: defaultdict[Anchor, list[int]] = defaultdict(list)
        for number, line in enumerate(lines):
            spoken = words(line.text)
            said = set(spoken)
            for word in said & self._words:
                hits[Anchor((word,))].append(number)
            for pair in self._pairs.intersection(pairwise(spoken)):
                hits[Anchor(pair)].append(number)
            for prefix in self._begun(said):
                hits[prefix].append(number)
        return hits

    def _begun(self, said: Iterable[str]) -> set[Anchor]:
        return {
            Anchor((word[:length],), prefix=True)
            for length, prefixes in self._prefixes.items()
            for word in said
            if word[:length] in prefixes
        }


def applies(rule: Rule, subject: Subject) -> bool:
    """Whether the rule is for finished conversations of this channel, tagged as it asks for."""
    return not rule.real_time and rule.channel in (None, subject.channel) and tagged(rule, subject)


def tagged(rule: Rule, subject: Subject) -> bool:
    return all(value in subject.facts.get(f"{TAG}{key}", ()) for key, value in rule.tags)


def unjudged(finding: Finding) -> Iterable[str]:
    """Reasons for which conditions of a rule could not be judged."""
    if finding.parts:
        return dict.fromkeys(r for part in finding.parts for r in unjudged(part))
    return (finding.reason,) if finding.state is State.UNKNOWN else ()
