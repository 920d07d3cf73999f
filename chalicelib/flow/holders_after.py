"""What follows a contact, and who removes it: follow-ups, risk, dialogues, surveys, reviews, interactions.

An engine removes what it knows itself. What Loupe keeps beside it lies under names made of the contact's id,
so that nothing of others is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from chalicelib.domain.errors import NotFound
from chalicelib.domain.follow_up import Order
from chalicelib.flow import (
    bot_talks,
    erasure_ledger,
    human_loops,
    labels,
    review_items,
    surveys,
)
from chalicelib.flow.bot_talks import Belonging, Turn
from chalicelib.flow.follow_ups import notes
from chalicelib.formats import bot_transcript, object_keys
from chalicelib.formats.artifact import load
from chalicelib.ports.erasure import Subject
from chalicelib.ports.services import Services

FIRST_ASKED, FIRST_TURN = "/asks/0001.json", "/00000001.json"
NAMED_BY_TALK = "talk-of-erased"


def follow_up_orders(services: Services, subject: Subject) -> int:
    """What was ordered after the contact, and what came of it: the lines of days first, that the orders
    tell."""
    store, gone = services.redacted, 0
    for contact_id in subject.contact_ids:
        prefix = notes.prefix_of(contact_id)
        for stat in list(store.list(prefix)):
            if stat.key.endswith(FIRST_ASKED):
                gone += store.purge(notes.day_key(load(Order, store.read(stat.key))))
        gone += store.purge_under(prefix)
    return gone


def risk_events(services: Services, subject: Subject) -> int:
    """Events that risk was assessed of, with their labels; counts what the engine was asked to forget."""
    engine = services.after.risk
    if engine is None:
        return 0
    for contact_id in subject.contact_ids:
        engine.forget(contact_id.lower())
    return len(subject.contact_ids)


def interactions(services: Services, subject: Subject) -> int:
    """What came of the actions that were shown for this contact. What a service keeps of them goes with the
    customer: it removes by customers alone."""
    store = services.redacted
    keys = [
        stat.key
        for customer in subject.customers
        for stat in store.list(object_keys.interactions_prefix(customer))
    ]
    mine = [key for key in keys if _session(services, key) in subject.contact_ids]
    return sum(store.purge(key) for key in mine)


def _session(services: Services, key: str) -> str:
    try:
        return str(json.loads(services.redacted.read(key)).get("session", ""))
    except NotFound:
        return ""


def talks(services: Services, subject: Subject) -> int:
    """Talks with bots about the contact, at the engine and as they were kept, and the talk that it was. The
    contacts that talks became are asked to be erased as well."""
    found = dict.fromkeys((*_about(services, subject), *_was(services, subject)))
    for one in found:
        own = bot_transcript.contact_id(one.bot, one.session)
        if own not in subject.contact_ids and services.contacts.get(own):
            erasure_ledger.ask(services, own, by="loupe", reason=NAMED_BY_TALK)
        bot_talks.forget_talk(services, one.bot, one.session)
    for contact_id in subject.contact_ids:
        bot_talks.forget(services, contact_id)
    return len(found)


def _about(services: Services, subject: Subject) -> Iterator[Belonging]:
    for contact_id in subject.contact_ids:
        for stat in list(services.redacted.list(bot_talks.prefix_of(contact_id))):
            yield load(Belonging, services.redacted.read(stat.key))


def _was(services: Services, subject: Subject) -> Iterator[Belonging]:
    """The talk that became this contact: ids are made of talks, so each is asked for its own."""
    for stat in list(services.redacted.list(bot_talks.TALKS)):
        if stat.key.endswith(FIRST_TURN):
            turn = load(Turn, services.redacted.read(stat.key))
            if bot_transcript.contact_id(turn.bot, turn.session) in subject.contact_ids:
                yield Belonging(turn.bot, turn.session)


def survey_answers(services: Services, subject: Subject) -> int:
    """Answers of surveys about the contact, and that one was offered."""
    store = services.redacted
    return sum(
        store.purge_under(surveys.prefix_of(contact_id))
        + store.purge(surveys.offer_key(contact_id))
        for contact_id in subject.contact_ids
    )


def review(services: Services, subject: Subject) -> int:
    """Review items with what people noted in them, all steps of each, and their loops at a service. Their
    names, which are ids, stay until the last time: whoever is about to write an item has written its name."""
    store, gone = services.redacted, 0
    for contact_id in subject.contact_ids:
        names = review_items.ids_of(services, contact_id)
        for item_id in names:
            _forget_loop(services, item_id)
            gone += bool(store.purge_under(f"{review_items.ITEMS}{item_id}/"))
            store.purge(f"{human_loops.SENT}{item_id}")
        if subject.last:
            store.purge_under(review_items.prefix_of(contact_id))
    return gone


def _forget_loop(services: Services, item_id: str) -> None:
    if services.after.loops is None:
        return
    try:
        item = review_items.get(services, item_id)
    except NotFound:
        return
    human_loops.forget(services, services.after.loops, item)


def label_versions(services: Services, subject: Subject) -> int:
    """What people decided about the contact, from which models learn."""
    return sum(
        services.redacted.purge_under(labels.prefix_of(contact_id))
        for contact_id in subject.contact_ids
    )


def of_customer(services: Services, customer: str) -> int:
    """What a customer was offered and did; counts what the engine was asked to forget."""
    engine = services.after.next_actions
    if engine is None:
        return 0
    engine.forget(customer)
    return 1
