"""Connect contact records: who spoke with whom, when and through which queue.

Records arrive at least once, later again with more in them, alone, in an array or as JSON lines
without separators. Fields that are not known are ignored and names are read in any case
(``ARN``/``Arn``); of several records of one contact the latest update counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.contact import ContactRecord, Refusal
from chalicelib.domain.errors import InputRefused
from chalicelib.formats import instants, json_guard
from chalicelib.formats.object_keys import canonical_id

AREA = "record"
MAX_ID_BYTES = 256
ISSUE = "potentialdisconnectissue"
_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8}){0,3}")

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordFile:
    """The records of one object, in its order, and a refusal for each line that is none."""

    records: tuple[ContactRecord, ...]
    refusals: tuple[Refusal, ...] = ()
    flags: tuple[str, ...] = ()


def read(body: bytes, *, max_bytes: int = json_guard.MAX_BYTES) -> RecordFile:
    """All contact records of an object.

    Raises ``InputRefused`` (``record.json``, ``record.encoding``, ``record.schema``, ``object.empty``,
    ``object.too_large``) only if there is no record that can be read.
    """
    records: list[ContactRecord] = []
    refused: list[InputRefused] = []
    flags: list[str] = []
    for document in _documents(body, max_bytes):
        if isinstance(document, InputRefused):
            refused.append(document)
            continue
        flags += document.flags
        try:
            records.append(_record(document.value))
        except InputRefused as error:
            refused.append(error)
    if not records:
        raise refused[0] if refused else InputRefused("record.schema", "there is no record")
    refusals = tuple(Refusal(error.code, error.detail) for error in refused)
    return RecordFile(tuple(records), refusals, tuple(dict.fromkeys(flags)))


def latest(records: Iterable[ContactRecord], contact_id: str) -> ContactRecord | None:
    """The record of this contact with the greatest ``LastUpdateTimestamp``; of equals the last."""
    own = [r for r in records if r.contact_id == canonical_id(contact_id)]
    return max(reversed(own), key=lambda record: record.last_update, default=None)


def _documents(body: bytes, max_bytes: int) -> Iterable[json_guard.Parsed | InputRefused]:
    try:
        whole = json_guard.parse(body, area=AREA, max_bytes=max_bytes)
    except InputRefused as refused:
        if refused.code.startswith("object."):
            raise
        several = json_guard.parse_lines(body, area=AREA, max_bytes=max_bytes)
        return several if any(isinstance(one, json_guard.Parsed) for one in several) else [refused]
    if isinstance(whole.value, list):
        return [json_guard.Parsed(value, whole.flags) for value in whole.value]
    return [whole]


def _record(value: object) -> ContactRecord:
    if not isinstance(value, dict):
        raise InputRefused("record.schema", "a contact record is a JSON object")
    top = _fields(value)
    agent, queue = _fields(top.get("agent")), _fields(top.get("queue"))
    return ContactRecord(
        contact_id=_contact_id(top),
        last_update=_time(top.get("lastupdatetimestamp")) or "",
        channel=_upper(top.get("channel")),
        initiation_method=_upper(top.get("initiationmethod")),
        initiation_time=_time(top.get("initiationtimestamp")),
        connected_time=_time(agent.get("connectedtoagenttimestamp"))
        or _time(top.get("connectedtosystemtimestamp")),
        disconnect_time=_time(top.get("disconnecttimestamp")),
        disconnect_reason=_upper(top.get("disconnectreason")),
        instance_id=_last_component(top.get("instancearn")),
        account_id=_text(top.get("awsaccountid")),
        agent_id=_last_component(agent.get("arn")),
        agent_name=_text(agent.get("username")),
        agent_interaction_s=_seconds(agent.get("agentinteractionduration")),
        after_contact_work_s=_seconds(agent.get("aftercontactworkduration")),
        hold_s=_seconds(agent.get("customerholdduration")),
        longest_hold_s=_seconds(agent.get("longestholdduration")),
        holds=_seconds(agent.get("numberofholds")),
        queue_id=_last_component(queue.get("arn")),
        queue_name=_text(queue.get("name")),
        queue_wait_s=_seconds(queue.get("duration")),
        language=_language(top),
        customer_address=_text(_fields(top.get("customerendpoint")).get("address")),
        previous_contact_id=_id(top.get("previouscontactid")),
        initial_contact_id=_id(top.get("initialcontactid")),
        attributes=_attributes(top.get("attributes")),
        media_keys=_media_keys(top),
        routing_profile=_ids([agent.get("routingprofile")]),
        hierarchy=_ids(_fields(agent.get("hierarchygroups")).values()),
        disconnect_issue=_present(_upper(_fields(top.get("disconnectdetails")).get(ISSUE))),
        ai_agents=_ai_agents(top),
        segment_attributes=_segments(top.get("segmentattributes")),
        tags=_attributes(top.get("tags")),
        instance_arn=_arn(top.get("instancearn")),
    )


def _arn(value: object) -> str | None:
    text = _text(value)
    return text if text and text.startswith("arn:") else None


def _present(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _ids(entries: Iterable[object]) -> tuple[str, ...]:
    """The ids at the end of these things' ARNs."""
    found = (_last_component(_fields(entry).get("arn")) for entry in entries)
    return tuple(one for one in found if one)


