"""What somebody says is wrong with a contact's analysis, as a question to others."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib import queries
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow
from chalicelib.domain.errors import InputRefused
from chalicelib.domain.review import Kind, Place, Source, Verdict
from chalicelib.flow.judged import machine_at, turn_at
from chalicelib.flow.review_items import Asked
from chalicelib.ports.services import Services

NAMES = {
    Kind.SENTIMENT: "Which sentiment has this turn?",
    Kind.CATEGORY: "Does this category apply?",
    Kind.PII: "Is everything personal masked, and nothing else?",
    Kind.RISK: "Is this contact fraud?",
    Kind.TRANSCRIPT: "Is this what was said?",
    Kind.OTHER: "Something is wrong here",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What was said, and by whom. ``value``: what it should be; ``about``: a category's name."""

    kind: Kind
    by: str
    value: str = ""
    note: str = ""
    turn_id: str = ""
    channel: str = ""
    about: str = ""


def asked(services: Services, row: ContactRow, given: Given) -> Asked:
    """The item to open. Raises ``InputRefused`` for a place that is not there, ``Absent`` for a contact
    that is not analysed."""
    analysis = queries.analysed(services, row)
    place = _place(analysis, row, given)
    machine = machine_at(analysis, given.kind, place)
    if given.kind is Kind.SENTIMENT and machine is None:
        raise InputRefused("feedback.place", "this turn has no sentiment")
    verdict = Verdict(given.by, given.value, services.clock(), given.note, informed=True)
    return Asked(
        kind=given.kind,
        source=Source.FEEDBACK,
        name=NAMES[given.kind],
        description="" if given.value else given.note,
        place=place,
        machine=machine,
        verdict=verdict if given.value else None,
    )


def _place(analysis: ContactAnalysis, row: ContactRow, given: Given) -> Place:
    if given.kind is Kind.CATEGORY and not given.about:
        raise InputRefused("feedback.place", "about names the category")
    if given.kind is Kind.SENTIMENT and not given.turn_id:
        raise InputRefused("feedback.place", "segmentId names the turn")
    key = row.publication.analysis_key if row.publication else ""
    place = Place(given.channel, given.turn_id, None, given.about, key)
    if not given.turn_id:
        return place
    found = turn_at(analysis, place)
    if found is None:
        raise InputRefused("feedback.place", "the contact has no such segment")
    conversation, turn = found
    return Place(conversation.channel.value, turn.id, turn.begin_ms, given.about, key)
