"""Reviews of visible contacts: items that people claim and answer, "this is wrong", and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib import queries
from chalicelib.api import review_views as shown
from chalicelib.api.actions import LOOKED_AT, SHOWN, visible_of
from chalicelib.api.call import Call, Reply
from chalicelib.api.params import ContactId
from chalicelib.api.problems import Refusal
from chalicelib.api.review_models import (
    CorrectionList,
    Feedback,
    ReviewAgreement,
    ReviewClaim,
    ReviewItemInfo,
    ReviewItemList,
    ReviewKind,
    ReviewResolution,
    ReviewSource,
    ReviewState,
    ReviewVerdict,
)
from chalicelib.domain.audit import Act
from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.review import Kind, ReviewItem, Verdict
from chalicelib.flow import labels, review_feedback, reviews
from chalicelib.flow.agreement import agreements

MEASURED = 2000
"""The newest items that agreement is measured on."""

ItemId = Annotated[str, Path(description="The review item's id.")]
States = Annotated[list[ReviewState] | None, Query()]
Sources = Annotated[list[ReviewSource] | None, Query()]
Kinds = Annotated[list[ReviewKind] | None, Query()]
OfContact = Annotated[str | None, Query(max_length=1024, description="Of this contact only.")]
Order = Annotated[
    Literal["OPENED", "PRIORITY"],
    Query(description="OPENED: the last opened first; PRIORITY: the most urgent first."),
]


def list_review_items(
    call: Call,
    *,
    state: States = None,
    source: Sources = None,
    kind: Kinds = None,
    contact_id: OfContact = None,
    order: Order = "OPENED",
) -> ReviewItemList:
    """Review items, the last opened first: those of a contact, or among the latest 500, that are in one of
    the states, and of one of the sources and kinds; at most 100."""
    found = _found(call, contact_id)
    chosen = [
        item
        for item in found[:LOOKED_AT]
        if (not state or item.state in state)
        and (not source or item.source in source)
        and (not kind or item.kind in kind)
    ]
    seen = visible_of(call, (item.contact_id for item in chosen))
    visible = [item for item in chosen if item.contact_id in seen]
    if order == "PRIORITY":
        visible.sort(key=lambda item: -item.priority)
    truncated = len(found) > LOOKED_AT or len(visible) > SHOWN
    return ReviewItemList(items=_items(call, visible[:SHOWN]), truncated=truncated)


def _found(call: Call, contact_id: str | None) -> list[ReviewItem]:
    if contact_id is not None:
        return reviews.of_contact(call.services, contact_id)
    return reviews.newest(call.services, LOOKED_AT + 1)


def claim_review_item(call: Call, *, item_id: ItemId, body: ReviewClaim) -> ReviewItemInfo:
    """Take an item on for a while: a claim lapses. A task can be taken over from somebody else, a judged
    item cannot. 409 when it has moved on since it was seen."""
    item = _item(call, item_id)
    try:
        after = reviews.claim(call.services, item, body.revision, call.principal.id)
    except VersionMoved as error:
        raise _moved(error) from error
    return shown.item(after, call.principal.id)


def give_verdict(call: Call, *, item_id: ItemId, body: ReviewVerdict) -> ReviewItemInfo:
    """Answer an item that one has claimed; the answer shows what the machine and others said. 409 when it
    has moved on, or the claim has run out."""
    item, now_ms = _item(call, item_id), call.services.clock()
    verdict = Verdict(call.principal.id, body.value, now_ms, body.note)
    call.audit(Act.LABEL, item.contact_id, item.id)
    try:
        after = reviews.answer(call.services, item, body.revision, verdict)
    except VersionMoved as error:
        raise _moved(error) from error
    return shown.item(after, call.principal.id)


def resolve_review_item(call: Call, *, item_id: ItemId, body: ReviewResolution) -> ReviewItemInfo:
    """Close an item for good, without a decision. 409 when it has moved on since it was seen."""
    item = _item(call, item_id)
    try:
        after = reviews.resolve(call.services, item, body.revision, call.principal.id, body.note)
    except VersionMoved as error:
        raise _moved(error) from error
    return shown.item(after, call.principal.id)


def give_feedback(call: Call, *, contact_id: ContactId, body: Feedback) -> Reply:
    """Say that something of a contact's analysis is wrong: opens a review item, with the value that it
    should have as the first verdict."""
    row = queries.contact(call.services, call.principal, contact_id)
    given = review_feedback.Given(
        kind=Kind(body.kind),
        by=call.principal.id,
        value=body.value,
        note=body.note,
        turn_id=body.segment_id or "",
        channel=body.channel or "",
        about=body.about,
    )
    asked = review_feedback.asked(call.services, row, given)
    item = reviews.feedback(call.services, row, asked)
    return Reply(shown.item(item, call.principal.id), 201)


def list_corrections(call: Call, *, contact_id: ContactId) -> CorrectionList:
    """What people corrected of a contact, with the machine's value that each correction supersedes."""
    row = queries.contact(call.services, call.principal, contact_id)
    found = labels.of_contact(call.services, row.contact_id)
    corrected = [versions for versions in found if versions[-1].corrects]
    return CorrectionList(items=[shown.correction(versions) for versions in corrected])


def get_review_agreement(call: Call) -> ReviewAgreement:
    """How far reviewers agree beyond chance, of visible contacts, by kind."""
    found = reviews.newest(call.services, MEASURED + 1)
    seen = visible_of(call, (item.contact_id for item in found))
    visible = (item for item in found[:MEASURED] if item.contact_id in seen)
    kinds = [shown.agreement(one) for one in agreements(visible)]
    return ReviewAgreement(kinds=kinds, truncated=len(found) > MEASURED)


def _item(call: Call, item_id: str) -> ReviewItem:
    item = reviews.get(call.services, item_id)
    if not queries.sees(call.services, call.principal, item.contact_id):
        raise NotFound
    return item


def _items(call: Call, items: Iterable[ReviewItem]) -> list[ReviewItemInfo]:
    return [shown.item(item, call.principal.id) for item in items]


def _moved(error: VersionMoved) -> Refusal:
    return Refusal(409, "review.moved", f"Read the item again: {error}.")
