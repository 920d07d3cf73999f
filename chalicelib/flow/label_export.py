"""Labels as lessons: redacted texts with what people decided, for heads, risk models and tests of rules.

The split is by customer, so that nobody is in both parts: a model is not tested on people whom it knows. A
contact without a known customer is its own. What nobody searched for personal data is left out and counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib import queries
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import NotFound
from chalicelib.domain.review import OPTIONS, Kind
from chalicelib.domain.rules.rule import Example, ExampleTurn, Rule
from chalicelib.flow import labels
from chalicelib.flow.judged import text_at
from chalicelib.flow.labels import Label
from chalicelib.formats.artifact import load
from chalicelib.formats.augmented_manifest import Labelled
from chalicelib.formats.rule_examples import TURNS
from chalicelib.ports.services import Services

TEST_PERCENT = 20


@dataclass(frozen=True, slots=True)
class Lesson:
    """A label in force with the analysis it was judged in. ``held_back``: it belongs to the test part."""

    label: Label
    analysis: ContactAnalysis
    held_back: bool

    @property
    def text(self) -> str:
        """The redacted text that was judged; empty for one that must not be used."""
        return text_at(self.analysis, self.label.place)


def held_back(customer: str) -> bool:
    """Whether this customer belongs to the test part: always the same ones, a fifth of them."""
    told = f"split:{customer}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big") % 100 < TEST_PERCENT


def lessons(services: Services, kind: Kind) -> Iterator[Lesson]:
    """Every label in force of a kind, of contacts that are there."""
    for contact_id in labels.contacts(services):
        row = services.contacts.get(contact_id)
        if row is None or row.status is Status.DELETED or row.publication is None:
            continue
        customer = row.publication.customer_ref or row.contact_id
        for versions in labels.of_contact(services, contact_id):
            latest = versions[-1]
            analysis = _analysis(services, row, latest) if latest.kind is kind else None
            if analysis:
                yield Lesson(latest, analysis, held_back(customer))


def _analysis(services: Services, row: ContactRow, label: Label) -> ContactAnalysis | None:
    """The publication that was judged, else the one in force."""
    if label.place.analysis_key:
        try:
            return load(ContactAnalysis, services.redacted.read(label.place.analysis_key))
        except NotFound:
            pass  # it was removed: what is in force has the same turns, or the text is empty
    return queries.analysis(services, row)


def labelled(lesson: Lesson) -> Labelled:
    """The lesson as a line of a manifest."""
    label = lesson.label
    return Labelled(
        name=label.kind.value,
        text=lesson.text,
        value=label.value,
        classes=OPTIONS[label.kind],
        at_ms=label.at_ms,
        confidence=label.confidence,
        about=label.place.about,
    )


def taught_rules(services: Services, found: list[Lesson]) -> tuple[list[Rule], int]:
    """The rules in force whose category people judged, with those contacts as tests behind their own; and
    how many lessons have no such rule, or no conversation that may be used."""
    by_name = {rule.name: rule for rule in services.rules.in_force().rules}
    taught: dict[str, Rule] = {}
    left_out = 0
    for lesson in found:
        name = lesson.label.place.about
        rule = taught.get(name) or by_name.get(name)
        example = _example(lesson, rule) if rule else None
        if rule is None or example is None:
            left_out += 1
            continue
        taught[name] = replace(rule, examples=(*rule.examples, example))
    return list(taught.values()), left_out


def _example(lesson: Lesson, rule: Rule) -> Example | None:
    conversation = _conversation(lesson, rule)
    turns = conversation.transcript.analysed_turns() if conversation else ()
    if not turns or len(turns) > TURNS:
        return None
    told, end_ms = [], turns[0].begin_ms
    for turn in turns:
        told.append(ExampleTurn(turn.role.value, turn.text, turn.begin_ms - end_ms))
        end_ms = turn.end_ms
    return Example(
        matches=lesson.label.value == "yes",
        turns=tuple(told),
        name=f"judged by people ({lesson.label.item_id})",
    )


def _conversation(lesson: Lesson, rule: Rule) -> Conversation | None:
    """The one that the rule looks at, if it may be used."""
    channel = lesson.label.place.channel
    for conversation in lesson.analysis.conversations:
        named = channel in ("", conversation.channel.value)
        if named and rule.channel in (None, conversation.channel):
            return conversation if queries.redactable(conversation) else None
    return None
