"""Facts: written with the commit that makes them true, delivered afterwards, each under its own id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.domain.contact import ContactRow, Refusal, Status
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.events import Fact
from chalicelib.domain.rules.actions import RULE_ACTION
from chalicelib.flow import actions, lake
from chalicelib.flow.follow_ups import orders
from chalicelib.formats.artifact import fingerprint
from chalicelib.ports.services import Services

BEHIND = 1000
STATE_CHANGE = "Contact Lens Analysis State Change"
NAMES = {
    Status.COMPLETED: ("ContactAnalyzed", STATE_CHANGE),
    Status.FAILED: ("ContactAnalysisFailed", STATE_CHANGE),
    Status.QUARANTINED: ("ContactAnalysisFailed", STATE_CHANGE),
    Status.DELETED: ("ContactDeleted", "Loupe Contact Deleted"),
}
REASON_CODES = {
    "audio.empty": "RECORDING_FILE_EMPTY",
    "object.empty": "RECORDING_FILE_EMPTY",
    "audio.too_large": "RECORDING_FILE_TOO_LARGE",
    "audio.too_long": "RECORDING_FILE_TOO_LARGE",
    "audio.header": "RECORDING_FILE_INVALID",
    "audio.not_wav": "RECORDING_FILE_INVALID",
    "audio.codec_unsupported": "RECORDING_FILE_INVALID",
    "audio.channels": "RECORDING_FILE_INVALID",
}


def facts_of(old: ContactRow | None, new: ContactRow) -> tuple[Fact, ...]:
    """What this commit lets the world know; nothing while work is under way."""
    if new.status not in NAMES or (old is None and new.status is Status.DELETED):
        return ()
    name, detail_type = NAMES[new.status]
    detail: dict[str, str | int | float | bool | None] = {
        "contactId": new.contact_id,
        "version": new.version,
        "state": new.status.value,
    }
    if new.publication:
        detail["channel"] = new.publication.channel.value
        detail["analysisKey"] = new.publication.analysis_key
    reason = _reason(new)
    if reason:
        detail["reasonCode"] = REASON_CODES.get(reason.code.split(":")[0], reason.code)
    mark = fingerprint({"contact": new.contact_id, "version": new.version, "kind": name})
    return (Fact(mark, name, detail_type, new.contact_id, detail),)


def _reason(row: ContactRow) -> Refusal | None:
    if row.failure:
        return row.failure
    refused = row.refused_parts
    return refused[0].refusal if refused and row.status is Status.QUARANTINED else None


def deliver_facts(services: Services, limit: int = 50) -> int:
    """Take what waits in the outbox and carry out the actions that are due; how many facts were taken.

    Orders of actions and follow-ups are taken first, also from behind facts that the bus does not take now.
    A crash between publishing and taking out sends a fact twice under the same id.
    """
    waiting = services.contacts.outbox(limit)
    ordered = _take_orders(services, waiting)
    actions.carry_out(services)
    rest = [fact for fact in waiting if fact.name not in _TAKEN_BY]
    for fact in rest:
        lake.take(services, fact)
    told = [lake.told(fact) for fact in rest]
    try:
        taken = services.facts.publish(told) if told else ()
    except Unavailable:
        if not ordered and _take_orders(services, services.contacts.outbox(BEHIND)):
            actions.carry_out(services)
        raise
    for fact_id in taken:
        services.contacts.delivered(fact_id)
    return ordered + len(taken)


def _take_orders(services: Services, waiting: Sequence[Fact]) -> int:
    found = [fact for fact in waiting if fact.name in _TAKEN_BY]
    for fact in found:
        _TAKEN_BY[fact.name](services, fact)
        services.contacts.delivered(fact.id)
    return len(found)


_TAKEN_BY: Mapping[str, Callable[[Services, Fact], None]] = {
    RULE_ACTION: actions.take,
    orders.DUE: orders.take,
    lake.DUE: lake.take,
}
