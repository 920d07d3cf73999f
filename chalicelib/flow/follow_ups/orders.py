"""Which follow-ups a publication brings about, decided in its commit and kept as orders.

The id of an order is a hash of contact, kind and what the kind stands on. So a publication that is made
again orders nothing twice: a survey is offered once, risk is assessed again only for a newer publication.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.contact import ContactRow, PartState, Publication, Status
from chalicelib.domain.errors import InputRefused
from chalicelib.domain.events import Fact
from chalicelib.domain.follow_up import Kind, Order
from chalicelib.flow.follow_ups import notes
from chalicelib.formats.artifact import fingerprint
from chalicelib.ports.services import Services

DUE = "FollowUpDue"
PUBLICATION, SOURCES, ONCE = "publication", "sources", "once"
STANDS_ON: Mapping[Kind, str] = {
    Kind.RISK: PUBLICATION,
    Kind.LANGUAGE: SOURCES,
    Kind.REVIEW: SOURCES,
    Kind.NEXT_ACTION: ONCE,
    Kind.SURVEY: ONCE,
}


def due(services: Services, row: ContactRow | None, new: ContactRow) -> tuple[Fact, ...]:
    """The facts that order what follows this commit; none when it publishes nothing new."""
    known = new.publication
    if known is None or not is_published(new):
        return ()
    was = row.publication if row else None
    if was and was.analysis_key == known.analysis_key:
        return ()
    switches = services.settings.switches
    kinds = dict.fromkeys(one.kind for one in switches if one.covers(known))
    return tuple(_fact(order_of(new, known, kind, services.clock())) for kind in kinds)


def is_published(row: ContactRow) -> bool:
    """Whether the contact's analysis is committed and in force."""
    known = row.publication
    return row.status is Status.COMPLETED and known is not None and bool(known.analysis_key)


def order_of(row: ContactRow, published: Publication, kind: Kind, now: int) -> Order:
    """The order of this kind for the publication."""
    stands_on = STANDS_ON[kind]
    here = sorted(part.etag for part in row.parts if part.state is not PartState.GONE)
    on = {PUBLICATION: published.analysis_key, SOURCES: " ".join(here), ONCE: ""}[stands_on]
    mark = fingerprint({"contact": row.contact_id, "follow-up": kind.value, "on": on})
    return Order(mark, kind, row.contact_id, published.analysis_key, now)


def _fact(order: Order) -> Fact:
    detail: dict[str, str | int | float | bool | None] = {
        "kind": order.kind.value,
        "analysisKey": order.analysis_key,
        "atMs": order.at_ms,
    }
    return Fact(order.id, DUE, DUE, order.contact_id, detail)


def take(services: Services, fact: Fact) -> None:
    """Keep the order that a ``FollowUpDue`` fact is, and hand it to the worker."""
    detail = fact.detail
    order = Order(
        id=fact.id,
        kind=Kind(str(detail["kind"])),
        contact_id=fact.contact_id,
        analysis_key=str(detail["analysisKey"]),
        at_ms=int(str(detail["atMs"])),
    )
    hand_over(services, order)


def hand_over(services: Services, order: Order) -> None:
    """Done again, it orders nothing anew."""
    notes.keep(services.redacted, order)
    if notes.end(services.redacted, order, 1) is None:
        services.queues.follow_ups.send(notes.body(order))


def ask(services: Services, row: ContactRow, kind: Kind) -> Order:
    """Order a kind by hand or by a rule: a new order, or one that failed once more.

    Raises ``InputRefused`` for a contact without an analysis.
    """
    if row.publication is None or not is_published(row):
        raise InputRefused("follow_up.unpublished", "this contact has no analysis in force")
    order = order_of(row, row.publication, kind, services.clock())
    if notes.failed(services.redacted, order):
        order = replace(order, at_ms=services.clock())
        notes.ask_again(services.redacted, order)
        services.queues.follow_ups.send(notes.body(order))
    else:
        hand_over(services, order)
    return order
