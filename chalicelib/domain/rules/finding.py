"""What judging a condition comes to, and what it is judged with.

Three values, as in Kleene's logic: a condition about something that is not known is neither met nor not
met, and neither is its negation. A rule matches only where it is met.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from chalicelib.domain.rules.anchors import Anchor, Heard
from chalicelib.domain.rules.rule import ANY, Condition, Node, Scope
from chalicelib.domain.rules.subject import Line, Subject
from chalicelib.domain.rules.words import Spoken, spoken


class State(StrEnum):
    MET = "MET"
    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"


class Point(NamedTuple):
    """Evidence: characters of the line with this id, or a time alone (no id, no offsets). A tuple, since
    a conversation may have thousands."""

    turn_id: str
    begin: int
    end: int
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Finding:
    """``saw``: what was there in place of what was needed; ``reason``: why nobody can know.

    ``parts`` are the findings of a group's members, in order.
    """

    node: Node
    state: State
    points: tuple[Point, ...] = ()
    saw: str = ""
    reason: str = ""
    parts: tuple[Finding, ...] = ()

    @property
    def met(self) -> bool:
        return self.state is State.MET

    def negated(self) -> Finding:
        """The finding of NOT: what spoke against it stays as its points, what spoke for it is none."""
        if self.state is State.UNKNOWN:
            return self
        if self.state is State.MET:
            return replace(self, state=State.NOT_MET)
        return replace(self, state=State.MET, points=())


def unknown(node: Node, reason: str) -> Finding:
    return Finding(node, State.UNKNOWN, reason=reason)


class Meaning(Protocol):
    """Compares texts by meaning. Raises ``EngineMissing``, ``IntegrityError``, ``Unavailable``."""

    threshold: float

    def likeness(self, examples: Sequence[str], texts: Sequence[str]) -> Sequence[float]:
        """For each text the cosine similarity (-1..1) to the example that is nearest to it."""


class Reader(Protocol):
    """Judges sentences about a conversation. Raises ``EngineMissing``, ``Unavailable``, ``NotAnswered``."""

    def holds(self, statement: str, lines: Sequence[Line]) -> tuple[bool, Sequence[str]]:
        """Whether it is true, and the ids of the turns that show it. The lines are masked: the reader may
        ask somebody elsewhere."""


class Expressions(Protocol):
    """Regular expressions that take linear time; case does not count."""

    def find(self, pattern: str, text: str) -> Iterable[tuple[int, int]]:
        """Offsets of non-overlapping matches in order, of many the first. Raises ``RuleRefused`` for a
        pattern that cannot be used, ``EngineMissing``."""


@runtime_checkable
class Checker(Protocol):
    """Expressions that can be checked before they are used."""

    def check(self, pattern: str) -> None:
        """Raises ``RuleRefused`` with the reason for a pattern that is not taken; the place is for the
        caller to add."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What conditions need beyond the rule; a missing one leaves its conditions unknown."""

    meaning: Meaning | None = None
    reader: Reader | None = None
    expressions: Expressions | None = None


@dataclass(slots=True)
class Look:
    """One subject while it is judged. ``heard``: where anchors were said; ``lacking`` notes why
    a capability that a condition asked for gave no answer, ``codes`` the same as a reason code. ``brief``:
    the first place of words is evidence enough."""

    subject: Subject
    tools: Tools
    heard: Heard
    lacking: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    brief: bool = False
    _spoken: dict[int, Spoken] = field(default_factory=dict)

    def spoken(self, index: int) -> Spoken:
        """A line's words, split once for all conditions."""
        if index not in self._spoken:
            self._spoken[index] = spoken(self.subject.lines[index].text)
        return self._spoken[index]

    def lacks(
        self, node: Node, capability: str, reason: str, code: str = "ENGINE_MISSING"
    ) -> Finding:
        """Nobody can know: the engine is missing, or gives no answer. The first reason is told."""
        self.lacking.setdefault(capability, reason)
        self.codes.setdefault(capability, code)
        return unknown(node, reason)

    def spoke(self, role: str | None) -> bool:
        """Whether this side said anything at all."""
        return any(role in (None, ANY, line.role) for line in self.subject.lines)

    def lines(self, scope: Scope, only: Iterable[int] | None = None) -> list[tuple[int, Line]]:
        """The lines of a side, in order; times are for the caller to look at."""
        every = range(len(self.subject.lines)) if only is None else sorted(only)
        numbered = ((i, self.subject.lines[i]) for i in every)
        return [(i, line) for i, line in numbered if scope.role in (None, ANY, line.role)]

    def bounds(self, scope: Scope) -> tuple[float, float]:
        """The scope's window in milliseconds, ``[begin, end)``."""
        if scope.window is None:
            return (float("-inf"), float("inf"))
        return scope.window.bounds(self.subject.duration_ms)


class Check(Protocol):
    """A condition made ready. ``anchors``: it finds nothing in lines without one of them; None: it looks
    at every line or at none."""

    @property
    def node(self) -> Condition: ...

    @property
    def anchors(self) -> frozenset[Anchor] | None: ...

    def judge(self, look: Look) -> Finding:
        """The finding, the condition's own negation included."""
