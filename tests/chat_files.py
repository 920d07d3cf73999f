"""Connect chat files for tests: small, whole, and easy to break on purpose.

body(chat(message("CUSTOMER", "Hello"), message("AGENT", "Hi, how can I help?", at=12)))
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

CONTACT = "11aa22bb-33cc-4dd4-8ee5-66ff77aa88bb"
INSTANCE = "0a0a0a0a-1b1b-4c2c-8d3d-4e4e4e4e4e4e"
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEY = f"connect/acme/ChatTranscripts/2026/03/02/{CONTACT}_20260302T09:30_UTC.json"
NAMES = {"AGENT": "Robin", "CUSTOMER": "Alex Doe", "SYSTEM": "BOT"}
EVENT = "application/vnd.amazonaws.connect.event."

Item = dict[str, Any]


def time_at(seconds: float) -> str:
    """The AbsoluteTime this long after the chat began."""
    at = START + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message(role: str, text: str, *, at: float = 0, **changes: Any) -> Item:
    """A text message; a change to None takes the field away."""
    item = {
        "AbsoluteTime": time_at(at),
        "Content": text,
        "ContentType": "text/plain",
        "Id": f"{role.lower()}-{at:g}",
        "Type": "MESSAGE",
        "ParticipantId": f"the-{role.lower()}",
        "DisplayName": NAMES.get(role, role.title()),
        "ParticipantRole": role,
    }
    return without_none({**item, **changes})


def event(kind: str, role: str | None = "CUSTOMER", *, at: float = 0, **changes: Any) -> Item:
    """An event such as ``participant.joined``; ``chat.ended`` has no participant."""
    item = message(
        role or "SYSTEM", "", at=at, Type="EVENT", ContentType=EVENT + kind, Content=None
    )
    item["Id"] = f"{kind}-{at:g}"
    if role is None:
        changes = {"ParticipantId": None, "ParticipantRole": None, "DisplayName": None, **changes}
    return without_none({**item, **changes})


def attachment(role: str, *files: Item, at: float = 0, **changes: Any) -> Item:
    """An attachment with its files, each with AttachmentName, ContentType and Status."""
    item = message(role, "", at=at, Type="ATTACHMENT", Content=None, ContentType=None)
    return without_none({**item, "Attachments": list(files), **changes})


def chat(*items: Any, **changes: Any) -> Item:
    """A chat transcript; a change to None takes the field away."""
    people = dict.fromkeys(
        item["ParticipantId"]
        for item in items
        if isinstance(item, dict) and item.get("ParticipantId")
    )
    whole = {
        "Version": "2019-08-26",
        "AWSAccountId": "111122223333",
        "InstanceId": INSTANCE,
        "InitialContactId": CONTACT,
        "ContactId": CONTACT,
        "Participants": [{"ParticipantId": person} for person in people],
        "Transcript": list(items),
    }
    return without_none({**whole, **changes})


def talk(*lines: tuple[str, str], pause: float = 12) -> Item:
    """A chat of (role, text) lines, one every ``pause`` seconds, with joining and ending events."""
    said = [message(role, text, at=pause * (i + 1)) for i, (role, text) in enumerate(lines)]
    joined = [
        event("participant.joined", role) for role in dict.fromkeys(role for role, _ in lines)
    ]
    for item, role in zip(joined, dict.fromkeys(role for role, _ in lines), strict=True):
        item["Id"] = f"joined-{role.lower()}"
    return chat(*joined, *said, event("chat.ended", None, at=pause * (len(lines) + 1)))


def body(whole: Any) -> bytes:
    """The bytes of the file."""
    return json.dumps(whole, ensure_ascii=False).encode()


def without_none(item: Item) -> Item:
    return {name: value for name, value in item.items() if value is not None}
