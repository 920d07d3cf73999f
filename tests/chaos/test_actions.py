"""Actions under crashes: told once for a contact, and never lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.rules import actions
from chalicelib.domain.rules.rule import Action, RuleSet
from chalicelib.flow import actions as orders
from chalicelib.flow import reviews
from tests.chaos.scene import RULES, Scene, Script, memory_services
from tests.chaos.scripts import SCRIPTS
from tests.chaos.sweeps import AT_ONCE, LATER, crash_sweep, fault_sweep
from tests.fakes.rules import FixedRules

ACTS = (Action(actions.EVENT, {"Name": "tell"}), Action(actions.TASK, {"Name": "Review"}))
ACTING = RuleSet(RULES.id, tuple(replace(rule, actions=ACTS) for rule in RULES.rules))
NAMES = ("chat_then_record", "chat_deleted_and_put_again")


def acting_services(*given: Any) -> Any:
    return replace(memory_services(*given), rules=FixedRules(lambda: ACTING))


class Acting(Scene):
    """A scene whose rule acts. When all is settled, whoever was ever in its category was told of once."""

    def __init__(self, script: Script) -> None:
        super().__init__(script, acting_services)

    def told(self) -> None:
        self.plain.clock.now += 3_600_000
        self.sweep()
        super().told()
        assert not orders.pending(self.plain), "an order is still open"
        matched = {row.contact_id for row in self.rows().values() if row.told}
        events = Counter(f.contact_id for f in self._facts() if f.name == actions.RULE_MATCHED)
        items = Counter(item.contact_id for item in reviews.newest(self.plain, 100))
        assert matched
        assert events == items == dict.fromkeys(matched, 1)


@pytest.mark.parametrize("order", [AT_ONCE, LATER])
@pytest.mark.parametrize("name", NAMES)
def test_a_death_at_any_step_tells_once(name: str, order: str) -> None:
    tally = crash_sweep(SCRIPTS[name], order, Acting)
    assert tally.runs > 40
    assert not tally.wrong, tally.wrong[:3]


@pytest.mark.parametrize("name", NAMES)
def test_a_call_that_fails_tells_once(name: str) -> None:
    tally = fault_sweep(SCRIPTS[name], Acting)
    assert not tally.wrong, tally.wrong[:3]
