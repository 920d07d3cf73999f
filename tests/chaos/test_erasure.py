"""An erased contact never comes back, whatever goes wrong: nothing is left of it when all is settled."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.contact import Status
from chalicelib.domain.erasure import ERASED
from chalicelib.flow import erased, erasure_ledger
from chalicelib.formats import object_keys
from tests.chaos.scene import Erase, Put, Scene, Script
from tests.chaos.scripts import BOTH, GOOD, NAMELESS, NAMING, SHORT
from tests.chaos.sweeps import AT_ONCE, LATER, Tally, crash_sweep, fault_sweep, pause_sweep
from tests.chaos.test_actions import acting_services
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, OTHER, RECORD_KEY, record

FILES = {"source_gone": "delete", "contact_lens_output": "both"}
SCRIPTS = {
    script.name: replace(script, swept=True)
    for script in (
        Script("chat_erased", (Put(CHAT_KEY, GOOD), Erase(CONTACT)), FILES),
        Script(
            "chat_erased_and_put_again",
            (Put(CHAT_KEY, GOOD), Erase(CONTACT), Put(CHAT_KEY, GOOD)),
        ),
        Script("recording_erased", (Put(CALL_KEY, SHORT), Erase(CONTACT)), service=True),
        Script(
            "records_of_two_and_one_erased",
            (Put(RECORD_KEY, BOTH), Put(CHAT_KEY, GOOD), Erase(CONTACT)),
        ),
        Script(
            "erased_and_its_record_comes",
            (Put(CHAT_KEY, GOOD), Erase(CONTACT), Put(RECORD_KEY, record())),
        ),
        Script(
            "nameless_recording_claimed_and_erased",
            (Put(NAMELESS, SHORT), Put(RECORD_KEY, NAMING), Erase(CONTACT)),
        ),
    )
}
every_script = pytest.mark.parametrize("name", SCRIPTS)
PAUSED = ("chat_erased", "erased_and_its_record_comes")
Patch = pytest.MonkeyPatch
# the package exports a function under this module's name
advance = sys.modules["chalicelib.flow.advance"]


class Erasing(Scene):
    """A scene whose rule acts and in which a contact is erased."""

    def __init__(self, script: Script) -> None:
        super().__init__(script, acting_services)

    def consistent(self) -> None:
        """Once every erasure is through: one that met a fault goes on with the next sweep."""
        entry = erasure_ledger.latest(self.plain, erasure_ledger.contact_entry(self.plain, CONTACT))
        if entry and entry.whole:
            assert self.rows()[CONTACT].tombstone == ERASED, "it came back"
        if all(one.whole for one in erasure_ledger.still_open(self.plain)):
            super().consistent()

    def told(self) -> None:
        """Also what was under way is over: the last going over has been."""
        self.plain.clock.now += 3_600_000
        self.sweep()
        self.plain.clock.now += 3_600_000
        self.sweep()
        super().told()
        self._nothing_left()

    def _nothing_left(self) -> None:
        row = self.rows()[CONTACT]
        assert (row.status, row.tombstone, row.parts) == (Status.DELETED, ERASED, ())
        assert not row.waiting
        ids = {CONTACT, object_keys.provisional_id(NAMELESS)}
        held = [*self.plain.redacted.list(), *self.plain.raw.list()]
        left = [
            s.key for s in held if any(one in s.key for one in ids) and "/outputs/" not in s.key
        ]
        assert not left, left
        bodies = [self.plain.redacted.read(s.key) for s in held if s.key.startswith("control/")]
        assert not [body for body in bodies if CONTACT.encode() in body]
        there = self.bucket()
        assert set(there) <= {RECORD_KEY}
        assert not [key for key, (_, body) in there.items() if CONTACT.encode() in body]
        assert (OTHER in self.rows()) == (OTHER.encode() in b"".join(_bodies(self.script)))
        entry = erasure_ledger.contact_entry(self.plain, CONTACT)
        assert erasure_ledger.get(self.plain, entry).whole
        assert not list(erasure_ledger.still_open(self.plain))
        facts = {fact.name for fact in self._facts() if fact.contact_id == CONTACT}
        assert facts <= {"ContactDeleted"}


def _bodies(script: Script) -> list[bytes]:
    return [act.body for act in script.acts if isinstance(act, Put)]


def right(tally: Tally) -> None:
    assert tally.runs >= 10
    assert not tally.wrong, f"{len(tally.wrong)} of {tally.runs} runs: {tally.wrong[:3]}"


@pytest.mark.parametrize("order", [AT_ONCE, LATER])
@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_death_at_any_step_leaves_nothing(name: str, order: str) -> None:
    right(crash_sweep(SCRIPTS[name], order, Erasing))


@every_script
def test_a_call_that_fails_leaves_nothing(name: str) -> None:
    right(fault_sweep(SCRIPTS[name], Erasing))


@pytest.mark.parametrize("name", PAUSED)
def test_a_worker_that_stood_still_brings_nothing_back(name: str) -> None:
    right(pause_sweep(SCRIPTS[name], Erasing))


def lifted_by_a_new_object(patch: Patch) -> None:
    patch.setattr(advance, "ERASED", "never")


def nothing_is_removed_late(patch: Patch) -> None:
    patch.setattr(erased, "settle", lambda *_: False)


@pytest.mark.parametrize(
    ("mutant", "name"),
    [
        pytest.param(mutant, name, id=mutant.__name__)
        for mutant, name in (
            (lifted_by_a_new_object, "chat_erased_and_put_again"),
            (nothing_is_removed_late, "chat_erased_and_put_again"),
        )
    ],
)
def test_a_flow_without_this_clause_is_found_out(
    monkeypatch: Patch, mutant: Callable[[Patch], None], name: str
) -> None:
    mutant(monkeypatch)
    assert fault_sweep(SCRIPTS[name], Erasing).wrong
