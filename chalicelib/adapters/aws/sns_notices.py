"""Notices through an SNS topic, whose subscriptions say who gets an e-mail."""

from __future__ import annotations

from typing import Any

from chalicelib.adapters.aws.failures import translated
from chalicelib.ports.actions import Notice

SUBJECT = 100


class SnsNotices:
    """``Notifier`` over one topic. SNS does not remove doubles: the attribute ``id`` is for receivers."""

    def __init__(self, client: Any, topic: str) -> None:  # noqa: ANN401 - botocore makes its classes
        self._client = client
        self._topic = topic

    def send(self, notice: Notice) -> None:
        attributes = {"id": notice.id, "contactId": notice.contact_id, "ruleId": notice.rule_id}
        with translated("sns_publish"):
            self._client.publish(
                TopicArn=self._topic,
                Subject=_subject(notice.subject or notice.rule_name),
                Message=_text(notice),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in attributes.items()
                },
            )


def _subject(text: str) -> str:
    """SNS takes printable ASCII, at most 100 characters, that begins with a letter, digit or mark."""
    plain = "".join(c if " " <= c <= "~" else "?" for c in " ".join(text.split()))
    return plain[:SUBJECT] or "Loupe"


def _text(notice: Notice) -> str:
    lines = [
        notice.content,
        "",
        f"Rule: {notice.rule_name} (version {notice.rule_version})",
        f"Contact: {notice.contact_id}",
        f"Channel: {notice.channel}",
        *([f"Agent: {notice.agent_id}"] if notice.agent_id else []),
        *([f"Queue: {notice.queue_id}"] if notice.queue_id else []),
    ]
    return "\n".join(lines).strip()
