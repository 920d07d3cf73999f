"""The follow-up ``next-action`` by its worker, with a Personalize that fails: late, never twice, never in
the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.adapters.aws.personalize import ACTIONS, RANKING
from chalicelib.domain.contact import Status
from chalicelib.domain.follow_up import Kind
from chalicelib.flow.follow_ups import next_action, notes
from chalicelib.ports.services import After
from tests.aws_endpoint import Refused
from tests.aws_faults import BROKEN, THROTTLED, Cut, Garbage
from tests.contract.test_next_actions import NAMES, at_personalize
from tests.world import CHAT_KEY, CONTACT, RECORD_KEY, World, chat, record

QUARTER_MS = 900_000
FAULTS = {
    "throttled": [THROTTLED] * 3,
    "down": [BROKEN] * 3,
    "cut_off_after_the_work_was_done": [Cut()] * 3,
    "answering_garbage": [Garbage()] * 3,
    "refusing_what_a_person_has_to_mend": [Refused(400, "InvalidInputException", "no")],
}


@pytest.fixture(params=[ACTIONS, RANKING])
def remote(request):
    with at_personalize(request.param) as made:
        yield made


def published(folder, engine):
    """A world in which a contact has just been published."""
    world = World(folder, follow_ups=("next-action",))
    after = After(next_actions=engine, customers=lambda who: f"pseudonym-{who}")
    world.services = replace(world.services, after=after)
    world.runners = {Kind.NEXT_ACTION: next_action.run}
    world.put(RECORD_KEY, record(Attributes={"customerId": "7"}))
    world.put(CHAT_KEY, chat([("CUSTOMER", "hello")]))
    world.drain()
    return world


def followed(world):
    (one,) = notes.of_contact(world.services.redacted, CONTACT)
    return one


@pytest.mark.parametrize("place", ["runtime", "tracker"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_contact_is_published_whatever_the_service_does_and_shown_once(
    remote, tmp_path, fault, place
):
    getattr(remote.service, place).faults.extend(FAULTS[fault])
    world = published(tmp_path, remote.engine)
    assert world.services.contacts.get(CONTACT).status is Status.COMPLETED
    for _ in range(6):
        world.clock.now += QUARTER_MS
        world.drain()
    one = followed(world)
    shown = [event["type"] for event in remote.service.events.values()]
    if fault.startswith("refusing"):
        assert (one.state.value, shown) == ("FAILED", [])
        return
    assert (one.state.value, one.result.outcome) == ("DONE", NAMES[0])
    assert shown in (["Viewed"], ["shown"])
    (kept,) = remote.engine.history("pseudonym-7")
    assert (kept.id, kept.action) == (one.order.id, NAMES[0])
    assert one.result.refs == {"recommendationId": "RID-1"}


def test_who_is_not_named_is_skipped(remote, tmp_path):
    world = World(tmp_path, follow_ups=("next-action",))
    world.services = replace(world.services, after=After(next_actions=remote.engine))
    world.runners = {Kind.NEXT_ACTION: next_action.run}
    world.put(CHAT_KEY, chat([("CUSTOMER", "hello")]))
    world.drain()
    one = followed(world)
    assert (one.state.value, one.detail) == ("SKIPPED", next_action.NOBODY)
    assert remote.service.runtime.called == []
