"""One SQS queue with its dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.adapters.aws.failures import AWS_ERRORS, code_of, translated, unavailable
from chalicelib.ports.messaging import Depth, Message

BATCH = 10
LONGEST_WAIT_S = 20
LONGEST_DELAY_S = 900
LONGEST_VISIBILITY_S = 12 * 3600
REDRIVE_BOUND = 10_000

_LATE = ("ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue")


class SqsQueue:
    """``WorkQueue`` over ``queue_url``; visibility timeout and redrive policy are the queue's own.

    Raises ``Unavailable``. SQS knows no delay above 15 minutes: a longer one is cut to that, and the
    message comes earlier than asked.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - botocore makes its classes
        queue_url: str,
        dead_letter_url: str | None = None,
    ) -> None:
        self.name = queue_url.rsplit("/", 1)[-1]
        self._client = client
        self._url = queue_url
        self._dead_url = dead_letter_url

    def send(self, body: Mapping[str, str], *, delay_s: int = 0) -> None:
        with translated("send_message"):
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=json.dumps(dict(body)),
                DelaySeconds=min(delay_s, LONGEST_DELAY_S),
            )

    def receive(self, limit: int = 1, *, wait_s: float = 0) -> Sequence[Message]:
        with translated("receive_message"):
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(limit, BATCH),
                WaitTimeSeconds=min(round(wait_s), LONGEST_WAIT_S),
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        return tuple(_message(each) for each in answer.get("Messages", ()))

    def done(self, message: Message) -> None:
        self._on_receipt("delete_message", message)

    def retry(self, message: Message, *, delay_s: int = 0) -> None:
        self._hide(message, delay_s)

    def extend(self, message: Message, *, timeout_s: int) -> None:
        self._hide(message, timeout_s)

    def depth(self) -> Depth:
        own = self._counts(self._url)
        dead = sum(self._counts(self._dead_url).values()) if self._dead_url else 0
        held = own["ApproximateNumberOfMessagesNotVisible"]
        return Depth(sum(own.values()) - held, held, dead)

    def dead(self, limit: int = 10) -> Sequence[Message]:
        """Each look counts as a receive of the dead-letter queue, and hides nothing."""
        found: dict[str, Message] = {}
        while self._dead_url and len(found) < limit:
            page = self._letters(min(limit - len(found), BATCH), visibility_s=0)
            new = {each["MessageId"]: _message(each) for each in page}
            if new.keys() <= found.keys():
                break
            found |= new
        return tuple(found.values())

    def redrive(self) -> int:
        moved = 0
        while self._dead_url and moved < REDRIVE_BOUND:
            letters = self._letters(BATCH, visibility_s=60)
            if not letters:
                break
            moved += self._move(letters)
        return moved

    def _move(self, letters: Sequence[Mapping[str, Any]]) -> int:
        """Sent first, deleted afterwards: a crash in between doubles a message and loses none."""
        with translated("redrive"):
            sent = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(n), "MessageBody": letter["Body"]}
                    for n, letter in enumerate(letters)
                ],
            )
            taken = [each["Id"] for each in sent.get("Successful", ())]
            if taken:
                self._client.delete_message_batch(
                    QueueUrl=self._dead_url,
                    Entries=[
                        {"Id": n, "ReceiptHandle": letters[int(n)]["ReceiptHandle"]} for n in taken
                    ],
                )
        return len(taken)

    def forget(self, names: frozenset[str]) -> None:  # noqa: ARG002
        """A queue cannot be searched without taking its messages from those who work on them."""
        return

    def _letters(self, limit: int, *, visibility_s: int) -> Sequence[Mapping[str, Any]]:
        with translated("receive_message"):
            answer = self._client.receive_message(
                QueueUrl=self._dead_url,
                MaxNumberOfMessages=limit,
                VisibilityTimeout=visibility_s,
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        letters: Sequence[Mapping[str, Any]] = answer.get("Messages", ())
        return letters

    def _hide(self, message: Message, seconds: int) -> None:
        self._on_receipt(
            "change_message_visibility",
            message,
            VisibilityTimeout=min(seconds, LONGEST_VISIBILITY_S),
        )

    def _on_receipt(self, operation: str, message: Message, **arguments: object) -> None:
        """A receipt that is no longer valid changes nothing: somebody else has the message."""
        try:
            getattr(self._client, operation)(
                QueueUrl=self._url, ReceiptHandle=message.receipt, **arguments
            )
        except AWS_ERRORS as error:
            if not code_of(error).endswith(_LATE):
                raise unavailable(error, operation) from error

    def _counts(self, url: str) -> dict[str, int]:
        names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        with translated("get_queue_attributes"):
            answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return {name: int(answer["Attributes"].get(name, 0)) for name in names}


def _message(raw: Mapping[str, Any]) -> Message:
    receives = int(raw.get("Attributes", {}).get("ApproximateReceiveCount", 1))
    return Message(raw["MessageId"], _body(raw["Body"]), raw["ReceiptHandle"], receives)


def _body(text: str) -> dict[str, str]:
    """Bodies that others sent, such as EventBridge, stay readable: values as JSON text."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return {"body": text}
    return {key: v if isinstance(v, str) else json.dumps(v) for key, v in body.items()}
