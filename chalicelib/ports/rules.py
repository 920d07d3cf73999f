"""The rules of an installation: every version of each, and which of them is in force for which contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.rules.rule import Rule, RuleSet

WITHDRAWN = 0


@dataclass(frozen=True, slots=True)
class Saved:
    """A version of a rule; ``at_ms`` 0 for one that ships with the installation."""

    rule: Rule
    at_ms: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: from ``from_ms`` on (None: for all contacts) this version is in force.

    ``version`` 0 withdraws the rule. ``quiet``: no action is taken for contacts that were there already.
    ``number`` 0: not yet written.
    """

    rule_id: str
    version: int
    from_ms: int | None
    at_ms: int
    by: str
    quiet: bool = True
    number: int = 0

    def covers(self, at_ms: int | None) -> bool:
        return self.from_ms is None or at_ms is None or self.from_ms <= at_ms


class RuleBook(Protocol):
    """Versions and publications are created and never changed or removed.

    Every method raises ``Unavailable`` when the store does not answer.
    """

    def ids(self) -> Sequence[str]:
        """All rules that were ever there, those of the installation first."""

    def versions(self, rule_id: str) -> Sequence[Saved]:
        """Every version, oldest first; empty for an unknown rule."""

    def get(self, rule_id: str, version: int | None = None) -> Saved:
        """A version, by default the latest. Raises ``NotFound``."""

    def save(self, rule: Rule, *, expected: int, at_ms: int, by: str) -> Rule:
        """Keep the rule as the version after ``expected`` (0: a new rule), which it is given.

        Raises ``VersionMoved`` when another version came first, and ``RuleRefused`` for a rule that could
        not be read again. What is in force does not change.
        """

    def publish(self, entry: Entry) -> Entry:
        """Write the entry as the next line of the ledger; it with its number.

        Raises ``NotFound`` for an unknown version and ``InputRefused`` (``rules.name``) when two rules in
        force would have one name.
        """

    def ledger(self) -> Sequence[Entry]:
        """All publications, oldest first."""

    def in_force(self, at_ms: int | None = None) -> RuleSet:
        """The rules for a contact that ended then; None: for contacts to come."""

    def before(self, number: int, at_ms: int | None = None) -> RuleSet:
        """The rules that were in force before this line of the ledger."""
