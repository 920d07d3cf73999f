"""Greeting, response times and turn groups of chats."""

from __future__ import annotations

import json

import pytest

from chalicelib.domain.method import Method
from chalicelib.domain.transcript import ANALYSED_ROLES, Role, TurnGroup, TurnKind
from chalicelib.domain.turn_groups import turn_groups
from chalicelib.domain.voice_metrics import characterise
from chalicelib.formats import contact_lens
from tests.shared_data import shared
from tests.unit.conversations import NEG, A, C, U, chat, event, wrote

SYSTEM, BOT = Role.SYSTEM, Role.CUSTOM_BOT
INTERACTIVE = "application/vnd.amazonaws.connect.message.interactive.response"


def figures(*items):
    return characterise(chat(*items), None, (), Method())


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([event(A, 1000), wrote(A, 3500)], 2500),
        ([event(A, 1000), wrote(C, 2000), wrote(A, 3500), wrote(A, 9000)], 2500),
        ([event(C, 0), event(A, 1000), wrote(SYSTEM, 1500), wrote(A, 4000)], 3000),
        ([event(A, 1000), wrote(A, 2000), event(A, 5000), wrote(A, 5100)], 1000),
        ([wrote(A, 500), event(A, 1000), wrote(A, 1700)], 700),
        ([event(A, 1000), wrote(A, 1000)], 0),
        ([event(A, 1000), wrote(C, 2000)], None),
        ([wrote(A, 2000)], None),
        ([event(C, 1000), wrote(A, 2000)], None),
        ([], None),
    ],
    ids=[
        "from_joining_to_the_first_message",
        "the_first_of_several",
        "messages_of_the_system_do_not_greet",
        "the_first_agent_to_join",
        "a_message_before_joining_is_no_greeting",
        "at_once",
        "no_message",
        "no_event",
        "only_the_customer_joined",
        "nothing",
    ],
)
def test_greeting_time(items, expected):
    assert figures(*items).greeting_ms == expected


def test_responses_run_from_the_last_message_of_one_to_the_first_of_the_other():
    c = figures(wrote(C, 0), wrote(C, 1000), wrote(A, 4000), wrote(A, 5000), wrote(C, 5700))
    agent, customer = c.response_time[A], c.response_time[C]
    assert (agent.average_ms, agent.maximum_ms, agent.first_ms) == (3000, 3000, 3000)
    assert (customer.average_ms, customer.slowest_turn_ids) == (700, ("CUSTOMER-5700",))


def test_average_first_and_longest_response():
    c = figures(
        wrote(C, 0),
        wrote(A, 2000),
        wrote(C, 3000),
        wrote(A, 8000),
        wrote(C, 9000),
        wrote(A, 11_001),
    )
    agent = c.response_time[A]
    assert (agent.first_ms, agent.average_ms, agent.maximum_ms) == (2000, 3000, 5000)
    assert agent.slowest_turn_ids == ("AGENT-8000",)


def test_equally_slow_responses_are_all_named():
    c = figures(wrote(C, 0), wrote(A, 2000), wrote(C, 3000), wrote(A, 5000))
    assert c.response_time[A].slowest_turn_ids == ("AGENT-2000", "AGENT-5000")


def test_half_a_millisecond_rounds_up():
    c = figures(wrote(C, 0), wrote(A, 2), wrote(C, 3), wrote(A, 4))
    assert c.response_time[A].average_ms == 2


def test_bots_events_and_the_system_are_passed_over():
    c = figures(wrote(C, 0), wrote(BOT, 10), wrote(SYSTEM, 20), event(A, 30), wrote(A, 900))
    assert c.response_time[A].maximum_ms == 900


@pytest.mark.parametrize(
    "items",
    [[], [wrote(A, 0), wrote(A, 1)], [wrote(BOT, 0), wrote(C, 1)], [event(A, 0)]],
    ids=["empty", "monologue", "only_a_bot_was_there", "only_events"],
)
def test_who_never_responds_is_left_out(items):
    assert figures(*items).response_time == {}


def test_a_chat_has_no_voice_figures_and_ends_with_its_last_item():
    c = figures(wrote(C, 0), wrote(A, 900), event(C, 1500))
    assert c.total_duration_ms == 1500
    assert (c.talk_time_ms, c.non_talk, c.loudness, c.interruptions) == ({}, (), {}, ())


# Turn groups


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([wrote(C, 0), wrote(C, 1), wrote(A, 2)], [[C, 0, 1], [A, 2]]),
        ([wrote(C, 0), event(A, 1), wrote(C, 2)], [[C, 0, 2]]),
        ([wrote(C, 0), wrote(C, 1, kind=TurnKind.ATTACHMENT), wrote(C, 2)], [[C, 0, 2]]),
        ([wrote(C, 0), wrote(BOT, 1), wrote(C, 2)], [[C, 0], [C, 2]]),
        ([wrote(C, 0), wrote(SYSTEM, 1), wrote(C, 2)], [[C, 0], [C, 2]]),
        ([wrote(A, 0, who="a"), wrote(A, 1, who="b")], [[A, 0], [A, 1]]),
        ([wrote(C, 0), wrote(C, 1, content_type=INTERACTIVE), wrote(C, 2)], [[C, 0, 2]]),
        ([wrote(C, 0, content_type=INTERACTIVE)], []),
        ([wrote(SYSTEM, 0), wrote(BOT, 1), wrote(U, 2)], []),
        ([], []),
    ],
    ids=[
        "a_run_of_one_participant",
        "an_event_does_not_break_a_run",
        "nor_does_an_attachment",
        "a_bot_does",
        "the_system_does",
        "two_agents_are_two_participants",
        "a_click_stays_out_without_breaking_the_run",
        "nothing_but_a_click",
        "nobody_who_is_analysed",
        "empty",
    ],
)
def test_turn_groups(items, expected):
    groups = turn_groups(chat(*items))
    assert [[g.role, *(int(i.split("-")[1]) for i in g.turn_ids)] for g in groups] == expected


def test_published_groups_win():
    published = (TurnGroup(C, ("CUSTOMER-0",), NEG), TurnGroup(C, ("CUSTOMER-1",)))
    assert turn_groups(chat(wrote(C, 0), wrote(C, 1), groups=published)) == published


# The documented chat


@pytest.fixture
def documented():
    doc = json.loads(shared("contact_lens", "chat_complete.json").read_text())
    return contact_lens.read(doc), doc["ConversationCharacteristics"]


@pytest.mark.shared_data
def test_greeting_and_responses_of_the_documented_chat_are_exact(documented):
    transcript, want = documented
    c, published = characterise(transcript, None, (), Method()), want["ResponseTime"]
    assert c.greeting_ms == published["AgentGreetingTimeMillis"]
    for role in ANALYSED_ROLES:
        ours, theirs = c.response_time[role], published["DetailsByParticipantRole"][role]
        assert ours.average_ms == theirs["Average"]["ValueMillis"]
        assert ours.maximum_ms == theirs["Maximum"]["ValueMillis"]
        assert [{"Id": i} for i in ours.slowest_turn_ids] == theirs["Maximum"]["TranscriptItems"]


@pytest.mark.shared_data
def test_runs_of_the_documented_chat_are_its_groups_but_for_one_split(documented):
    transcript, _ = documented
    published = {group.turn_ids for group in transcript.groups}
    derived = {g.turn_ids for g in turn_groups(chat(*transcript.turns))}
    assert (len(derived), len(derived & published)) == (25, 24)
    (run,) = derived - published
    assert {run[:1], run[1:]} == published - derived
