"""Every store that may hold something of a contact, in one table: who adds a store adds its line here.

A holder removes what it has and counts it. It can be asked again at any time, finds then what came
meanwhile, and raises ``Unavailable`` when something may be left: an erasure is complete when none does.
Numbered lists that many contacts share have no gaps, so their lines are emptied in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from chalicelib.domain.contact import PartKind
from chalicelib.domain.errors import Unavailable
from chalicelib.flow import (
    actions,
    bot_talks,
    erased,
    evaluations,
    human_loops,
    labels,
    review_items,
    surveys,
)
from chalicelib.flow import holders_after as after
from chalicelib.flow.evaluations import Evaluations
from chalicelib.flow.follow_ups import notes
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, load
from chalicelib.ports.erasure import Subject
from chalicelib.ports.services import Services
from chalicelib.ports.speech import SpeechJob
from chalicelib.ports.storage import ObjectStore

Forget = Callable[[Services, Subject], int | None]

DELETED = "ContactDeleted"
MANY = 100_000
FIRST_ASKED = "/asks/0001.json"
_ACTION = re.compile(r"[0-9a-f]{40}")
NO_CONTACTS = {
    "control/rules/": "rules",
    "control/rule-places/": "rules",
    "control/rule-ledger/": "rules",
    "control/evaluation-forms/": "forms",
    "control/action-slots/": "hashes of actions, for the rate limit",
    "control/sweeps/": "counts, and ids of up to 20 contacts, shown only while their contact is there",
    "control/erasures/": "keyed hashes",
    "control/erasures-open/": "keyed hashes",
    "control/erasures-key": "the key of those hashes",
    "control/holds/": "keyed hashes",
    "control/risk/changes/": "that a verdict came",
    "control/risk/departures/": "that an event with a verdict went",
    "control/interactions-forgotten.json": "a random mark",
    "control/bot-deeds/": "hashes of sessions, with a time",
}
"""Prefixes that hold nothing of a contact but ids, and what they hold."""


def sources(services: Services, subject: Subject) -> int:
    """Recordings, chats and imported transcripts as they came, with every former version."""
    return sum(
        erased.purge_source(services, subject.contact_ids, part.key)
        for part in subject.parts
        if part.kind is not PartKind.CONTACT_RECORD
    )


def contact_records(services: Services, subject: Subject) -> int:
    """Files of contact records: the contact's lines, or the file where it holds no other's."""
    return sum(
        erased.purge_source(services, subject.contact_ids, part.key)
        for part in subject.parts
        if part.kind is PartKind.CONTACT_RECORD
    )


def jobs(services: Services, subject: Subject) -> int:
    """Transcription jobs at a service, by the names that the row, or their results, tell."""
    names = {(subject.contact_id, name) for name in subject.jobs}
    for contact_id in subject.contact_ids:
        for stat in services.raw.list(object_keys.transcribe_prefix(contact_id)):
            names.add((contact_id, stat.key.rpartition("/")[2].removesuffix(".json")))
    for contact_id, name in sorted(names):
        services.transcriber.forget(_job(contact_id, name))
    return len(names)


def _job(contact_id: str, name: str) -> SpeechJob:
    """A job as far as it takes to forget it."""
    key = object_keys.transcribe_result_key(contact_id, name)
    return SpeechJob(name, "", "", (), 8000, "", key)


def raw_products(services: Services, subject: Subject) -> int:
    """Transcripts, subjects and analyses as they were said; results of transcription jobs."""
    return erased.purge_products(services.raw, "raw", subject.contact_ids)


def redacted_products(services: Services, subject: Subject) -> int:
    """Analyses, acoustics, theme vectors, evaluations, follow-ups; redacted copies of recordings."""
    return erased.purge_products(services.redacted, "redacted", subject.contact_ids)


def contact_lens_files(services: Services, subject: Subject) -> int:
    """Files for readers of Contact Lens."""
    return erased.purge_files(services, subject.contact_ids)


def evaluation_notes(services: Services, subject: Subject) -> int:
    """The lines of submitted evaluations in the lists of their days."""
    days = {
        datetime.fromtimestamp(found.submitted_ms / 1000, UTC).date()
        for contact_id in subject.contact_ids
        for found in Evaluations(services.redacted, contact_id).all()
        if found.submitted_ms
    }
    return sum(
        _emptied(services.redacted, stat.key, subject)
        for day in sorted(days)
        for stat in services.redacted.list(f"{evaluations.NOTES}{day}/")
    )


def _emptied(store: ObjectStore, key: str, subject: Subject) -> int:
    note = load(evaluations.Note, store.read(key))
    if note.contact_id not in subject.contact_ids:
        return 0
    empty = replace(note, contact_id="", evaluation_id="", form_id="", agent_id=None)
    store.put(key, dump(empty), content_type="application/json")
    store.purge(key, former=True)
    return 1


def action_orders(services: Services, subject: Subject) -> int:
    """Orders of rules' actions, waiting and ended."""
    return _ordered(services.redacted, (actions.PENDING, actions.FINISHED), subject)


