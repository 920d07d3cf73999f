"""Actions of rules, alerts and review items, of visible contacts only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib import queries
from chalicelib.api.action_models import (
    ActionInfo,
    ActionList,
    ActionState,
    Alert,
    AlertList,
    ReviewClaim,
    ReviewItemInfo,
    ReviewItemList,
    ReviewResolution,
    ReviewState,
)
from chalicelib.api.call import Call
from chalicelib.api.filters import ms
from chalicelib.api.params import Time
from chalicelib.api.problems import Refusal
from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.rules.actions import Order
from chalicelib.flow import actions, reviews
from chalicelib.flow.reviews import ReviewItem
from chalicelib.formats.instants import iso

SHOWN = 100
LOOKED_AT = 500
DAY_MS = 86_400_000
LONGEST_MS = 31 * DAY_MS

Since = Annotated[
    Time | None,
    Query(description="Matched at or after; a day ago by default, 31 days ago at most."),
]
ItemId = Annotated[str, Path(description="The review item's id.")]


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
_REVIEW_STATES: dict[str, ReviewState] = {
    reviews.OPEN: "OPEN",
    reviews.CLAIMED: "CLAIMED",
    reviews.RESOLVED: "RESOLVED",
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
    seen = _seen(call, (order.contact_id for order in found))
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


def list_review_items(
    call: Call, *, state: Annotated[list[ReviewState] | None, Query()] = None
) -> ReviewItemList:
    """Review items, the last opened first: those among the latest 500 that are in one of the states, at
    most 100."""
    found = reviews.newest(call.services, LOOKED_AT + 1)
    chosen = [item for item in found[:LOOKED_AT] if not state or item.state in state]
    seen = _seen(call, (item.contact_id for item in chosen))
    shown = [item for item in chosen if item.contact_id in seen]
    truncated = len(found) > LOOKED_AT or len(shown) > SHOWN
    return ReviewItemList(items=[_item(item) for item in shown[:SHOWN]], truncated=truncated)


def claim_review_item(call: Call, *, item_id: ItemId, body: ReviewClaim) -> ReviewItemInfo:
    """Take an item on, also from somebody else. 409 when it has moved on since it was seen."""
    return _step(call, item_id, body, reviews.CLAIMED)


def resolve_review_item(call: Call, *, item_id: ItemId, body: ReviewResolution) -> ReviewItemInfo:
    """Close an item for good. 409 when it has moved on since it was seen."""
    return _step(call, item_id, body, reviews.RESOLVED, body.note)


def _step(
    call: Call, item_id: str, body: ReviewClaim, state: str, note: str = ""
) -> ReviewItemInfo:
    item = reviews.get(call.services, item_id)
    if not queries.sees(call.services, call.principal, item.contact_id):
        raise NotFound
    seen = replace(item, revision=body.revision)
    try:
        moved = reviews.move(call.services, seen, state, by=call.principal.id, note=note)
    except VersionMoved as error:
        raise Refusal(409, "review.moved", f"Read the item again: {error}.") from error
    return _item(moved)


def _item(item: ReviewItem) -> ReviewItemInfo:
    return ReviewItemInfo(
        id=item.id,
        revision=item.revision,
        state=_REVIEW_STATES[item.state],
        contact_id=item.contact_id,
        rule_id=item.rule_id,
        rule_name=item.rule_name,
        rule_version=item.rule_version,
        name=item.name,
        description=item.description,
        opened_at=iso(item.opened_ms),
        changed_at=iso(item.changed_ms),
        by=item.by,
        note=item.note,
    )


def _since(call: Call, since: datetime | None) -> int:
    now, asked = call.services.clock(), ms(since)
    if asked is None:
        return now - DAY_MS
    return max(asked, now - LONGEST_MS)


def _seen(call: Call, contact_ids: Iterable[str]) -> set[str]:
    services, principal = call.services, call.principal
    return {one for one in set(contact_ids) if queries.sees(services, principal, one)}
