"""Actions, alerts and review items in the API: of visible contacts, moved by one at a time."""

import json

import pytest

from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.domain.rules import actions
from chalicelib.domain.rules.actions import Matched, Occasion, follow
from chalicelib.domain.rules.rule import Action, Rule
from chalicelib.domain.transcript import Channel
from chalicelib.flow import actions as orders
from tests.rules import says
from tests.unit import api_world as w
from tests.unit.api_world import CALL, CHAT, populated

SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
TASK = Action(actions.TASK, {"Name": "Review"})
ALERT = Action(actions.ALERT, {"Content": "Look at it"})
MAIL = Action(actions.NOTIFICATION, {"Content": "Look"})
CASE = Action("CREATE_CASE")


def tell(world, contact_id, *acts, at_ms=w.NOW_MS - 1000, version=3):
    """Carry out a rule's actions for a contact."""
    found = says("r", "Refund", version, ["refund"])
    rule = Rule(found.id, found.name, found.version, found.when, actions=acts)
    matched = [Matched(rule, Channel.VOICE)]
    for fact in follow(Occasion(contact_id, at_ms), matched, ())[1]:
        orders.take(world.services, fact)
    orders.carry_out(world.services)


@pytest.fixture
def world(tmp_path):
    made = populated(tmp_path)
    tell(made, CALL, TASK, ALERT)
    tell(made, CHAT, TASK, ALERT, at_ms=w.NOW_MS - 500)
    return made


def contacts(answer):
    assert answer.status == 200
    return [item["contactId"] for item in answer.json["items"]]


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/review-items"])
def test_the_latest_comes_first_and_only_what_is_visible(world, path):
    assert contacts(world.ask(path)) == [CHAT, CALL]
    assert contacts(world.ask(path, who=SUPERVISOR)) == [CHAT]


def test_an_alert_says_what_its_author_wrote(world):
    (first, _) = world.ask("/v1/alerts").json["items"]
    assert (first["text"], first["ruleName"], first["ruleVersion"]) == ("Look at it", "Refund", 3)


SINCE = {
    "a_day_ago_when_nothing_is_said": ({}, 2),
    "then": ({"since": "2026-05-28T20:26:39.400Z"}, 1),
    "now": ({"since": "2026-05-28T20:26:40Z"}, 0),
    "long_ago": ({"since": "1999-01-01T00:00:00Z"}, 2),
}


@pytest.mark.parametrize(("query", "found"), SINCE.values(), ids=SINCE)
def test_alerts_since(world, query, found):
    assert len(world.ask("/v1/alerts", **query).json["items"]) == found


def test_actions_show_what_came_of_them(world):
    tell(world, CALL, CASE, MAIL, version=4)
    states = {
        (one["kind"], one["state"], one["reason"]) for one in world.ask("/v1/actions").json["items"]
    }
    assert states == {
        ("CREATE_TASK", "DONE", ""),
        ("SEND_IN_APP_NOTIFICATION", "DONE", ""),
        ("CREATE_CASE", "NOT_CARRIED_OUT", "Amazon Connect Cases is not part of Loupe"),
        ("SEND_NOTIFICATION", "NOT_CARRIED_OUT", "no channel for notifications is configured"),
    }


def item(world, **query):
    return world.ask("/v1/review-items", **query).json["items"][0]


def step(world, what, id_, revision, **known):
    who = {"who": known.pop("who")} if "who" in known else {}
    body = {"revision": revision, **known}
    return world.ask(f"/v1/review-items/{id_}/{what}", method="POST", body=body, **who)


def test_an_item_is_claimed_and_resolved(world):
    seen = item(world)
    claimed = step(world, "claim", seen["id"], seen["revision"])
    assert (claimed.status, claimed.json["state"], claimed.json["by"]) == (
        200,
        "CLAIMED",
        w.ADMIN.id,
    )
    done = step(world, "resolve", seen["id"], claimed.json["revision"], note="called back")
    assert (done.json["state"], done.json["note"], done.json["revision"]) == (
        "RESOLVED",
        "called back",
        3,
    )
    assert item(world, state="RESOLVED") == done.json
    assert contacts(world.ask("/v1/review-items", state=["OPEN", "CLAIMED"])) == [CALL]


def test_of_two_people_one_gets_the_item(world):
    seen = item(world)
    assert step(world, "claim", seen["id"], 1).status == 200
    late = step(world, "claim", seen["id"], 1, who=SUPERVISOR)
    assert (late.status, late.json["code"]) == (409, "review.moved")


@pytest.mark.parametrize("revision", [2, 99])
def test_a_step_from_a_revision_that_is_not_there_is_refused(world, revision):
    assert step(world, "claim", item(world)["id"], revision).status == 409
    assert item(world)["state"] == "OPEN"


def test_what_is_resolved_stays_so(world):
    seen = item(world)
    step(world, "resolve", seen["id"], 1)
    assert step(world, "claim", seen["id"], 2).status == 409


REFUSED = {
    "an_item_that_is_not_there": ("none", {"revision": 1}, 404),
    "no_revision": (None, {}, 422),
    "more_than_is_asked": (None, {"revision": 1, "state": "OPEN"}, 422),
    "a_revision_that_is_none": (None, {"revision": 0}, 422),
}


@pytest.mark.parametrize(("id_", "body", "status"), REFUSED.values(), ids=REFUSED)
def test_steps_that_are_refused(world, id_, body, status):
    path = f"/v1/review-items/{id_ or item(world)['id']}/claim"
    assert world.ask(path, method="POST", body=json.dumps(body)).status == status


def test_an_item_of_a_contact_that_is_not_visible_is_not_there(world):
    (_, hidden) = world.ask("/v1/review-items").json["items"]
    assert step(world, "claim", hidden["id"], 1, who=SUPERVISOR).status == 404
