"""Texts that must reach the page as text and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

CONTACT = "ba5e11fe-0000-4000-8000-000000000001"
SCRIPTS = (
    "<script>window.hurt = 1</script>",
    "<img src=x onerror='window.hurt = 2'>",
    "<svg/onload=window.hurt=3>",
    '"><iframe src="javascript:parent.hurt=4"></iframe>',
    "<a href='javascript:window.hurt=5'>click</a>",
    "{@html '<b>bold</b>'} {{constructor.constructor('window.hurt=6')()}}",
    "</li></ol><style>body{display:none}</style>",
)
RIGHT_TO_LEFT = "مرحبا، أريد إلغاء الاشتراك من فضلك"
REVERSED = "pay \u202eexe.gpj\u202c now"
LONG_WORD = "x" * 10_000
MESSAGES = (*SCRIPTS, RIGHT_TO_LEFT, REVERSED, LONG_WORD)
QUEUE = "<b>Queue</b> \u202elive"
AGENT = "<img src=x onerror='window.hurt = 7'>"

TIME = "2026-11-21T10:{minute:02d}:{second:02d}.000Z"


def write(folder: Path) -> list[Path]:
    """A chat with its contact record, under the keys that Connect gives them."""
    chat = (
        folder / "connect/hostile/ChatTranscripts/2026/11/21" / f"{CONTACT}_20261121T10:00_UTC.json"
    )
    record = folder / "connect/hostile/contact-records/2026/11/21" / f"{CONTACT}.json"
    for path, content in ((chat, _chat()), (record, _record())):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content))
    return [chat, record]


def _chat() -> dict[str, object]:
    return {
        "Version": "2019-08-26",
        "AWSAccountId": "123456789012",
        "InstanceId": "00000000-0000-4000-8000-000000000001",
        "InitialContactId": CONTACT,
        "ContactId": CONTACT,
        "Participants": [{"ParticipantId": "customer"}, {"ParticipantId": "agent"}],
        "Transcript": [_message(index, text) for index, text in enumerate(MESSAGES)],
    }


def _message(index: int, text: str) -> dict[str, str]:
    customer = index % 3 != 2
    return {
        "AbsoluteTime": TIME.format(minute=index // 2, second=index % 2 * 30),
        "Id": f"message-{index}",
        "Content": text,
        "ContentType": "text/plain",
        "Type": "MESSAGE",
        "ParticipantId": "customer" if customer else "agent",
        "DisplayName": "<i>Ann</i>" if customer else AGENT,
        "ParticipantRole": "CUSTOMER" if customer else "AGENT",
    }


def _record() -> dict[str, object]:
    queue = "arn:aws:connect:us-east-1:123456789012:instance/0/queue/q-hostile"
    return {
        "AWSAccountId": "123456789012",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": {
            "ARN": "arn:aws:connect:us-east-1:123456789012:instance/0/agent/a-1",
            "Username": AGENT,
        },
        "Attributes": {"<u>name</u>": "<script>window.hurt = 8</script>"},
        "Channel": "CHAT",
        "ContactId": CONTACT,
        "DisconnectReason": "CUSTOMER_DISCONNECT",
        "DisconnectTimestamp": "2026-11-21T10:06:00Z",
        "InitiationMethod": "API",
        "InitiationTimestamp": "2026-11-21T10:00:00Z",
        "LastUpdateTimestamp": "2026-11-21T10:07:00Z",
        "Queue": {"ARN": queue, "Name": QUEUE},
    }
