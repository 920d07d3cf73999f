"""A chat that a person should look at: a failed check, a changed account, money elsewhere, and abuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e import hostile

CONTACT = "ba5e11fe-0000-4000-8000-000000000002"
ABUSE = "You are a stupid idiot, do it now."
MESSAGES = (
    ("AGENT", "Hello, how can I help you?"),
    ("CUSTOMER", "I want to change my address and reset my password."),
    ("AGENT", "I am sorry, the date does not match our records."),
    ("CUSTOMER", "Then send the refund to another account."),
    ("AGENT", "Let me see what I can do."),
    ("CUSTOMER", ABUSE),
)
TASK = hostile.SCRIPTS[1]
RULE: dict[str, Any] = {
    "id": "turned-around",
    "name": "<b>Hostile</b> words",
    "when": {"words": ["reset my password"], "role": "CUSTOMER"},
    "actions": [{"kind": "CREATE_TASK", "body": {"Name": TASK, "Description": hostile.REVERSED}}],
}


def write(folder: Path) -> list[Path]:
    """The chat with its contact record, under the keys that Connect gives them."""
    base = folder / "connect/risky"
    chat = base / "ChatTranscripts/2026/11/20" / f"{CONTACT}_20261120T10:00_UTC.json"
    record = base / "contact-records/2026/11/20" / f"{CONTACT}.json"
    for path, content in ((chat, _chat()), (record, _record())):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content))
    return [chat, record]


def _chat() -> dict[str, object]:
    messages = [
        {
            "AbsoluteTime": f"2026-11-20T10:00:{index * 5:02d}.000Z",
            "Id": f"risky-{index}",
            "Content": text,
            "ContentType": "text/plain",
            "Type": "MESSAGE",
            "ParticipantId": role.lower(),
            "DisplayName": role.title(),
            "ParticipantRole": role,
        }
        for index, (role, text) in enumerate(MESSAGES)
    ]
    return {
        "Version": "2019-08-26",
        "AWSAccountId": "123456789012",
        "InstanceId": "00000000-0000-4000-8000-000000000001",
        "InitialContactId": CONTACT,
        "ContactId": CONTACT,
        "Participants": [{"ParticipantId": "customer"}, {"ParticipantId": "agent"}],
        "Transcript": messages,
    }


def _record() -> dict[str, object]:
    return {
        "AWSAccountId": "123456789012",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Attributes": {},
        "Channel": "CHAT",
        "ContactId": CONTACT,
        "CustomerEndpoint": {"Address": "+15550100199", "Type": "TELEPHONE_NUMBER"},
        "DisconnectReason": "CUSTOMER_DISCONNECT",
        "DisconnectTimestamp": "2026-11-20T10:06:00Z",
        "InitiationMethod": "API",
        "InitiationTimestamp": "2026-11-20T10:00:00Z",
        "LastUpdateTimestamp": "2026-11-20T10:07:00Z",
    }
