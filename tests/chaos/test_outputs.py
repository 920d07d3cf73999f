"""Contact Lens files follow the rows through every fault: none is stale, none outlives its contact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.scene import Script
from tests.chaos.scripts import SCRIPTS
from tests.chaos.sweeps import AT_ONCE, LATER, Tally, crash_sweep, fault_sweep, pause_sweep

NAMES = (
    "chat_then_record",
    "chat_deleted",
    "chat_deleted_and_put_again",
    "nameless_recording_claimed",
)
every_script = pytest.mark.parametrize("name", NAMES)


def with_files(name: str) -> Script:
    script = SCRIPTS[name]
    return replace(script, settings={**script.settings, "contact_lens_output": "both"})


def right(tally: Tally) -> None:
    assert tally.runs >= 10
    assert not tally.wrong, f"{len(tally.wrong)} of {tally.runs} runs: {tally.wrong[:3]}"


@pytest.mark.parametrize("order", [AT_ONCE, LATER])
@every_script
def test_a_death_at_any_step_leaves_the_files_right(name: str, order: str) -> None:
    right(crash_sweep(with_files(name), order))


@every_script
def test_a_call_that_fails_leaves_the_files_right(name: str) -> None:
    right(fault_sweep(with_files(name)))


@every_script
def test_a_worker_that_stood_still_leaves_the_files_right(name: str) -> None:
    right(pause_sweep(with_files(name)))
