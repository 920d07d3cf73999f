"""A dialogue with a bot as a contact: Connect's chat transcript, and the contact record beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.formats.artifact import canonical
from chalicelib.formats.connect_chat import VERSION
from chalicelib.formats.instants import iso, to_datetime
from chalicelib.formats.object_keys import provisional_id

FOLDER = "connect/loupe/bot/"
BOT, CUSTOMER = "CUSTOM_BOT", "CUSTOMER"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said, empty at the beginning, and what the bot answered."""

    at_ms: int
    said: str
    messages: tuple[str, ...]


def contact_id(bot: str, session: str) -> str:
    """The same session, the same contact."""
    return provisional_id(f"{FOLDER}{bot}/{session}")


def keys(bot: str, session: str, began_ms: int) -> tuple[str, str]:
    """Where the record and the chat lie among the sources."""
    day = to_datetime(began_ms).strftime("%Y/%m/%d")
    name = f"{contact_id(bot, session)}_{to_datetime(began_ms).strftime('%Y%m%dT%H:%M')}_UTC"
    folder = f"{FOLDER}{bot}/{day}/"
    return f"{folder}{name}.record.json", f"{folder}{name}.json"


def chat(bot: str, session: str, exchanges: Sequence[Exchange]) -> bytes:
    """The transcript. Of an exchange the customer speaks first; the bot's name is that of its definition."""
    own = contact_id(bot, session)
    people = [{"ParticipantId": CUSTOMER.lower()}, {"ParticipantId": bot}]
    return canonical(
        {
            "Version": VERSION,
            "InitialContactId": own,
            "ContactId": own,
            "Participants": people,
            "Transcript": list(_items(bot, exchanges)),
        }
    )


def _items(bot: str, exchanges: Sequence[Exchange]) -> Iterator[dict[str, Any]]:
    number = 0
    for one in exchanges:
        lines = [(CUSTOMER, CUSTOMER.lower(), one.said)] if one.said else []
        lines += [(BOT, bot, text) for text in one.messages]
        for role, participant, text in lines:
            number += 1
            yield {
                "AbsoluteTime": iso(one.at_ms),
                "Id": f"m-{number}",
                "Type": "MESSAGE",
                "ContentType": "text/plain",
                "Content": text,
                "ParticipantId": participant,
                "ParticipantRole": role,
                "DisplayName": "Customer" if role == CUSTOMER else bot,
            }


def record(
    bot: str, session: str, exchanges: Sequence[Exchange], attributes: Mapping[str, str], about: str
) -> bytes:
    """The contact record: when it was, the attributes that say which bot's dialogue it is, and the contact
    that it is about, if there is one, as the one before."""
    began, ended = iso(exchanges[0].at_ms), iso(exchanges[-1].at_ms)
    return canonical(
        {
            "AWSContactTraceRecordFormatVersion": "2017-03-10",
            "ContactId": contact_id(bot, session),
            "Channel": "CHAT",
            "InitiationMethod": "API",
            "InitiationTimestamp": began,
            "DisconnectTimestamp": ended,
            "LastUpdateTimestamp": ended,
            "Attributes": dict(attributes),
            **({"PreviousContactId": about} if about else {}),
        }
    )
