"""Test of the tests: each clause of the commit model is taken away, and the sweeps must notice.

Where two clauses guard against the same thing (the order of reading, and the second look after a
commit), each alone suffices; then the other is taken away too.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.flow import claims, converge, products
from chalicelib.ports.storage import Commit, RowWrite
from tests.chaos.scene import Scene, Script
from tests.chaos.scripts import SCRIPTS
from tests.chaos.sweeps import AT_ONCE, LATER, Tally, crash_sweep, pause_sweep

Patch = pytest.MonkeyPatch

# the package exports functions under these modules' names
advance, publish, survey = (
    sys.modules[f"chalicelib.flow.{name}"] for name in ("advance", "publish", "survey")
)


def no_second_look(patch: Patch) -> None:
    step = advance._step

    def once(*given: Any) -> bool:
        step(*given)
        return False

    patch.setattr(advance, "_step", once)


def no_tombstone_without_a_row(patch: Patch) -> None:
    no_second_look(patch)
    deleted = converge.rows.deleted
    patch.setattr(converge.rows, "deleted", lambda row, found: row and deleted(row, found))


def object_before_row(patch: Patch) -> None:
    """The row is read when the objects have been, so that the condition holds for old bytes too."""
    no_second_look(patch)
    commit = advance._commit

    def late(services: Any, row: Any, outcome: Any, found: Any) -> None:
        commit(services, services.contacts.get(outcome.row.contact_id), outcome, found)

    patch.setattr(advance, "_commit", late)


def unread_bytes(patch: Patch) -> None:
    """What was read is taken for what the stat said."""
    for module in (survey, publish):
        patch.setattr(module, "unchanged", lambda services, stat: None)


def no_end_of_a_provisional_contact_without_a_row(patch: Patch) -> None:
    end = claims._to_end
    patch.setattr(claims, "_to_end", lambda row, claimed: row is not None and end(row, claimed))


def random_job_name(patch: Patch) -> None:
    job = products.Slot.job
    patch.setattr(
        products.Slot,
        "job",
        lambda slot, *given: replace(job(slot, *given), name=f"{uuid.uuid4()}"),
    )


def job_name_without_the_contact(patch: Patch) -> None:
    job = products.Slot.job
    patch.setattr(
        products.Slot,
        "job",
        lambda slot, *given: replace(job(slot, *given), name=slot.planned.made.fingerprint),
    )


def waiting_before_the_request(patch: Patch) -> None:
    """The row says that it waits, and only then somebody is asked."""
    request, commit, asked = products.request, advance._commit, []
    patch.setattr(products, "request", lambda *given: asked.append(given))

    def then_ask(*given: Any) -> None:
        wanted = list(asked)
        asked.clear()
        commit(*given)
        for one in wanted:
            request(*one)

    patch.setattr(advance, "_commit", then_ask)


def no_version_condition(store: Any, change: Commit) -> None:
    def now(write: RowWrite) -> RowWrite:
        stored = store.get(write.row.contact_id)
        return replace(write, expected_version=stored.version if stored else None)

    store.commit(replace(change, rows=[now(write) for write in change.rows]))


def rollups_outside_the_transaction(store: Any, change: Commit) -> None:
    store.commit(replace(change, deltas={}))
    store.commit(Commit(rows=(), deltas=change.deltas))


class Rewritten:
    """A contact store that commits in another way; both halves of it are steps."""

    def __init__(self, store: Any, commit: Callable[[Any, Commit], None]) -> None:
        self._store, self._commit = store, commit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, change: Commit) -> None:
        self._commit(self._store, change)


def with_commit(commit: Callable[[Any, Commit], None]) -> Callable[[Script], Scene]:
    def new(script: Script) -> Scene:
        scene = Scene(script)
        scene.use(replace(scene.services, contacts=Rewritten(scene.services.contacts, commit)))
        return scene

    return new


def pauses(script: str, new: Callable[[Script], Scene] = Scene) -> Tally:
    return pause_sweep(SCRIPTS[script], new)


def deaths(script: str, new: Callable[[Script], Scene] = Scene) -> Tally:
    tallies = [crash_sweep(SCRIPTS[script], order, new) for order in (AT_ONCE, LATER)]
    return Tally(sum(t.runs for t in tallies), [w for t in tallies for w in t.wrong])


@pytest.mark.parametrize(
    ("mutant", "sweep", "script"),
    [
        pytest.param(mutant, sweep, script, id=mutant.__name__)
        for mutant, sweep, script in (
            (no_tombstone_without_a_row, pauses, "chat_deleted"),
            (no_second_look, pauses, "good_overwritten_by_bad_and_put_back"),
            (object_before_row, pauses, "chat_corrected_and_put_back"),
            (unread_bytes, pauses, "chat_corrected_and_put_back"),
            (no_end_of_a_provisional_contact_without_a_row, pauses, "nameless_recording_claimed"),
            (random_job_name, deaths, "recording_corrected"),
            (job_name_without_the_contact, deaths, "same_recording_of_two_contacts"),
            (waiting_before_the_request, deaths, "recording_corrected"),
        )
    ],
)
def test_a_flow_without_this_clause_is_found_out(
    monkeypatch: Patch, mutant: Callable[[Patch], None], sweep: Callable[..., Tally], script: str
) -> None:
    mutant(monkeypatch)
    assert sweep(script).wrong


@pytest.mark.parametrize(
    ("commit", "sweep", "script"),
    [
        pytest.param(commit, sweep, script, id=commit.__name__)
        for commit, sweep, script in (
            (no_version_condition, pauses, "chat_corrected_and_put_back"),
            (rollups_outside_the_transaction, deaths, "chat_deleted_and_put_again"),
        )
    ],
)
def test_a_store_without_this_clause_is_found_out(
    commit: Callable[[Any, Commit], None], sweep: Callable[..., Tally], script: str
) -> None:
    assert sweep(script, with_commit(commit)).wrong
