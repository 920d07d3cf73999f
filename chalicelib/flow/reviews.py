"""Reviews: who opens items, and the steps that people take with them.

``CREATE_TASK`` opens tasks; follow-ups, the sampling of analysed contacts and "this is wrong" open judged
items. A step names the revision that was seen: of two who take one, the second is told so. What a step
decides becomes a label (``flow.labels``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib.domain import follow_up, review
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import VersionMoved
from chalicelib.domain.follow_up import Reason
from chalicelib.domain.review import (
    Kind,
    Machine,
    Place,
    ReviewItem,
    Source,
    State,
    Verdict,
    check_value,
)
from chalicelib.domain.rules.actions import Order
from chalicelib.domain.transcript import Engine
from chalicelib.flow import labels, review_items
from chalicelib.flow.review_items import Asked, get, newest, of_contact
from chalicelib.ports.services import Services

__all__ = ["ReviewItem", "get", "newest", "of_contact"]

OPEN, CLAIMED, RESOLVED = State.OPEN, State.CLAIMED, State.RESOLVED
ITEMS = review_items.ITEMS


def open_item(services: Services, order: Order) -> None:
    """Open the task that a rule's order is, once."""
    item = ReviewItem(
        id=f"{order.at_ms:013d}-{order.id}",
        revision=1,
        state=OPEN,
        contact_id=order.contact_id,
        rule_id=order.rule_id,
        rule_name=order.rule_name,
        rule_version=order.rule_version,
        name=str(order.body.get("Name") or order.rule_name),
        description=str(order.body.get("Description") or ""),
        opened_ms=order.at_ms,
        changed_ms=order.at_ms,
    )
    review_items.create(services, item)


def open_of_follow_up(  # noqa: PLR0913 - each is a part of the question
    services: Services,
    order: follow_up.Order,
    *,
    name: str,
    description: str,
    reasons: Sequence[Reason],
    kind: Kind | str,
    value: str = "",
    engine: Engine | None = None,
    confidence: float | None = None,
    source: Source | str = Source.RISK,
    place: Place | None = None,
) -> str:
    """Open the item that a follow-up asks for, once however often it is carried out; the item's id.

    ``name`` is read before answering and must not tell ``value``, which is what the machine says.
    """
    asked = Asked(
        kind=Kind(kind),
        source=Source(source),
        name=name,
        description=description,
        reasons=tuple(reasons),
        place=place or Place(analysis_key=order.analysis_key),
        machine=Machine(value, engine, confidence) if value else None,
    )
    return review_items.open_asked(services, order.contact_id, asked, order.at_ms).id


def feedback(services: Services, row: ContactRow, asked: Asked) -> ReviewItem:
    """Open an item for somebody who says "this is wrong" and whose verdict, if there is one, is its first
    opinion. Where one reviewer is enough it is decided at once. Raises ``InputRefused``."""
    if asked.verdict:
        check_value(asked.kind, asked.verdict.value)
    item = review_items.open_asked(services, row.contact_id, asked, services.clock())
    labels.settle(services, item)
    return item


def claim(services: Services, item: ReviewItem, revision: int, by: str) -> ReviewItem:
    """Take an item on for a while. Raises ``VersionMoved``, ``StateRefused``."""
    lease_ms = services.settings.review_lease_s * 1000
    return _taken(
        services, item, revision, lambda: review.claimed(item, by, services.clock(), lease_ms)
    )


def answer(
    services: Services,
    item: ReviewItem,
    revision: int,
    verdict: Verdict,
) -> ReviewItem:
    """Give a verdict on an item that one has claimed. Sent again after its answer was lost, it counts once.

    Raises ``VersionMoved``, ``StateRefused``, ``InputRefused``.
    """
    if not _is_repeated(item, revision, verdict):
        item = _taken(services, item, revision, lambda: review.answered(item, verdict))
    labels.settle(services, item)
    return item


def resolve(services: Services, item: ReviewItem, revision: int, by: str, note: str) -> ReviewItem:
    """Close an item for good, without a decision. Raises ``VersionMoved``."""
    now_ms = services.clock()
    return _taken(services, item, revision, lambda: review.resolved(item, by, now_ms, note))


def _taken(
    services: Services, item: ReviewItem, revision: int, step: Callable[[], ReviewItem]
) -> ReviewItem:
    if not item.closed and item.revision != revision:
        raise VersionMoved(f"this item has revision {item.revision} by now")
    return review_items.write(services, step())


def _is_repeated(item: ReviewItem, revision: int, verdict: Verdict) -> bool:
    last = item.verdicts[-1] if item.verdicts else None
    said = last is not None and (last.by, last.value) == (verdict.by, verdict.value)
    return said and item.revision == revision + 1


def prefixes_of(contact_id: str) -> tuple[str, ...]:
    """What people said about a contact lies under these prefixes, beside its items under ``ITEMS``."""
    return labels.prefix_of(contact_id), review_items.prefix_of(contact_id)
