"""What one item of a Connect chat says: text, the title of an interactive message, attachments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import TurnKind
from chalicelib.formats import json_guard

PLAIN = ("text/plain", "text/markdown")
EVENT_PREFIX = "application/vnd.amazonaws.connect.event."
INTERACTIVE = (
    "application/json",
    "application/vnd.amazonaws.connect.message.interactive",
    "application/vnd.amazonaws.connect.message.interactive.response",
)
_TITLES = (
    ("data", "content", "title"),
    ("data", "replyMessage", "title"),
    ("content", "title"),
    ("title",),
)


@dataclass(frozen=True, slots=True)
class Content:
    """``known`` is False for an item that is only kept, not understood."""

    kind: TurnKind
    content_type: str
    text: str
    known: bool = True


def read(item: Mapping[str, Any]) -> Content:
    """The content of one transcript item; never raises, an unknown item is an event."""
    given = item.get("ContentType")
    content_type = given.strip().lower() if isinstance(given, str) else ""
    kind = str(item.get("Type", "")).upper()
    if kind == "ATTACHMENT":
        return _attachment(content_type, item.get("Attachments"))
    reader = {"MESSAGE": _message, "EVENT": _event}.get(kind, _unknown)
    return reader(content_type, item.get("Content"))


def _message(content_type: str, text: object) -> Content:
    base = content_type.partition(";")[0].strip()
    if base in INTERACTIVE:
        title = _title(text)
        return Content(TurnKind.MESSAGE, base, title or "", known=title is not None)
    if base not in PLAIN or not isinstance(text, str):
        return _unknown(content_type, text)
    return Content(TurnKind.MESSAGE, base, text)


def _event(content_type: str, text: object) -> Content:
    shown = text if isinstance(text, str) else ""
    return Content(TurnKind.EVENT, content_type, shown, content_type.startswith(EVENT_PREFIX))


def _attachment(content_type: str, listed: object) -> Content:
    """Names with the state of their scan, such as ``bill.pdf (APPROVED)``; nothing is opened."""
    files = [f for f in listed if isinstance(f, dict)] if isinstance(listed, list) else []
    names = [f"{_shown(f, 'AttachmentName')} ({_shown(f, 'Status')})" for f in files]
    types = [f["ContentType"] for f in files if isinstance(f.get("ContentType"), str)]
    content_type = content_type or (types[0] if types else "application/octet-stream")
    return Content(TurnKind.ATTACHMENT, content_type, ", ".join(names), known=bool(files))


def _unknown(content_type: str, text: object) -> Content:
    shown = text if isinstance(text, str) else ""
    return Content(TurnKind.EVENT, content_type or "application/octet-stream", shown, known=False)


def _title(text: object) -> str | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        value = json_guard.parse(text.encode(), area="chat").value
    except InputRefused:
        return None
    titles = (_at(value, path) for path in _TITLES)
    return next((title for title in titles if isinstance(title, str)), None)


def _at(value: object, path: tuple[str, ...]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _shown(file: Mapping[str, Any], name: str) -> str:
    value = file.get(name)
    return value if isinstance(value, str) and value else "?"
