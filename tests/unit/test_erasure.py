"""Erasing contacts: what goes, what stays of them, and what never comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.contact import Status
from chalicelib.domain.erasure import ERASED, ErasureState
from chalicelib.domain.errors import NotFound, StateRefused
from chalicelib.flow import erasure, erasure_ledger
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, OTHER, RECORD_KEY, World, call, chat, record

CANARY = "Zebulon Quagmire"
NAMED_CHAT = CHAT_KEY.replace("_2026", "_2026").replace("ChatTranscripts", f"{CANARY}")
LINES = [("AGENT", "Hello"), ("CUSTOMER", f"I am {CANARY}, thank you")]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, contact_lens_output="both")
    made.put(CHAT_KEY, chat(LINES))
    made.put(RECORD_KEY, record(Attributes={"name": CANARY}) + b"\n" + record(OTHER))
    made.put(CALL_KEY, call(3))
    made.put(CHAT_KEY.replace(CONTACT, OTHER), chat(contact_id=OTHER))
    made.drain()
    return made


def erase(world: World, contact_id: str = CONTACT) -> Any:
    return erasure.erase(world.services, contact_id, by="tester", reason="request")


def everything(world: World) -> bytes:
    """All bytes below the data folder."""
    files = (path for path in world.folder.rglob("*") if path.is_file())
    return b"\n".join(path.read_bytes() for path in files)


def test_nothing_is_left_but_a_tombstone_of_ids_and_hashes(world: World) -> None:
    assert CANARY.encode() in everything(world)
    done = erase(world)
    assert done.state is ErasureState.DONE, done.failed
    row = world.row()
    assert (row.status, row.tombstone) == (Status.DELETED, ERASED)
    assert not row.parts
    assert not row.publication
    world.drain()
    found = everything(world)
    assert CANARY.encode() not in found
    world.rollups_equal_rows()
    assert world.row(OTHER).status is Status.COMPLETED


@pytest.mark.parametrize("key", [CHAT_KEY, CALL_KEY, RECORD_KEY])
def test_what_is_put_again_goes_again_and_is_counted(world: World, key: str) -> None:
    bodies = {CHAT_KEY: chat(LINES), CALL_KEY: call(4), RECORD_KEY: record()}
    erase(world)
    world.drain()
    world.put(key, bodies[key])
    world.drain()
    assert world.services.sources.stat(key) is None
    assert world.row().tombstone == ERASED
    entry = erasure_ledger.contact_entry(world.services, CONTACT)
    assert erasure_ledger.get(world.services, entry).late >= 1


def test_what_was_put_again_and_nobody_told_goes_with_a_sweep(world: World) -> None:
    erase(world)
    world.drain()
    world.put(CHAT_KEY, chat(LINES), hint=False)
    world.reconcile()
    assert world.services.sources.stat(CHAT_KEY) is None


def test_a_contact_under_legal_hold_stays_as_it_is(world: World) -> None:
    before = world.row()
    erasure_ledger.hold(world.services, CONTACT, by="court", reason="case", on=True)
    with pytest.raises(StateRefused):
        erase(world)
    assert world.row() == before
    erasure_ledger.hold(world.services, CONTACT, by="court", reason="case", on=False)
    assert erase(world).whole


def test_an_unknown_contact_is_told_so(world: World) -> None:
    with pytest.raises(NotFound):
        erase(world, "nobody")