def alerts(services: Services, subject: Subject) -> int:
    """Alerts of rules."""
    return _ordered(services.redacted, (actions.ALERTS,), subject)


def _ordered(store: ObjectStore, prefixes: Collection[str], subject: Subject) -> int:
    """Objects that are named by the id of an action: the contact's row tells those, none is read."""
    told = frozenset(subject.actions)
    going = {
        stat.key
        for prefix in prefixes
        for stat in store.list(prefix)
        if not told.isdisjoint(_ACTION.findall(stat.key))
    }
    return sum(store.purge(key) for key in sorted(going))


def outbox(services: Services, subject: Subject) -> int:
    """Facts that wait for delivery, but that the contact is gone."""
    going = [
        fact.id
        for fact in services.contacts.outbox(MANY)
        if fact.contact_id in subject.contact_ids and fact.name != DELETED
    ]
    for fact_id in going:
        services.contacts.delivered(fact_id)
    return len(going)


def facts(services: Services, subject: Subject) -> int | None:
    """Facts that were published, where the bus keeps them, but that the contact is gone."""
    return services.facts.forget(subject.contact_ids, keep=(DELETED,))


def messages(services: Services, subject: Subject) -> int | None:
    """Messages and dead letters that name the contact or its objects."""
    counts = [queue.forget(subject.names) for queue in services.queues.all]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


HOLDERS: dict[str, Forget] = {
    "sources": sources,
    "contact records": contact_records,
    "transcription jobs": jobs,
    "evaluation notes": evaluation_notes,
    "contact lens files": contact_lens_files,
    "raw products": raw_products,
    "redacted products": redacted_products,
    "action orders": action_orders,
    "alerts": alerts,
    "reviews": after.review,
    "labels": after.label_versions,
    "risk events": after.risk_events,
    "interactions": after.interactions,
    "survey answers": after.survey_answers,
    "bot talks": after.talks,
    "follow-up orders": after.follow_up_orders,
    "outbox": outbox,
    "published facts": facts,
    "queue messages": messages,
}
"""By the name that receipts give it, in the order in which they are asked: who needs what another one
removes comes before it."""

CLAIMED = {
    actions.PENDING: "action orders",
    actions.FINISHED: "action orders",
    actions.ALERTS: "alerts",
    review_items.ITEMS: "reviews",
    human_loops.SENT: "reviews",
    "control/risk/events/": "risk events",
    "control/risk/labels/": "risk events",
    "control/risk/model.json": "risk events",
    "control/interactions/": "interactions",
    surveys.SURVEYS: "survey answers",
    surveys.OFFERS: "survey answers",
    bot_talks.TALKS: "bot talks",
    bot_talks.MISSED: "bot talks",
    bot_talks.OF_CONTACT: "bot talks",
    "control/bot-sessions/": "bot talks",
    object_keys.control_prefix(review_items.OF_CONTACT, ""): "reviews",
    object_keys.control_prefix(labels.LABELS, ""): "labels",
    evaluations.NOTES: "evaluation notes",
    notes.FOLLOW_UPS: "follow-up orders",
    notes.DAYS: "follow-up orders",
}
"""Prefixes of what people and rules decide about contacts, and who removes it there."""

UNSEARCHED = {
    "published facts": "whoever received a fact has it; it holds ids, and another tells of the erasure",
    "queue messages": "messages hold ids and object keys until they are worked off or expire; they find"
    " the tombstone",
}


@dataclass
class Answers:
    """What the holders said: counts, and why something may be left, or cannot be searched."""

    removed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    unsearched: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, forget: Callable[[], int | None]) -> None:
        """One holder's answer. What nobody foresaw is told by its type: its words may quote content."""
        try:
            count = forget()
        except Unavailable as error:
            self.failed[name] = str(error)
        except Exception as error:  # noqa: BLE001 one store must not keep the others from it
            self.failed[name] = f"unexpected {type(error).__name__}"
        else:
            if count is None:
                self.unsearched[name] = UNSEARCHED.get(name, "it cannot be searched")
            else:
                self.removed[name] = self.removed.get(name, 0) + count


def ask(services: Services, subject: Subject) -> Answers:
    """Ask every holder; what could not be removed does not keep the others from it."""
    answers = Answers()
    for name, forget in HOLDERS.items():
        answers.take(name, partial(forget, services, subject))
    for holder in services.beside:
        answers.take(holder.name, partial(holder.forget, subject))
    return answers


def ask_afterwards(services: Services, subject: Subject, answers: Answers) -> None:
    """Ask those that forget once all others have."""
    for holder in services.afterwards:
        answers.take(holder.name, partial(holder.forget, subject))


def ask_customer(services: Services, customer: str) -> Answers:
    """Ask those that know a customer beyond the contacts."""
    answers = Answers()
    for name, forget in OF_CUSTOMERS.items():
        answers.take(name, partial(forget, services, customer))
    return answers


OF_CUSTOMERS: dict[str, Callable[[Services, str], int | None]] = {"customers": after.of_customer}
"""Those that know a customer under the pseudonym."""
