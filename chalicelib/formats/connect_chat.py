"""Amazon Connect chat transcripts, Version 2019-08-26.

Nothing that was written is lost: what is not understood stays in the transcript as an event, is not
analysed and is counted in the flags. Items are ordered by their time, and by their place in the file
where times are equal or missing.

Flags: ``lone_surrogate``, ``version_minor``, ``missing_id``, ``missing_time``, ``missing_participant``,
``no_time_zone``, ``implausible_time``, ``out_of_order``, ``duplicate_items`` (the same item twice: one
is kept), ``duplicate_ids`` (different items: both are kept), ``ids_replaced`` (ids that were personal
data), ``message_truncated``,
``unknown_items:<count>``, ``no_customer_turn``, ``no_agent_turn``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import (
    Channel,
    Engine,
    Participant,
    Role,
    Transcript,
    Turn,
    TurnKind,
)
from chalicelib.formats import chat_content, instants, json_guard, opaque_ids
from chalicelib.formats.object_keys import canonical_id

AREA = "chat"
VERSION = "2019-08-26"
MAX_TEXT_BYTES = 64 * 1024
MAX_ID_BYTES = 256

_KNOWN_VERSION = re.compile(r"2019-\d\d-\d\d")

Item = Mapping[str, Any]


@dataclass(slots=True)
class _Row:
    """One item on its way to a turn: its place in the file, its time once that is settled."""

    position: int
    item: Item
    turn: Turn
    at: instants.Instant | None
    ms: int = 0


def read(
    body: bytes, *, language: str = "en-US", max_bytes: int = json_guard.MAX_BYTES
) -> Transcript:
    """The conversation in a Connect chat file; an empty one is a conversation without turns.

    Raises ``InputRefused``: ``chat.json``, ``chat.encoding``, ``chat.schema``, ``chat.version``,
    ``object.empty``, ``object.too_large``.
    """
    value, flags = json_guard.parse(body, area=AREA, max_bytes=max_bytes)
    notes = list(flags)
    items, people = _without_personal_ids(_items(value), _people(value), notes)
    if _version(value) != VERSION:
        notes.append("version_minor")
    rows = _in_order(_distinct(_rows(items, notes), notes), notes)
    turns = _turns(rows)
    return Transcript(
        channel=Channel.CHAT,
        language=language,
        participants=_participants(people, turns),
        turns=turns,
        engine=Engine("connect-chat", VERSION),
        flags=(*dict.fromkeys(notes), *_missing_sides(turns)),
        contact_id=_contact_id(value),
        instance_id=_text(value, "InstanceId"),
    )


def _items(value: object) -> list[Item]:
    if not isinstance(value, dict) or not value.keys() & {"Version", "Transcript"}:
        raise InputRefused("chat.schema", "this is no chat transcript")
    _version(value)
    if not isinstance(value.get("Transcript"), list):
        raise InputRefused("chat.schema", "there is no list of transcript items")
    items: list[Item] = value["Transcript"]
    if not all(isinstance(item, dict) for item in items):
        raise InputRefused("chat.schema", "a transcript item is not a JSON object")
    telling = ("Id", "AbsoluteTime", "ParticipantId", "ParticipantRole")
    if items and not any(_text(item, name) for item in items for name in telling):
        raise InputRefused("chat.schema", "no item has an id, a time or a participant")
    return items


def _people(value: Item) -> list[Item]:
    listed = value.get("Participants")
    return [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []


def _without_personal_ids(
    items: list[Item], people: list[Item], notes: list[str]
) -> tuple[list[Item], list[Item]]:
    """The same items and participants under ids that say nothing about a person."""
    given = (_text(one, name) for one in (*people, *items) for name in ("ParticipantId", "Id"))
    new = opaque_ids.replacements(name for name in given if name)
    if not new:
        return items, people
    notes.append("ids_replaced")
    return [_renamed(item, new) for item in items], [_renamed(one, new) for one in people]


def _renamed(item: Item, new: Mapping[str, str]) -> Item:
    given = {name: _text(item, name) or "" for name in ("ParticipantId", "Id")}
    return {**item, **{name: new[old] for name, old in given.items() if old in new}}


def _version(value: Item) -> str:
    version = _text(value, "Version") or ""
    if not _KNOWN_VERSION.match(version):
        raise InputRefused("chat.version", f"chat transcripts of version {VERSION} are read")
    return version


def _contact_id(value: Item) -> str | None:
    contact_id = _text(value, "ContactId")
    if contact_id and len(contact_id.encode()) > MAX_ID_BYTES:
        raise InputRefused("chat.schema", f"the ContactId is longer than {MAX_ID_BYTES} bytes")
    return canonical_id(contact_id) if contact_id else None


def _rows(items: list[Item], notes: list[str]) -> list[_Row]:
    roles = {
        participant: role
        for item in reversed(items)
        if (participant := _text(item, "ParticipantId")) and (role := _role(item))
    }
    rows, unknown = [], 0
    for position, item in enumerate(items):
        turn, understood = _turn(item, position, roles, notes)
        rows.append(_Row(position, item, turn, _time(item, notes)))
        unknown += not understood
    if unknown:
        notes.append(f"unknown_items:{unknown}")
    return rows


def _turn(
    item: Item, position: int, roles: Mapping[str, Role], notes: list[str]
) -> tuple[Turn, bool]:
    """The turn without its time, and whether everything about it was understood."""
    content = chat_content.read(item)
    participant = _text(item, "ParticipantId")
    given = _text(item, "ParticipantRole")
    role = _role(item) or roles.get(participant or "", Role.UNKNOWN)
    unknown_role = given is not None and _role(item) is None
    if given is None and role is Role.UNKNOWN and content.kind is not TurnKind.EVENT:
        notes.append("missing_participant")
    if _text(item, "Id") is None:
        notes.append("missing_id")
    text = _shortened(content.text)
    if text != content.text:
        notes.append("message_truncated")
    turn = Turn(
        id=_text(item, "Id") or f"item-{position + 1}",
        participant_id=participant or role.value,
        role=role,
        begin_ms=0,
        end_ms=0,
        text=text,
        kind=TurnKind.EVENT if unknown_role else content.kind,
        content_type=content.content_type,
        display_name=_text(item, "DisplayName"),
    )
    return turn, content.known and not unknown_role


def _role(item: Item) -> Role | None:
    try:
        return Role((_text(item, "ParticipantRole") or "").upper())
    except ValueError:
        return None


def _time(item: Item, notes: list[str]) -> instants.Instant | None:
    at = instants.parse(item.get("AbsoluteTime"))
    if at is None:
        notes.append("missing_time")
    elif not at.zoned:
        notes.append("no_time_zone")
    if at and not at.plausible:
        notes.append("implausible_time")
    return at


def _distinct(rows: list[_Row], notes: list[str]) -> list[_Row]:
    """Each item once; different items under one id each get an id of their own."""
    kept: list[_Row] = []
    seen: dict[str, list[Turn]] = {}
    taken = {row.turn.id for row in rows}
    for row in rows:
        namesakes = seen.setdefault(row.turn.id, [])
        if row.turn in namesakes:
            notes.append("duplicate_items")
            continue
        namesakes.append(row.turn)
        if len(namesakes) > 1:
            notes.append("duplicate_ids")
            row.turn = replace(row.turn, id=_free_id(row.turn.id, taken))
        kept.append(row)
    return kept


def _free_id(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    taken.add(f"{name}-{number}")
    return f"{name}-{number}"


def _in_order(rows: list[_Row], notes: list[str]) -> list[_Row]:
    """Sorted by time, then place. An item without a usable time stands where the one before it stands.

    A year like 1970 among others is no time to order by; where all items have one, their clock was
    wrong and their distances are right.
    """
    usable = [row.at.ms for row in rows if row.at and row.at.plausible]
    trusted = usable or [row.at.ms for row in rows if row.at]
    clock = trusted[0] if trusted else 0
    for row in rows:
        if row.at and (row.at.plausible or not usable):
            clock = row.at.ms
        row.ms = clock
    ordered = sorted(rows, key=lambda row: (row.ms, row.position))
    if [row.position for row in ordered] != [row.position for row in rows]:
        notes.append("out_of_order")
    return ordered


def _turns(rows: list[_Row]) -> tuple[Turn, ...]:
    start = rows[0].ms if rows else 0
    return tuple(
        replace(
            row.turn,
            begin_ms=row.ms - start,
            end_ms=row.ms - start,
            absolute_time=instants.iso(row.at.ms) if row.at else None,
        )
        for row in rows
    )


def _participants(people: Iterable[Item], turns: Iterable[Turn]) -> tuple[Participant, ...]:
    """Everybody who is listed or wrote, in the order of the file, with the first name shown."""
    found = {
        participant: Participant(
            participant, _role(entry) or Role.UNKNOWN, _text(entry, "DisplayName")
        )
        for entry in people
        if (participant := _text(entry, "ParticipantId"))
    }
    for turn in turns:
        if turn.kind is TurnKind.EVENT and turn.role is Role.UNKNOWN:
            continue
        known = found.get(turn.participant_id, Participant(turn.participant_id, turn.role))
        found[turn.participant_id] = replace(
            known,
            role=turn.role if known.role is Role.UNKNOWN else known.role,
            display_name=known.display_name or turn.display_name,
        )
    return tuple(found.values())


def _missing_sides(turns: tuple[Turn, ...]) -> tuple[str, ...]:
    sides = {turn.role for turn in turns if turn.analysed}
    missing = [side for side in (Role.CUSTOMER, Role.AGENT) if side not in sides]
    return tuple(f"no_{side.lower()}_turn" for side in missing)


def _shortened(text: str) -> str:
    """At most 64 KB of UTF-8, never ending inside a character."""
    if len(text) <= MAX_TEXT_BYTES // 4:
        return text
    return text.encode()[:MAX_TEXT_BYTES].decode("utf-8", "ignore")


def _text(item: Item, name: str) -> str | None:
    value = item.get(name)
    return value.strip() or None if isinstance(value, str) else None
