"""Contact records (Connect's CTR JSON) and Connect's object keys for the samples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scripts.samples.script import Call, Cast, Chat, Contact

MARK = {"synthetic": "true"}
CONNECT_S = 2


@dataclass(frozen=True, slots=True)
class Times:
    """When a contact went through its steps; ``connected`` is None when nobody answered."""

    initiated: datetime
    enqueued: datetime
    connected: datetime | None
    ended: datetime


def times(contact: Contact, duration_ms: int) -> Times:
    """``duration_ms``: of the recording, which starts when the agent is connected, or of the chat
    from the first item on."""
    whole = timedelta(seconds=-(-duration_ms // 1000))
    waited = timedelta(seconds=contact.queue_wait_s)
    if isinstance(contact, Chat):
        joined = agent_joined_s(contact)
        connected = None if joined is None else contact.start + timedelta(seconds=joined)
        enqueued = contact.start if connected is None else connected - waited
        return Times(contact.start, enqueued, connected, contact.start + whole)
    enqueued = contact.start + timedelta(seconds=CONNECT_S)
    return Times(contact.start, enqueued, enqueued + waited, enqueued + waited + whole)


def agent_joined_s(chat: Chat) -> int | None:
    """Seconds from the chat's start until the agent joined; None if none did."""
    passed: int = 0
    for item in chat.items:
        passed += int(item.get("after_s", 0))
        if item.get("joined") == "AGENT":
            return passed
    return None


def media_key(cast: Cast, contact: Contact, folder: str, suffix: str) -> str:
    name = f"{cast.uuid(contact.name)}_{contact.start:%Y%m%dT%H:%M}_UTC.{suffix}"
    return f"{cast.prefix}/{folder}/{contact.start:%Y/%m/%d}/{name}"


def record_key(cast: Cast, contact: Contact) -> str:
    return f"{cast.prefix}/contact-records/{contact.start:%Y/%m/%d}/{cast.uuid(contact.name)}.json"


def contact_record(cast: Cast, contact: Contact, at: Times, key: str) -> dict[str, Any]:
    """The contact record, marked as synthetic in its attributes."""
    voice = isinstance(contact, Call)
    worked = timedelta(seconds=contact.after_contact_work_s)
    return {
        "AWSAccountId": cast.account,
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": _agent(cast, contact, at),
        "AgentConnectionAttempts": 1 if contact.agent else 0,
        "Attributes": {**contact.attributes, **MARK},
        "Channel": "VOICE" if voice else "CHAT",
        "ConnectedToSystemTimestamp": _iso(at.initiated),
        "ContactId": cast.uuid(contact.name),
        "CustomerEndpoint": _endpoint(contact.customer_number)
        if isinstance(contact, Call)
        else None,
        "DisconnectReason": contact.disconnect_reason,
        "DisconnectTimestamp": _iso(at.ended),
        "InitialContactId": None,
        "InitiationMethod": contact.initiation_method if voice else "API",
        "InitiationTimestamp": _iso(at.initiated),
        "InstanceARN": cast.arn(""),
        "LastUpdateTimestamp": _iso(at.ended + worked + timedelta(seconds=60)),
        "MediaStreams": [{"Type": "AUDIO" if voice else "CHAT"}],
        "NextContactId": None,
        "PreviousContactId": None,
        "Queue": _queue(cast, contact, at),
        "Recording": _recording(cast, key, "AUDIO" if voice else "CHAT"),
        "Recordings": [_recordings(cast, key, voice, at)],
        "References": [],
        "ScheduledTimestamp": None,
        "SystemEndpoint": _endpoint("+12025550100") if voice else None,
        "TransferCompletedTimestamp": None,
        "TransferredToEndpoint": None,
    }


def _agent(cast: Cast, contact: Contact, at: Times) -> dict[str, Any] | None:
    if contact.agent is None or at.connected is None:
        return None
    agent = cast.agents[contact.agent]
    worked = timedelta(seconds=contact.after_contact_work_s)
    return {
        "ARN": cast.arn(f"agent/{agent.id}"),
        "AfterContactWorkDuration": contact.after_contact_work_s,
        "AfterContactWorkEndTimestamp": _iso(at.ended + worked),
        "AfterContactWorkStartTimestamp": _iso(at.ended),
        "AgentInteractionDuration": _seconds(at.ended - at.connected) - contact.hold_s,
        "ConnectedToAgentTimestamp": _iso(at.connected),
        "CustomerHoldDuration": contact.hold_s,
        "HierarchyGroups": None,
        "LongestHoldDuration": contact.hold_s,
        "NumberOfHolds": 1 if contact.hold_s else 0,
        "RoutingProfile": {
            "ARN": cast.arn(f"routing-profile/{cast.uuid('routing', agent.routing)}"),
            "Name": agent.routing,
        },
        "Username": agent.name,
    }


def _queue(cast: Cast, contact: Contact, at: Times) -> dict[str, Any]:
    queue = cast.queues[contact.queue]
    left = at.connected or at.ended
    return {
        "ARN": cast.arn(f"queue/{queue.id}"),
        "DequeueTimestamp": _iso(left),
        "Duration": _seconds(left - at.enqueued),
        "EnqueueTimestamp": _iso(at.enqueued),
        "Name": queue.name,
    }


def _recording(cast: Cast, key: str, kind: str) -> dict[str, Any]:
    return {
        "DeletionReason": None,
        "Location": f"{cast.bucket}/{key}",
        "Status": "AVAILABLE",
        "Type": kind,
    }


def _recordings(cast: Cast, key: str, voice: bool, at: Times) -> dict[str, Any]:
    return {
        "DeletionReason": None,
        "FragmentStartNumber": None,
        "FragmentStopNumber": None,
        "Location": f"{cast.bucket}/{key}",
        "MediaStreamType": "AUDIO" if voice else "CHAT",
        "ParticipantType": "ALL",
        "StartTimestamp": _iso(at.connected or at.initiated),
        "Status": "AVAILABLE",
        "StopTimestamp": _iso(at.ended),
        "StorageType": "S3",
    }


def _endpoint(address: str) -> dict[str, str]:
    return {"Address": address, "Type": "TELEPHONE_NUMBER"}


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
