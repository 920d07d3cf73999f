"""Where originals are not stored they are gone in the end whatever goes wrong, and nobody sees less.

What the producer has put is remembered here, because the bucket is emptied: the truth is what would be
shown if every object were still there, with its words masked and its parts released.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.contact import Part, PartKind, PartState
from chalicelib.flow import release
from chalicelib.ports.services import Services
from chalicelib.stages.masking import REASON
from tests.chaos.scene import Scene, Script
from tests.chaos.scripts import SCRIPTS
from tests.chaos.sweeps import LATER, ORDERS, Tally, crash_sweep, fault_sweep, pause_sweep
from tests.world import RECORD_KEY

NAMES = (
    "chat_then_record",
    "chat_corrected_and_put_back",
    "chat_and_recording",
    "recording_corrected",
    "two_recordings",
    "same_recording_of_two_contacts",
)
Patch = pytest.MonkeyPatch
survey = sys.modules["chalicelib.flow.survey"]
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


def later_deaths(script: Script, new: Any) -> Tally:
    return crash_sweep(script, LATER, new)


def removed_before_it_is_committed(patch: Patch) -> None:
    """Objects go while the row still says that they are there."""
    patch.setattr(release, "released", lambda services, row, found, *_: found.parts)
    patch.setattr(release, "_is_released", lambda part: part.kind in release.MEDIA)


def removed_whatever_bytes_it_has(patch: Patch) -> None:
    def removed(services: Services, part: Part) -> bool:
        there = services.sources.stat(part.key)
        same = there is not None and there.etag == part.etag
        if same:
            services.sources.delete(part.key)
        return same

    patch.setattr(release, "_removed", removed)


def removed_again_without_a_commit(patch: Patch) -> None:
    """The same bytes, put again, are taken for those that were released."""
    leaving = survey._leaving

    def known(services: Services, row: Any, stat: Any) -> Part | None:
        found = leaving(services, row, stat)
        return found and next(p for p in row.parts if p.key == stat.key)

    def removed(services: Services, part: Part) -> bool:
        there = services.sources.stat(part.key)
        same = there is not None and there.etag == part.etag
        if same:
            services.sources.delete(part.key, etag=part.etag)
        return same

    patch.setattr(survey, "_leaving", known)
    patch.setattr(release, "_removed", removed)


def present_before_released(patch: Patch) -> None:
    """Of two recordings the one that is still there counts, though it is the older."""
    supersede = survey._supersede
    patch.setattr(survey, "_supersede", lambda parts, **_: supersede(parts, there_first=True))


@pytest.mark.parametrize(
    ("mutant", "sweep", "name"),
    [
        pytest.param(mutant, sweep, name, id=mutant.__name__)
        for mutant, sweep, name in (
            (removed_before_it_is_committed, fault_sweep, "recording_corrected"),
            (removed_whatever_bytes_it_has, pause_sweep, "chat_corrected_and_put_back"),
            (removed_again_without_a_commit, pause_sweep, "chat_corrected_and_put_back"),
            (present_before_released, later_deaths, "two_recordings"),
        )
    ],
)
def test_a_flow_without_this_clause_is_found_out(
    monkeypatch: Patch, mutant: Callable[[Patch], None], sweep: Callable[..., Tally], name: str
) -> None:
    monkeypatch.setenv("CHAOS_WHOLE", "1")
    mutant(monkeypatch)
    assert sweep(without_originals(name), Emptied).wrong
