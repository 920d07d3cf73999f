"""Chat scripts as Connect chat transcripts, Version 2019-08-26."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from scripts.samples.script import Cast, Chat

EVENT = "application/vnd.amazonaws.connect.event."
ROLES = {"customer": "CUSTOMER", "agent": "AGENT", "bot": "CUSTOM_BOT"}


def duration_ms(chat: Chat) -> int:
    return int(sum(item.get("after_s", 0) for item in chat.items) * 1000)


def chat_transcript(cast: Cast, chat: Chat) -> dict[str, Any]:
    """The file that Connect writes for this chat."""
    items, now = [], chat.start
    for number, item in enumerate(chat.items):
        now += timedelta(seconds=item.get("after_s", 0))
        items.append(_item(cast, chat, item, now, number))
    contact = cast.uuid(chat.name)
    people = dict.fromkeys(i["ParticipantId"] for i in items if "ParticipantId" in i)
    return {
        "Version": "2019-08-26",
        "AWSAccountId": cast.account,
        "InstanceId": cast.instance,
        "InitialContactId": contact,
        "ContactId": contact,
        "Participants": [{"ParticipantId": person} for person in people],
        "Transcript": items,
    }


def _item(
    cast: Cast, chat: Chat, item: Mapping[str, Any], now: datetime, number: int
) -> dict[str, Any]:
    head = {
        "AbsoluteTime": f"{now:%Y-%m-%dT%H:%M:%S}.{number * 37 % 1000:03d}Z",
        "Id": cast.uuid(chat.name, "item", number),
    }
    if "ended" in item:
        return {**head, "ContentType": f"{EVENT}chat.ended", "Type": "EVENT"}
    role, what = _content(cast, chat, item, number)
    return {**head, **what, **_participant(cast, chat, role)}


def _content(
    cast: Cast, chat: Chat, item: Mapping[str, Any], number: int
) -> tuple[str, dict[str, Any]]:
    for event in ("joined", "left"):
        if event in item:
            return item[event], {"ContentType": f"{EVENT}participant.{event}", "Type": "EVENT"}
    if "attachment" in item:
        attachment = {
            "AttachmentId": cast.uuid(chat.name, "attachment", number),
            "AttachmentName": item["attachment"],
            "ContentType": item["content_type"],
            "Status": "APPROVED",
        }
        return item["by"], {"Attachments": [attachment], "Type": "ATTACHMENT"}
    speaker = next(name for name in ROLES if name in item)
    kind = item.get("content_type", "text/plain")
    return ROLES[speaker], {"Content": item[speaker], "ContentType": kind, "Type": "MESSAGE"}


def _participant(cast: Cast, chat: Chat, role: str) -> dict[str, str]:
    agent = cast.agents[chat.agent].display if chat.agent else ""
    names = {"CUSTOMER": chat.customer_name, "AGENT": agent, "CUSTOM_BOT": "Maple assistant"}
    return {
        "ParticipantId": cast.uuid(chat.name, role),
        "DisplayName": names[role],
        "ParticipantRole": role,
    }
