"""Contacts as tables: JSON Lines for machines, CSV for people.

Spreadsheets run a cell that begins like a formula. Such a cell gets an apostrophe in CSV, phone numbers
too: an allow-list of harmless ones has been got wrong often enough. JSON Lines has values as they are.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping

from chalicelib.domain.contact import ContactRow
from chalicelib.formats.csv_safe import safe
from chalicelib.formats.instants import iso

COLUMNS = (
    "contactId", "status", "channel", "channels", "initiationTimestamp", "disconnectTimestamp",
    "durationMillis", "queueId", "queueName", "agentId", "agentName", "customerRef",
    "sentimentCustomer", "sentimentAgent", "sentimentShift", "agentTalkMillis",
    "customerTalkMillis", "nonTalkMillis", "interruptions", "agentInterruptions", "handleMillis",
    "turns", "categories", "attributes", "synthetic",
)  # fmt: skip

Cell = str | int | float | bool | None | list[str] | Mapping[str, str]
Line = Mapping[str, Cell]


def line_of(row: ContactRow) -> dict[str, Cell]:
    """A contact in the order of ``COLUMNS``; what is not known is None."""
    told = row.publication
    line: dict[str, Cell] = dict.fromkeys(COLUMNS)
    line |= {"contactId": row.contact_id, "status": row.status.value}
    if told is None:
        return line
    return line | {
        "channel": told.channel.value,
        "channels": [each.value for each in told.channels],
        "initiationTimestamp": iso(told.initiation_ms),
        "disconnectTimestamp": iso(told.disconnect_ms),
        "durationMillis": told.duration_ms,
        "queueId": told.queue_id,
        "queueName": told.queue_name,
        "agentId": told.agent_id,
        "agentName": told.agent_name,
        "customerRef": told.customer_ref,
        "sentimentCustomer": told.sentiment_customer,
        "sentimentAgent": told.sentiment_agent,
        "sentimentShift": told.sentiment_shift,
        "agentTalkMillis": told.agent_talk_ms,
        "customerTalkMillis": told.customer_talk_ms,
        "nonTalkMillis": told.non_talk_ms,
        "interruptions": told.interruptions,
        "agentInterruptions": told.agent_interruptions,
        "handleMillis": told.handle_ms,
        "turns": told.turns,
        "categories": list(told.categories),
        "attributes": dict(told.attributes),
        "synthetic": told.synthetic,
    }


def json_lines(lines: Iterable[Line]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode(
        "utf-8", "backslashreplace"
    )


def csv_header() -> bytes:
    return _csv([COLUMNS])


def csv_lines(lines: Iterable[Line]) -> bytes:
    """Lists and maps are JSON in their cell."""
    return _csv([_cell(line[name]) for name in COLUMNS] for line in lines)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "backslashreplace")
