"""Explanations over the API: what is asked for, made from the redacted analysis."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.explain.contact import explain
from chalicelib.domain.explain.explanation import Metric
from chalicelib.formats.artifact import dump
from tests.unit.analyses import contact, full_chat, voice_call
from tests.unit.api_world import RUNNING, World, populated

CONTACT = "22222222-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    made = populated(tmp_path_factory.mktemp("world"))
    published = {"TotalConversationDurationMillis": 16_000}
    spoken = voice_call()
    spoken = replace(spoken, transcript=replace(spoken.transcript, published=published))
    made.publish(CONTACT, spoken, full_chat())
    return made


def told(world, **query):
    answer = world.ask(f"/v1/contacts/{CONTACT}/explanations", **query)
    assert answer.status == 200, answer.text
    return answer.json["items"]


def test_every_number_of_both_conversations_is_told_and_comes_out(world):
    items = told(world)
    assert len(items) == len(explain(voice_call())) + len(explain(full_chat()))
    assert all(item["comesOut"] for item in items)
    assert {item["channel"] for item in items} == {"VOICE", "CHAT"}


@pytest.mark.parametrize(
    ("query", "metrics", "channels"),
    [
        ({"metric": "talkTime"}, {"talkTime"}, {"VOICE"}),
        ({"metric": ["sentiment", "talkSpeed"]}, {"sentiment", "talkSpeed"}, {"VOICE", "CHAT"}),
        ({"metric": "sentiment", "channel": "CHAT"}, {"sentiment"}, {"CHAT"}),
    ],
    ids=["one_metric", "several_metrics", "of_one_conversation"],
)
def test_what_is_asked_for_is_told(world, query, metrics, channels):
    items = told(world, **query)
    assert {item["metric"] for item in items} == metrics
    assert {item["channel"] for item in items} == channels


def test_an_explanation_has_formula_inputs_settings_engine_and_the_published_value(world):
    [length] = told(world, metric="totalDuration", channel="VOICE")
    assert (length["value"], length["published"], length["difference"]) == (15_000, 16_000, -1000)
    [score] = told(world, metric="sentiment", channel="VOICE")[:1]
    assert (score["formulaId"], score["working"]) == ("sentiment", "5 / 1 = 5, rounded 5")
    assert score["engine"]["name"] == "fake-sentiment"
    assert score["inputs"] == [
        {
            "what": "POSITIVE",
            "quantity": 5,
            "weight": 1,
            "beginOffsetMillis": 3000,
            "endOffsetMillis": 8000,
            "segmentId": "AGENT-3000",
            "participantRole": "AGENT",
            "text": "but that is good",
        }
    ]
    [silence] = told(world, metric="nonTalkTime")
    assert silence["settings"] == {"non_talk_min_ms": 3000, "non_talk_include_leading": True}


def test_figures_of_the_contact_record_are_told_with_every_conversation(tmp_path):
    world = populated(tmp_path)
    row = world.publish(CONTACT, voice_call(), full_chat())
    record = ContactRecord(CONTACT, hold_s=90)
    body = dump(contact(voice_call(), full_chat(), record=record))
    world.services.redacted.put(row.publication.analysis_key, body)
    for query in ({}, {"channel": "CHAT"}, {"channel": "VOICE"}):
        [hold] = told(world, metric="holdTime", **query)
        assert (hold["channel"], hold["value"], hold["unit"]) == (None, 90, "s")
        assert (hold["formulaId"], hold["imported"], hold["comesOut"]) == ("hold-time", True, True)


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        (CONTACT, {"metric": "mood"}, 400, "parameter"),
        (CONTACT, {"metric": ["talkTime"] * (len(Metric) + 1)}, 400, "parameter"),
        (RUNNING, {}, 404, "analysis.none"),
        ("nobody", {}, 404, "not_found"),
    ],
    ids=["no_such_metric", "more_metrics_than_there_are", "not_analysed_yet", "no_such_contact"],
)
def test_what_cannot_be_explained_is_a_problem(world, path, query, status, code):
    answer = world.ask(f"/v1/contacts/{path}/explanations", **query)
    assert (answer.status, answer.json["code"]) == (status, code)


def test_a_contact_without_such_a_conversation_is_a_problem(world):
    made = world.publish("33333333-0000-4000-8000-000000000001", voice_call())
    answer = world.ask(f"/v1/contacts/{made.contact_id}/explanations", channel="CHAT")
    assert (answer.status, answer.json["code"]) == (404, "conversation.none")
