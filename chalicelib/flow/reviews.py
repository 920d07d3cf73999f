"""Review items: what ``CREATE_TASK`` opens, and a person claims and resolves.

An item is a row of numbered objects, one for each step, created and never changed: of two people who take
the same step at once, one is told so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.rules.actions import Order
from chalicelib.formats.artifact import dump, load
from chalicelib.ports import numbered
from chalicelib.ports.services import Services

ITEMS = "control/review-items/"
OPEN, CLAIMED, RESOLVED = "OPEN", "CLAIMED", "RESOLVED"
STATES = (OPEN, CLAIMED, RESOLVED)


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """``revision`` counts steps from 1. ``by`` took the last step; ``note`` is what was resolved."""

    id: str
    revision: int
    state: str
    contact_id: str
    rule_id: str
    rule_name: str
    rule_version: int
    name: str
    description: str
    opened_ms: int
    changed_ms: int
    by: str = ""
    note: str = ""


def open_item(services: Services, order: Order) -> None:
    """Open the order's item, once."""
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
    _put(services, item)


def get(services: Services, item_id: str) -> ReviewItem:
    """The item as it stands. Raises ``NotFound``."""
    key_of = partial(_key, item_id)
    revision = numbered.last(services.redacted, key_of)
    if not revision:
        raise NotFound(f"there is no such review item: {item_id}")
    return load(ReviewItem, services.redacted.read(key_of(revision)))


def newest(services: Services, limit: int) -> list[ReviewItem]:
    """Items as they stand, the last opened first; at most ``limit``."""
    latest: dict[str, str] = {}
    for stat in services.redacted.list(ITEMS):
        latest[stat.key.rpartition("/")[0]] = stat.key
    keys = [latest[folder] for folder in sorted(latest, reverse=True)[:limit]]
    return [load(ReviewItem, services.redacted.read(key)) for key in keys]


def move(
    services: Services, seen: ReviewItem, state: str, *, by: str, note: str = ""
) -> ReviewItem:
    """The item after a step from ``seen``. Raises ``VersionMoved`` when it has moved on, or is resolved."""
    latest = get(services, seen.id)
    if latest.state == RESOLVED:
        raise VersionMoved("this item is resolved")
    if latest.revision != seen.revision:
        raise VersionMoved(f"this item has revision {latest.revision} by now")
    after = replace(
        seen,
        revision=seen.revision + 1,
        state=state,
        changed_ms=services.clock(),
        by=by,
        note=note,
    )
    if not _put(services, after):
        raise VersionMoved("somebody else took the next step")
    return after


def _put(services: Services, item: ReviewItem) -> bool:
    return numbered.put(services.redacted, _key(item.id, item.revision), dump(item))


def _key(item_id: str, revision: int) -> str:
    return f"{ITEMS}{item_id}/{revision:08d}.json"
