"""What the S3 and SQS adapters do when AWS does not answer, refuses, or is odd."""

from __future__ import annotations

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.adapters.aws.s3_objects import S3Objects
from chalicelib.adapters.aws.sqs_queue import SqsQueue
from chalicelib.domain.errors import Unavailable
from tests.contract.conftest import bucket
from tests.contract.test_aws_failures import answer, failing
from tests.contract.test_work_queue import sqs_queue


@pytest.fixture
def s3(aws):
    client = aws("s3")
    store = S3Objects(client, bucket(client))
    store.client = client
    return store


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (answer("SlowDown", 503), True),
        (answer("InternalError", 500), True),
        (answer("RequestTimeout", 400), True),
        (ReadTimeoutError(endpoint_url="https://s3"), True),
        (answer("AccessDenied", 403), False),
        (answer("KMS.DisabledException", 400), False),
        (answer("NoSuchBucket", 404), False),
    ],
    ids=["throttled", "server_error", "slow_request", "timeout", "access", "key", "bucket"],
)
def test_s3_says_what_may_pass(s3, error, retryable):
    s3.put("a", b"x")
    for operation, use in {
        "GetObject": lambda: s3.read("a"),
        "HeadObject": lambda: s3.stat("a"),
        "PutObject": lambda: s3.put("a", b"y"),
        "ListObjectsV2": lambda: list(s3.list()),
        "DeleteObject": lambda: s3.delete("a"),
    }.items():
        with failing(s3.client, operation, error), pytest.raises(Unavailable) as failed:
            use()
        assert failed.value.retryable is retryable


def test_a_conditional_write_that_collides_is_tried_again(s3):
    with failing(s3.client, "PutObject", answer("ConditionalRequestConflict", 409), times=2):
        assert s3.put_if_absent("a", b"x")
    with (
        failing(s3.client, "PutObject", answer("ConditionalRequestConflict", 409)),
        pytest.raises(Unavailable) as failed,
    ):
        s3.put_if_absent("b", b"x")
    assert failed.value.retryable


def test_an_object_overwritten_while_it_is_read_is_noticed(s3):
    s3.put("a", b"1" * 100)
    with s3.open("a") as body:
        s3.put("a", b"2" * 100)
        with pytest.raises(Unavailable) as failed:
            body.read(10)
    assert failed.value.retryable


def test_a_signed_url_fixes_expiry_content_type_and_signature(s3):
    url = s3.sign("a b/c.wav", expires_s=77, content_type="audio/wav")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-Expires=77" in url
    assert "response-content-type=audio%2Fwav" in url
    assert "a%20b/c.wav" in url


# SQS


def test_sqs_says_what_may_pass(aws):
    client = aws("sqs")
    queue = sqs_queue(client)
    for error, retryable in (
        (answer("RequestThrottled", 403), True),
        (answer("AWS.SimpleQueueService.NonExistentQueue", 400), False),
    ):
        with failing(client, "SendMessage", error), pytest.raises(Unavailable) as failed:
            queue.send({"n": "1"})
        assert failed.value.retryable is retryable


def test_a_foreign_body_stays_readable_and_is_moved_back_verbatim(aws):
    client = aws("sqs")
    queue = sqs_queue(client)
    for body in ('{"detail": {"key": "a"}, "source": "aws.s3"}', "not json", "[1]"):
        client.send_message(QueueUrl=queue._dead_url, MessageBody=body)
    assert sorted((m.body for m in queue.dead()), key=str) == [
        {"body": "[1]"},
        {"body": "not json"},
        {"detail": '{"key": "a"}', "source": "aws.s3"},
    ]
    assert queue.redrive() == 3
    found = client.receive_message(QueueUrl=queue._url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(m["Body"] for m in found)[2] == '{"detail": {"key": "a"}, "source": "aws.s3"}'


def test_a_queue_without_dead_letters_has_none(aws):
    client = aws("sqs")
    queue = SqsQueue(client, client.create_queue(QueueName="plain")["QueueUrl"])
    queue.send({"n": "1"}, delay_s=5_000)
    assert (queue.dead(), queue.redrive(), queue.depth().dead) == ((), 0, 0)
    assert queue.depth().waiting == 1
    assert queue.name == "plain"
