"""Erasure on the emulated cloud: nothing is left in any version of any object, nor in the table."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import boto3
import pytest

from chalicelib import bootstrap
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.events import Hint
from chalicelib.domain.transcript import Engine
from chalicelib.flow import advance, deliver_facts, erasure, reconcile
from chalicelib.ports.services import Services
from tests.integration.test_aws_composition import BUCKETS, cloud
from tests.world import CHAT_KEY, CONTACT, OTHER, RECORD_KEY, chat, record

__all__ = ["cloud"]
CANARY = "Zebulon Quagmire"
LINES = [("AGENT", "Hello"), ("CUSTOMER", f"I am {CANARY}, thank you")]
NAMED = f"inbox/{CANARY}.json"


@pytest.fixture
def services(cloud: dict[str, str]) -> Services:
    s3 = boto3.client("s3")
    for name in BUCKETS:
        s3.put_bucket_versioning(
            Bucket=f"loupe-{name}", VersioningConfiguration={"Status": "Enabled"}
        )
    made = replace(bootstrap.aws_services(cloud), transcriber=Jobs())
    puts = (
        (CHAT_KEY, chat([*LINES, ("AGENT", "first")])),
        (CHAT_KEY, chat(LINES)),
        (NAMED, chat([*LINES, ("AGENT", "by name")])),
        (RECORD_KEY, record(Attributes={"name": CANARY}) + b"\n" + record(OTHER)),
    )
    for key, body in puts:
        made.sources.put(key, body)
        advance(made, Hint(key=key))
    while deliver_facts(made):
        pass
    made.sources.delete(NAMED)
    advance(made, Hint(key=NAMED))
    return made


class Jobs:
    """Transcription jobs that are to be forgotten."""

    engine = Engine("jobs", "1")

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def forget(self, job: Any) -> None:
        self.forgotten.append(job.name)


def everything() -> bytes:
    """All versions of all objects with their keys, and all items of the table."""
    s3, found = boto3.client("s3"), []
    for name in BUCKETS:
        told = s3.list_object_versions(Bucket=f"loupe-{name}")
        found += [one["Key"].encode() for one in told.get("DeleteMarkers", ())]
        for one in told.get("Versions", ()):
            body = s3.get_object(
                Bucket=f"loupe-{name}", Key=one["Key"], VersionId=one["VersionId"]
            )["Body"].read()
            found += [one["Key"].encode(), body]
    for item in boto3.resource("dynamodb").Table("loupe").scan()["Items"]:
        body = bytes(item.pop("body").value) if "body" in item else b""
        found += [json.dumps(item, default=str).encode(), body]
        found += [gzip.decompress(body)] if body.startswith(b"\x1f\x8b") else []
    return b"\n".join(found)


def test_no_version_and_no_item_holds_what_was_erased(services: Services) -> None:
    assert CANARY.encode() in everything()
    services.raw.put(f"raw/transcribe/{CONTACT}/loupe-9.json", CANARY.encode())
    done = erasure.erase(services, CONTACT, by="tester", reason="request")
    assert done.whole, done.failed
    assert CANARY.encode() not in everything()
    assert done.removed["sources"] >= 4, "both versions of the chat, the other file and its marker"
    assert set(done.unsearched) == {"queue messages", "published facts"}
    assert services.transcriber.forgotten == ["loupe-9"]
    left = services.sources.read(RECORD_KEY)
    assert OTHER.encode() in left
    services.sources.put(CHAT_KEY, chat(LINES))
    advance(services, Hint(key=CHAT_KEY))
    assert CANARY.encode() not in everything()


def test_versions_that_may_not_be_removed_make_it_incomplete(services: Services) -> None:
    client = services.sources._client  # type: ignore[attr-defined]

    def denied(**_: Any) -> tuple[Any, dict[str, Any]]:
        answer = type("Answer", (), {"status_code": 403})()
        return answer, {
            "Error": {"Code": "AccessDenied", "Message": "no"},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }

    client.meta.events.register("before-call.s3.ListObjectVersions", denied)
    first = erasure.erase(services, CONTACT, by="tester", reason="request")
    client.meta.events.unregister("before-call.s3.ListObjectVersions", denied)
    assert {"sources", "raw products"} <= set(first.failed)
    assert services.sources.stat(CHAT_KEY) is None, "what may go has gone"
    reconcile(services)
    advance(services, Hint(contact_id=CONTACT, sweep=first.id, reason="erase"))
    assert CANARY.encode() not in everything()


def test_a_version_under_lock_is_told(services: Services) -> None:
    store = services.sources
    with pytest.MonkeyPatch.context() as patch:
        refused = {"Errors": [{"Key": CHAT_KEY, "Code": "AccessDenied"}]}
        patch.setattr(store._client, "delete_objects", lambda **_: refused)  # type: ignore[attr-defined]
        with pytest.raises(Unavailable, match="AccessDenied"):
            store.purge(CHAT_KEY)
