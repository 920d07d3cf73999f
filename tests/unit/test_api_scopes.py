"""What each caller sees, and that the list of routes is the only one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.api.resolver import resolver
from chalicelib.api.routes import ROUTES
from chalicelib.api.signature import parameters
from chalicelib.domain.contact import Status
from chalicelib.domain.principal import LISTEN, Principal, PrincipalRole
from tests.unit import api_world as w
from tests.unit.api_world import BOTH, CALL, CHAT, FAILED, OTHER, REFUSED, RUNNING, World, populated

SUPERVISOR = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
AGENT = Principal("g", PrincipalRole.AGENT, agent_id="agent-1")


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    return populated(tmp_path_factory.mktemp("world"))


@pytest.fixture
def fresh(tmp_path) -> World:
    return populated(tmp_path)


def ids(answer) -> list[str]:
    return [item["contactId"] for item in answer.json["items"]]


SCOPES = [
    ("an admin sees all", w.ADMIN, {CALL, CHAT, OTHER, RUNNING, REFUSED, FAILED, BOTH}),
    ("a supervisor sees the own queue", SUPERVISOR, {CHAT, OTHER}),
    ("an agent sees the own contacts", AGENT, {CALL, OTHER, BOTH}),
    ("a supervisor of no queue sees nothing", Principal("n", PrincipalRole.SUPERVISOR), set()),
    ("an agent without an id sees nothing", Principal("n", PrincipalRole.AGENT), set()),
]


@pytest.mark.parametrize(("who", "seen"), [s[1:] for s in SCOPES], ids=[s[0] for s in SCOPES])
def test_lists_feeds_and_details_show_visible_contacts_only(world, who, seen):
    assert set(ids(world.ask("/v1/contacts", who=who))) == seen
    assert {e["contactId"] for e in world.ask("/v1/feed", who=who).json["events"]} == seen
    for contact_id in (CALL, CHAT, OTHER, RUNNING, REFUSED, FAILED, BOTH):
        expected = 200 if contact_id in seen else 404
        assert world.ask(f"/v1/contacts/{contact_id}", who=who).status == expected


@pytest.mark.parametrize("query", [{"queueId": "queue-1"}, {"agentId": "agent-1"}])
def test_a_filter_never_widens_the_scope(world, query):
    found = set(ids(world.ask("/v1/contacts", who=SUPERVISOR, **query)))
    assert found <= {CHAT, OTHER}
    assert CALL not in ids(world.ask("/v1/contacts", who=SUPERVISOR, queueId="queue-1"))
    assert ids(world.ask("/v1/contacts", who=AGENT, agentId="agent-2")) == []


def test_pages_of_a_narrow_scope_are_full(world):
    page = world.ask("/v1/contacts", who=SUPERVISOR, maxResults=2)
    assert len(page.json["items"]) == 2


@pytest.mark.parametrize(
    "what", ["", "/analysis", "/transcript", "/explanations", "/waveform", "/recording"]
)
def test_an_invisible_contact_answers_like_an_unknown_one(world, what):
    listener = replace(SUPERVISOR, granted=frozenset({LISTEN}))
    foreign = world.ask(f"/v1/contacts/{CALL}{what}", who=listener)
    unknown = world.ask(f"/v1/contacts/nobody{what}", who=listener)
    assert (foreign.status, foreign.text, foreign.headers) == (404, unknown.text, unknown.headers)


def test_a_deleted_contact_is_unknown(fresh):
    fresh.put(w.row(CALL, status=Status.DELETED, tombstone="deleted"))
    assert fresh.ask(f"/v1/contacts/{CALL}").json["code"] == "not_found"


def test_every_resource_of_the_list_is_registered_and_nothing_else():
    made = resolver()
    registered = {(r.method, r.openapi_path) for r in made._static_routes + made._dynamic_routes}
    assert registered == {(r.method, r.path) for r in ROUTES}


def test_no_path_part_mixes_a_name_and_a_parameter():
    import re

    part = re.compile(r"[A-Za-z0-9._:-]+|\{[A-Za-z0-9_]+\}")
    assert all(part.fullmatch(p) for r in ROUTES for p in r.path.strip("/").split("/"))


def test_query_keys_come_from_the_functions():
    declared = {
        r.path: parameters(r.function).query_names(r.path) for r in ROUTES if r.method == "GET"
    }
    assert declared["/v1/contacts/{contactId}/transcript"] == {
        "channel", "participantRole", "from", "to", "nextToken",
    }  # fmt: skip
    assert declared["/v1/contacts/{contactId}"] == frozenset()
