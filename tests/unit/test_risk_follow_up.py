"""The follow-up of risk: from a published contact to an outcome, and from a verdict back to the assessor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.adapters.engines.risk_local import LocalRisk
from chalicelib.adapters.risk_events import RiskEvents
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.follow_up import Kind
from chalicelib.domain.pseudonym import pseudonym
from chalicelib.domain.review import Kind as Judged
from chalicelib.domain.review import Source, State, Verdict
from chalicelib.flow import reviews
from chalicelib.flow.follow_ups import notes, risk
from chalicelib.ports.services import After
from tests.world import CHAT_KEY, CONTACT, World, chat, record

PHONE = {"Type": "TELEPHONE_NUMBER", "Address": "+15550100199"}
SUSPECT = [
    ("CUSTOMER", "I want to change my address"),
    ("AGENT", "that does not match our records"),
    ("CUSTOMER", "send it to a different account"),
]


class Assessed(World):
    """A world in which risk alone follows a publication."""

    def __init__(self, folder):
        super().__init__(folder, follow_ups=("risk",))
        self.engine = LocalRisk(self.services.redacted)
        after = After(risk=self.engine, customers=lambda who: pseudonym(b"k" * 32, who))
        self.services = replace(self.services, after=after)
        self.runners = {Kind.RISK: risk.run}

    def publish(self, lines=SUSPECT, contact_id=CONTACT, key=CHAT_KEY, **told):
        self.put(f"contact-records/2026/01/05/{contact_id}.json", record(contact_id, **told))
        self.put(key, chat(lines, contact_id))
        self.drain()

    def found(self, contact_id=CONTACT):
        return notes.of_contact(self.services.redacted, contact_id)[0]

    @property
    def known(self):
        return RiskEvents(self.services.redacted)


@pytest.fixture
def world(tmp_path):
    return Assessed(tmp_path)


def test_a_published_contact_has_an_outcome_with_engine_inputs_and_places(world):
    world.publish()
    result = world.found().result
    assert (result.outcome, result.score) == ("review", 800)
    assert result.engine == LocalRisk.engine
    assert result.inputs["payment_redirection_terms"] == "1"
    assert result.refs["basis"].startswith("rules only")
    assert (result.refs["reviewFrom"], result.refs["blockFrom"]) == ("500", "900")
    assert {r.name: r.begin_ms for r in result.reasons if r.begin_ms is not None} == {
        "account_change_terms": 10_000,
        "failed_verifications": 20_000,
        "payment_redirection_terms": 30_000,
    }


def test_a_quiet_contact_is_approved_with_its_reason(world):
    world.publish([("CUSTOMER", "thank you")])
    result = world.found().result
    assert (result.outcome, result.score, [r.name for r in result.reasons]) == (
        "approve",
        0,
        ["otherwise"],
    )


def items(world):
    return reviews.of_contact(world.services, CONTACT)


def test_an_outcome_that_asks_opens_one_review_item_with_the_reasons(world):
    world.publish()
    (item,) = items(world)
    result = world.found().result
    assert result.refs["reviewItem"] == item.id
    assert (item.kind, item.source, item.machine.value) == (Judged.RISK, Source.RISK, "review")
    assert item.reasons == result.reasons
    assert result.outcome not in item.name


def test_a_newer_publication_opens_no_second_item(world):
    world.publish()
    world.publish([*SUSPECT, ("CUSTOMER", "hurry up")])
    assert world.found().result
    assert len(items(world)) == 1


def test_an_approved_contact_opens_none(world):
    world.publish([("CUSTOMER", "thank you")])
    assert items(world) == []


def test_what_a_reviewer_decides_comes_back_as_a_label(world):
    world.publish()
    (item,) = items(world)
    claimed = reviews.claim(world.services, item, item.revision, "rita")
    said = Verdict("rita", "legitimate", world.clock.now)
    answered = reviews.answer(world.services, claimed, claimed.revision, said)
    if answered.state is not State.RESOLVED:
        claimed = reviews.claim(world.services, answered, answered.revision, "rob")
        said = Verdict("rob", "legitimate", world.clock.now)
        answered = reviews.answer(world.services, claimed, claimed.revision, said)
    assert answered.state is State.RESOLVED
    assert [example.fraud for example in world.known.examples()] == [False]


def test_attributes_of_the_record_are_among_the_inputs(world):
    world.publish(Attributes={"failed_verifications": "3"})
    assert world.found().result.inputs["failed_verifications"] == "3"


OTHER = "0a1b2c3d-0000-4000-8000-0000000000b"


def test_earlier_contacts_of_the_customer_are_counted_by_their_beginning(world):
    begins = {
        "1": "2026-01-05T08:00:00Z",
        "2": "2026-01-04T09:30:00Z",
        "3": "2026-01-04T08:00:00Z",
        "4": "2025-12-20T08:00:00Z",
        "5": "2026-01-05T08:59:30Z",
    }
    for last, begun in begins.items():
        other = OTHER + last
        world.publish(
            contact_id=other,
            key=CHAT_KEY.replace(CONTACT, other),
            CustomerEndpoint=PHONE,
            InitiationTimestamp=begun,
            DisconnectTimestamp=begun.replace(":00Z", ":59Z"),
        )
    world.publish(CustomerEndpoint=PHONE)
    inputs = world.found().result.inputs
    assert (inputs["repeats_24h"], inputs["repeats_7d"]) == ("2", "3")


def test_without_a_customer_repeats_are_not_known(world):
    world.publish()
    assert "repeats_24h" not in world.found().result.inputs


def test_no_engine_is_a_reason_to_skip(world):
    world.services = replace(world.services, after=After())
    world.publish()
    assert (world.found().state.value, world.found().detail) == ("SKIPPED", risk.NO_ENGINE)


def test_a_contact_that_is_erased_while_it_is_assessed_is_not_remembered(world):
    class Slow(LocalRisk):
        def assess(self, event):
            found = super().assess(event)
            row = world.services.contacts.get(CONTACT)
            gone = replace(row, status=Status.DELETED, tombstone="erased", version=row.version + 1)
            world.forge(gone, row.version)
            return found

    after = replace(world.services.after, risk=Slow(world.services.redacted))
    world.services = replace(world.services, after=after)
    world.publish()
    assert world.known.event(CONTACT.lower()) is None


def test_a_service_that_is_down_is_tried_again_and_counts_the_event_once(world):
    class Flaky(LocalRisk):
        down = True

        def assess(self, event):
            found = super().assess(event)
            if self.down:
                self.down = False
                raise Unavailable("the answer was lost")
            return found

    after = replace(world.services.after, risk=Flaky(world.services.redacted))
    world.services = replace(world.services, after=after)
    world.publish()
    assert world.found().state.value == "WAITING"
    world.clock.now += 900_000
    world.drain()
    assert (world.found().state.value, world.found().attempts) == ("DONE", 2)
    assert world.known.event(CONTACT.lower()).variables == dict(world.found().result.inputs)


def test_a_verdict_becomes_a_label_and_the_last_one_wins(world):
    world.publish()
    for fraud in (True, True, False):
        risk.verdict(world.services, CONTACT, fraud, 1)
    (example,) = world.known.examples()
    assert (example.event_id, example.fraud) == (CONTACT.lower(), False)


def test_there_is_no_verdict_about_a_contact_that_is_not_there(world):
    with pytest.raises(NotFound):
        risk.verdict(world.services, "nobody", True, 1)


def test_what_is_forgotten_is_gone_from_the_assessor(world):
    world.publish()
    risk.verdict(world.services, CONTACT, True, 1)
    risk.forget(world.services, CONTACT)
    assert list(world.services.redacted.list("control/risk/events/")) == []
    assert world.known.examples() == []
