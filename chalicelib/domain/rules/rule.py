"""What a rule is, and what a match says.

A rule is a tree of groups over conditions. The kinds of conditions are those of the Contact Lens rule
language and of Transcribe Call Analytics categories, with a few of Loupe's own. Fields keep what a rule
document says (a role that is not stated is not ``ANY``), so that it can be written again as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chalicelib.domain.transcript import Channel, SentimentLabel

ANY = "ANY"


class Operator(StrEnum):
    AND = "AND"
    OR = "OR"


class Edge(StrEnum):
    """Where a window lies: at an end of the contact, or between two points from its begin on.

    ``PAST`` is a real-time window, the last seconds up to now; of a finished contact it is its end.
    """

    FIRST = "FIRST"
    LAST = "LAST"
    PAST = "PAST"
    BETWEEN = "BETWEEN"


class Unit(StrEnum):
    MS = "MS"
    PERCENT = "PERCENT"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the contact: ``begin`` is 0 unless ``BETWEEN``; what matches must begin inside."""

    edge: Edge
    end: int
    begin: int = 0
    unit: Unit = Unit.MS

    def bounds(self, duration_ms: int) -> tuple[float, float]:
        """``[begin, end)`` in milliseconds of a contact of this length."""
        share = duration_ms / 100 if self.unit is Unit.PERCENT else 1
        if self.edge is Edge.FIRST:
            return (0, self.end * share)
        if self.edge is Edge.BETWEEN:
            return (self.begin * share, self.end * share)
        return (duration_ms - self.end * share, float("inf"))


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose turns are looked at, and when: AGENT, CUSTOMER, ANY or not stated (either side)."""

    role: str | None = None
    window: Window | None = None


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class ExactMatch:
    """Any of these words or phrases is said, as whole words."""

    phrases: tuple[str, ...]
    scope: Scope = EVERYWHERE
    negate: bool | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """Words next to each other; a ``*`` at the end stands for any rest of the last word."""

    text: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    alternatives: tuple[Plain, ...]


@dataclass(frozen=True, slots=True)
class Proximity:
    """Between two neighbours: at most ``distance`` words lie between them (``within``), or the second
    does not follow the first within that distance."""

    distance: int
    within: bool = True


@dataclass(frozen=True, slots=True)
class Number:
    """A number in digits; ``decimal`` allows a fraction."""

    decimal: bool = False


PatternPart = Plain | AnyOf | Proximity | Number


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """Any of these patterns occurs in one turn."""

    patterns: tuple[tuple[PatternPart, ...], ...]
    scope: Scope = EVERYWHERE
    language: str | None = None
    negate: bool | None = None


@dataclass(frozen=True, slots=True)
class SemanticMatch:
    """A turn means about the same as one of the examples: cosine similarity of at least ``threshold``
    (None: the installation's)."""

    examples: tuple[str, ...]
    scope: Scope = EVERYWHERE
    negate: bool | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence about the contact that a language model judges to be true of it."""

    text: str
    negate: bool | None = None


@dataclass(frozen=True, slots=True)
class RegexMatch:
    """Any of these RE2 expressions is found in a turn."""

    patterns: tuple[str, ...]
    scope: Scope = EVERYWHERE
    negate: bool | None = None


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Personal data of one of these entities (none named: of any) was said."""

    entities: tuple[str, ...]
    scope: Scope = EVERYWHERE
    negate: bool | None = None


@dataclass(frozen=True, slots=True)
class SentimentState:
    """A turn in scope has this label; with ``share``, at least that part (0..1) of them have it."""

    label: SentimentLabel
    scope: Scope = EVERYWHERE
    share: float | None = None
    negate: bool | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the contact record has one of these values; without values: it is empty.

    ``name`` is one of ``facts.NAMES`` or ``attribute:KEY``, ``segment:KEY``. ``filters`` are further
    conditions on the same thing, by the document's own names.
    """

    name: str
    values: tuple[str, ...]
    negate: bool | None = None
    filters: tuple[tuple[str, str], ...] = ()


class Comparison(StrEnum):
    """Both include the value itself."""

    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the contact compared with ``value``, in the unit that ``measures`` gives it."""

    metric: str
    comparison: Comparison
    value: int | float
    role: str | None = None
    negate: bool | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Somewhere in the window nobody speaks for ``threshold_ms``; negated: somebody always does."""

    threshold_ms: int
    window: Window | None = None
    negate: bool | None = None


@dataclass(frozen=True, slots=True)
class Interrupting:
    """An interruption of at least ``threshold_ms`` by this side begins in the window."""

    threshold_ms: int
    scope: Scope = EVERYWHERE
    negate: bool | None = None


Condition = (
    ExactMatch
    | PatternMatch
    | SemanticMatch
    | Statement
    | RegexMatch
    | PersonalData
    | SentimentState
    | Fact
    | Measure
    | Silence
    | Interrupting
)


@dataclass(frozen=True, slots=True)
class Group:
    """AND or OR of its members."""

    operator: Operator
    members: tuple[Group | Condition, ...]
    negate: bool | None = None


Node = Group | Condition


def conditions_of(node: Node) -> Iterator[Condition]:
    """The conditions below a node, in order."""
    if isinstance(node, Group):
        for member in node.members:
            yield from conditions_of(member)
    else:
        yield node


@dataclass(frozen=True, slots=True)
class Action:
    """What happens when the rule matches: Contact Lens's ``ActionType`` with its body, verbatim."""

    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)


class Publish(StrEnum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"


@dataclass(frozen=True, slots=True)
class ExampleTurn:
    """A turn of a snippet. ``pause_ms`` lies between it and the turn before; below zero they overlap."""

    role: str
    text: str
    pause_ms: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A test that a rule carries: a snippet or a contact, must match or not.

    ``figures`` (by metric, or ``metric:ROLE``) and ``facts`` (by field) are what a snippet cannot show:
    they take the place of what is found out about it.
    """

    matches: bool
    turns: tuple[ExampleTurn, ...] = ()
    contact_id: str | None = None
    name: str = ""
    figures: tuple[tuple[str, int | float], ...] = ()
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A category with the condition under which a contact belongs to it.

    ``channel`` None: voice and chat. ``tags`` are contact tags that must be there before anything is
    judged. ``extra`` holds, by form, what a document says and a rule does not.
    """

    id: str
    name: str
    version: int
    when: Node
    channel: Channel | None = None
    real_time: bool = False
    actions: tuple[Action, ...] = ()
    status: Publish = Publish.PUBLISHED
    description: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    examples: tuple[Example, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force; ``id`` is the hash of their content."""

    id: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class PointOfInterest:
    """Where a rule matched: characters of a turn, and its time.

    A point that is a time alone, such as a silence, has no turn: ``turn_id`` is empty and so are the
    offsets.
    """

    turn_id: str
    begin: int
    end: int
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Ground:
    """A condition that is met without a place to show, such as a figure or something that was not said:
    what it needed and what was seen, in words, of which none were said by anybody."""

    needed: str
    saw: str


@dataclass(frozen=True, slots=True)
class CategoryMatch:
    """A matched category with its evidence: places, and grounds that have no place."""

    name: str
    rule_id: str
    rule_version: int
    points: tuple[PointOfInterest, ...] = ()
    grounds: tuple[Ground, ...] = ()
