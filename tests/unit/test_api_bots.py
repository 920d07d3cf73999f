"""Bots, surveys and missed utterances over the API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.domain.rules.finding import Tools
from chalicelib.formats.bot_file import shipped
from tests.bots import with_dialogue
from tests.unit import api_world
from tests.unit.api_world import CALL, CHAT, OTHER, World, chat

AGENT = Principal("agent-2", PrincipalRole.AGENT, agent_id="agent-2")
SUPERVISOR = Principal("sue", PrincipalRole.SUPERVISOR, queues=("queue-2",))


class SameWords:
    """Texts are alike when they are the same."""

    threshold = 0.65

    def likeness(self, examples, texts):
        return [1.0 if text in examples else 0.0 for text in texts]


@pytest.fixture
def world(tmp_path):
    made = api_world.populated(tmp_path)
    services = replace(made.services, pii=PatternPii(), tools=Tools(meaning=SameWords()))
    return World(with_dialogue(services))


def begin(world, bot="survey", **body):
    return world.ask(f"/v1/bots/{bot}/sessions", method="POST", body=body)


def say(world, session, text, bot="survey", **asked):
    path = f"/v1/bots/{bot}/sessions/{session}/utterances"
    return world.ask(path, method="POST", body={"text": text}, **asked)


def test_the_bots_are_listed_with_who_leads_them(world):
    found = world.ask("/v1/bots").json
    assert [one["id"] for one in found["items"]] == list(shipped())
    assert found["engine"]["name"] == "local-dialogue"


def test_without_a_dialogue_the_list_says_why_and_nothing_begins(tmp_path):
    world = api_world.populated(tmp_path)
    found = world.ask("/v1/bots").json
    assert found["engine"] is None
    assert "LOUPE_DIALOGUE" in found["detail"]
    assert begin(world).status == 501


def test_a_survey_is_led_to_its_end(world):
    opened = begin(world, contactId=CALL)
    assert opened.status == 201
    session = opened.json["sessionId"]
    assert opened.json["slotToElicit"] == "Score"
    turns = [
        say(world, session, text).json for text in ("fine", "four", "quick", "yes", "tomorrow")
    ]
    assert [turn["slotToElicit"] for turn in turns] == [
        "Score",
        "Reason",
        "CallBack",
        "CallBackDate",
        None,
    ]
    assert (turns[-1]["state"], turns[-1]["dialogAction"], turns[-1]["closed"]) == (
        "Fulfilled",
        "Close",
        True,
    )
    assert say(world, session, "again").status == 409
    whole = world.ask(f"/v1/bots/survey/sessions/{session}").json
    assert (whole["closed"], len(whole["turns"])) == (True, 6)
    found = world.ask("/v1/surveys").json
    assert (found["answers"], found["scored"], found["meanScore"]) == (1, 1, 4.0)
    assert found["items"][0]["contactId"] == CALL
    items = world.ask("/v1/review-items").json["items"]
    assert [one["name"] for one in items] == ["Call back after the survey"]


def test_a_session_that_has_begun_goes_on(world):
    begin(world, sessionId="own-1")
    say(world, "own-1", "four")
    assert begin(world, sessionId="own-1").json["slotToElicit"] == "Reason"


@pytest.mark.parametrize(
    ("bot", "body", "status"),
    [
        pytest.param("none", {}, 404, id="an unknown bot"),
        pytest.param("survey", {"sessionId": "a/b"}, 422, id="a session with a slash"),
        pytest.param("survey", {"contactId": "nobody"}, 404, id="an unknown contact"),
        pytest.param("survey", {"other": 1}, 422, id="an unknown member"),
    ],
)
def test_what_cannot_begin_is_refused(world, bot, body, status):
    assert begin(world, bot, **body).status == status


@pytest.mark.parametrize("text", ["", "x" * 1025], ids=["empty", "too long"])
def test_an_utterance_has_1_to_1024_characters(world, text):
    begin(world, sessionId="own-1")
    assert say(world, "own-1", text).status == 422


def test_an_agent_tries_no_bots(world):
    assert world.ask("/v1/bots", who=AGENT).status == 403


def test_nobody_sees_the_talk_about_a_contact_of_others(world):
    begin(world, sessionId="own-1", contactId=CALL)
    assert world.ask("/v1/bots/survey/sessions/own-1", who=SUPERVISOR).status == 404
    assert say(world, "own-1", "four", who=SUPERVISOR).status == 404


def test_surveys_are_those_of_visible_contacts(world):
    for session, contact_id in (("own-1", CALL), ("own-2", CHAT)):
        begin(world, sessionId=session, contactId=contact_id)
        for text in ("5" if contact_id == CALL else "2", "so it was", "no"):
            say(world, session, text)
    assert world.ask("/v1/surveys").json["meanScore"] == 3.5
    seen = world.ask("/v1/surveys", who=SUPERVISOR).json
    assert [one["contactId"] for one in seen["items"]] == [CHAT]
    assert seen["meanScore"] == 2.0


def test_no_answers_have_no_mean(world):
    assert world.ask("/v1/surveys").json["meanScore"] is None


class TestMissed:
    @pytest.fixture
    def asked(self, world):
        """Three contacts want a refund, one asks what a bot knows, one is of the world; two talks are about
        passwords."""
        said = "I want my refund now"
        for contact_id in (CALL, CHAT, OTHER):
            world.publish(contact_id, _says(said), queue_id="queue-1")
        world.publish("known", _says("where is my order"), queue_id="queue-1")
        for number in (1, 2):
            begin(world, "self-service", sessionId=f"own-{number}")
            say(world, f"own-{number}", "zyx password qwv", "self-service")
        return world

    def test_what_nobody_understands_is_proposed(self, asked):
        found = asked.ask("/v1/missed-utterances", queueId="queue-1").json
        kinds = [
            (one["terms"][0], one["count"], one["fromBots"], one["fromContacts"])
            for one in found["proposals"]
        ]
        assert kinds[0][1:] == (3, 0, 3)
        assert "refund" in found["proposals"][0]["terms"]
        assert kinds[1][1:] == (2, 2, 0)
        assert (found["requests"], found["requestsCovered"]) == (5, 1)
        assert found["proposals"][0]["examples"][0]["text"] == "I want my refund now"

    def test_proposals_are_exported_for_lex(self, asked):
        told = asked.ask("/v1/missed-utterances/lex-export", queueId="queue-1").json
        assert "never imported" in told["status"]
        intents = {
            path: content["sampleUtterances"]
            for path, content in told["files"].items()
            if path.endswith("/Intent.json")
        }
        assert len(intents) == 2
        assert [{"utterance": "I want my refund now"}] in intents.values()

    def test_without_vectors_there_is_no_report(self, asked):
        services = replace(asked.services, vectors=api_world.FakeVectors(missing="there are none"))
        assert World(services).ask("/v1/missed-utterances").status == 501


def _says(text):
    made = chat(1)
    (turn,) = made.transcript.turns
    return replace(made, transcript=replace(made.transcript, turns=(replace(turn, text=text),)))
