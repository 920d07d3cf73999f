"""Follow-ups in the API: of visible contacts, as they stand, and asked for by hand."""

from dataclasses import replace

import pytest

from chalicelib.domain.follow_up import Kind, Option, Reason, Result, Skipped
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.domain.transcript import Engine
from chalicelib.flow import follow_up
from chalicelib.flow.follow_ups import notes, orders
from tests.unit import api_world as w
from tests.unit.api_world import CALL, CHAT, populated

SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
AGENT = Principal("a", PrincipalRole.AGENT, agent_id="agent-1")
RISKY = Result(
    "review",
    Engine("rules", "1"),
    620.0,
    inputs={"repeats_24h": "2"},
    reasons=(Reason("The caller asked for another account", "account", "1", 300.0, 61_230),),
    options=(Option("review", 0.62, "above 500"),),
    refs={"reviewItem": "r-1"},
)


def order(world, contact_id, kind=Kind.RISK):
    row = world.services.contacts.get(contact_id)
    return orders.ask(world.services, row, kind)


def carry(world, one, answer=RISKY):
    def run(_desk):
        if isinstance(answer, Exception):
            raise answer
        return answer

    follow_up(world.services, notes.body(one), dict.fromkeys(Kind, run))


@pytest.fixture
def world(tmp_path):
    made = populated(tmp_path)
    carry(made, order(made, CALL))
    carry(made, order(made, CHAT), Skipped("the contact names no customer"))
    order(made, CHAT, Kind.SURVEY)
    return made


def test_a_contacts_follow_ups_say_what_they_came_to_and_why(world):
    (one,) = world.ask(f"/v1/contacts/{CALL}/follow-ups").json["items"]
    assert {name: one[name] for name in one if name not in ("id", "orderedAt", "endedAt")} == {
        "kind": "risk",
        "contactId": CALL,
        "state": "DONE",
        "attempts": 1,
        "detail": "",
        "outcome": "review",
        "score": 620.0,
        "engine": {"name": "rules", "version": "1", "detail": ""},
        "inputs": {"repeats_24h": "2"},
        "reasons": [
            {
                "text": "The caller asked for another account",
                "name": "account",
                "value": "1",
                "weight": 300.0,
                "beginOffsetMillis": 61_230,
            }
        ],
        "options": [{"name": "review", "score": 0.62, "reason": "above 500"}],
        "refs": {"reviewItem": "r-1"},
    }


CHOSEN = {
    "all": ({}, {("risk", "DONE"), ("risk", "SKIPPED"), ("survey", "WAITING")}),
    "one_kind": ({"kind": "survey"}, {("survey", "WAITING")}),
    "one_state": ({"state": "SKIPPED"}, {("risk", "SKIPPED")}),
    "one_outcome": ({"outcome": "review"}, {("risk", "DONE")}),
    "since_then": ({"since": "2026-05-28T20:27:00Z"}, set()),
}


@pytest.mark.parametrize(("query", "expected"), CHOSEN.values(), ids=CHOSEN.keys())
def test_a_list_of(world, query, expected):
    answer = world.ask("/v1/follow-ups", **query)
    assert answer.json["truncated"] is False
    assert {(one["kind"], one["state"]) for one in answer.json["items"]} == expected


def test_one_that_a_later_publication_orders_again_is_listed_once(world):
    (one,) = notes.of_contact(world.services.redacted, CALL)
    notes.keep(world.services.redacted, replace(one.order, at_ms=one.order.at_ms + 1))
    listed = world.ask("/v1/follow-ups", state="DONE").json["items"]
    assert [each["id"] for each in listed] == [one.order.id]


def test_one_that_was_skipped_says_why(world):
    (one,) = world.ask("/v1/follow-ups", state="SKIPPED").json["items"]
    assert (one["detail"], one["outcome"]) == ("the contact names no customer", None)


def test_only_what_follows_visible_contacts_is_shown(world):
    seen = world.ask("/v1/follow-ups", who=SUPERVISOR).json["items"]
    assert {one["contactId"] for one in seen} == {CHAT}
    assert world.ask(f"/v1/contacts/{CALL}/follow-ups", who=SUPERVISOR).status == 404


@pytest.mark.parametrize("path", ["/v1/follow-ups", f"/v1/contacts/{CALL}/follow-ups"])
def test_an_agent_sees_none(world, path):
    assert world.ask(path, who=AGENT).status == 403


def asked(world, contact_id, body):
    return world.ask(f"/v1/contacts/{contact_id}/follow-ups", method="POST", body=body)


def test_one_that_is_asked_for_by_hand_waits_for_the_worker(world):
    answer = asked(world, CALL, {"kind": "survey"})
    assert (answer.status, answer.json["state"]) == (202, "WAITING")
    waiting = world.services.queues.follow_ups.receive(10)
    assert answer.json["id"] in {message.body["followUp"] for message in waiting}


def test_one_that_is_done_is_told_as_it_stands(world):
    answer = asked(world, CALL, {"kind": "risk"})
    assert (answer.status, answer.json["state"]) == (202, "DONE")


REFUSED = {
    "an_unknown_kind": (CALL, {"kind": "party"}, 422),
    "no_kind": (CALL, {}, 422),
    "a_word_too_much": (CALL, {"kind": "risk", "now": True}, 422),
    "an_unknown_contact": ("nobody", {"kind": "risk"}, 404),
    "a_contact_without_an_analysis": (w.RUNNING, {"kind": "risk"}, 422),
}


@pytest.mark.parametrize(("contact_id", "body", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_is_refused(world, contact_id, body, status):
    assert asked(world, contact_id, body).status == status
