"""Erasure reaches what follows a contact: talks and surveys, reviews, labels, interactions, risk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.interaction_log import InteractionLog
from chalicelib.domain.erasure import ERASED, ErasureState
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.next_action import Interaction
from chalicelib.domain.pseudonym import pseudonym
from chalicelib.domain.review import Kind, Source
from chalicelib.domain.transcript import Engine
from chalicelib.flow import bot_talks, erasure, labels, review_items, surveys
from chalicelib.flow.review_items import Asked
from chalicelib.formats import bot_transcript
from chalicelib.formats.artifact import dump
from chalicelib.ports import numbered
from chalicelib.ports.dialogue import BotTurn
from chalicelib.ports.review import Loop, LoopState
from chalicelib.ports.services import After
from tests.unit.test_erasure import CANARY, Engines
from tests.world import CHAT_KEY, CONTACT, OTHER, RECORD_KEY, World, chat, record

ASKED = Asked(Kind.CATEGORY, Source.LOW_CONFIDENCE, "Right?", description=CANARY)


class Talker:
    """A dialogue that understands nothing and remembers all."""

    engine = Engine("talker", "1")

    def __init__(self) -> None:
        self.sessions: dict[tuple[str, str], str] = {}

    def begin(self, bot: str, session: str, attributes: Any) -> BotTurn:
        self.sessions[bot, session] = CANARY
        return self._turn(session, attributes)

    def say(self, bot: str, session: str, text: str) -> BotTurn:
        return self._turn(session, {"contactId": CONTACT}, missed=True)

    def _turn(self, session: str, attributes: Any, *, missed: bool = False) -> BotTurn:
        state = ("InProgress", "ElicitIntent")
        return BotTurn(
            self.engine, session, ("What?",), None, *state, missed=missed, attributes=attributes
        )

    def forget(self, bot: str, session: str) -> None:
        self.sessions.pop((bot, session), None)


class Loops:
    """Where others are asked; what it knows by name."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.away = False

    def stop(self, name: str) -> None:
        if self.away:
            raise Unavailable("no answer")

    def delete(self, name: str) -> None:
        self.known.discard(name)

    def start(self, name: str, content: Any) -> bool:
        self.known.add(name)
        return True

    def look(self, name: str) -> Loop:
        return Loop(LoopState.ABSENT)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    after = After(
        risk=Engines(),  # type: ignore[arg-type]
        next_actions=Engines(),  # type: ignore[arg-type]
        dialogue=Talker(),
        customers=lambda who: pseudonym(b"k" * 32, who),
        loops=Loops(),
    )
    made.services = replace(made.services, after=after)
    made.put(CHAT_KEY, chat())
    made.put(RECORD_KEY, record(Attributes={"customerId": "c-1"}))
    made.drain()
    keep(made)
    return made


def keep(world: World) -> None:
    """What follow-ups keep of the contact, with a name in it, and something of another contact."""
    services, store = world.services, world.services.redacted
    bot_talks.begin(services, "survey", "s-1", {"contactId": CONTACT})
    bot_talks.say(services, "survey", "s-1", f"I am {CANARY}")
    own = bot_transcript.contact_id("survey", "s-1")
    world.put(f"bots/{own}_20260105T10:00_UTC.json", chat([("CUSTOMER", CANARY)], own))
    world.drain()
    for contact_id in (CONTACT, OTHER):
        surveys.keep(store, surveys.Survey(contact_id, "s-1", "Rate", "survey", 1, 5, CANARY))
        numbered.put(store, surveys.offer_key(contact_id), dump(bot_talks.Belonging("survey", "s")))
        review_items.open_asked(services, contact_id, ASKED, 1)
    store.put(f"{labels.prefix_of(CONTACT)}m/00000001.json", CANARY.encode())
    (item,) = review_items.of_contact(services, CONTACT)
    services.after.loops.start(f"loupe-{item.id.rpartition('-')[2]}", {})  # type: ignore[union-attr]
    log = InteractionLog(store)
    ref = world.row().publication.customer_ref  # type: ignore[union-attr]
    assert ref
    for number, session in enumerate((CONTACT, OTHER)):
        log.add(Interaction(f"i-{number}", ref, session, "offer", "shown", 1))


def erase(world: World) -> Any:
    return erasure.erase(world.services, CONTACT, by="t", reason="request")


def test_nothing_of_the_contact_is_left_anywhere(world: World) -> None:
    done = erase(world)
    world.drain()
    assert done.whole, done.failed
    services, store = world.services, world.services.redacted
    mine = [s.key for s in store.list() if CONTACT in s.key]
    named = ("/outputs/", "/reviews-of/")
    assert not [key for key in mine if not any(name in key for name in named)]
    assert not [s for s in store.list("control/") if CONTACT.encode() in store.read(s.key)]
    assert not list(store.list(bot_talks.TALKS))
    assert not list(store.list(bot_talks.MISSED))
    assert services.after.dialogue.sessions == {}  # type: ignore[union-attr]
    assert services.after.loops.known == set()  # type: ignore[union-attr]
    assert (CONTACT,) in services.after.risk.forgotten  # type: ignore[union-attr]
    counted = {"bot talks": 1, "reviews": 1, "labels": 1, "interactions": 1, "survey answers": 2}
    assert counted.items() <= done.removed.items()


def test_the_contact_that_a_talk_became_goes_too(world: World) -> None:
    erase(world)
    world.drain()
    assert world.row(bot_transcript.contact_id("survey", "s-1")).tombstone == ERASED


def test_the_talk_goes_with_the_contact_that_it_became(world: World) -> None:
    own = bot_transcript.contact_id("survey", "s-1")
    assert erasure.erase(world.services, own, by="t", reason="request").whole
    assert not list(world.services.redacted.list(bot_talks.TALKS))


def test_others_keep_what_is_theirs(world: World) -> None:
    erase(world)
    store = world.services.redacted
    assert list(store.list(surveys.prefix_of(OTHER)))
    assert store.stat(surveys.offer_key(OTHER))
    assert [item.contact_id for item in review_items.newest(world.services)] == [OTHER]
    (left,) = InteractionLog(store).all()
    assert left.session == OTHER


def test_a_service_of_reviewers_that_does_not_answer_is_named(world: World) -> None:
    loops = world.services.after.loops
    assert isinstance(loops, Loops)
    loops.away = True
    first = erase(world)
    assert (first.state, first.failed) == (ErasureState.INCOMPLETE, {"reviews": "no answer"})
    loops.away = False
    world.reconcile()
    assert erase(world).whole
    assert not loops.known
