"""Where the emulated AWS is unlike AWS. Each test fails when the emulation changes its mind, so that the
contract suites can be trusted again, or must be read anew."""

from __future__ import annotations

import uuid

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.aws import clients
from tests.contract.conftest import table
from tests.contract.test_work_queue import sqs_queue


@pytest.fixture
def dynamo(aws):
    """A client that sends what AWS refuses: the emulation is to answer for itself."""
    aws("dynamodb")
    return clients.make("dynamodb")


def _add(client, name: str, token: str, amount: str = "1") -> None:
    client.transact_write_items(
        ClientRequestToken=token,
        TransactItems=[
            {
                "Update": {
                    "TableName": name,
                    "Key": {"PK": {"S": "a"}, "SK": {"S": "b"}},
                    "UpdateExpression": "ADD n :one",
                    "ExpressionAttributeValues": {":one": {"N": amount}},
                }
            }
        ],
    )


def test_a_client_request_token_is_ignored_where_aws_applies_it_once(dynamo):
    name, token = table(dynamo), uuid.uuid4().hex
    _add(dynamo, name, token)
    _add(dynamo, name, token)
    _add(dynamo, name, token, "5")  # AWS: IdempotentParameterMismatch
    item = dynamo.get_item(TableName=name, Key={"PK": {"S": "a"}, "SK": {"S": "b"}})["Item"]
    assert item["n"] == {"N": "7"}


def test_a_batch_of_26_is_written_where_aws_refuses_it(dynamo):
    name = table(dynamo)
    puts = [{"PutRequest": {"Item": {"PK": {"S": str(n)}, "SK": {"S": "x"}}}} for n in range(26)]
    try:
        answer = dynamo.batch_write_item(RequestItems={name: puts})
    except ClientError as refused:  # as AWS does
        pytest.fail(f"the gap is closed: {refused}")
    assert answer["UnprocessedItems"] == {}


def test_a_replaced_receipt_deletes_the_message_where_aws_may_not(aws):
    client = aws("sqs")
    queue = sqs_queue(client)
    queue.send({"n": "1"})
    (frozen,) = queue.receive()
    queue.retry(frozen)
    assert queue.receive()
    queue.done(frozen)
    assert queue.depth().in_flight == 0


@pytest.mark.parametrize("count", [100, 101])
def test_the_limit_of_100_items_is_enforced_as_on_aws(dynamo, count):
    name = table(dynamo)
    puts = [
        {"Put": {"TableName": name, "Item": {"PK": {"S": str(n)}, "SK": {"S": "x"}}}}
        for n in range(count)
    ]
    if count == 100:
        dynamo.transact_write_items(TransactItems=puts)
    else:
        with pytest.raises(ClientError):
            dynamo.transact_write_items(TransactItems=puts)
    assert dynamo.scan(TableName=name)["Count"] == (100 if count == 100 else 0)


def test_the_limit_of_400_kb_is_enforced_as_on_aws(dynamo):
    name = table(dynamo)
    item = {"PK": {"S": "a"}, "SK": {"S": "b"}, "body": {"B": b"x" * 410_000}}
    with pytest.raises(ClientError):
        dynamo.put_item(TableName=name, Item=item)
