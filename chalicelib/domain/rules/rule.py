"""What a rule is and what a match says."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.transcript import Channel, Role


@dataclass(frozen=True, slots=True)
class Rule:
    """A category with exact words or phrases; any of them is enough.

    ``role`` None means either side, ``channel`` None voice and chat. ``negate`` makes the category
    match when none is said.
    """

    id: str
    name: str
    version: int
    phrases: tuple[str, ...]
    role: Role | None = None
    negate: bool = False
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force; ``id`` is the hash of their content."""

    id: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class PointOfInterest:
    """Where a rule matched: characters of a turn, and its time."""

    turn_id: str
    begin: int
    end: int
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class CategoryMatch:
    """A matched category with its evidence; a negated rule matches without points."""

    name: str
    rule_id: str
    rule_version: int
    points: tuple[PointOfInterest, ...] = ()
