"""The risk of a published contact: features to the assessor, its outcome and its reasons back.

An outcome that is not ``approve`` asks a person, by a review item. That is all that comes of it here: nothing
acts on a customer or an account.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.config import Settings
from chalicelib.domain.errors import NotFound
from chalicelib.domain.follow_up import Reason, Result, Skipped
from chalicelib.domain.review import Kind
from chalicelib.domain.risk.features import DAY_MS, WEEK_MS, Features, Repeats, event_id, features
from chalicelib.domain.risk.rules import APPROVE
from chalicelib.flow import reviews
from chalicelib.flow.follow_ups.desk import Desk
from chalicelib.ports.prediction import Assessment, RiskAssessor, RiskEvent
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ContactQuery

QUESTION = "Is this contact fraud?"
NO_ENGINE = "no engine assesses risk here"
WENT = "the contact went away while it was assessed"
MOST_REPEATS = 500


def run(desk: Desk) -> Result:
    """Assess the contact. The same contact has the same event id, so that nothing is counted twice."""
    engine = desk.services.after.risk
    if engine is None:
        raise Skipped(NO_ENGINE)
    known = features(desk.published, desk.analysis, _repeats(desk))
    event = RiskEvent(
        event_id(desk.row.contact_id),
        desk.published.initiation_ms,
        known.variables,
        desk.published.customer_ref,
    )
    assessment = engine.assess(event)
    _stands(desk, engine, event.id)
    result = _result(assessment, known, desk.services.settings)
    return result if result.outcome == APPROVE else _asked(desk, result)


def _asked(desk: Desk, result: Result) -> Result:
    """With the item in which a person is asked, who is not told before answering what was found."""
    item_id = reviews.open_of_follow_up(
        desk.services,
        desk.order,
        name=QUESTION,
        description=f"{result.outcome}, score {result.score:g}",
        reasons=result.reasons,
        kind=Kind.RISK,
        value=result.outcome,
        engine=result.engine,
    )
    return replace(result, refs={**result.refs, "reviewItem": item_id})


def verdict(services: Services, contact_id: str, fraud: bool, at_ms: int) -> None:
    """A person's verdict about a contact, for an assessor to learn from, if there is one. Raises
    ``NotFound`` for a contact that is gone, ``Unavailable``."""
    row = services.contacts.get(contact_id)
    if row is None or row.tombstone:
        raise NotFound(f"there is no such contact: {contact_id}")
    if services.after.risk:
        services.after.risk.label(event_id(contact_id), fraud, at_ms)


def forget(services: Services, contact_id: str) -> None:
    """Take the contact out of what the assessor knows."""
    if services.after.risk:
        services.after.risk.forget(event_id(contact_id))


def _stands(desk: Desk, engine: RiskAssessor, name: str) -> None:
    """What was erased meanwhile is not remembered."""
    row = desk.services.contacts.get(desk.row.contact_id)
    if row is None or row.tombstone:
        engine.forget(name)
        raise Skipped(WENT)


def _repeats(desk: Desk) -> Repeats | None:
    """Earlier contacts of the same customer; at most ``MOST_REPEATS`` are looked at."""
    ref = desk.published.customer_ref
    if ref is None:
        return None
    begun = desk.published.initiation_ms
    # Contacts are found by their end, which is no more than a day behind their beginning.
    query = ContactQuery(customer_refs=(ref,), start_ms=begun - WEEK_MS, end_ms=begun + DAY_MS)
    begins = _begins(desk, query)
    before = [at for at in begins if begun - WEEK_MS <= at < begun]
    return Repeats(sum(at >= begun - DAY_MS for at in before), len(before))


def _begins(desk: Desk, query: ContactQuery) -> list[int]:
    """When the other contacts began."""
    out: list[int] = []
    cursor: str | None = None
    while len(out) < MOST_REPEATS:
        page = desk.services.contacts.find(query, cursor=cursor, limit=100)
        out += [
            row.publication.initiation_ms
            for row in page.rows
            if row.publication and row.contact_id != desk.row.contact_id
        ]
        cursor = page.cursor
        if cursor is None:
            break
    return out


def _result(assessment: Assessment, known: Features, settings: Settings) -> Result:
    """With the thresholds that the score was held to."""
    return Result(
        assessment.outcome,
        assessment.engine,
        round(assessment.score, 1),
        known.variables,
        tuple(_placed(reason, known) for reason in assessment.reasons),
        refs={
            "rule": assessment.rule,
            "basis": assessment.basis,
            "reviewFrom": str(settings.risk_review),
            "blockFrom": str(settings.risk_block),
        },
    )


def _placed(reason: Reason, known: Features) -> Reason:
    """With the place in the conversation where the variable shows first."""
    return replace(reason, begin_ms=known.places.get(reason.name, reason.begin_ms))
