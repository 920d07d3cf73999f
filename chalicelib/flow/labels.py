"""Labels: what people decided about a contact, versioned; the last one wins over the machine's value.

The analysis stays as it was published: a label stands beside it and names the value that it supersedes. A
label is made of a resolved item, and made again from it by whoever reads labels, so that one which a
crash left out is not lost; an item gives one label however often it is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain.errors import NotFound
from chalicelib.domain.review import (
    FRAUD,
    NOWHERE,
    Kind,
    Machine,
    Place,
    ReviewItem,
    Source,
    State,
    agreeing,
    answered_by,
    machine_says,
)
from chalicelib.flow import review_items
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports import numbered
from chalicelib.ports.services import Services

LABELS = "labels"
MARK_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Label:
    """``value`` was decided by ``by``; ``confidence`` is the share of verdicts that say so. ``machine`` is
    what it supersedes; ``corrects``: the machine said something else. ``version`` counts from 1 for what
    was judged."""

    contact_id: str
    kind: Kind
    value: str
    item_id: str
    at_ms: int
    by: tuple[str, ...]
    confidence: float
    corrects: bool
    source: Source
    place: Place = NOWHERE
    machine: Machine | None = None
    version: int = 1


def settle(services: Services, item: ReviewItem) -> Label | None:
    """Make the label of an item that decided something. Done again, it makes none.

    What learns is told first: where that does not answer, the label is still to be made.
    """
    if item.state is not State.RESOLVED or not item.decided or not item.judged:
        return None
    label = _label(item)
    if any(one.item_id == item.id for one in _kept(services, label)):
        return label
    if item.kind is Kind.RISK and services.after.risk:
        _tell_risk(services, item)
    prefix = _prefix(label)
    numbered.append(services.redacted, lambda number: f"{prefix}{number:08d}.json", dump(label))
    return label


def of_contact(services: Services, contact_id: str) -> list[tuple[Label, ...]]:
    """A contact's labels: for each thing that was judged its versions, the last one in force."""
    for item in reversed(review_items.of_contact(services, contact_id)):
        settle(services, item)
    found: dict[str, list[Label]] = {}
    for stat in services.redacted.list(prefix_of(contact_id)):
        label = load(Label, services.redacted.read(stat.key))
        found.setdefault(stat.key.rpartition("/")[0], []).append(label)
    return [versions(labels) for labels in found.values()]


def versions(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Labels of one thing, each item's once, in the order of deciding, numbered."""
    once = {label.item_id: label for label in labels}
    ordered = sorted(once.values(), key=lambda label: (label.at_ms, label.item_id))
    return tuple(replace(label, version=number) for number, label in enumerate(ordered, 1))


def contacts(services: Services) -> Iterator[str]:
    """Every contact with a resolved item, once."""
    seen: set[str] = set()
    for item in review_items.newest(services):
        if item.state is State.RESOLVED and item.decided and item.contact_id not in seen:
            seen.add(item.contact_id)
            yield item.contact_id


def prefix_of(contact_id: str) -> str:
    """A contact's labels lie under this prefix."""
    return object_keys.control_prefix(LABELS, contact_id)


def _tell_risk(services: Services, item: ReviewItem) -> None:
    """What assesses risk learns from the verdict; of a contact that is gone there is nothing to learn."""
    from chalicelib.flow.follow_ups import risk  # noqa: PLC0415 - which opens items itself

    with suppress(NotFound):
        risk.verdict(services, item.contact_id, item.decided == FRAUD, item.changed_ms)


def _label(item: ReviewItem) -> Label:
    said = machine_says(item)
    return Label(
        contact_id=item.contact_id,
        kind=item.kind,
        value=item.decided,
        item_id=item.id,
        at_ms=item.changed_ms,
        by=answered_by(item),
        confidence=agreeing(item),
        corrects=bool(said) and said != item.decided,
        source=item.source,
        place=item.place,
        machine=item.machine,
    )


def _kept(services: Services, label: Label) -> Iterator[Label]:
    prefix = _prefix(label)
    for body in numbered.bodies(services.redacted, lambda number: f"{prefix}{number:08d}.json"):
        yield load(Label, body)


def _prefix(label: Label) -> str:
    """The same for the same thing, whichever publication it was judged in."""
    place = label.place
    mark = fingerprint([label.kind, place.channel, place.turn_id, place.about])[:MARK_DIGITS]
    return f"{prefix_of(label.contact_id)}{mark}/"
