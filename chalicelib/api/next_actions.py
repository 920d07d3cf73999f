"""What became of next actions that were shown."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib import queries
from chalicelib.api.call import Call
from chalicelib.api.next_action_models import (
    NextActionOutcome,
    NextActionOutcomeList,
    NextActionOutcomeRequest,
    OutcomeEvent,
)
from chalicelib.api.params import ContactId
from chalicelib.domain.next_action import Event, Interaction
from chalicelib.flow.follow_ups import next_action
from chalicelib.formats.instants import iso

EVENTS: dict[Event, OutcomeEvent] = {
    Event.ACCEPTED: "accepted",
    Event.DECLINED: "declined",
    Event.RESOLVED: "resolved",
}
FollowUpId = Annotated[str, Path(description="The id of the follow-up that showed the action.")]


def list_next_action_outcomes(
    call: Call, *, contact_id: ContactId, follow_up_id: FollowUpId
) -> NextActionOutcomeList:
    """What was told of the action that a follow-up showed, the first first."""
    row = queries.contact(call.services, call.principal, contact_id)
    found = next_action.told(call.services, row, follow_up_id)
    return NextActionOutcomeList(items=[_outcome(follow_up_id, one) for one in found])


def tell_next_action_outcome(
    call: Call, *, contact_id: ContactId, follow_up_id: FollowUpId, body: NextActionOutcomeRequest
) -> NextActionOutcome:
    """Tell what became of the action that a follow-up showed; rankings learn from it. Told again it is the
    same. 409 for what contradicts an earlier answer."""
    row = queries.contact(call.services, call.principal, contact_id)
    return _outcome(
        follow_up_id, next_action.tell(call.services, row, follow_up_id, Event(body.event))
    )


def _outcome(follow_up_id: str, told: Interaction) -> NextActionOutcome:
    return NextActionOutcome(
        follow_up_id=follow_up_id,
        action=told.action,
        event=EVENTS[Event(told.event)],
        at=iso(told.at_ms),
    )
