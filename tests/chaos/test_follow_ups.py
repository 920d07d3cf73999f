"""Follow-ups under crashes and faults: each is carried out, the receiver counts each id once, and no
contact waits for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.contact import Status
from chalicelib.domain.follow_up import Kind, State
from chalicelib.domain.transcript import Engine
from chalicelib.flow.follow_ups import notes
from chalicelib.ports.prediction import Assessment, RiskEvent
from chalicelib.ports.services import After
from tests.chaos.scene import Scene, Script, memory_services
from tests.chaos.scripts import SCRIPTS
from tests.chaos.steps import Stepped
from tests.chaos.sweeps import AT_ONCE, LATER, crash_sweep, fault_sweep

NAMES = ("chat_then_record", "chat_deleted_and_put_again")
HOUR_MS = 3_600_000


class Receiver:
    """A service of risk that counts, as a real one does, an event id once."""

    engine = Engine("receiver", "1")

    def __init__(self) -> None:
        self.events: dict[str, RiskEvent] = {}

    def assess(self, event: RiskEvent) -> Assessment:
        self.events.setdefault(event.id, event)
        return Assessment(self.engine, 0.0, "approve", "none", "counts only")


class Following(Scene):
    """A scene in which risk follows; when all is settled, every order has come to its end."""

    def __init__(self, script: Script) -> None:
        followed = replace(script, settings={**script.settings, "follow_ups": ("risk",)})
        self.receiver = Receiver()
        super().__init__(followed, self._services)
        self.use(
            replace(self.services, after=After(risk=Stepped(self.receiver, "risk", self.steps)))
        )

    def _services(self, *given: Any) -> Any:
        return replace(memory_services(*given), after=After(risk=self.receiver))

    def told(self) -> None:
        for _ in range(9):
            self.plain.clock.now += HOUR_MS
            self.sweep()
        super().told()
        for row in self.rows().values():
            orders = notes.of_contact(self.plain.redacted, row.contact_id)
            assert all(one.state is not State.WAITING for one in orders), orders
            if row.status is Status.COMPLETED and row.publication and row.publication.analysis_key:
                now = [o for o in orders if o.order.analysis_key == row.publication.analysis_key]
                assert [o.state for o in now] == [State.DONE], orders
            ended = Counter(one.order.id for one in orders if one.order.kind is Kind.RISK)
            assert all(count == 1 for count in ended.values())
        assert self.receiver.events.keys() <= self.rows().keys()


@pytest.mark.parametrize("order", [AT_ONCE, LATER])
@pytest.mark.parametrize("name", NAMES)
def test_a_death_at_any_step_follows_up_once(name: str, order: str) -> None:
    tally = crash_sweep(SCRIPTS[name], order, Following)
    assert tally.runs > 40
    assert not tally.wrong, tally.wrong[:3]


@pytest.mark.parametrize("name", NAMES)
def test_a_call_that_fails_follows_up_once(name: str) -> None:
    tally = fault_sweep(SCRIPTS[name], Following)
    assert not tally.wrong, tally.wrong[:3]
