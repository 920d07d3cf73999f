"""Saved searches: whose they are, who sees them, and edits that do not undo each other."""

from __future__ import annotations

import pytest

from chalicelib.api.saved_searches import SavedSearchInfo
from chalicelib.domain.principal import Principal, PrincipalRole
from tests.unit.api_world import ADMIN, World, services

PATH = "/v1/saved-searches"
OWNER = Principal("owner", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
OTHER = Principal("other", PrincipalRole.AGENT, agent_id="agent-1")
BODY = {"name": "Angry", "query": {"sentimentMax": -2, "attr": {"tier": ["gold"]}, "q": "refund"}}


@pytest.fixture
def world(tmp_path) -> World:
    return World(services(tmp_path))


def create(world, body=None, who=OWNER, **headers):
    return world.ask(PATH, method="POST", body=body or BODY, who=who, headers=headers)


def test_a_search_is_kept_read_changed_and_removed(world):
    made = create(world)
    assert made.status == 201
    assert SavedSearchInfo.model_validate(made.json).model_dump(by_alias=True) == made.json
    one = f"{PATH}/{made.json['id']}"
    read = world.ask(one, who=OWNER)
    assert (read.json, read.headers["etag"]) == (made.json, '"1"')
    assert (read.json["query"], read.json["owner"], read.json["shared"]) == (
        {"sentimentMax": -2.0, "attr": {"tier": ["gold"]}, "q": "refund"}, "owner", False,
    )  # fmt: skip
    found = world.ask("/v1/contacts:search", method="POST", body=read.json["query"], who=OWNER)
    assert found.status == 200
    changed = world.ask(
        one, method="PUT", who=OWNER, body={**BODY, "name": "Ängry"}, headers={"If-Match": '"1"'}
    )
    assert (changed.status, changed.json["name"], changed.headers["etag"]) == (200, "Ängry", '"2"')
    gone = world.ask(one, method="DELETE", who=OWNER, headers={"If-Match": '"2"'})
    assert (gone.status, gone.text) == (204, "")
    assert world.ask(one, who=OWNER).status == 404
    assert world.ask(PATH, who=OWNER).json == {"items": []}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_edit_names_the_revision_that_was_read(world, method):
    one = f"{PATH}/{create(world).json['id']}"
    body = BODY if method == "PUT" else None
    assert world.ask(one, method=method, body=body, who=OWNER).status == 428
    stale = world.ask(one, method=method, body=body, who=OWNER, headers={"If-Match": '"9"'})
    assert (stale.status, stale.json["code"]) == (412, "precondition.stale")
    assert world.ask(one, who=OWNER).headers["etag"] == '"1"'


def test_others_see_what_is_shared_and_edit_nothing(world):
    private = f"{PATH}/{create(world).json['id']}"
    shared = f"{PATH}/{create(world, {**BODY, 'name': 'all', 'shared': True}).json['id']}"
    names = [item["name"] for item in world.ask(PATH, who=OWNER).json["items"]]
    assert names == ["all", "Angry"]
    assert [item["name"] for item in world.ask(PATH, who=OTHER).json["items"]] == ["all"]
    assert world.ask(private, who=OTHER).status == 404
    assert world.ask(private, who=ADMIN).status == 404
    assert world.ask(shared, who=OTHER).status == 200
    head = {"If-Match": '"1"'}
    assert world.ask(private, method="DELETE", who=OTHER, headers=head).status == 404
    refused = world.ask(shared, method="DELETE", who=OTHER, headers=head)
    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    assert world.ask(shared, method="DELETE", who=ADMIN, headers=head).status == 204


BAD = {
    "no_name": {"query": {}},
    "an_empty_name": {"name": "", "query": {}},
    "a_long_name": {"name": "x" * 201, "query": {}},
    "no_query": {"name": "x"},
    "an_unknown_filter": {"name": "x", "query": {"sort": "time"}},
    "a_reversed_range": {"name": "x", "query": {"durationMin": 2, "durationMax": 1}},
    "no_word": {"name": "x", "query": {"q": "?"}},
    "a_page": {"name": "x", "query": {"maxResults": 5}},
    "an_owner": {"name": "x", "query": {}, "owner": "admin"},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_search_that_could_not_be_asked_is_not_kept(world, body):
    answer = create(world, body)
    assert answer.status == 422
    assert answer.json["errors"]
    assert world.ask(PATH, who=OWNER).json == {"items": []}


def test_a_range_is_refused_with_its_place(world):
    answer = create(world, BAD["a_reversed_range"])
    assert answer.json["errors"][0]["pointer"] == "/body/query/durationMin"


def test_the_same_request_again_makes_one(world):
    key = {"Idempotency-Key": "k-1"}
    first, again = create(world, **key), create(world, **key)
    assert (again.status, again.json) == (201, first.json)
    assert create(world, {**BODY, "name": "x"}, **key).json["code"] == "idempotency"
    assert create(world, who=OTHER, **key).json["id"] != first.json["id"]
    assert len(world.ask(PATH, who=OWNER).json["items"]) == 1


@pytest.mark.parametrize("name", ["none", "0" * 32, "../../x", "%2e%2e", "é"])
def test_what_is_no_saved_search_is_404(world, name):
    assert world.ask(f"{PATH}/{name}").status == 404
