"""Every envelope that may lie in the ingest queue, as hints.

EventBridge carries object keys as they are; S3's own notifications carry them form-encoded, to be
decoded once. SNS and SQS wrap either. Nothing but the key, the job name and the kind is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.events import Hint
from chalicelib.formats.object_keys import decode_notification_key

OBJECT_EVENTS = ("Object Created", "Object Deleted")
JOB_NAMES = {
    "Transcribe Job State Change": "TranscriptionJobName",
    "Call Analytics Job State Change": "JobName",
}
RECORD_EVENTS = ("ObjectCreated:", "ObjectRemoved:", "LifecycleExpiration:")
HINT_FIELDS = frozenset({"key", "contactId", "job", "reason", "after", "sweep", "lake"})
MAX_DEPTH = 4


def hints(body: str) -> list[Hint]:
    """The hints in one message body, in its order; none for S3's test event.

    Raises ``InputRefused`` with code ``event.unknown`` for everything else.
    """
    return list(_of_text(body, 0))


def work_order(body: str) -> dict[str, str]:
    """A message of Loupe's own as it was sent: a JSON object of texts. Raises ``InputRefused`` with code
    ``event.unknown`` for anything else."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unknown("it is not JSON") from error
    if not isinstance(given, Mapping) or not all(isinstance(v, str) for v in given.values()):
        raise _unknown("it is not a JSON object of texts")
    return dict(given)


def _of_text(text: str, depth: int) -> Iterator[Hint]:
    if depth > MAX_DEPTH:
        raise _unknown("it is wrapped too deep")
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unknown("it is not JSON") from error
    if not isinstance(event, Mapping):
        raise _unknown("it is not a JSON object")
    yield from _of_event(event, depth)


def _of_event(event: Mapping[str, Any], depth: int) -> Iterator[Hint]:
    if "detail-type" in event:
        yield _of_bus(event)
    elif isinstance(event.get("Records"), list):
        for record in event["Records"]:
            yield from _of_record(record, depth)
    elif event.get("Type") == "Notification":
        yield from _of_text(_text(event, "Message"), depth + 1)
    elif event.get("Event") != "s3:TestEvent":
        yield _own(event)


def _of_bus(event: Mapping[str, Any]) -> Hint:
    kind, source = event["detail-type"], event.get("source")
    if source == "aws.s3" and kind in OBJECT_EVENTS:
        return Hint(key=_text(event, "detail", "object", "key"))
    if source == "aws.transcribe" and kind in JOB_NAMES:
        return Hint(job=_text(event, "detail", JOB_NAMES[kind]))
    raise _unknown("its detail-type is none that Loupe listens to")


def _of_record(record: object, depth: int) -> Iterator[Hint]:
    """One record of a Lambda's event: of S3, or of SQS or SNS around another event."""
    if not isinstance(record, Mapping):
        raise _unknown("a record is not an object")
    source = record.get("eventSource") or record.get("EventSource")
    if source == "aws:s3":
        yield _of_notification(record)
    elif source == "aws:sqs":
        yield from _of_text(_text(record, "body"), depth + 1)
    elif source == "aws:sns":
        yield from _of_text(_text(record, "Sns", "Message"), depth + 1)
    else:
        raise _unknown("its records are of another service")


def _of_notification(record: Mapping[str, Any]) -> Hint:
    if not _text(record, "eventName").startswith(RECORD_EVENTS):
        raise _unknown("an S3 record tells neither of a new nor of a removed object")
    return Hint(key=decode_notification_key(_text(record, "s3", "object", "key")))


def _own(event: Mapping[str, Any]) -> Hint:
    """A hint that Loupe itself has sent."""
    strings = all(isinstance(value, str) for value in event.values())
    hint = Hint.from_body(event) if strings and event.keys() <= HINT_FIELDS else Hint()
    if not (hint.key or hint.contact_id or hint.job or hint.sweep or hint.lake):
        raise _unknown("nothing in it says where to look")
    return hint


def _text(event: Mapping[str, Any], *path: str) -> str:
    value: Any = event
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(value, str) or not value:
        raise _unknown(f"{'.'.join(path)} is missing")
    return value


def _unknown(why: str) -> InputRefused:
    return InputRefused("event.unknown", f"this event cannot be read: {why}")
