"""Talks with bots: masked as they are kept, a contact when they end, surveys offered once."""

from __future__ import annotations

import json

import pytest

from chalicelib import queries
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import EngineMissing, NotFound, StateRefused
from chalicelib.flow import bot_talks, surveys
from chalicelib.flow.follow_ups import notes
from chalicelib.flow.follow_ups.kinds import RUNNERS
from chalicelib.formats import bot_transcript
from tests.bots import with_dialogue
from tests.world import CHAT_KEY, CONTACT, RECORD_KEY, World, chat, record

SAID = ("four", "mail me at jo@example.com", "no")


class Talking(World):
    """A world with the shipped bots; surveys follow publications."""

    def __init__(self, folder, **settings):
        super().__init__(folder, follow_ups=("survey",), **settings)
        self.services = with_dialogue(self.services)
        self.runners = RUNNERS

    def publish(self, text="my invoice is wrong"):
        self.put(RECORD_KEY, record())
        self.put(CHAT_KEY, chat([("AGENT", "Hello?"), ("CUSTOMER", text)]))
        self.drain()

    def follow_ups(self, contact_id=CONTACT):
        return notes.of_contact(self.services.redacted, contact_id)

    def talk(self, *texts, bot="survey", session="s-1"):
        bot_talks.begin(self.services, bot, session, {"contactId": CONTACT})
        return [bot_talks.say(self.services, bot, session, text) for text in texts]


@pytest.fixture
def world(tmp_path):
    return Talking(tmp_path)


def stored(world) -> str:
    """Everything in the stores but what a session under way remembers."""
    stores = (world.services.sources, world.services.redacted)
    found = [(store, stat.key) for store in stores for stat in store.list("")]
    kept = [pair for pair in found if not pair[1].startswith("control/bot-sessions/")]
    assert kept
    return "\n".join(store.read(key).decode() for store, key in kept)


def test_a_talk_is_kept_masked_while_it_goes_on(world):
    _, turn = world.talk(*SAID[:2])
    assert turn.said == "mail me at [EMAIL]"
    assert turn.slots["Reason"] == "mail me at [EMAIL]"
    assert "jo@example.com" not in stored(world)


def test_a_talk_that_ended_is_forgotten_by_the_engine_and_shown_masked(world):
    world.talk(*SAID)
    assert not list(world.services.raw.list("control/bot-sessions/"))
    told = bot_talks.turns(world.services, "survey", "s-1")
    assert [turn.said for turn in told] == ["", "four", "mail me at [EMAIL]", "no"]
    assert told[-1].closed
    assert "jo@example.com" not in stored(world)


def test_a_talk_that_ended_is_a_contact_that_is_analysed_like_any_chat(world):
    world.talk(*SAID)
    world.drain()
    own = bot_transcript.contact_id("survey", "s-1")
    row = world.row(own)
    assert row.status is Status.COMPLETED
    assert row.publication.attributes == {"bot": "survey"}
    assert row.publication.channel == "CHAT"
    (key,) = (part.key for part in row.parts if part.kind == "CHAT")
    assert queries.analysed(world.services, row).record.previous_contact_id == CONTACT
    items = json.loads(world.services.sources.read(key))["Transcript"]
    assert [one["ParticipantRole"] for one in items[:4]] == [
        "CUSTOM_BOT",
        "CUSTOM_BOT",
        "CUSTOMER",
        "CUSTOM_BOT",
    ]


def test_nothing_is_said_after_the_end(world):
    world.talk(*SAID)
    with pytest.raises(StateRefused):
        bot_talks.say(world.services, "survey", "s-1", "one more thing")


def test_nothing_is_said_in_a_talk_that_nobody_began(world):
    with pytest.raises(NotFound):
        bot_talks.say(world.services, "survey", "s-9", "hello")


def test_what_was_not_understood_is_noted(world):
    world.talk("quantum flux capacitor", bot="self-service")
    (noted,) = bot_talks.missed(world.services, 0 + world.clock.now - 1000)
    assert (noted.bot, noted.text) == ("self-service", "quantum flux capacitor")


def test_where_there_is_no_dialogue_there_is_no_talk(tmp_path):
    with pytest.raises(EngineMissing):
        bot_talks.begin(World(tmp_path).services, "survey", "s-1", {})


def test_a_contact_that_is_forgotten_takes_its_talks_along(world):
    world.talk("quantum flux capacitor", bot="self-service", session="s-2")
    world.talk("four")
    bot_talks.forget(world.services, CONTACT)
    for prefix in ("bot-sessions", "bot-talks", "bot-talks-of", "bot-missed"):
        assert not list(world.services.redacted.list(f"control/{prefix}/")), prefix


class TestSurvey:
    def test_a_published_contact_is_offered_a_survey(self, world):
        world.publish()
        (one,) = world.follow_ups()
        assert one.result.outcome == "offered"
        assert one.result.refs == {"bot": "survey", "session": one.order.id}
        opened = bot_talks.last(world.services, "survey", one.order.id)
        assert (opened.contact_id, opened.to_elicit) == (CONTACT, "Score")

    def test_its_answer_is_kept_on_the_contact(self, world):
        world.publish()
        session = world.follow_ups()[0].result.refs["session"]
        for text in SAID:
            bot_talks.say(world.services, "survey", session, text)
        (kept,) = surveys.every(world.services.redacted)
        assert (kept.contact_id, kept.score) == (CONTACT, 4)

    def test_a_contact_that_is_published_again_is_not_asked_again(self, world):
        world.publish()
        world.publish("my second invoice is wrong too")
        assert [one.state.value for one in world.follow_ups()].count("DONE") == 1
        assert len(list(world.services.redacted.list("control/survey-offers/"))) == 1

    def test_a_talk_with_a_bot_is_followed_by_none(self, world):
        world.talk(*SAID)
        world.drain()
        (one,) = world.follow_ups(bot_transcript.contact_id("survey", "s-1"))
        assert (one.state.value, one.detail) == (
            "SKIPPED",
            "this contact is a dialogue with a bot",
        )

    def test_without_a_dialogue_it_is_skipped_with_the_reason(self, tmp_path):
        world = World(tmp_path, follow_ups=("survey",), dialogue="none")
        world.runners = RUNNERS
        world.put(CHAT_KEY, chat())
        world.drain()
        (one,) = notes.of_contact(world.services.redacted, CONTACT)
        assert one.state.value == "SKIPPED"
        assert "LOUPE_DIALOGUE" in one.detail
