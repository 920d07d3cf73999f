"""The acoustics Lambda: real-shaped SQS events, S3 as moto plays it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.domain.acoustics import Acoustics
from chalicelib.formats import artifact
from functions.acoustics import handler as module
from functions.acoustics.work import Order, dump
from tests import wav_files as f
from tests.functions.signals import measured, recording, voice
from tests.shared_data import ROOT

EVENT = ROOT / "events" / "sqs_acoustics.json"
BODY = recording(voice(2), voice(2, seed=2))


class World:
    """Two buckets and the event of the file, pointed at what is really in them."""

    def __init__(self) -> None:
        self.s3 = boto3.client("s3")
        self.event = json.loads(EVENT.read_text())
        self.order = Order.from_json(self.event["Records"][0]["body"])
        for bucket in (self.order.bucket, self.order.artifact_bucket):
            self.s3.create_bucket(Bucket=bucket)

    def put(self, body: bytes) -> str:
        answer = self.s3.put_object(Bucket=self.order.bucket, Key=self.order.key, Body=body)
        return answer["ETag"].strip('"')

    def message(self, name: str, **changes: str) -> dict[str, Any]:
        record = dict(self.event["Records"][0], messageId=name)
        record["body"] = json.dumps(json.loads(record["body"]) | changes)
        return record

    def handle(self, *records: dict[str, Any]) -> list[str]:
        answer = module.handler({"Records": list(records)}, None)
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def outcomes(self) -> dict[str, bytes]:
        found = self.s3.list_objects_v2(Bucket=self.order.artifact_bucket).get("Contents", [])
        return {item["Key"]: self.read(item["Key"]) for item in found}

    def read(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=self.order.artifact_bucket, Key=key)["Body"].read()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    module._world.cache_clear()
    with mock_aws():
        yield World()
    module._world.cache_clear()


def test_a_recording_becomes_its_product(world):
    assert world.handle(world.message("m1", etag=world.put(BODY))) == []
    assert world.outcomes() == {world.order.artifact_key: artifact.dump(measured(BODY))}


def test_the_product_is_read_back_as_it_was():
    product = measured(BODY)
    assert dump(product) == artifact.dump(product)
    assert artifact.load(Acoustics, dump(product)) == product


def test_redelivery_changes_nothing(world):
    message = world.message("m1", etag=world.put(BODY))
    assert world.handle(message, message) == []
    before = world.outcomes()
    assert world.handle(message) == []
    assert world.outcomes() == before


def test_a_product_that_is_there_is_never_overwritten(world):
    world.s3.put_object(
        Bucket=world.order.artifact_bucket, Key=world.order.artifact_key, Body=b"first"
    )
    assert world.handle(world.message("m1", etag=world.put(BODY))) == []
    assert world.read(world.order.artifact_key) == b"first"


@pytest.mark.parametrize(
    ("body", "code"),
    [(f.wav(b""), "audio.empty"), (b"<html>", "audio.not_wav"), (b"", "object.empty")],
    ids=["no_samples", "a_web_page", "no_bytes"],
)
def test_a_refused_recording_leaves_a_failure_beside_the_product(world, body, code):
    assert world.handle(world.message("m1", etag=world.put(body))) == []
    ((key, told),) = world.outcomes().items()
    assert key == world.order.artifact_key.removesuffix(".json") + ".failed.json"
    assert json.loads(told)["code"] == code
    assert json.loads(told).keys() == {"code", "detail"}


def test_a_recording_over_the_limit_is_refused_without_a_copy(world, monkeypatch):
    monkeypatch.setenv("LOUPE_MAX_AUDIO_BYTES", "1000")
    monkeypatch.setattr("functions.s3.shutil.copyfileobj", forbidden)
    assert world.handle(world.message("m1", etag=world.put(BODY))) == []
    (told,) = world.outcomes().values()
    assert json.loads(told)["code"] == "audio.too_large"


def forbidden(*_: object) -> None:
    raise AssertionError("nothing is copied")


def test_a_recording_that_changed_meanwhile_is_left_to_the_newer_message(world):
    old = world.put(BODY)
    world.put(recording(voice(3)))
    assert world.handle(world.message("m1", etag=old)) == []
    assert world.outcomes() == {}


def test_a_recording_that_is_gone_is_dropped(world):
    assert world.handle(world.message("m1")) == []
    assert world.outcomes() == {}


def test_only_the_message_that_failed_is_given_back(world):
    etag = world.put(BODY)
    failed = world.handle(
        world.message("lost", etag=etag, bucket="no-such-bucket"),
        world.message("good", etag=etag),
        dict(world.message("torn"), body="{"),
        world.message("nowhere", etag=etag, artifactBucket="no-such-bucket"),
    )
    assert failed == ["lost", "torn", "nowhere"]
    assert list(world.outcomes()) == [world.order.artifact_key]


def test_the_function_asks_for_what_it_ships_and_no_more():
    told = json.loads((ROOT / "functions/acoustics/function.json").read_text())
    assert all((ROOT / source).exists() for source in told["sources"])
    assert told["handler"] == f"{module.__name__}.{module.handler.__name__}"
    actions = {action for statement in told["policy"] for action in statement["Action"]}
    assert actions == {"s3:GetObject", "s3:ListBucket", "s3:PutObject"}


def test_the_shipped_sources_import_without_the_rest(tmp_path, run_alone):
    told = json.loads((ROOT / "functions/acoustics/function.json").read_text())
    assert run_alone("functions.acoustics.handler", told["sources"], tmp_path) == "ok"
