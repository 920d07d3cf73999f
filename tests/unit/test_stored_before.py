"""What the release before rules had stored: a call and a chat of one contact, as it wrote them.

``stored_before_rules.json`` holds the row and the objects that it made of the sources of ``tests.world``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import queries
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.events import Hint
from chalicelib.domain.rules import actions
from chalicelib.domain.rules.rule import Action
from chalicelib.domain.transcript import Channel
from chalicelib.flow import actions as orders
from chalicelib.flow.past import subjects_of
from chalicelib.formats.artifact import canonical, dump, load
from chalicelib.formats.rules_file import rule_set
from chalicelib.ports.storage import Commit, RowWrite
from tests.rules import says
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, RECORD_KEY, World, call, chat, record

STORED = Path(__file__).parents[1] / "fixtures" / "stored_before_rules.json"
SAID = [
    ("AGENT", "Hello, how can I help?"),
    ("CUSTOMER", "I want a refund, call me on 212 555 0199."),
    ("AGENT", "Thank you!"),
]
HEAVY = {"voice/acoustics", "voice/transcript", "chat/transcript"}


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(STORED.read_bytes())
    return known


@pytest.fixture
def world(tmp_path: Path, stored: dict[str, Any]) -> World:
    """A data folder as that release left it."""
    made = World(tmp_path)
    made.put(RECORD_KEY, record(), hint=False)
    made.put(CHAT_KEY, chat(SAID), hint=False)
    made.put(CALL_KEY, call(4), hint=False)
    for key, told in stored["objects"].items():
        made.services.redacted.put(key, canonical(told))
    row = replace(load(ContactRow, canonical(stored["row"])), version=0)
    made.services.contacts.commit(Commit([RowWrite(row, None)]))
    return made


def look(world: World) -> None:
    world.hint(Hint(contact_id=CONTACT))
    world.drain()


def test_the_row_is_read_and_says_nothing_that_it_cannot_know(world: World) -> None:
    row = world.row()
    assert row.status is Status.COMPLETED
    assert (row.told, row.analysed_ms) == ((), 0)
    assert load(ContactRow, dump(row)) == row


def test_the_analysis_is_read_with_categories_and_their_evidence(world: World) -> None:
    analysis = queries.analysis(world.services, world.row())
    assert isinstance(analysis, ContactAnalysis)
    found = {
        (one.channel.value, match.name): [point.begin for point in match.points]
        for one in analysis.conversations
        for match in one.categories
    }
    assert found[("CHAT", "Refund request")] == [9]
    assert load(ContactAnalysis, dump(analysis)) == analysis


def test_before_it_is_looked_at_again_rules_are_judged_on_what_was_published(world: World) -> None:
    voice, chatted = subjects_of(world.services, world.row())
    assert (voice.channel, chatted.channel) == (Channel.VOICE, Channel.CHAT)
    assert [line.text for line in chatted.lines][-1] == "Thank you!"
    assert not any("212" in line.text for line in chatted.lines)


def test_a_look_makes_the_light_products_again_and_none_that_is_heavy(world: World) -> None:
    before = world.row()
    look(world)
    after = world.row()
    assert after.status is Status.COMPLETED
    remade = {name for name, made in after.recipe.items() if before.recipe.get(name) != made}
    assert remade.isdisjoint(HEAVY)
    assert {f"{name}/categories" for name in ("voice", "chat")} < remade
    assert {"voice/language", "chat/entities"} <= set(after.recipe)
    assert world.speech.started == []
    look(world)
    assert world.row() == after


def test_rules_that_come_with_the_new_release_tell_nothing_of_contacts_before_it(
    world: World,
) -> None:
    act = Action(actions.TASK, {"Name": "Look"})
    world.rule_set = rule_set([replace(says("r", "Refund", 1, ["refund"]), actions=(act,))])
    look(world)
    assert world.row().publication.categories == ("Refund",)
    assert len(world.row().told) == 1
    assert orders.finished(world.services, world.clock.now - 86_400_000, 10) == []
    assert orders.pending(world.services) == []
