"""LOUPE_RAW=never: after the last message nothing unredacted lies anywhere, and nothing is lost by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalicelib.domain.contact import PartState, Status
from chalicelib.domain.transcript import Role
from chalicelib.ports.speech import JobState
from tests.world import CALL_KEY, CHAT_KEY, World, call, chat, spoken

CARD = "4111 1111 1111 1111"
MAIL = "canary@example.com"
SAID = spoken(
    (Role.AGENT, "thank you for calling may I have your card"),
    (Role.CUSTOMER, f"yes it is {CARD} I want to cancel this is terrible"),
    (Role.AGENT, "thank you it is cancelled"),
)
WRITTEN = chat(
    [
        ("AGENT", "Hello, your card please?"),
        ("CUSTOMER", f"it is {CARD} and my mail is {MAIL}, this is terrible"),
        ("AGENT", "Thank you"),
    ]
)
SECRETS = (CARD.encode(), CARD.replace(" ", "").encode(), b"1111", MAIL.encode(), b"canary")


def world_of(folder: Path, **settings: Any) -> World:
    world = World(folder, **{"raw": "never", **settings})
    world.speech.outcome = JobState("DONE", SAID)
    return world


def leaks(folder: Path) -> list[str]:
    """Files under the folder that hold a secret, whatever they are."""
    return [
        f"{path.relative_to(folder)}: {secret!r}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for secret in SECRETS
        if secret in path.read_bytes()
    ]


def test_nothing_unredacted_is_left(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    world.put(CALL_KEY, call(20))
    world.put(CHAT_KEY, WRITTEN)
    world.drain()
    row = world.row()
    assert row.status is Status.COMPLETED
    assert [p.state for p in row.parts] == [PartState.RELEASED] * 2
    assert leaks(tmp_path) == []
    assert list(world.services.raw.list("raw/")) == []
    assert list(world.services.sources.list()) == []
