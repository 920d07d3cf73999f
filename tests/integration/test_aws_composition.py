"""``app.py`` over the AWS adapters, composed from the environment as in Lambda."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from chalice.test import Client
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

import app as aws
from chalicelib import bootstrap, text_engines
from chalicelib.adapters.aws import clients
from chalicelib.adapters.aws.dynamo_items import table_definition
from chalicelib.adapters.key_sets import in_file
from chalicelib.api.aws import aws_handler, capabilities
from chalicelib.config import Settings
from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.contact import PartState, Status
from chalicelib.domain.errors import SettingsError, Unavailable
from chalicelib.domain.transcript import Role, SentimentLabel, Span, Turn
from chalicelib.ports.actions import Notice
from chalicelib.ports.language import Guess, Mood
from chalicelib.ports.people import Person
from local.identity import CLIENT, KEYS, LocalKey
from tests import aws_endpoint
from tests.comprehend_service import Comprehend
from tests.model_service import MODEL, Models, Says, serving

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"
BUCKETS = ("sources", "raw", "redacted")
POOL = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE"
QUEUES = ("ingest", "acoustics", "speech", "facts", "audio_redaction", "follow_ups", "lake")


def event(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    return read


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """An account with everything that the template makes; its ``LOUPE_*`` environment."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        forget()
        env = environment()
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        yield env
        forget()


def forget() -> None:
    clients.client.cache_clear()
    bootstrap._aws.cache_clear()
    aws.api.cache_clear()


def environment() -> dict[str, str]:
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    secrets = boto3.client("secretsmanager")
    table = {n: v for n, v in table_definition().items() if n != "TimeToLiveSpecification"}
    boto3.client("dynamodb").create_table(TableName="loupe", **table)
    boto3.client("events").create_event_bus(Name="loupe-facts")
    for name in BUCKETS:
        s3.create_bucket(Bucket=f"loupe-{name}")
    queues = {q: sqs.create_queue(QueueName=f"loupe-{q}")["QueueUrl"] for q in QUEUES}
    return {
        **{f"LOUPE_{name.upper()}_BUCKET": f"loupe-{name}" for name in BUCKETS},
        **{f"LOUPE_QUEUE_{name.upper()}": url for name, url in queues.items()},
        "LOUPE_TABLE": "loupe",
        "LOUPE_LANGUAGE_ID": "none",  # moto has no Comprehend that tells languages
        "LOUPE_EVENT_BUS": "loupe-facts",
        "LOUPE_USER_POOL": POOL,
        "LOUPE_USER_POOL_CLIENTS": CLIENT,
        "LOUPE_CUSTOMER_SECRET": secrets.create_secret(Name="c", SecretString="c" * 64)["ARN"],
        "LOUPE_AUDIT_SECRET": secrets.create_secret(Name="audit", SecretString="a" * 64)["ARN"],
        "LOUPE_API_SECRET": secrets.create_secret(Name="api", SecretString="s" * 64)["ARN"],
    }


def put(key: str) -> None:
    body = (ROOT / "samples" / key).read_bytes()
    boto3.client("s3").put_object(Bucket="loupe-sources", Key=key, Body=body)


def key_in(name: str) -> str:
    return str(json.loads(event(name)["Records"][0]["body"])["detail"]["object"]["key"])


def waiting(queue: str, env: dict[str, str]) -> list[dict[str, Any]]:
    url = env[f"LOUPE_QUEUE_{queue.upper()}"]
    return [
        json.loads(m["Body"])
        for m in boto3.client("sqs").receive_message(QueueUrl=url).get("Messages", [])
    ]


