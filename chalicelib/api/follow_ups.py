"""What follows contacts: how it stands, and asking for it by hand. Of visible contacts only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib import queries
from chalicelib.api.call import Call
from chalicelib.api.filters import ms
from chalicelib.api.follow_up_models import (
    FollowUpInfo,
    FollowUpKind,
    FollowUpList,
    FollowUpOption,
    FollowUpReason,
    FollowUpRequest,
    FollowUpState,
)
from chalicelib.api.model_base import EngineInfo
from chalicelib.api.params import ContactId, Time, Word
from chalicelib.domain.errors import NotFound
from chalicelib.domain.follow_up import FollowUp, Kind, Result
from chalicelib.flow.follow_ups import orders, standing
from chalicelib.formats.instants import iso
from chalicelib.ports.dated import DAY_MS

SHOWN = 100
LOOKED_AT = 1000
LONGEST_MS = 31 * DAY_MS

Since = Annotated[
    Time | None,
    Query(description="Ordered at or after; a week ago by default, 31 days ago at most."),
]


def list_contact_follow_ups(call: Call, *, contact_id: ContactId) -> FollowUpList:
    """Everything that followed a contact, the latest first."""
    row = queries.contact(call.services, call.principal, contact_id)
    found = standing.of_contact(call.services, row.contact_id)
    return FollowUpList(items=[_info(one) for one in found], truncated=False)


def order_follow_up(call: Call, *, contact_id: ContactId, body: FollowUpRequest) -> FollowUpInfo:
    """Ask for a follow-up by hand. One that is there already is told as it stands; one that failed is tried
    again. 422 for a contact without an analysis."""
    row = queries.contact(call.services, call.principal, contact_id)
    order = orders.ask(call.services, row, Kind(body.kind))
    return _info(standing.one(call.services, row.contact_id, order.id))


def list_follow_ups(
    call: Call,
    *,
    since: Since = None,
    kind: Annotated[list[FollowUpKind] | None, Query()] = None,
    state: Annotated[list[FollowUpState] | None, Query()] = None,
    outcome: Annotated[list[Word] | None, Query(max_length=20)] = None,
) -> FollowUpList:
    """What follows contacts, the last ordered first: those among the latest 1,000 that are wanted, at most
    100."""
    found: list[FollowUpInfo] = []
    for number, one in enumerate(_latest(call, since)):
        if len(found) == SHOWN or number == LOOKED_AT:
            return FollowUpList(items=found, truncated=True)
        if one and _wanted(one, kind, state, outcome):
            found.append(_info(one))
    return FollowUpList(items=found, truncated=False)


def _latest(call: Call, since: datetime | None) -> Iterator[FollowUp | None]:
    """What was ordered, the latest first; None for what is not there, not visible, or was told already: an
    order that was asked for again is in the list once more."""
    services, now = call.services, call.services.clock()
    asked = ms(since)
    since_ms = now - 7 * DAY_MS if asked is None else max(asked, now - LONGEST_MS)
    seen: dict[str, bool] = {}
    told: set[str] = set()
    for contact_id, order_id in standing.newest(services, since_ms):
        if contact_id not in seen:
            seen[contact_id] = queries.sees(services, call.principal, contact_id)
        shown = seen[contact_id] and order_id not in told
        told.add(order_id)
        yield _stands(call, contact_id, order_id) if shown else None


def _stands(call: Call, contact_id: str, order_id: str) -> FollowUp | None:
    try:
        return standing.one(call.services, contact_id, order_id)
    except NotFound:
        return None


def _wanted(
    one: FollowUp,
    kinds: list[FollowUpKind] | None,
    states: list[FollowUpState] | None,
    outcomes: list[Word] | None,
) -> bool:
    outcome = one.result.outcome if one.result else None
    return (
        (not kinds or one.order.kind.value in kinds)
        and (not states or one.state.value in states)
        and (not outcomes or outcome in outcomes)
    )


def _info(one: FollowUp) -> FollowUpInfo:
    result = one.result or Result(outcome="")
    engine = result.engine
    return FollowUpInfo(
        id=one.order.id,
        kind=one.order.kind.value,
        contact_id=one.order.contact_id,
        state=one.state.value,
        ordered_at=iso(one.order.at_ms),
        ended_at=None if one.ended_ms is None else iso(one.ended_ms),
        attempts=one.attempts,
        detail=one.detail,
        outcome=result.outcome or None,
        score=result.score,
        engine=EngineInfo(name=engine.name, version=engine.version, detail=engine.detail)
        if engine
        else None,
        inputs=dict(result.inputs),
        reasons=[
            FollowUpReason(
                text=reason.text,
                name=reason.name,
                value=reason.value,
                weight=reason.weight,
                begin_offset_millis=reason.begin_ms,
            )
            for reason in result.reasons
        ],
        options=[
            FollowUpOption(name=option.name, score=option.score, reason=option.reason)
            for option in result.options
        ],
        refs=dict(result.refs),
    )
