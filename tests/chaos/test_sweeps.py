"""Whatever goes wrong once, wherever: in the end everybody sees what the bucket implies."""

from __future__ import annotations

import pytest

from tests.chaos.scripts import SCRIPTS
from tests.chaos.sweeps import AT_ONCE, ORDERS, Tally, crash_sweep, fault_sweep, pause_sweep

every_script = pytest.mark.parametrize("name", SCRIPTS)


def right(tally: Tally) -> None:
    assert tally.runs >= 10
    assert not tally.wrong, f"{len(tally.wrong)} of {tally.runs} runs: {tally.wrong[:3]}"


@pytest.mark.parametrize(
    ("name", "order"),
    [
        pytest.param(name, order, id=f"{name}-{order}")
        for name, script in SCRIPTS.items()
        for order in (ORDERS if len(script.acts) > 1 else (AT_ONCE,))
    ],
)
def test_a_death_at_any_step_is_repaired(name: str, order: str) -> None:
    right(crash_sweep(SCRIPTS[name], order))


@every_script
def test_a_call_that_fails_or_whose_answer_is_lost_is_repaired(name: str) -> None:
    right(fault_sweep(SCRIPTS[name]))


@every_script
def test_a_worker_that_stood_still_at_any_step_harms_nothing(name: str) -> None:
    right(pause_sweep(SCRIPTS[name]))
