"""Actions of rules and alerts, of visible contacts only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib import queries
from chalicelib.api.action_models import (
    ActionInfo,
    ActionList,
    ActionState,
    Alert,
    AlertList,
)
from chalicelib.api.call import Call
from chalicelib.api.filters import ms
from chalicelib.api.params import Time
from chalicelib.domain.rules.actions import Order
from chalicelib.flow import actions
from chalicelib.formats.instants import iso

SHOWN = 100
LOOKED_AT = 500
DAY_MS = 86_400_000
LONGEST_MS = 31 * DAY_MS

Since = Annotated[
    Time | None,
    Query(description="Matched at or after; a day ago by default, 31 days ago at most."),
]


def list_actions(call: Call, *, since: Since = None) -> ActionList:
    """What came of rules' actions, the latest match first, at most 100, after those that wait to be
    tried again."""
    services = call.services
    waiting = [
        _action(one.order, "WAITING", one.reason, one.number, None)
        for one in actions.pending(services)
    ]
    ended = actions.finished(services, _since(call, since), SHOWN + 1)
    shown = waiting[:SHOWN] + [
        _action(one.order, _STATES[one.state], one.reason, one.attempts, one.at_ms)
        for one in ended[:SHOWN]
    ]
    return ActionList(items=shown, truncated=len(ended) > SHOWN or len(waiting) > SHOWN)


_STATES: dict[str, ActionState] = {
    actions.DONE: "DONE",
    actions.FAILED: "FAILED",
    actions.SUPPRESSED: "SUPPRESSED",
    actions.NOT_CARRIED_OUT: "NOT_CARRIED_OUT",
}


def _action(
    order: Order, state: ActionState, reason: str, attempts: int, ended_ms: int | None
) -> ActionInfo:
    return ActionInfo(
        id=order.id,
        kind=order.kind,
        via=order.via,
        state=state,
        reason=reason,
        attempts=attempts,
        contact_id=order.contact_id,
        rule_id=order.rule_id,
        rule_name=order.rule_name,
        rule_version=order.rule_version,
        matched_at=iso(order.at_ms),
        ended_at=None if ended_ms is None else iso(ended_ms),
    )


def list_alerts(call: Call, *, since: Since = None) -> AlertList:
    """Alerts, the latest match first, at most 100. One that was carried out late stands where its match
    was, so ask from a little before the last answer, and know alerts by their ids."""
    found = actions.alerts(call.services, _since(call, since), LOOKED_AT + 1)
    seen = visible_of(call, (order.contact_id for order in found))
    shown = [order for order in found if order.contact_id in seen]
    truncated = len(found) > LOOKED_AT or len(shown) > SHOWN
    return AlertList(items=[_alert(order) for order in shown[:SHOWN]], truncated=truncated)


def _alert(order: Order) -> Alert:
    return Alert(
        id=order.id,
        contact_id=order.contact_id,
        rule_id=order.rule_id,
        rule_name=order.rule_name,
        rule_version=order.rule_version,
        matched_at=iso(order.at_ms),
        text=str(order.body.get("Content") or order.rule_name),
    )


def _since(call: Call, since: datetime | None) -> int:
    now, asked = call.services.clock(), ms(since)
    if asked is None:
        return now - DAY_MS
    return max(asked, now - LONGEST_MS)


def visible_of(call: Call, contact_ids: Iterable[str]) -> set[str]:
    """Those of these contacts that the caller may see."""
    services, principal = call.services, call.principal
    return {one for one in set(contact_ids) if queries.sees(services, principal, one)}
