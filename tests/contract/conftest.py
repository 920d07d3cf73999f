"""Every port's suite runs over its fake, its local adapter and its AWS adapter on an emulation.

A client sends no request that AWS would refuse (``tests.strict``).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock

import pytest
from moto import mock_aws

from chalicelib.adapters.aws import clients
from chalicelib.adapters.aws.dynamo_contacts import DynamoContacts
from chalicelib.adapters.aws.dynamo_items import table_definition
from chalicelib.adapters.aws.s3_objects import S3Objects
from chalicelib.adapters.local.folder_objects import FolderObjects
from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from tests import strict
from tests.fakes.stores import MemoryContacts, MemoryObjects, Ticking


@pytest.fixture(scope="module")
def aws() -> Iterator[Callable[[str], object]]:
    """Clients of an empty emulated account."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        made: dict[str, object] = {}

        def client(service: str):
            return made.setdefault(service, strict.install(clients.make(service)))

        yield client


def one_transaction_at_a_time(client):
    """The emulation checks and writes a transaction in steps that other threads can come between."""
    lock = Lock()

    def begin(**_) -> None:
        lock.acquire()

    def end(**_) -> None:
        lock.release()

    client.meta.events.register("before-call.dynamodb.TransactWriteItems", begin)
    client.meta.events.register("after-call.dynamodb.TransactWriteItems", end)
    client.meta.events.register("after-call-error.dynamodb.TransactWriteItems", end)
    return client


def bucket(client) -> str:
    name = f"bucket-{uuid.uuid4().hex}"
    client.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return name


def table(client) -> str:
    name = f"table-{uuid.uuid4().hex}"
    definition = table_definition()
    del definition["TimeToLiveSpecification"]
    client.create_table(TableName=name, **definition)
    return name


@pytest.fixture(params=["fake", "folder", "s3"])
def objects(request, tmp_path: Path):
    if request.param == "fake":
        return MemoryObjects()
    if request.param == "folder":
        return FolderObjects(tmp_path / "objects", sign=lambda key, s, kind: f"{key}?{s}&{kind}")
    client = request.getfixturevalue("aws")("s3")
    return S3Objects(client, bucket(client))


@pytest.fixture(params=["fake", "sqlite", "dynamo"])
def contacts(request, tmp_path: Path):
    if request.param == "fake":
        yield MemoryContacts()
    elif request.param == "sqlite":
        store = SqliteContacts(tmp_path / "contacts.db")
        yield store
        store.close()
    else:
        request.getfixturevalue("aws")
        client = strict.install(one_transaction_at_a_time(clients.make("dynamodb")))
        yield DynamoContacts(client, table(client), clock=Ticking(), shards=3)
