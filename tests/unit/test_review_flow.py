"""From a published contact to items, from verdicts to labels and to what learns, over a whole world."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.adapters.engines.risk_local import LocalRisk
from chalicelib.adapters.risk_events import RiskEvents
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.follow_up import Kind as FollowUpKind
from chalicelib.domain.review import Kind, Source, State, Verdict
from chalicelib.flow import labels, reviews
from chalicelib.flow.follow_ups import notes, review, risk
from chalicelib.ports.services import After
from tests.world import CHAT_KEY, CONTACT, World, chat, record

SUSPECT = [
    ("CUSTOMER", "I want to change my address"),
    ("AGENT", "that does not match our records"),
    ("CUSTOMER", "send it to a different account"),
]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path, follow_ups=("risk", "review"), review_sample=100)
    after = After(risk=LocalRisk(made.services.redacted))
    made.services = replace(made.services, after=after)
    made.runners = {FollowUpKind.RISK: risk.run, FollowUpKind.REVIEW: review.run}
    made.put("contact-records/2026/01/05/records.json", record())
    made.put(CHAT_KEY, chat(SUSPECT))
    made.drain()
    return made


def items(world, kind=None):
    found = reviews.of_contact(world.services, CONTACT)
    return [item for item in found if kind in (None, item.kind)]


def judged(world, item, value, *people):
    for by in people:
        item = reviews.claim(world.services, item, item.revision, by)
        verdict = Verdict(by, value, world.clock())
        item = reviews.answer(world.services, item, item.revision, verdict)
    return item


def risky(world):
    (item,) = [one for one in items(world, Kind.RISK) if one.source is Source.RISK]
    return item


def test_a_risk_that_is_not_approved_asks_a_person_and_says_which_item(world):
    item = risky(world)
    assert (item.machine.value, item.state, item.wanted) == ("review", State.OPEN, 2)
    assert "review" not in item.name
    results = [one.result for one in notes.of_contact(world.services.redacted, CONTACT)]
    assert item.id in [ref for result in results for ref in result.refs.values()]


def test_a_verdict_reaches_what_assesses_risk(world):
    judged(world, risky(world), "fraud", "ada", "bo")
    (example,) = RiskEvents(world.services.redacted).examples()
    assert (example.event_id, example.fraud) == (CONTACT, True)


def test_one_verdict_of_two_teaches_nothing(world):
    judged(world, risky(world), "fraud", "ada")
    assert RiskEvents(world.services.redacted).examples() == []


def test_the_sample_opens_one_item_of_every_contact(world):
    sampled = [one for one in items(world) if one.source is Source.RANDOM]
    assert len(sampled) == 1


def test_a_publication_that_is_made_again_opens_nothing_more(world):
    before = {item.id for item in items(world)}
    world.put(
        "contact-records/2026/01/05/records.json",
        record(LastUpdateTimestamp="2026-01-05T09:09:00Z"),
    )
    world.drain()
    assert {item.id for item in items(world)} == before


class Deaf(LocalRisk):
    """What assesses risk is away when it is told."""

    away = True

    def label(self, event_id, fraud, at_ms):
        if self.away:
            raise Unavailable("away")
        super().label(event_id, fraud, at_ms)


def test_a_verdict_that_cannot_be_told_is_told_by_who_reads_labels_later(world):
    deaf = Deaf(world.services.redacted)
    world.services = replace(world.services, after=After(risk=deaf))
    item = judged(world, risky(world), "fraud", "ada")
    item = reviews.claim(world.services, item, item.revision, "bo")
    verdict = Verdict("bo", "fraud", world.clock())
    with pytest.raises(Unavailable):
        reviews.answer(world.services, item, item.revision, verdict)
    assert reviews.get(world.services, item.id).decided == "fraud"
    deaf.away = False
    again = reviews.get(world.services, item.id)
    assert reviews.answer(world.services, again, item.revision, verdict) == again
    assert [one.fraud for one in RiskEvents(world.services.redacted).examples()] == [True]
    ((label,),) = labels.of_contact(world.services, CONTACT)
    assert (label.value, label.version) == ("fraud", 1)


def test_everything_that_people_said_lies_under_names_that_erasure_knows(world):
    judged(world, risky(world), "fraud", "ada", "bo")
    of_items = tuple(f"{reviews.ITEMS}{item.id}/" for item in items(world))
    known = (*reviews.prefixes_of(CONTACT), *of_items)
    store = world.services.redacted
    kept = [s.key for name in ("review", "labels") for s in store.list(f"control/{name}")]
    assert kept
    assert [key for key in kept if not key.startswith(known)] == []