def test_a_chat_in_the_bucket_becomes_a_contact_that_the_api_lists(
    cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(key_in("ingest.chat-created"))
    with Client(aws.app) as client:
        answer = client.lambda_.invoke("ingest", event("ingest.chat-created"))
        assert answer.payload == {"batchItemFailures": []}
        client.lambda_.invoke("facts", event("facts.committed"))
    monkeypatch.setattr("chalicelib.api.aws.at_url", lambda _: in_file(tmp_path / KEYS))
    token = LocalKey(tmp_path, POOL).token("machine", 60)
    services = bootstrap.aws_services(cloud)
    services.people.put(Person("machine", role="admin"))
    asked = {**event("api.list-contacts"), "headers": {"Authorization": f"Bearer {token}"}}
    told = aws_handler(cloud)(asked, None)
    assert told["statusCode"] == 200
    (contact,) = json.loads(told["body"])["items"]
    assert (contact["channel"], contact["status"]) == ("CHAT", "COMPLETED")
    assert not bootstrap.aws_services(cloud).contacts.outbox()


def test_where_no_original_is_stored_a_chat_leaves_nothing_but_its_redacted_form(
    cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOUPE_RAW", "never")
    put(key_in("ingest.chat-created"))
    with Client(aws.app) as client:
        answer = client.lambda_.invoke("ingest", event("ingest.chat-created"))
        again = client.lambda_.invoke("ingest", event("ingest.chat-created"))
    assert answer.payload == again.payload == {"batchItemFailures": []}
    services = bootstrap.aws_services({**cloud, "LOUPE_RAW": "never"})
    (contact_id,) = services.contacts.ids()
    row = services.contacts.get(contact_id)
    assert row
    assert row.status is Status.COMPLETED
    assert [part.state for part in row.parts] == [PartState.RELEASED]
    left = {name: list(getattr(services, name).list()) for name in ("sources", "raw")}
    assert left == {"sources": [], "raw": []}
    kept = {stat.key.split("/")[3] for stat in services.redacted.list()}
    assert kept == {"analysis", "subject", "transcript"}


def test_a_recording_is_handed_to_acoustics_and_speech(cloud):
    key = key_in("ingest.object-created")
    put(key)
    with Client(aws.app) as client:
        client.lambda_.invoke("ingest", event("ingest.object-created"))
    (order,) = waiting("acoustics", cloud)
    assert (order["bucket"], order["key"]) == ("loupe-sources", key)
    assert order["artifactBucket"] == "loupe-redacted"
    assert [m["contactId"] for m in waiting("speech", cloud)] == [order["contactId"]]
    row = bootstrap.aws_services(cloud).contacts.get(order["contactId"])
    assert row
    assert row.status is Status.IN_PROGRESS


def test_a_redacted_copy_is_ordered_and_not_there_at_once(cloud):
    order = CopyOrder("a.wav", "e1", "redacted/audio/c/m.wav", ((Span(0, 5),), ()))
    settings = bootstrap.aws_services(cloud).settings
    assert bootstrap.aws_copies(settings)(order) is False
    assert [CopyOrder.from_body(m) for m in waiting("audio_redaction", cloud)] == [order]


def test_reconcile_finds_what_no_event_told_of(cloud):
    put(key_in("ingest.chat-created"))
    with Client(aws.app) as client:
        client.lambda_.invoke("reconcile", event("reconcile.scheduled"))
    assert [m["key"] for m in waiting("ingest", cloud)] == [key_in("ingest.chat-created")]


@pytest.mark.parametrize(
    ("given", "engine"),
    [
        pytest.param({}, "vader", id="by_default_what_the_zip_holds"),
        pytest.param({"LOUPE_SENTIMENT": "minilm"}, "minilm-sentiment", id="as_it_is_told"),
    ],
)
def test_sentiment_is_read_by(cloud, given, engine):
    assert bootstrap.aws_services({**cloud, **given}).sentiment.engine.name == engine


@pytest.mark.parametrize(
    ("given", "state"),
    [
        pytest.param({}, "MISSING", id="not_in_the_zip"),
        pytest.param({"LOUPE_VECTORS": "minilm"}, "OK", id="where_it_is_told_that_they_are_there"),
    ],
)
def test_themes_are_told_as_a_capability(cloud, given, state):
    services = bootstrap.aws_services({**cloud, **given})
    (told,) = [c for c in capabilities(services) if c.capability == "themes"]
    assert told.state == state
    assert ("LOUPE_VECTORS=none" in told.detail) == (state == "MISSING")


NOTICE = Notice("n-1", "r", "Refund", 1, "c-1", "VOICE", 1000)


def test_nobody_is_notified_where_nothing_is_configured(cloud):
    assert bootstrap.aws_services(cloud).notifiers == {}


def test_notifications_go_to_the_topic_that_is_configured(cloud):
    topic = boto3.client("sns").create_topic(Name="notices")["TopicArn"]
    bootstrap.aws_services({**cloud, "LOUPE_NOTIFICATION_TOPIC": topic}).notifiers["sns"].send(
        NOTICE
    )
    (sent,) = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[topic].sent_notifications
    assert sent[2] == "Refund"


def test_a_webhook_is_signed_with_the_secret_of_the_account(cloud):
    short = boto3.client("secretsmanager").create_secret(Name="hook", SecretString="short")["ARN"]
    hook = {"LOUPE_WEBHOOK_URL": "https://127.0.0.1/", "LOUPE_WEBHOOK_SECRET": short}
    services = bootstrap.aws_services({**cloud, **hook, "LOUPE_WEBHOOK_HOSTS": "127.0.0.1"})
    with pytest.raises(Unavailable, match="secret is shorter"):
        services.notifiers["webhook"].send(NOTICE)


def test_without_its_secret_the_api_says_which_setting_is_missing(cloud):
    lacking = {n: v for n, v in cloud.items() if n != "LOUPE_API_SECRET"}
    with pytest.raises(SettingsError, match="LOUPE_API_SECRET"):
        aws_handler(lacking)


COMPREHEND = Settings(sentiment="comprehend", pii="comprehend", language_id="comprehend")


def test_comprehend_is_asked_where_it_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Comprehend()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", aws_endpoint.REGION)
    with aws_endpoint.serving(service) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COMPREHEND", url)
        clients.client.cache_clear()
        sentiment, pii = text_engines.language_engines(COMPREHEND)
        identifier = text_engines.language_identifier(COMPREHEND)
        assert identifier is not None
        (guess,) = identifier.identify(["ich bin hier"])
        (mood,) = sentiment.score(["sehr good"], "de-DE")
        turn = Turn("1", Role.AGENT, Role.AGENT, 0, 1, "a@b.co")
        (span,) = pii.spans([turn], "en-US")
        clients.client.cache_clear()
    assert guess == Guess({"de": 1.0})
    assert isinstance(mood, Mood)
    assert (mood.label, span.entity) == (SentimentLabel.POSITIVE, "EMAIL")
    assert [r.get("LanguageCode") for r in service.requests] == [None, "de", "en"]


def test_comprehend_reads_deeper_where_it_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Comprehend()
    region = aws_endpoint.REGION
    endpoint = f"arn:aws:comprehend:{region}:111122223333:document-classifier-endpoint/topics"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    with aws_endpoint.serving(service) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COMPREHEND", url)
        clients.client.cache_clear()
        chosen = Settings(insight="comprehend", comprehend_classifier=endpoint)
        insight = text_engines.text_insight(chosen)
        (toxic,) = insight.toxicity(["you idiot"], "en-US")
        classes = insight.classes("my bill", "en-US")
        clients.client.cache_clear()
    assert toxic.labels["INSULT"] == 0.9
    assert [each.name for each in classes] == ["billing", "other"]


def test_comprehend_without_a_region_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "none")
    clients.client.cache_clear()
    with pytest.raises(SettingsError, match="LOUPE_SENTIMENT=comprehend needs a region"):
        text_engines.language_engines(COMPREHEND)


def test_bedrock_is_asked_where_it_was_chosen(cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    models = Models(Says({"met": True}))
    schema = {"type": "object", "properties": {"met": {"type": "boolean"}}, "required": ["met"]}
    env = {"LOUPE_SUMMARY": "bedrock", "LOUPE_MODEL_ID": MODEL, "LOUPE_MODEL_GUARDRAIL": ""}
    with serving(models) as url:
        monkeypatch.setenv("AWS_DEFAULT_REGION", aws_endpoint.REGION)
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
        clients.client.cache_clear()
        model = bootstrap.aws_services({**cloud, **env}).model
        assert model
        assert model.answer("Do.", [], schema) == {"met": True}
        clients.client.cache_clear()
    assert (model.engine.name, model.engine.version) == ("Amazon Bedrock", MODEL)
    assert bootstrap.aws_services(cloud).model is None
