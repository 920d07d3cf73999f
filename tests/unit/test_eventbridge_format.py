"""Every envelope becomes the hints that it carries, or is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.events import Hint
from chalicelib.formats.eventbridge import MAX_DEPTH, hints
from tests.shared_data import shared

KEY = "connect/acme/CallRecordings/2026/11/17/a b+c%é_20261117T09:14_UTC.wav"
FORM_ENCODED = "connect/acme/CallRecordings/2026/11/17/a+b%2Bc%25%C3%A9_20261117T09%3A14_UTC.wav"


def on_bus(kind: str, detail: dict[str, Any], source: str = "aws.s3") -> dict[str, Any]:
    return {"version": "0", "detail-type": kind, "source": source, "detail": detail}


def created(key: str = KEY, kind: str = "Object Created") -> dict[str, Any]:
    return on_bus(kind, {"bucket": {"name": "b"}, "object": {"key": key, "size": 4}})


def notified(key: str = FORM_ENCODED, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    record = {"eventVersion": "2.6", "eventSource": "aws:s3", "eventName": name}
    return {"Records": [{**record, "s3": {"bucket": {"name": "b"}, "object": {"key": key}}}]}


def in_sns(event: object) -> dict[str, Any]:
    return {"Type": "Notification", "TopicArn": "arn", "Message": json.dumps(event)}


def in_sqs(*events: object) -> dict[str, Any]:
    return {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(e)} for e in events]}


def in_sns_record(event: object) -> dict[str, Any]:
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(event)}}]}


SEEN = Hint(key=KEY)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(created(), [SEEN], id="an_eventbridge_key_is_taken_as_it_is"),
        pytest.param(created(kind="Object Deleted"), [SEEN], id="a_deleted_object_is_a_hint_too"),
        pytest.param(notified(), [SEEN], id="a_notification_key_is_decoded_once"),
        pytest.param(
            notified("100%2525.wav"),
            [Hint(key="100%25.wav")],
            id="a_notification_key_is_not_decoded_twice",
        ),
        pytest.param(
            notified(name="ObjectRemoved:DeleteMarkerCreated"),
            [SEEN],
            id="a_removed_record_is_a_hint",
        ),
        pytest.param(
            notified(name="LifecycleExpiration:Delete"), [SEEN], id="an_expired_record_is_a_hint"
        ),
        pytest.param(in_sns(created()), [SEEN], id="sns_around_eventbridge"),
        pytest.param(in_sns(notified()), [SEEN], id="sns_around_a_notification"),
        pytest.param(
            in_sqs(created(), notified()), [SEEN, SEEN], id="sqs_around_two_events_in_order"
        ),
        pytest.param(in_sqs(in_sns(notified())), [SEEN], id="sqs_around_sns_around_a_notification"),
        pytest.param(in_sns_record(created()), [SEEN], id="an_sns_lambda_event"),
        pytest.param(
            {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"},
            [],
            id="the_test_event_says_nothing",
        ),
        pytest.param(
            on_bus(
                "Transcribe Job State Change",
                {"TranscriptionJobName": "loupe-1", "TranscriptionJobStatus": "FAILED"},
                "aws.transcribe",
            ),
            [Hint(job="loupe-1")],
            id="a_transcribe_job_is_named",
        ),
        pytest.param(
            on_bus(
                "Call Analytics Job State Change",
                {"JobName": "loupe-2", "JobStatus": "COMPLETED"},
                "aws.transcribe",
            ),
            [Hint(job="loupe-2")],
            id="a_call_analytics_job_is_named",
        ),
        pytest.param(
            Hint(contact_id="c", reason="reconcile").to_body(),
            [Hint(contact_id="c", reason="reconcile")],
            id="an_own_hint_keeps_its_reason",
        ),
        pytest.param(Hint(key=KEY).to_body(), [SEEN], id="an_own_hint_of_a_key"),
        pytest.param(
            Hint(sweep="backfill-1", reason="rules").to_body(),
            [Hint(sweep="backfill-1", reason="rules")],
            id="the_next_step_of_a_sweep",
        ),
        pytest.param(
            Hint(lake="2026-05-04", reason="lake").to_body(),
            [Hint(lake="2026-05-04", reason="lake")],
            id="the_next_step_of_a_day",
        ),
        pytest.param({"Records": []}, [], id="no_records_say_nothing"),
    ],
)
def test_an_envelope_becomes_hints(event, expected):
    assert hints(json.dumps(event)) == expected


def deep(levels: int) -> object:
    event: object = created()
    for _ in range(levels):
        event = in_sns(event)
    return event


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("Test message.", id="text_that_is_no_json"),
        pytest.param('["key"]', id="a_list"),
        pytest.param("{}", id="an_empty_object"),
        pytest.param('{"reason": "retry"}', id="a_hint_at_nothing"),
        pytest.param('{"key": 5}', id="a_key_that_is_no_text"),
        pytest.param('{"key": "a", "other": "b"}', id="a_hint_with_an_unknown_field"),
        pytest.param(json.dumps(created("")), id="an_empty_key"),
        pytest.param(json.dumps(on_bus("Object Created", {})), id="an_object_event_without_object"),
        pytest.param(
            '{"detail-type": "Object Created", "detail": []}', id="an_event_without_source"
        ),
        pytest.param(
            json.dumps(on_bus("Object Created", {"object": {"key": "k"}}, "my.own")),
            id="an_object_event_of_somebody_else",
        ),
        pytest.param(
            json.dumps(on_bus("Object Restore Completed", {"object": {"key": "k"}})),
            id="an_s3_event_that_changes_nothing",
        ),
        pytest.param(
            json.dumps(on_bus("Call Analytics Post Call Job State Change", {}, "aws.transcribe")),
            id="a_streaming_job",
        ),
        pytest.param(
            json.dumps(notified(name="ObjectRestore:Post")), id="a_record_that_changes_nothing"
        ),
        pytest.param(json.dumps(notified("%FF.wav")), id="a_record_key_that_is_no_utf8"),
        pytest.param('{"Records": ["x"]}', id="a_record_that_is_no_object"),
        pytest.param(
            '{"Records": [{"eventSource": "aws:kinesis"}]}', id="records_of_another_service"
        ),
        pytest.param(json.dumps(deep(MAX_DEPTH + 1)), id="an_event_wrapped_too_deep"),
        pytest.param("[" * 100_000, id="nesting_without_end"),
    ],
)
def test_what_cannot_be_read_is_refused(body):
    with pytest.raises(InputRefused) as refused:
        hints(body)
    assert refused.value.code == "event.unknown"


def test_wrapping_within_the_bound_is_read():
    assert hints(json.dumps(deep(MAX_DEPTH))) == [SEEN]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3EventBridgeNotificationObjectCreatedEvent", [Hint(key="IMG_m7fzo3.jpg")]),
        ("s3EventBridgeNotificationObjectDeletedEvent", [Hint(key="IMG_m7fzo3.jpg")]),
        ("s3EventBridgeNotificationObjectExpiredEvent", [Hint(key="IMG_m7fzo3.jpg")]),
        ("s3EventDeleteObject", [Hint(key="b21b84d653bb07b05b1e6b33684dc11b")]),
        ("s3EventDecodedKey", [Hint(key="Happy Face.jpg")]),
        ("s3SqsEvent", [Hint(key="test.pdf")]),
    ],
)
def test_published_s3_events_are_read(name, expected):
    assert hints(shared("aws_events", f"{name}.json").read_text("utf-8")) == expected


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["sqsEvent", "snsSqsEvent", "eventBridgeEvent", "sesEvent"])
def test_published_events_of_others_are_refused(name):
    with pytest.raises(InputRefused, match=r"event\.unknown"):
        hints(shared("aws_events", f"{name}.json").read_text("utf-8"))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "job"),
    [
        ("event_transcribe_job_state_change", "my-first-transcription-job"),
        ("event_call_analytics_job_state_change", "my-first-analytics-job"),
    ],
)
def test_published_transcribe_events_are_read(name, job):
    assert hints(shared("transcribe", f"{name}.json").read_text("utf-8")) == [Hint(job=job)]
