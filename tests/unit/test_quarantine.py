"""Every refusal is in the quarantine, with or without a good part beside it, and can be replayed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.contact import PartKind, Refusal, Status
from chalicelib.formats.instants import iso
from chalicelib.ports.speech import JobState
from tests.unit import api_world
from tests.unit.api_world import DAY_MS, NOW_MS, part
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, World, call, chat


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def asked(world: World, path: str = "/v1/quarantine", **how):
    return api_world.World(world.services).ask(path, **how)


def items(world: World) -> list[dict]:
    return asked(world).json["items"]


def replay(world: World, entry: dict) -> None:
    answer = asked(world, f"/v1/quarantine/{entry['id']}/replay", method="POST")
    assert answer.status == 202
    world.drain()


def test_a_refused_recording_beside_a_good_chat_is_listed_until_a_replay_finds_it_good(world):
    world.put(CALL_KEY, b"<html>404</html>")
    world.put(CHAT_KEY, chat())
    world.drain()
    assert world.row().status is Status.COMPLETED
    [entry] = items(world)
    assert (entry["objectKey"], entry["code"]) == (CALL_KEY, "audio.not_wav")

    replay(world, entry)
    assert [(i["id"], i["code"]) for i in items(world)] == [(entry["id"], "audio.not_wav")]

    world.put(CALL_KEY, call(20), hint=False)
    replay(world, entry)
    assert items(world) == []
    assert [c.value for c in world.row().publication.channels] == ["VOICE", "CHAT"]
    world.rollups_equal_rows()


def test_a_failed_stage_and_a_refused_part_of_one_contact_are_two_entries(world):
    world.speech.outcome = JobState("FAILED", failure=Refusal("stage.failed", "no model"))
    world.put(CALL_KEY, call(20))
    world.put(CHAT_KEY, b"{")
    world.drain()
    assert world.row().status is Status.FAILED
    assert {(i["objectKey"], i["code"]) for i in items(world)} == {
        (CHAT_KEY, "chat.json"),
        ("", "stage.failed"),
    }
    assert len({i["id"] for i in items(world)}) == 2


def test_a_failed_contact_tells_when_it_was_first_seen(world):
    world.speech.outcome = JobState("FAILED", failure=Refusal("stage.failed", "no model"))
    world.put(CALL_KEY, call(20))
    world.drain()
    [entry] = items(world)
    assert world.row().failure.first_seen_ms == 0
    assert entry["firstSeen"] == iso(world.row().first_seen_ms)
    assert entry["firstSeen"].startswith("2026-01-05T08:00:00.")
    assert entry["contactId"] == CONTACT


def test_pages_go_over_all_refusals_past_the_good_contacts(tmp_path):
    installed = api_world.World(api_world.services(tmp_path))
    bad = part("bad.wav", PartKind.RECORDING, refusal=Refusal("audio.header", "short"))
    good = replace(bad, refusal=None)
    for n in range(7):
        parts = (bad, replace(bad, key="b.wav")) if n % 2 else (good,)
        at = NOW_MS - n * DAY_MS
        shown = api_world.publication(disconnect_ms=at)
        installed.put(api_world.row(f"c-{n}", parts=parts, publication=shown))
    told, token = [], None
    while True:
        query = {"nextToken": token} if token else {}
        page = installed.ask("/v1/quarantine", maxResults=2, **query).json
        told.append([i["contactId"] for i in page["items"]])
        token = page["nextToken"]
        if token is None:
            break
    assert told == [["c-1", "c-1", "c-3", "c-3"], ["c-5", "c-5"]]
