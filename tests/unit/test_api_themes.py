"""Themes as the API gives them: which contacts, what of them, and what is remembered between requests."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.config import Settings
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.domain.transcript import Redaction
from chalicelib.flow.theme_vectors import key_of, told_by
from chalicelib.flow.themes import PAGE
from chalicelib.ports.storage import ContactQuery
from tests.fakes.vectors import FakeVectors
from tests.unit.analyses import conversation
from tests.unit.api_world import ADMIN, DAY_MS, NOW_MS, World, row, services
from tests.unit.conversations import C, chat, wrote

SUPERVISOR = Principal("sue", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
AGENT = Principal("al", PrincipalRole.AGENT, agent_id="agent-2")
SAID = {
    "c1": "refund for the kettle",
    "c2": "the kettle refund is late",
    "c3": "my password is refused",
    "c4": "new password for login",
    "c5": "refund for the lamp",
    "c6": "green lamp flickers",
    "c7": "hello",
}


def publish(world: World, contact_id: str, text: str, **known) -> None:
    number = int(contact_id[1:])
    given = {
        "disconnect_ms": NOW_MS - number * DAY_MS,
        "queue_id": "queue-1" if number < 5 else "queue-2",
        "agent_id": "agent-1" if number % 2 else "agent-2",
    }
    world.publish(contact_id, conversation(chat(wrote(C, 0, text))), **{**given, **known})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return filled(tmp_path)


def filled(folder: Path, settings: Settings | None = None, said: dict[str, str] = SAID) -> World:
    made = World(services(folder, settings))
    for contact_id, text in said.items():
        publish(made, contact_id, text)
    made.put(row("c8", status=Status.IN_PROGRESS))
    return made


def asked(world: World) -> list[tuple[str, ...]]:
    engine = world.services.vectors
    assert isinstance(engine, FakeVectors)
    return engine.asked


def grouped(answer) -> list[list[str]]:
    return [[c["contactId"] for c in theme["contacts"]] for theme in answer.json["themes"]]


def test_contacts_about_one_thing_are_a_theme_and_everything_adds_up(world):
    answer = world.ask("/v1/themes")
    assert answer.status == 200
    assert grouped(answer) == [["c1", "c2", "c5"], ["c3", "c4"]]
    counted = ("contactsConsidered", "contactsWithoutText", "unassigned", "truncated", "searchedTo")
    assert [answer.json[name] for name in counted] == [7, 1, 1, False, None]
    assert answer.json["engine"]["name"] == "fake-vectors"
    assert answer.json["grouping"]["name"] == "fake-groups"


def test_a_theme_has_a_name_a_share_and_quotes_with_their_place(world):
    refunds, passwords = world.ask("/v1/themes").json["themes"]
    assert refunds["terms"][0] == "refund"
    assert "password" in passwords["label"]
    assert (refunds["count"], refunds["sharePercent"]) == (3, 50.0)
    assert refunds["contacts"][0]["quote"] == {
        "channel": "CHAT",
        "segmentId": "CUSTOMER-0",
        "text": "refund for the kettle",
    }
    assert refunds["id"] != passwords["id"]


@pytest.mark.parametrize(
    ("query", "considered"),
    [
        pytest.param({"queueId": "queue-1"}, 4, id="a_queue"),
        pytest.param({"agentId": ["agent-1", "agent-2"]}, 7, id="alternatives"),
        pytest.param({"agentId": "agent-2", "queueId": "queue-2"}, 1, id="all_of_several"),
        pytest.param({"channel": "VOICE"}, 0, id="a_channel"),
        pytest.param({"category": "Billing dispute"}, 7, id="a_category"),
        pytest.param({"status": "IN_PROGRESS"}, 0, id="nothing_analysed"),
        pytest.param({"startTime": "2026-05-25T00:00:00Z"}, 3, id="a_start"),
    ],
)
def test_filters_are_those_of_the_list_of_contacts(world, query, considered):
    listed = world.ask("/v1/contacts", **query).json["items"]
    assert world.ask("/v1/themes", **query).json["contactsConsidered"] == considered
    assert sum(c["status"] == "COMPLETED" for c in listed) == considered


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param({"contactsPerTheme": 0}, "parameter", id="no_contacts_of_a_theme"),
        pytest.param({"contactsPerTheme": 101}, "parameter", id="too_many_contacts_of_a_theme"),
        pytest.param({"maxResults": 5}, "query", id="a_parameter_of_the_list_alone"),
        pytest.param(
            {"startTime": "2026-05-25T00:00:00Z", "endTime": "2026-05-24T00:00:00Z"},
            "range",
            id="a_range_that_ends_before_it_begins",
        ),
    ],
)
def test_what_is_malformed_is_refused(world, query, code):
    answer = world.ask("/v1/themes", **query)
    assert (answer.status, answer.json["code"]) == (400, code)


def test_the_number_of_contacts_that_are_named_is_bounded_and_the_count_is_not(world):
    refunds, _ = world.ask("/v1/themes", contactsPerTheme=1).json["themes"]
    assert (refunds["count"], len(refunds["contacts"])) == (3, 1)


@pytest.mark.parametrize(
    ("who", "considered"),
    [
        pytest.param(ADMIN, 7, id="an_admin_all"),
        pytest.param(SUPERVISOR, 4, id="a_supervisor_those_of_the_own_queues"),
        pytest.param(AGENT, 3, id="an_agent_the_own"),
    ],
)
def test_only_visible_contacts_are_considered(world, who, considered):
    answer = world.ask("/v1/themes", who=who)
    assert answer.json["contactsConsidered"] == considered
    named = [contact_id for theme in grouped(answer) for contact_id in theme]
    assert all(world.ask(f"/v1/contacts/{c}", who=who).status == 200 for c in named)


def test_nobody_gets_none(world):
    assert world.ask("/v1/themes", who=None).status == 401


def test_no_contacts_have_no_themes(tmp_path):
    answer = filled(tmp_path, said={}).ask("/v1/themes")
    assert (answer.status, answer.json["themes"]) == (200, [])
    assert answer.json["contactsConsidered"] == 0


def test_where_there_are_no_vectors_that_is_said_instead_of_no_themes(tmp_path):
    there = filled(tmp_path)
    engine = FakeVectors(missing="onnxruntime is not installed")
    without = World(replace(there.services, vectors=engine))
    answer = without.ask("/v1/themes")
    assert (answer.status, answer.json["code"]) == (501, "themes.unavailable")
    assert answer.json["detail"] == "Themes are not available here: onnxruntime is not installed."


def test_beyond_the_bound_the_newest_are_considered_and_the_answer_says_so(tmp_path):
    some = filled(tmp_path, Settings(themes_max_contacts=4))
    answer = some.ask("/v1/themes")
    assert grouped(answer) == [["c1", "c2"], ["c3", "c4"]]
    assert answer.json["truncated"] is True
    listed = some.ask("/v1/contacts").json["items"]
    (oldest,) = [c["disconnectTimestamp"] for c in listed if c["contactId"] == "c4"]
    assert answer.json["searchedTo"] == oldest


def test_exactly_the_bound_is_no_part(tmp_path):
    answer = filled(tmp_path, Settings(themes_max_contacts=7)).ask("/v1/themes")
    assert (answer.json["contactsConsidered"], answer.json["truncated"]) == (7, False)


def test_pages_of_contacts_are_followed_to_the_end(tmp_path):
    many = {f"c{n}": "refund" for n in range(10, PAGE + 15)}
    answer = filled(tmp_path, said=many).ask("/v1/themes", contactsPerTheme=100)
    assert answer.json["contactsConsidered"] == PAGE + 5
    assert answer.json["themes"][0]["count"] == PAGE + 5


def test_the_order_in_which_contacts_came_changes_nothing(tmp_path):
    forward = filled(tmp_path / "a").ask("/v1/themes").text
    backward = filled(tmp_path / "b", said=dict(reversed(SAID.items()))).ask("/v1/themes").text
    assert forward == backward


def test_what_is_masked_stays_masked_in_what_is_kept_and_shown(tmp_path):
    world = World(services(tmp_path))
    for number, contact_id in enumerate(("c1", "c2")):
        turn = wrote(C, 0, "[NAME] wants a refund", redactions=(Redaction(0, 6, "NAME"),))
        world.publish(contact_id, conversation(chat(turn)), disconnect_ms=NOW_MS - number)
    (theme,) = world.ask("/v1/themes").json["themes"]
    assert {c["quote"]["text"] for c in theme["contacts"]} == {"[NAME] wants a refund"}
    assert asked(world) == [("wants a refund", "wants a refund")]


class TestKept:
    def test_a_second_request_makes_no_vector_and_reads_no_analysis(self, world):
        first = world.ask("/v1/themes")
        made = len(asked(world))
        for found in world.services.contacts.find(ContactQuery()).rows:
            if found.publication:
                world.services.redacted.delete(found.publication.analysis_key)
        second = world.ask("/v1/themes", queueId=["queue-1", "queue-2"])
        assert made == 1
        assert len(asked(world)) == made
        assert grouped(second) == grouped(first)

    def test_only_what_is_new_is_compared(self, world):
        world.ask("/v1/themes")
        publish(world, "c9", "refund for the teapot")
        assert ["c1", "c2", "c5", "c9"] in grouped(world.ask("/v1/themes"))
        assert asked(world)[1:] == [("refund for the teapot",)]

    def test_a_new_analysis_is_compared_anew(self, world):
        world.ask("/v1/themes")
        key = "redacted/artifacts/c3/second/analysis.json"
        before = world.services.contacts.get("c3")
        publish(world, "c9", "refund, not the other thing")
        other = world.services.contacts.get("c9")
        world.services.redacted.put(
            key, world.services.redacted.read(other.publication.analysis_key)
        )
        world.put(replace(before, publication=replace(before.publication, analysis_key=key)))
        assert ["c1", "c2", "c3", "c5", "c9"] in grouped(world.ask("/v1/themes"))

    def test_another_engine_reads_nothing_of_the_former(self, world):
        world.ask("/v1/themes")
        other = FakeVectors()
        other.engine = replace(other.engine, version="2")
        assert World(replace(world.services, vectors=other)).ask("/v1/themes").status == 200
        assert len(other.asked) == 1

    def test_it_lies_among_the_redacted_products_of_its_contact(self, world):
        world.ask("/v1/themes")
        kept = [s.key for s in world.services.redacted.list("redacted/artifacts/c1/")]
        (key,) = [key for key in kept if "/vectors/" in key]
        document = json.loads(world.services.redacted.read(key))
        assert document["contact_id"] == "c1"
        assert document["said"][0]["excerpt"]["text"] == SAID["c1"]

    def test_a_contact_that_says_nothing_is_remembered_too(self, world):
        world.ask("/v1/themes")
        assert world.services.redacted.stat(key_of(the_row(world, "c7"), world.services.vectors))


def the_row(world: World, contact_id: str):
    found = world.services.contacts.get(contact_id)
    assert found is not None
    return found


class TestGone:
    """A contact may go between the list and the reading of its analysis."""

    def test_one_that_went_with_its_analysis_is_left_out(self, world):
        seen = [the_row(world, "c1"), the_row(world, "c2")]
        world.services.redacted.delete(seen[0].publication.analysis_key)
        world.put(row("c1", status=Status.DELETED, tombstone="erased"))
        assert [t.contact_id for t in told_by(world.services, seen)] == ["c2"]

    def test_nothing_is_left_of_one_that_went_while_it_was_read(self, world):
        seen = the_row(world, "c1")
        world.put(row("c1", status=Status.DELETED, tombstone="erased"))
        assert told_by(world.services, [seen]) == []
        assert world.services.redacted.stat(key_of(seen, world.services.vectors)) is None

    def test_a_missing_analysis_of_one_that_is_there_is_no_silence(self, world):
        seen = the_row(world, "c1")
        world.services.redacted.delete(seen.publication.analysis_key)
        with pytest.raises(Unavailable):
            told_by(world.services, [seen])
