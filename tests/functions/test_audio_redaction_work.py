"""The audio redaction Lambda: real-shaped SQS events, S3 as moto plays it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.domain.audio_redaction import CopyOrder
from functions.audio_redaction import handler as module
from tests import wav_files as f
from tests.functions.test_silence import expected, header, recording
from tests.shared_data import ROOT

EVENT = ROOT / "events" / "sqs_audio_redaction.json"
TOLD = json.loads((ROOT / "functions/audio_redaction/function.json").read_text())
SOURCES, REDACTED = "loupe-sources", "loupe-redacted"
BODY = recording(f.PCM, 16, 2, 3000)


class World:
    """Two buckets and the event of the file, for what is really in them."""

    def __init__(self) -> None:
        self.s3 = boto3.client("s3")
        self.event = json.loads(EVENT.read_text())
        self.order = CopyOrder.from_body(json.loads(self.event["Records"][0]["body"]))
        for bucket in (SOURCES, REDACTED):
            self.s3.create_bucket(Bucket=bucket)

    def put(self, body: bytes) -> str:
        answer = self.s3.put_object(Bucket=SOURCES, Key=self.order.source_key, Body=body)
        return str(answer["ETag"].strip('"'))

    def message(self, name: str, **changes: str) -> dict[str, Any]:
        record = dict(self.event["Records"][0], messageId=name)
        record["body"] = json.dumps(json.loads(record["body"]) | changes)
        return record

    def handle(self, *records: dict[str, Any]) -> list[str]:
        answer = module.handler({"Records": list(records)}, None)
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def copies(self) -> dict[str, bytes]:
        found = self.s3.list_objects_v2(Bucket=REDACTED).get("Contents", [])
        read = self.s3.get_object
        return {o["Key"]: read(Bucket=REDACTED, Key=o["Key"])["Body"].read() for o in found}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("LOUPE_SOURCES_BUCKET", SOURCES)
    monkeypatch.setenv("LOUPE_REDACTED_BUCKET", REDACTED)
    module._world.cache_clear()
    with mock_aws():
        yield World()
    module._world.cache_clear()


def test_a_recording_becomes_its_copy(world):
    assert world.handle(world.message("m1", etag=world.put(BODY))) == []
    made = expected(BODY, header(BODY), world.order.silences, 0)
    assert world.copies() == {world.order.target_key: made}
    assert made != BODY


def test_a_copy_that_is_there_is_never_overwritten(world):
    world.s3.put_object(Bucket=REDACTED, Key=world.order.target_key, Body=b"first")
    message = world.message("m1", etag=world.put(BODY))
    assert world.handle(message, message) == []
    assert world.copies() == {world.order.target_key: b"first"}


def test_a_recording_that_changed_meanwhile_is_not_copied(world):
    old = world.put(BODY)
    world.put(recording(f.PCM, 16, 2, 4000))
    assert world.handle(world.message("m1", etag=old)) == []
    assert world.copies() == {}


def test_a_recording_that_is_gone_is_dropped(world):
    assert world.handle(world.message("m1")) == []
    assert world.copies() == {}


def test_only_the_message_that_failed_is_given_back(world):
    etag = world.put(BODY)
    failed = world.handle(
        dict(world.message("torn"), body="{"),
        world.message("three channels", etag=etag, silences="[[],[],[]]"),
        world.message("good", etag=etag),
    )
    assert failed == ["torn", "three channels"]
    assert list(world.copies()) == [world.order.target_key]


def test_a_recording_over_the_limit_is_given_back(world, monkeypatch):
    monkeypatch.setenv("LOUPE_MAX_AUDIO_BYTES", "1000")
    assert world.handle(world.message("m1", etag=world.put(BODY))) == ["m1"]
    assert world.copies() == {}


def test_the_function_asks_for_what_it_ships_and_no_more():
    assert all((ROOT / source).exists() for source in TOLD["sources"])
    assert TOLD["handler"] == f"{module.__name__}.{module.handler.__name__}"
    actions = {action for statement in TOLD["policy"] for action in statement["Action"]}
    assert actions == {"s3:GetObject", "s3:ListBucket", "s3:PutObject"}


def test_the_shipped_sources_import_without_the_rest(tmp_path, run_alone):
    assert run_alone("functions.audio_redaction.handler", TOLD["sources"], tmp_path) == "ok"
