"""A rule book of one page."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.domain.rules.rule import RuleSet
from tests.fakes.stores import MemoryObjects


class FixedRules(ObjectRuleBook):
    """In force for every contact is what ``now`` gives; nothing is published."""

    def __init__(self, now: Callable[[], RuleSet]) -> None:
        super().__init__(MemoryObjects(), RuleSet("none", ()))
        self._now = now

    def in_force(self, at_ms: int | None = None) -> RuleSet:
        del at_ms
        return self._now()
