"""What a source object is: by its first bytes, then by its name.

Content decides, with one exception: what is *named* a recording counts as one, so that an error page
in its place is refused as a broken recording (``audio.not_wav``) and not filed under something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.contact import PartKind

OBJECT_UNKNOWN = "object.unknown"

RECORDING = (PartKind.RECORDING, "wav")
CHAT = (PartKind.CHAT, "connect-chat")
RECORD = (PartKind.CONTACT_RECORD, "contact-record")
TRANSCRIBE = (PartKind.TRANSCRIPT, "transcribe")
CALL_ANALYTICS = (PartKind.TRANSCRIPT, "call-analytics")
CONTACT_LENS = (PartKind.TRANSCRIPT, "contact-lens")
UNKNOWN = (PartKind.UNKNOWN, OBJECT_UNKNOWN)

_RIFF = (b"RIFF", b"RF64", b"BW64", b"RIFX")
_OTHER_AUDIO = (b"ID3", b"OggS", b"fLaC", b"FORM", b".snd", b"#!AMR", b"\x1aE\xdf\xa3")
_FOLDERS = (
    ("/CallRecordings/", RECORDING),
    ("/ChatTranscripts/", CHAT),
    ("/contact-records/", RECORD),
    ("/Analysis/Voice/", CONTACT_LENS),
    ("/Analysis/Chat/", CONTACT_LENS),
)
_RECORD_FIELDS = {
    "awscontacttracerecordformatversion", "initiationtimestamp", "lastupdatetimestamp",
    "initiationmethod", "disconnecttimestamp", "connectedtosystemtimestamp", "customerendpoint",
}  # fmt: skip
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\]:]')


def kind_of(key: str, head: bytes) -> tuple[PartKind, str]:
    """Kind and format of an object from its key and its first bytes (some 64 KB are plenty).

    The format of an unknown object is the code it is refused with, ``object.unknown``.
    """
    if head[:4] in _RIFF or key.lower().endswith(".wav"):
        return RECORDING
    shape = json_format(_opening(head))
    if shape == CONTACT_LENS and b'"LoudnessScores"' in head:
        return CALL_ANALYTICS  # its job name may come after a long transcript
    if shape != UNKNOWN:
        return shape
    if _is_other_audio(head):
        return RECORDING
    return next((kind for folder, kind in _FOLDERS if folder in f"/{key}"), UNKNOWN)


def json_format(value: object) -> tuple[PartKind, str]:
    """Kind and format of a JSON value by its top-level keys; of a list by its first entry."""
    if isinstance(value, list):
        first = value[0] if value else None
        return RECORD if isinstance(first, Mapping) and json_format(first) == RECORD else UNKNOWN
    if not isinstance(value, Mapping):
        return UNKNOWN
    if "Transcript" in value:
        return _transcript_format(value)
    if "results" in value and value.keys() & {"jobName", "status", "accountId"}:
        return TRANSCRIBE
    fields = {str(name).lower() for name in value}
    telling = 0 if "eventtype" in fields else len(fields & _RECORD_FIELDS)
    return RECORD if telling > 1 or (telling and "contactid" in fields) else UNKNOWN


def _transcript_format(value: Mapping[str, Any]) -> tuple[PartKind, str]:
    if "JobName" in value:
        return CALL_ANALYTICS
    analysed = {"ConversationCharacteristics", "Categories", "JobStatus", "ContentMetadata"}
    return CONTACT_LENS if value.keys() & analysed else CHAT


def _is_other_audio(head: bytes) -> bool:
    frame_sync = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    utf_16_mark = head[:2] == b"\xff\xfe"
    return head.startswith(_OTHER_AUDIO) or head[4:8] == b"ftyp" or (frame_sync and not utf_16_mark)


def _opening(head: bytes) -> dict[str, str] | list[dict[str, str]] | None:
    """The top-level keys of JSON that may be cut off anywhere, in whatever Unicode encoding."""
    text = head.decode(json.detect_encoding(head), "replace").lstrip("\ufeff \t\r\n")
    if text[:1] == "{":
        return _keys(text)
    return [_keys(text[1:].lstrip())] if text[:1] == "[" else None


def _keys(text: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    depth, last = 0, None
    for token in _TOKEN.finditer(text):
        mark = token[0]
        depth += (mark in "{[") - (mark in "}]")
        if depth < 1:
            break
        if mark == ":" and depth == 1 and last is not None:
            keys[last] = ""
        last = token[1] if depth == 1 else None
    return keys
