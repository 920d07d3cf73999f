"""Contacts by what was said in them, over HTTP: who finds what, and what is shown of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.api.models import ContactList
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import Status
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.domain.transcript import Channel, Redaction, Role
from chalicelib.flow import reconcile, search_index
from chalicelib.formats.artifact import dump
from tests.fakes.search import LateSearch
from tests.unit.api_world import (
    ADMIN,
    CALL,
    DAY_MS,
    NOW_MS,
    World,
    chat,
    publication,
    row,
    services,
    turn,
    voice,
)

AGENT = Principal("agent", PrincipalRole.AGENT, agent_id="agent-1")
SUPERVISOR = Principal("lead", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
FIRST, SECOND, THIRD = "c-1", "c-2", "c-3"


def said(*turns, of=None):
    given = of or voice("k", None)
    return replace(given, transcript=replace(given.transcript, turns=turns))


@pytest.fixture
def world(tmp_path) -> World:
    made = World(services(tmp_path))
    made.publish(
        FIRST,
        said(
            turn(1, Role.AGENT, "Hello, this is billing."),
            turn(2, Role.CUSTOMER, "I am [NAME], <b>refund</b> me. Refund!",
                 redactions=(Redaction(5, 11, "NAME", 1, 2),)),
        ),
        disconnect_ms=NOW_MS - DAY_MS,
    )  # fmt: skip
    made.publish(
        SECOND,
        said(turn(1, Role.AGENT, "A refund is on its way."), of=chat(1)),
        disconnect_ms=NOW_MS - 2 * DAY_MS,
        agent_id="agent-2",
        queue_id="queue-2",
    )
    made.publish(
        THIRD,
        said(turn(1, Role.CUSTOMER, "Nothing to say.")),
        disconnect_ms=NOW_MS - 3 * DAY_MS,
    )
    return made


def ids(answer) -> list[str]:
    assert answer.status == 200
    return [item["contactId"] for item in answer.json["items"]]


def test_a_list_with_words_shows_where_they_were_said(world):
    answer = world.ask("/v1/contacts", q="refund")
    assert ids(answer) == [FIRST, SECOND]
    assert answer.json["items"][0]["snippets"] == [
        {
            "segmentId": "t-0002",
            "channel": "VOICE",
            "participantRole": "CUSTOMER",
            "text": "I am [NAME], <b>refund</b> me. Refund!",
            "offset": 0,
            "ranges": [[16, 22], [31, 37]],
        }
    ]
    assert ContactList.model_validate(answer.json).model_dump(by_alias=True)["items"]
    assert world.ask("/v1/contacts").json["items"][0]["snippets"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "refund", "qParticipantRole": "AGENT"}, [SECOND]),
        ({"q": "refund", "qParticipantRole": "CUSTOMER"}, [FIRST]),
        ({"q": "billing nothing", "qMatch": "ANY"}, [FIRST, THIRD]),
        ({"q": "billing refund"}, [FIRST]),
        ({"q": "me refund", "qMatch": "EXACT"}, [FIRST]),
        ({"q": "name"}, []),
        ({"q": "refund", "queueId": "queue-2"}, [SECOND]),
        ({"q": "refund", "channel": "CHAT"}, [SECOND]),
        ({"q": "refund", "interruptionsMin": 2}, []),
        ({"q": '"; DROP TABLE contacts --'}, []),
    ],
    ids=lambda v: str(v) if isinstance(v, dict) else "",
)
def test_the_same_is_found_by_parameters_and_by_body(world, query, found):
    assert ids(world.ask("/v1/contacts", **query)) == found
    many = ("queueId", "channel")
    body = {key: [value] if key in many else value for key, value in query.items()}
    assert ids(world.ask("/v1/contacts:search", method="POST", body=body)) == found


def test_a_body_asks_for_what_parameters_ask_for(world):
    world.put(row("c-4", publication=publication(attributes={"tier": "gold"}, analysis_key="a")))
    body = {"attr": {"tier": ["gold"]}, "sentimentMax": 0, "maxResults": 1, "categoryMatch": "ANY"}
    assert ids(world.ask("/v1/contacts:search", method="POST", body=body)) == ["c-4"]
    every = world.ask("/v1/contacts:search", method="POST", body={"maxResults": 2})
    rest = {"maxResults": 2, "nextToken": every.json["nextToken"]}
    assert ids(every) + ids(world.ask("/v1/contacts:search", method="POST", body=rest)) == [
        "c-4", FIRST, SECOND, THIRD,
    ]  # fmt: skip
    assert len(ids(world.ask("/v1/contacts", maxResults=2, nextToken=rest["nextToken"]))) == 2


REFUSED = {
    "no_word": ({"q": "?!"}, "words", "/q"),
    "a_reversed_range": ({"shiftMin": 2, "shiftMax": 1}, "range", "/shiftMin"),
    "times_the_wrong_way_round": (
        {"startTime": "2026-01-02T00:00:00Z", "endTime": "2026-01-01T00:00:00Z"}, "range", "/startTime"),
    "an_unknown_match": ({"q": "x", "qMatch": "NONE"}, None, "/qMatch"),
    "an_empty_question": ({"q": ""}, None, "/q"),
    "a_question_without_end": ({"q": "x" * 257}, None, "/q"),
    "a_score_beyond_the_scale": ({"sentimentMin": -9}, None, "/sentimentMin"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "code", "field"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_asked_is_refused_with_its_place(world, asked, code, field):
    by_query = world.ask("/v1/contacts", **asked)
    assert (by_query.status, by_query.json["code"]) == (400, code or "parameter")
    assert by_query.json["errors"][0]["pointer"].startswith(f"/query{field}")
    by_body = world.ask("/v1/contacts:search", method="POST", body=asked)
    assert (by_body.status, by_body.json["code"]) == (422, code or "body")
    assert by_body.json["errors"][0]["pointer"].startswith(f"/body{field}")


@pytest.mark.parametrize(
    "body",
    [None, "[]", '{"sort": "x"}', '{"maxResults": 0}', '{"maxResults": 1000000000}',
     '{"attr": {"a": "b"}}', '{"q": "\\ud800"}', '{"attr": {"\\ud800": ["x"]}}', '{"sentimentMin": "1e999"}'],
)  # fmt: skip
def test_bodies_that_do_not_fit_are_422(world, body):
    answer = world.ask("/v1/contacts:search", method="POST", body=body)
    assert (answer.status, answer.json["code"]) == (422, "body")


def test_a_token_goes_on_for_the_same_words_and_caller_only(world):
    first = world.ask("/v1/contacts", q="refund", maxResults=1)
    token = first.json["nextToken"]
    assert ids(first) == [FIRST]
    assert ids(world.ask("/v1/contacts", q="refund", maxResults=1, nextToken=token)) == [SECOND]
    assert world.ask("/v1/contacts", q="refund", nextToken=token).json["nextToken"] is None
    other = Principal("other", PrincipalRole.ADMIN)
    for asked, who in (({"q": "refunds"}, ADMIN), ({}, ADMIN), ({"q": "refund"}, other)):
        answer = world.ask("/v1/contacts", nextToken=token, who=who, **asked)
        assert (answer.status, answer.json["code"]) == (400, "cursor")


def test_nobody_finds_what_is_another_s(world):
    assert ids(world.ask("/v1/contacts", q="refund", who=AGENT)) == [FIRST]
    assert ids(world.ask("/v1/contacts", q="refund", who=SUPERVISOR)) == [SECOND]
    assert ids(world.ask("/v1/contacts", q="refund", who=AGENT, agentId="agent-2")) == []
    nobody = Principal("nobody", PrincipalRole.SUPERVISOR)
    assert ids(world.ask("/v1/contacts", q="refund", who=nobody)) == []


def test_an_index_that_is_behind_shows_nothing_that_is_gone(world):
    """The text is another one and nobody has told the index yet."""
    index, world.services = world.services.index, replace(world.services, index=None)
    world.__post_init__()
    masked = ContactAnalysis(FIRST, (said(turn(1, Role.AGENT, "All masked.")),))
    world.services.redacted.put("redacted/artifacts/new.json", dump(masked))
    before = world.services.contacts.get(FIRST)
    told = replace(before.publication, analysis_key="redacted/artifacts/new.json")
    world.put(replace(before, publication=told))
    assert ids(world.ask("/v1/contacts", q="refund")) == [SECOND]
    assert ids(world.ask("/v1/contacts", q="billing")) == []
    after = replace(world.services, index=index)
    changed = world.services.contacts.get(FIRST)
    assert search_index.behind(after, changed)
    assert reconcile(after).hints >= 1
    assert search_index.settle(after, changed)
    assert not search_index.settle(after, changed)
    assert ids(world.ask("/v1/contacts", q="masked")) == [FIRST]


def test_a_deleted_contact_is_out_of_the_index_with_its_row(world):
    gone = world.services.contacts.get(FIRST)
    world.put(replace(gone, status=Status.DELETED, publication=None, tombstone="erased"))
    assert ids(world.ask("/v1/contacts", q="refund")) == [SECOND]
    assert world.services.index.mark(FIRST) == ""
    assert not search_index.settle(world.services, world.services.contacts.get(FIRST))


def test_erased_words_are_in_no_file_once_the_index_is_tidied(world, tmp_path):
    world.publish("c-9", said(turn(1, Role.CUSTOMER, "quetzalcoatlus")))
    for n in range(40):
        world.publish(f"d-{n}", said(turn(1, Role.CUSTOMER, f"filler number {n}")))
    gone = world.services.contacts.get("c-9")
    world.put(replace(gone, status=Status.DELETED, publication=None, tombstone="erased"))
    world.services.redacted.delete(gone.publication.analysis_key)
    world.services.index.tidy()
    world.services.contacts.close()
    world.services.index.close()
    held = [
        path.name
        for path in tmp_path.rglob("*")
        if path.is_file() and b"quetzalc" in path.read_bytes()
    ]
    assert held == []


def test_a_search_that_takes_its_time_is_asked_for_again(world):
    world.services = replace(world.services, search=LateSearch(world.services.search))
    world.__post_init__()
    begun = world.ask("/v1/contacts", q="refund", maxResults=1)
    assert (begun.status, begun.json["items"]) == (202, [])
    assert begun.headers["retry-after"] == "1"
    path = f"/v1/searches/{begun.json['searchId']}"
    again = world.ask(path)
    assert (again.status, again.json["items"]) == (202, [])
    first = world.ask(f"/v1/searches/{again.json['searchId']}", maxResults=1)
    assert ids(first) == [FIRST]
    assert first.json["items"][0]["snippets"]
    assert first.headers["etag"].startswith('W/"')
    rest = world.ask(path, maxResults=1, nextToken=first.json["nextToken"])
    assert (ids(rest), rest.json["nextToken"]) == ([SECOND], None)
    assert world.ask(path, nextToken="x").json["code"] == "cursor"
    stranger = world.ask(path, who=AGENT)
    assert (stranger.status, stranger.json["code"]) == (400, "search")
    by_body = world.ask("/v1/contacts:search", method="POST", body={"q": "refund"})
    assert by_body.status == 202


def test_where_nothing_searches_words_are_501_and_lists_go_on(world):
    world.services = replace(world.services, search=None, index=None)
    world.__post_init__()
    answer = world.ask("/v1/contacts", q="refund")
    assert (answer.status, answer.json["code"]) == (501, "search.unavailable")
    assert len(ids(world.ask("/v1/contacts"))) == 3


def test_a_conversation_of_two_channels_tells_which_one(world):
    world.publish(
        CALL,
        said(turn(1, Role.AGENT, "spoken zebra")),
        said(turn(1, Role.AGENT, "written zebra"), of=chat(1)),
    )
    (item,) = world.ask("/v1/contacts", q="zebra").json["items"]
    assert [cut["channel"] for cut in item["snippets"]] == [Channel.VOICE, Channel.CHAT]
