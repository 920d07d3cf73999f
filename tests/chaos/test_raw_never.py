"""Where originals are not stored they are gone in the end whatever goes wrong, and nobody sees less.

What the producer has put is remembered here, because the bucket is emptied: the truth is what would be
shown if every object were still there, with its words masked and its parts released.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.contact import Part, PartKind, PartState
from chalicelib.stages.masking import REASON
from tests.chaos.scene import Scene, Script
from tests.chaos.scripts import SCRIPTS
from tests.chaos.sweeps import ORDERS, Tally, crash_sweep, fault_sweep, pause_sweep
from tests.world import RECORD_KEY

NAMES = (
    "chat_then_record",
    "record_then_chat",
    "chat_corrected_and_put_back",
    "good_overwritten_by_bad_and_put_back",
    "chat_and_recording",
    "recording_corrected",
    "two_recordings",
    "same_recording_of_two_contacts",
    "records_of_two",
)
every_script = pytest.mark.parametrize("name", NAMES)


def without_originals(name: str) -> Script:
    script = SCRIPTS[name]
    return replace(script, settings={**script.settings, "raw": "never"})


class Emptied(Scene):
    """A scene whose bucket is what the producer put, not what is left of it."""

    def __init__(self, script: Script) -> None:
        self._put: dict[str, Any] = {}
        super().__init__(script)

    def bucket(self) -> dict[str, Any]:
        self._put.update(super().bucket())
        return dict(self._put)

    def seen(self) -> dict[str, Any]:
        return {name: _as_if_kept(shown) for name, shown in super().seen().items()}

    def consistent(self) -> None:
        super().consistent()
        assert {stat.key for stat in self.plain.sources.list()} <= {RECORD_KEY}
        assert not list(self.plain.raw.list("raw/"))
        for row in self.rows().values():
            for part in row.parts:
                assert part.kind is PartKind.CONTACT_RECORD or part.state is PartState.RELEASED
                assert not _plays(part) or self.plain.redacted.stat(part.copy_key)


def _plays(part: Part) -> bool:
    return part.kind is PartKind.RECORDING and not part.superseded


def _as_if_kept(shown: dict[str, Any]) -> dict[str, Any]:
    published = shown["publication"]
    if published:
        noted = [skip.reason for skip in published.skipped].count(REASON)
        assert not published.analysis_key
        assert noted == (len(published.channels) if published.engines else 0)
        skipped = tuple(skip for skip in published.skipped if skip.reason != REASON)
        published = replace(published, skipped=skipped)
    parts = [(key, PartState.PRESENT, etag, old) for key, _, etag, old in shown["parts"]]
    return {**shown, "publication": published, "parts": parts}


def right(tally: Tally) -> None:
    assert tally.runs >= 10
    assert not tally.wrong, f"{len(tally.wrong)} of {tally.runs} runs: {tally.wrong[:3]}"


@pytest.mark.parametrize(
    ("name", "order"),
    [pytest.param(name, order, id=f"{name}-{order}") for name in NAMES for order in ORDERS],
)
def test_a_death_at_any_step_loses_nothing_and_leaves_no_original(name: str, order: str) -> None:
    right(crash_sweep(without_originals(name), order, Emptied))


@every_script
def test_a_call_that_fails_loses_nothing_and_leaves_no_original(name: str) -> None:
    right(fault_sweep(without_originals(name), Emptied))


@every_script
def test_a_worker_that_stood_still_loses_nothing_and_leaves_no_original(name: str) -> None:
    right(pause_sweep(without_originals(name), Emptied))
