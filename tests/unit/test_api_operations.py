"""Feed, quarantine and health."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.api import operations
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.principal import Principal, PrincipalRole
from tests.unit import api_world as w
from tests.unit.api_world import CALL, FAILED, REFUSED, RUNNING, World, populated

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


def test_the_feed_tells_each_change_once(fresh):
    first = fresh.ask("/v1/feed").json
    assert {e["type"] for e in first["events"]} == {
        "contact.started", "contact.completed", "contact.failed", "contact.quarantined",
    }  # fmt: skip
    assert fresh.ask("/v1/feed", since=first["cursor"]).json["events"] == []
    fresh.put(w.row(RUNNING, status=Status.DELETED, tombstone="deleted"))
    after = fresh.ask("/v1/feed", since=first["cursor"]).json
    [event] = after["events"]
    assert (event["id"], event["type"]) == (f"{RUNNING}.2", "contact.deleted")


def test_the_feed_is_asked_more_often_while_something_runs(fresh):
    assert fresh.ask("/v1/feed").json["pollAfterMs"] == 1000
    fresh.put(w.row(RUNNING, status=Status.FAILED))
    assert fresh.ask("/v1/feed").json["pollAfterMs"] == 5000


def test_an_unchanged_feed_is_answered_with_304(fresh):
    cursor = fresh.ask("/v1/feed").json["cursor"]
    quiet = fresh.ask("/v1/feed", since=cursor)
    again = fresh.ask("/v1/feed", since=cursor, headers={"If-None-Match": quiet.headers["etag"]})
    assert (again.status, again.text) == (304, "")


def test_quarantine_lists_refusals_and_replays_them(fresh):
    items = {i["contactId"]: i for i in fresh.ask("/v1/quarantine").json["items"]}
    assert items[REFUSED]["code"] == "audio.header"
    assert items[FAILED]["objectKey"] == ""
    for contact_id, key in ((REFUSED, {"key": "bad.wav"}), (FAILED, {})):
        answer = fresh.ask(f"/v1/quarantine/{items[contact_id]['id']}/replay", method="POST")
        assert answer.status == 202
        operations.ReplayAccepted.model_validate(answer.json)
        [message] = fresh.services.queues.ingest.receive()
        assert message.body == {"contactId": contact_id, "reason": "retry", **key}


@pytest.mark.parametrize("entry", ["nobody.123", f"{REFUSED}.123", "x", f"{CALL}."])
def test_an_unknown_entry_cannot_be_replayed(world, entry):
    assert world.ask(f"/v1/quarantine/{entry}/replay", method="POST").status == 404


def test_health_without_a_token_tells_status_and_version_only(world):
    health = world.ask("/v1/health", who=None).json
    assert health == {
        "status": "OK", "version": health["version"],
        "queues": [], "engines": [], "syntheticSamples": False,
    }  # fmt: skip


def test_health_tells_engines_to_anybody_and_queues_to_operations(world):
    assert [q["name"] for q in world.ask("/v1/health").json["queues"]] == [
        "ingest", "acoustics", "speech", "facts", "audio_redaction", "follow_ups",
    ]  # fmt: skip
    seen = world.ask("/v1/health", who=AGENT).json
    assert (seen["queues"], seen["engines"][0]["detail"]) == ([], "not Amazon Comprehend")


def test_a_dead_letter_or_a_missing_engine_degrades_health(fresh):
    assert fresh.ask("/v1/health").json["status"] == "OK"
    missing = fresh.capabilities[0].model_copy(update={"state": "MISSING"})
    fresh.capabilities.append(missing.model_copy(update={"capability": "summary"}))
    assert fresh.ask("/v1/health").json["status"] == "OK"
    fresh.capabilities.append(missing)
    assert fresh.ask("/v1/health").json["status"] == "DEGRADED"


def test_health_answers_when_a_queue_does_not(fresh):
    class Broken:
        name = "ingest"

        def depth(self):
            raise Unavailable("no answer")

    queues = replace(fresh.services.queues, ingest=Broken())
    health = World(replace(fresh.services, queues=queues)).ask("/v1/health")
    assert (health.status, health.json["status"], health.json["queues"]) == (200, "DEGRADED", [])


def test_samples_are_announced(fresh):
    assert fresh.ask("/v1/health").json["syntheticSamples"] is False
    fresh.publish("sample", w.chat(), synthetic=True)
    assert fresh.ask("/v1/health").json["syntheticSamples"] is True
