"""Looking at a source object for the first time: what is it, whose is it, can it be used?

Recordings are judged by their header, texts by being parsed. A refusal is a finding about the part,
not an error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.config import Settings
from chalicelib.domain.contact import ContactRecord, Part, PartKind, Refusal
from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import Transcript
from chalicelib.formats import contact_record, json_guard, object_keys, sniff
from chalicelib.ports.storage import ObjectStore, Stat
from chalicelib.stages import transcript as transcript_stage
from chalicelib.stages.audio_copy import header

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Inspected:
    """A part with the ids its content names and, for a contact record, its records."""

    part: Part
    content_ids: tuple[str, ...] = ()
    records: tuple[ContactRecord, ...] = ()


def inspect(store: ObjectStore, stat: Stat, settings: Settings, now_ms: int) -> Inspected:
    """Judge the object that ``stat`` describes. Never raises ``InputRefused``: the part carries it."""
    blank = Part(stat.key, stat.etag, PartKind.UNKNOWN, "", stat.size, stat.modified_ms)
    try:
        head = store.read(stat.key, start=0, length=HEAD_BYTES) if stat.size else b""
        kind, how = sniff.kind_of(stat.key, head)
        blank = replace(blank, kind=kind, format=how)
        if kind is PartKind.RECORDING:
            return _recording(store, blank, settings)
        return _text(store, blank, settings)
    except InputRefused as refused:
        return Inspected(replace(blank, refusal=Refusal(refused.code, refused.detail, now_ms)))


def inspect_as(
    store: ObjectStore, stat: Stat, settings: Settings, now_ms: int, kind: PartKind, how: str
) -> Inspected:
    """Judge the object as the kind and format that the caller says it has."""
    part = Part(stat.key, stat.etag, kind, how, stat.size, stat.modified_ms)
    try:
        if kind is PartKind.RECORDING:
            return _recording(store, part, settings)
        return _transcript(part, store.read(part.key), settings)
    except InputRefused as refused:
        return Inspected(replace(part, refusal=Refusal(refused.code, refused.detail, now_ms)))


def _recording(store: ObjectStore, part: Part, settings: Settings) -> Inspected:
    info = header(store, part.key, part.size, settings)
    return Inspected(replace(part, kind=PartKind.RECORDING, format="wav", flags=tuple(info.flags)))


def _text(store: ObjectStore, part: Part, settings: Settings) -> Inspected:
    if part.size == 0:
        raise InputRefused("object.empty", "the object has no bytes")
    if part.size > settings.max_json_bytes:
        raise InputRefused("object.too_large", f"more than {settings.max_json_bytes} bytes of text")
    body = store.read(part.key)
    if part.kind is PartKind.CONTACT_RECORD:
        return _records(part, body)
    area = "chat" if part.kind is PartKind.CHAT else "object"
    kind, how = sniff.json_format(json_guard.parse(body, area=area).value)
    if kind is PartKind.CONTACT_RECORD:
        return _records(replace(part, kind=kind, format=how), body)
    if kind is PartKind.UNKNOWN and part.kind is not PartKind.CHAT:
        raise InputRefused("object.unknown", "neither a recording nor a transcript that is known")
    typed = replace(part, kind=kind, format=how) if kind is not PartKind.UNKNOWN else part
    return _transcript(typed, body, settings)


def _transcript(part: Part, body: bytes, settings: Settings) -> Inspected:
    document: Transcript = transcript_stage.read(part.format, body, settings)
    ids = (document.contact_id,) if document.contact_id else ()
    channel = document.channel.lower()
    return Inspected(replace(part, flags=(*document.flags, f"channel:{channel}")), ids)


def _records(part: Part, body: bytes) -> Inspected:
    read = contact_record.read(body)
    if not read.records:
        why = read.refusals[0] if read.refusals else Refusal("record.schema", "no contact record")
        raise InputRefused(why.code, why.detail)
    ids = tuple(dict.fromkeys(record.contact_id for record in read.records))
    flags = ("lines_refused",) if read.refusals else ()
    typed = replace(part, kind=PartKind.CONTACT_RECORD, format="contact-record", flags=flags)
    return Inspected(typed, ids, read.records)


def identity(part: Part, content_ids: tuple[str, ...], contact_id: str, now_ms: int) -> Part:
    """The part, refused when its key or content names another contact than the one it came to."""
    conflict = object_keys.identity_conflict(
        object_keys.contact_id_in(part.key), content_ids[0] if content_ids else None, (contact_id,)
    )
    if conflict is None or part.refusal:
        return part
    return replace(part, refusal=Refusal(conflict.code, conflict.detail, now_ms))
