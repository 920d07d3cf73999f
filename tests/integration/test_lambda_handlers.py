"""The handlers of ``app.py`` with real-shaped events, over the one-machine services."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from chalice.test import Client

import app as aws
from chalicelib import bootstrap
from chalicelib.adapters.key_sets import in_file
from chalicelib.api.app import build
from chalicelib.api.aws import bearer, capabilities
from chalicelib.api.tokens import Rules, Verifier
from chalicelib.config import Settings
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.transcript import Engine
from chalicelib.ports.people import Person
from chalicelib.ports.services import Services
from chalicelib.ports.speech import JobState, SpeechJob
from local.identity import CLIENT, ISSUER, KEYS, LocalKey

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"


def event(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    return read


def batch(*bodies: str, receives: int = 1) -> dict[str, Any]:
    record = event("ingest.s3-test")["Records"][0]
    counted = {**record["attributes"], "ApproximateReceiveCount": str(receives)}
    records = [
        {**record, "messageId": str(number), "body": body, "attributes": counted}
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


class NeverHeard:
    """A transcriber that does not answer."""

    engine = Engine("never", "1")

    def start(self, job: SpeechJob) -> JobState:
        raise Unavailable("no answer")

    def look(self, job: SpeechJob) -> JobState:
        raise Unavailable("no answer")

    def forget(self, job: SpeechJob) -> None:
        raise Unavailable("no answer")


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    made = bootstrap.local_services(tmp_path, Settings())
    object.__setattr__(made, "transcriber", NeverHeard())
    monkeypatch.setattr(aws, "services", lambda: made)
    return made


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(aws.app) as made:
        yield made


def put(services: Services, key: str) -> None:
    services.sources.put(key, (SAMPLES / key).read_bytes())


def key_in(name: str) -> str:
    told = json.loads(event(name)["Records"][0]["body"])
    return str(told["detail"]["object"]["key"])


def row(services: Services, contact: str) -> ContactRow:
    found = services.contacts.get(contact)
    assert found
    return found


def contact_of(key: str) -> str:
    return key.rpartition("/")[2][:36]


def test_a_chat_that_lands_in_the_bucket_is_analysed(services, client):
    key = key_in("ingest.chat-created")
    put(services, key)
    answer = client.lambda_.invoke("ingest", event("ingest.chat-created"))
    assert answer.payload == {"batchItemFailures": []}
    assert row(services, contact_of(key)).status is Status.COMPLETED


def test_a_recording_that_lands_in_the_bucket_waits_for_its_heavy_products(services, client):
    key = key_in("ingest.object-created")
    put(services, key)
    client.lambda_.invoke("ingest", event("ingest.object-created"))
    found = row(services, contact_of(key))
    assert found.status is Status.IN_PROGRESS
    assert set(found.waiting) == {"voice/acoustics", "voice/transcript"}


def test_the_key_of_a_notification_leads_to_the_same_contact(services, client):
    key = key_in("ingest.object-created")
    put(services, key)
    client.lambda_.invoke("ingest", event("ingest.s3-notification"))
    assert row(services, contact_of(key)).parts[0].key == key


@pytest.mark.parametrize(
    "name",
    [
        "ingest.s3-test",
        "ingest.transcribe-job",
        "ingest.call-analytics-job",
        "ingest.object-deleted",
        "ingest.acoustics-written",
        "ingest.reconcile-hint",
        "speech.waiting",
        "facts.committed",
        "reconcile.scheduled",
    ],
)
def test_an_event_about_nothing_known_is_done_without_a_failure(services, client, name):
    answer = client.lambda_.invoke(name.partition(".")[0], event(name))
    assert answer.payload == {"batchItemFailures": []}


def test_one_unreadable_message_does_not_take_the_others_with_it(services, client):
    key = key_in("ingest.chat-created")
    put(services, key)
    good = json.dumps({"key": key})
    answer = client.lambda_.invoke("ingest", batch(good, "nonsense", good))
    assert answer.payload == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert row(services, contact_of(key)).status is Status.COMPLETED


class TestSpeech:
    @pytest.fixture
    def waiting(self, services: Services, client: Client) -> str:
        key = key_in("ingest.object-created")
        put(services, key)
        client.lambda_.invoke("ingest", event("ingest.object-created"))
        return contact_of(key)

    def test_a_service_that_does_not_answer_gives_the_message_back(self, services, client, waiting):
        body = json.dumps({"contactId": waiting})
        answer = client.lambda_.invoke("speech", batch(body, receives=1))
        assert answer.payload == {"batchItemFailures": [{"itemIdentifier": "0"}]}
        assert row(services, waiting).status is Status.IN_PROGRESS

    def test_after_the_last_delivery_the_contact_shows_the_failure(self, services, client, waiting):
        body = json.dumps({"contactId": waiting})
        last = services.settings.max_receives
        answer = client.lambda_.invoke("speech", batch(body, receives=last))
        assert answer.payload == {"batchItemFailures": []}
        found = row(services, waiting)
        assert found.status is Status.FAILED
        assert found.failure
        assert "no answer" in found.failure.detail


def test_facts_leave_the_outbox(services, client):
    put(services, key_in("ingest.chat-created"))
    client.lambda_.invoke("ingest", event("ingest.chat-created"))
    assert services.contacts.outbox()
    client.lambda_.invoke("facts", event("facts.committed"))
    assert not services.contacts.outbox()


def test_reconcile_sends_a_hint_for_an_object_that_no_event_told_of(services, client):
    put(services, key_in("ingest.chat-created"))
    client.lambda_.invoke("reconcile", event("reconcile.scheduled"))
    assert services.queues.ingest.depth().waiting == 1


class TestLexFulfilment:
    @pytest.mark.parametrize(
        ("name", "action", "state"),
        [
            pytest.param("dialog-text", "Delegate", "InProgress", id="text"),
            pytest.param("dialog-dtmf", "ElicitSlot", "InProgress", id="keys of a telephone"),
            pytest.param("fulfil-speech", "Close", "Fulfilled", id="speech"),
            pytest.param("fulfil-text", "Close", "Fulfilled", id="text that is confirmed"),
        ],
    )
    def test_an_event_of_lex_is_answered(self, services, client, name, action, state):
        answer = client.lambda_.invoke("lex_fulfilment", event(f"lex_fulfilment.{name}")).payload
        assert answer["sessionState"]["dialogAction"]["type"] == action
        assert answer["sessionState"]["intent"]["state"] == state

    def test_what_is_no_event_of_lex_is_answered_as_failed(self, services, client):
        answer = client.lambda_.invoke("lex_fulfilment", {"anything": 1}).payload
        assert answer["sessionState"]["intent"]["state"] == "Failed"


class TestApi:
    @pytest.fixture(autouse=True)
    def _over_services(
        self, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        self.token = LocalKey(tmp_path).token("machine", 60)
        services.people.put(Person("machine", role="admin"))
        rules = Rules(ISSUER, frozenset({CLIENT}))
        known = Verifier(in_file(tmp_path / KEYS), rules, services.people, now=time.time)
        made = build(
            services,
            partial(bearer, known),
            secret=b"s" * 32,
            capabilities=lambda: capabilities(services),
        )
        aws.api.cache_clear()
        monkeypatch.setattr("chalicelib.api.aws.aws_handler", lambda _: made)
        monkeypatch.setattr(aws, "aws_handler", lambda _: made)

    def ask(self, **changed: Any) -> dict[str, Any]:
        given = event("api.list-contacts")
        headers = {**given["headers"], "Authorization": f"Bearer {self.token}"}
        asked = {**given, "headers": headers, **changed}
        context = type(
            "Context",
            (),
            {
                "function_name": "api",
                "memory_limit_in_mb": 1,
                "invoked_function_arn": "arn",
                "aws_request_id": "1",
            },
        )
        told: dict[str, Any] = aws.app(asked, context())
        return told

    def test_a_caller_with_a_token_of_the_pool_sees_contacts(self, services, client):
        put(services, key_in("ingest.chat-created"))
        client.lambda_.invoke("ingest", event("ingest.chat-created"))
        told = self.ask()
        assert told["statusCode"] == 200
        assert [c["status"] for c in json.loads(told["body"])["items"]] == ["COMPLETED"]

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "x"}])
    def test_a_request_without_a_token_is_refused(self, headers):
        assert self.ask(headers=headers)["statusCode"] == 401

    def test_a_caller_of_nobody_here_is_refused(self, services):
        services.people.put(Person("machine"))
        told = self.ask()
        assert (told["statusCode"], json.loads(told["body"])["code"]) == (403, "role.none")

    def test_a_missing_contact_is_a_problem_document(self):
        asked = event("api.list-contacts")
        about = {**asked["requestContext"], "resourcePath": "/v1/contacts/{contactId}"}
        told = self.ask(
            requestContext=about,
            path="/v1/contacts/none",
            resource="/v1/contacts/{contactId}",
            pathParameters={"contactId": "none"},
            queryStringParameters=None,
            multiValueQueryStringParameters=None,
        )
        assert told["statusCode"] == 404
        assert json.loads(told["body"])["code"] == "not_found"