def _ai_agents(top: Fields) -> tuple[str, ...]:
    """Each with its use case and whether it handed over to a person, in the words of rule filters."""
    listed = _fields(top.get("wisdominfo")).get("aiagents") or top.get("aiagents")
    agents = [_fields(entry) for entry in listed] if isinstance(listed, list) else []
    return tuple(";".join(_ai_agent(one)) for one in agents if _text(one.get("aiagentversionid")))


def _ai_agent(agent: Fields) -> Iterable[str]:
    yield str(agent["aiagentversionid"]).strip()
    use, escalated = _text(agent.get("aiusecase")), agent.get("aiagentescalated")
    if use:
        yield f"AiAgentUseCase={use}"
    if isinstance(escalated, bool):
        yield f"AiAgentEscalatedToHuman={str(escalated).upper()}"


def _segments(value: object) -> dict[str, tuple[str, ...]]:
    """Segment attributes: plain, or wrapped as ``{"ValueString": ...}`` by the kind of their value."""
    if not isinstance(value, dict):
        return {}
    found = {name: tuple(_values(entry)) for name, entry in value.items()}
    return {name: values for name, values in found.items() if values}


def _values(entry: object) -> Iterable[str]:
    if isinstance(entry, list):
        for one in entry:
            yield from _values(one)
    elif isinstance(entry, dict):
        for name in ("valuestring", "valueinteger", "valuearn", "valuelist"):
            yield from _values(_fields(entry).get(name))
    elif entry is not None:
        yield str(entry)


def _fields(value: object) -> Fields:
    """A JSON object with its names in lower case; nothing else has fields."""
    return {name.lower(): entry for name, entry in value.items()} if isinstance(value, dict) else {}


def _contact_id(top: Fields) -> str:
    contact_id = _id(top.get("contactid"))
    if contact_id is None:
        raise InputRefused("record.schema", "a contact record has no ContactId")
    if len(contact_id.encode()) > MAX_ID_BYTES:
        raise InputRefused("record.schema", f"a ContactId is longer than {MAX_ID_BYTES} bytes")
    return contact_id


def _language(top: Fields) -> str | None:
    """The language that the contact flow set for conversational analytics, if it set one only."""
    analytics = _fields(_fields(top.get("contactlens")).get("conversationalanalytics"))
    asked = _fields(analytics.get("configuration"))
    several = asked.get("languagelocales")
    listed = several if isinstance(several, list) else []
    named = {_text(each) for each in (asked.get("languagelocale"), *listed)} - {None}
    code = named.pop() if len(named) == 1 else None
    return code if code and _TAG.fullmatch(code) else None


def _media_keys(top: Fields) -> tuple[str, ...]:
    """Keys of ``Recording`` and ``Recordings[]`` in their order, each once."""
    listed = top.get("recordings")
    media = [top.get("recording"), *(listed if isinstance(listed, list) else [])]
    keys = [_key_of(_text(_fields(entry).get("location"))) for entry in media]
    return tuple(dict.fromkeys(key for key in keys if key))


def _key_of(location: str | None) -> str | None:
    """``bucket/key`` without the bucket; a video stream's ARN names no object."""
    if location is None or location.startswith("arn:"):
        return None
    return location.removeprefix("s3://").partition("/")[2] or None


def _attributes(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    plain = {name: entry for name, entry in value.items() if not isinstance(entry, dict | list)}
    return {name: str(entry) for name, entry in plain.items() if entry is not None}


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _upper(value: object) -> str | None:
    text = _text(value)
    return text.upper() if text else None


def _id(value: object) -> str | None:
    text = _text(value)
    return canonical_id(text) if text else None


def _time(value: object) -> str | None:
    at = instants.parse(value)
    return instants.iso(at.ms) if at else None


def _last_component(value: object) -> str | None:
    text = _text(value)
    return text.rpartition("/")[2] or None if text else None


def _seconds(value: object) -> int | None:
    """A whole number that is not negative, also where it is written as text."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value) if len(value) < 20 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return None
    return round(value)
