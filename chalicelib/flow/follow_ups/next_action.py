"""The next best action for the customer of a contact, and what became of it.

The engine ranks what fits the contact's reason; what must not be said to this customer now is taken out
afterwards. What is left first is shown, and noted under the order's id: an order that is carried out again
shows the same again.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import NotFound, StateRefused
from chalicelib.domain.follow_up import Kind, Option, Reason, Result, Skipped, State
from chalicelib.domain.next_action import (
    NOTHING,
    Action,
    Catalogue,
    Event,
    Interaction,
    Situation,
    ending_of,
    kept_back,
    reason_of,
    refused_lately,
)
from chalicelib.flow.follow_ups import notes
from chalicelib.flow.follow_ups.desk import Desk
from chalicelib.formats.artifact import fingerprint
from chalicelib.ports.recommendation import NextActions, Ranking
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore

NOBODY = "the contact names no customer"
NO_ENGINE = "nothing that ranks actions is configured"
NONE_FITS = "no action of the catalogue fits"


def run(desk: Desk) -> Result:
    """Rank, keep back, note what is shown. Raises ``Skipped``, ``Unavailable``."""
    engine = desk.services.after.next_actions
    customer = desk.published.customer_ref
    if engine is None:
        raise Skipped(NO_ENGINE)
    if not customer:
        raise Skipped(NOBODY)
    fitting = engine.catalogue.fitting(desk.published.categories)
    if not fitting:
        return Result(NOTHING, engine.engine, reasons=(Reason(NONE_FITS),))
    known = engine.history(customer)
    reason = reason_of(desk.published.categories)
    context = {"reason": reason, "channel": desk.published.channel.value}
    names = [action.id for action in fitting]
    ranking = engine.rank(customer, names, context, token=desk.order.id)
    situation = _situation(desk, [one for one in known if one.session != desk.order.contact_id])
    shown = next((one.action for one in known if one.id == desk.order.id), "")
    options, reasons = _allowed(ranking, engine.catalogue, situation, shown)
    if options and not shown:
        engine.learn([_shown(desk, customer, options[0].name, reason, ranking)])
    return _result(desk, ranking, options, reasons, context)


def _situation(desk: Desk, known: Sequence[Interaction]) -> Situation:
    days = desk.services.settings.declined_days
    return Situation(
        desk.published.sentiment_customer,
        ending_of(desk.analysis.conversations),
        refused_lately(known, desk.order.at_ms, days),
        _risk(desk.services.redacted, desk.order.contact_id),
    )


def _risk(store: ObjectStore, contact_id: str) -> str:
    """The outcome of the contact's risk decision, as far as there is one."""
    found = notes.of_contact(store, contact_id)
    done = (one for one in found if one.order.kind is Kind.RISK and one.state is State.DONE)
    return next((one.result.outcome for one in done if one.result), "")


def _allowed(
    ranking: Ranking, catalogue: Catalogue, situation: Situation, shown: str
) -> tuple[tuple[Option, ...], tuple[Reason, ...]]:
    """What may be shown, best first, and why the rest may not. What was shown already stays first."""
    options: list[Option] = []
    reasons = [Reason(ranking.basis, "basis")]
    for option in ranking.options:
        action = catalogue.get(option.name) or Action(option.name, option.name)
        why = "" if option.name == shown else kept_back(action, situation, catalogue)
        if why:
            reasons.append(Reason(why, option.name, "kept back"))
        else:
            options.append(option)
    return tuple(sorted(options, key=lambda option: option.name != shown)), tuple(reasons)


def _shown(desk: Desk, customer: str, action: str, reason: str, ranking: Ranking) -> Interaction:
    return Interaction(
        id=desk.order.id,
        customer_ref=customer,
        session=desk.order.contact_id,
        action=action,
        event=Event.SHOWN.value,
        at_ms=desk.order.at_ms,
        reason=reason,
        recommendation_id=ranking.recommendation_id,
    )


def _result(
    desk: Desk,
    ranking: Ranking,
    options: tuple[Option, ...],
    reasons: tuple[Reason, ...],
    context: dict[str, str],
) -> Result:
    """``explored`` is told only where the action that was tried out is the one that is shown."""
    best = options[0] if options else None
    tried_out = ranking.explored and best is not None and best.name == ranking.options[0].name
    mood, ending = desk.published.sentiment_customer, ending_of(desk.analysis.conversations)
    return Result(
        outcome=best.name if best else NOTHING,
        engine=ranking.engine,
        score=best.score if best else None,
        inputs={
            **context,
            "candidates": " ".join(sorted(option.name for option in ranking.options)),
            "sentiment": "" if mood is None else f"{mood:g}",
            "ending": "" if ending is None else f"{ending:g}",
            "explored": "true" if tried_out else "false",
        },
        reasons=reasons,
        options=options,
        refs={"recommendationId": ranking.recommendation_id} if ranking.recommendation_id else {},
    )


def tell(services: Services, row: ContactRow, order_id: str, event: Event) -> Interaction:
    """Note what became of the action that was shown under this order; told again, it is the same.

    An action is accepted or declined, not both, and what was declined resolved nothing. Raises
    ``NotFound`` where nothing was shown, ``StateRefused`` against what was told before.
    """
    engine, shown = _what_was_shown(services, row, order_id)
    decided = event in (Event.ACCEPTED, Event.DECLINED)
    slot = "decision" if decided else event.value
    told = Interaction(
        id=fingerprint({"contact": row.contact_id, "follow-up": order_id, "told": slot}),
        customer_ref=shown.customer_ref,
        session=shown.session,
        action=shown.action,
        event=event.value,
        at_ms=services.clock(),
        reason=shown.reason,
        recommendation_id=shown.recommendation_id,
    )
    against = {Event.RESOLVED: Event.DECLINED, Event.DECLINED: Event.RESOLVED}.get(event)
    if any(one.event == against for one in _of_session(engine, shown)):
        raise StateRefused("next_action.decided", f"This action was {against} already.")
    engine.learn([told])
    kept = next((one for one in _of_session(engine, shown) if one.id == told.id), None)
    if kept is None:
        raise NotFound  # the customer was forgotten meanwhile
    if kept.event != event:
        raise StateRefused("next_action.decided", f"This action was {kept.event} already.")
    return kept


def told(services: Services, row: ContactRow, order_id: str) -> list[Interaction]:
    """What was told of the action that was shown under this order, the first first. Raises ``NotFound``
    where nothing was shown."""
    engine, shown = _what_was_shown(services, row, order_id)
    found = [one for one in _of_session(engine, shown) if one.event != Event.SHOWN]
    return sorted(found, key=lambda one: one.at_ms)


def _what_was_shown(
    services: Services, row: ContactRow, order_id: str
) -> tuple[NextActions, Interaction]:
    engine = services.after.next_actions
    customer = row.publication.customer_ref if row.publication else None
    if engine is None or not customer:
        raise NotFound
    for one in engine.history(customer):
        if one.id == order_id and one.session == row.contact_id and one.event == Event.SHOWN:
            return engine, one
    raise NotFound


def _of_session(engine: NextActions, shown: Interaction) -> list[Interaction]:
    known = engine.history(shown.customer_ref)
    return [one for one in known if one.session == shown.session and one.action == shown.action]
