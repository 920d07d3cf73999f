"""Follow-ups from the commit to their end: ordered once, never in the way, tried again, visible."""

from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.contact import Publication, Status
from chalicelib.domain.errors import InputRefused, SettingsError, Unavailable
from chalicelib.domain.follow_up import Kind, Result, Skipped, State, switch
from chalicelib.domain.rules import actions
from chalicelib.domain.rules.rule import Action
from chalicelib.domain.transcript import Channel, Engine
from chalicelib.flow import actions as rule_actions
from chalicelib.flow import deliver_facts, follow_up, give_up_follow_up
from chalicelib.flow.follow_ups import notes, orders
from chalicelib.flow.follow_ups.carry import ATTEMPTS, GONE, NEWER
from chalicelib.formats.rules_file import rule_set
from tests.rules import says
from tests.world import CHAT_KEY, CONTACT, RECORD_KEY, World, chat, record

ENGINE = Engine("scripted", "1")
QUARTER_MS = 900_000


class Service:
    """Does what it is told, in order, then answers; ``served`` holds the ids that it acted on."""

    def __init__(self, *answers):
        self.answers, self.served = list(answers), []

    def __call__(self, desk):
        answer = self.answers.pop(0) if self.answers else Result("done", ENGINE)
        if isinstance(answer, Exception):
            raise answer
        self.served.append(desk.order.id)
        return answer


class Followed(World):
    """A world whose follow-ups are done by one service."""

    def __init__(self, folder, *kinds, service=None):
        super().__init__(folder, follow_ups=kinds or ("risk", "survey"))
        self.service = service or Service()
        self.runners = dict.fromkeys(Kind, self.service)

    def publish(self, text="hello"):
        self.put(CHAT_KEY, chat([("CUSTOMER", text)]))
        self.drain()

    def later(self):
        """Until nothing waits for its next attempt."""
        for _ in range(2 * ATTEMPTS):
            self.clock.now += QUARTER_MS
            self.drain()

    def stand(self):
        found = notes.of_contact(self.services.redacted, CONTACT)
        return {one.order.kind.value: one for one in found}

    def states(self):
        return {kind: one.state.value for kind, one in self.stand().items()}


class Silent:
    """A queue that nobody hears."""

    def send(self, body, *, delay_s=0):
        pass

    def receive(self, limit=1, *, wait_s=0):
        return ()


@pytest.fixture
def world(tmp_path):
    return Followed(tmp_path)


def test_what_is_switched_on_follows_a_publication(world):
    world.publish()
    assert world.states() == {"risk": "DONE", "survey": "DONE"}
    (risk, survey) = world.stand().values()
    assert risk.result == Result("done", ENGINE)
    assert (risk.attempts, risk.order.analysis_key) == (
        1,
        world.services.contacts.get(CONTACT).publication.analysis_key,
    )
    assert {risk.order.id, survey.order.id} == set(world.service.served)


def test_nothing_follows_where_nothing_is_switched_on(tmp_path):
    world = World(tmp_path)
    world.put(CHAT_KEY, chat())
    world.drain()
    assert notes.of_contact(world.services.redacted, CONTACT) == []


def test_nothing_follows_a_contact_of_which_only_the_record_is_there(world):
    world.put(RECORD_KEY, record())
    world.drain()
    assert world.services.contacts.get(CONTACT).status is Status.COMPLETED
    assert world.stand() == {}


def test_the_same_publication_again_orders_nothing_twice(world):
    world.publish()
    world.put(CHAT_KEY, chat([("CUSTOMER", "hello")]))
    world.reconcile()
    assert len(world.service.served) == 2


def test_risk_is_assessed_again_for_a_newer_publication_a_survey_is_not_offered_again(world):
    world.publish("hello")
    world.publish("hello, here is another text")
    kinds = [one.order.kind for one in notes.of_contact(world.services.redacted, CONTACT)]
    assert sorted(kinds) == [Kind.RISK, Kind.RISK, Kind.SURVEY]


def test_a_fact_that_is_delivered_twice_is_one_order(world):
    world.services = replace(world.services, queues=replace(world.services.queues, facts=Silent()))
    world.publish()
    facts = [f for f in world.services.contacts.outbox() if f.name == orders.DUE]
    for fact in (*facts, *facts):
        orders.take(world.services, fact)
    world.drain()
    assert len(world.service.served) == len(facts) == 2


def test_a_message_that_comes_twice_acts_once(world):
    world.publish()
    for one in world.stand().values():
        follow_up(world.services, notes.body(one.order), world.runners)
    assert len(world.service.served) == 2


PASSING, LASTING = Unavailable("away"), Unavailable("refused", retryable=False)
ENDS = {
    "that_is_away_for_a_while": ([PASSING] * 3, State.DONE, 4, ""),
    "that_stays_away": ([PASSING] * 99, State.FAILED, ATTEMPTS, "away"),
    "that_says_no_for_good": ([LASTING], State.FAILED, 1, "refused"),
    "that_refuses_what_it_is_given": ([InputRefused("x.y", "no")], State.FAILED, 1, "x.y: no"),
    "that_has_nothing_to_do": ([Skipped("no customer")], State.SKIPPED, 1, "no customer"),
    "that_answers": ([], State.DONE, 1, ""),
}


@pytest.mark.parametrize(("answers", "state", "attempts", "detail"), ENDS.values(), ids=ENDS.keys())
def test_a_service(tmp_path, answers, state, attempts, detail):
    world = Followed(tmp_path, "risk", service=Service(*answers))
    world.publish()
    assert world.services.contacts.get(CONTACT).status is Status.COMPLETED
    world.later()
    one = world.stand()["risk"]
    assert (one.state, one.attempts, one.detail) == (state, attempts, detail)
    assert len(world.service.served) == (state is State.DONE)


def test_one_that_waits_says_why(tmp_path):
    world = Followed(tmp_path, "risk", service=Service(PASSING))
    world.publish()
    one = world.stand()["risk"]
    assert (one.state, one.attempts, one.detail, one.result) == (State.WAITING, 1, "away", None)


def test_pauses_grow_up_to_a_quarter_of_an_hour(tmp_path):
    world = Followed(tmp_path, "risk", service=Service(*[PASSING] * 99))
    waits = []
    queue = world.services.queues.follow_ups
    asked = queue.send
    queue.send = lambda body, delay_s=0: (waits.append(delay_s), asked(body, delay_s=delay_s))
    world.publish()
    world.later()
    assert waits == [0, 30, 60, 120, 240, 480, 900, 900]


def test_what_nobody_expected_is_a_failure_that_shows(tmp_path):
    world = Followed(tmp_path, "risk", service=Service(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        world.publish()
    (order,) = [one.order for one in world.stand().values()]
    give_up_follow_up(world.services, notes.body(order), "unexpected ZeroDivisionError")
    one = world.stand()["risk"]
    assert (one.state, one.detail) == (State.FAILED, "unexpected ZeroDivisionError")


def test_one_that_failed_is_asked_for_again_by_hand_and_one_that_is_done_is_not(tmp_path):
    world = Followed(tmp_path, "risk", service=Service(LASTING))
    world.publish()
    row = world.services.contacts.get(CONTACT)
    assert world.states() == {"risk": "FAILED"}
    orders.ask(world.services, row, Kind.RISK)
    assert world.states() == {"risk": "WAITING"}
    world.drain()
    orders.ask(world.services, row, Kind.RISK)
    world.drain()
    assert (world.states(), len(world.service.served)) == ({"risk": "DONE"}, 1)


def test_a_contact_that_went_meanwhile_is_left_alone(tmp_path):
    world = Followed(tmp_path, "risk", service=Service(PASSING))
    world.services = replace(
        world.services, settings=replace(world.services.settings, source_gone="delete")
    )
    world.publish()
    world.delete(CHAT_KEY)
    world.drain()
    world.later()
    one = world.stand()["risk"]
    assert (one.state, one.detail) == (State.SKIPPED, GONE)


def test_an_order_that_a_newer_publication_overtook_is_left_to_it(tmp_path):
    world = Followed(tmp_path, "risk", service=Service(PASSING))
    world.publish("hello")
    world.publish("hello again")
    world.later()
    found = notes.of_contact(world.services.redacted, CONTACT)
    assert [(one.state, one.detail) for one in found] == [(State.DONE, ""), (State.SKIPPED, NEWER)]


def test_an_unpublished_contact_has_no_follow_ups(world):
    world.put(CHAT_KEY, b"{")
    world.drain()
    with pytest.raises(InputRefused, match=r"follow_up\.unpublished"):
        orders.ask(world.services, world.services.contacts.get(CONTACT), Kind.RISK)


STARTED = {
    "of_a_known_kind": ({"FollowUp": "survey"}, "DONE", {"survey": "DONE"}),
    "of_an_unknown_kind": ({"FollowUp": "party"}, "NOT_CARRIED_OUT", {}),
    "of_no_kind": ({}, "NOT_CARRIED_OUT", {}),
}


@pytest.mark.parametrize(("body", "ended", "states"), STARTED.values(), ids=STARTED.keys())
def test_a_rule_starts_a_follow_up(tmp_path, body, ended, states):
    world = Followed(tmp_path)
    world.services = replace(
        world.services, settings=replace(world.services.settings, follow_ups=())
    )
    acts = (Action(actions.FOLLOW_UP, body),)
    world.rule_set = rule_set([replace(says("r", "Greeted", 1, ["hello"]), actions=acts)])
    world.publish()
    (done,) = rule_actions.finished(world.services, 0, 9)
    assert (done.state, world.states()) == (ended, states)


PUBLISHED = Publication("k", Channel.VOICE, (Channel.VOICE,), 0, 1, 1)
SWITCHES = {
    "on_for_all": ("risk", {}, True),
    "on_for_the_queue_by_its_id": ("risk@q-1+q-2", {"queue_id": "q-2"}, True),
    "on_for_the_queue_by_its_name": ("risk@Billing", {"queue_name": "Billing"}, True),
    "off_for_another_queue": ("risk@q-1", {"queue_id": "q-9"}, False),
    "off_without_a_queue": ("risk@q-1", {}, False),
    "on_for_the_category": ("survey#Big%20complaint", {"categories": ("Big complaint",)}, True),
    "off_for_another_category": ("survey#Complaint", {"categories": ("Praise",)}, False),
    "on_for_both": (
        "survey@q-1#Complaint", {"queue_id": "q-1", "categories": ("Complaint", "x")}, True,
    ),
    "off_for_one_of_both": ("survey@q-1#Complaint", {"queue_id": "q-1"}, False),
}  # fmt: skip


@pytest.mark.parametrize(("text", "known", "on"), SWITCHES.values(), ids=SWITCHES.keys())
def test_a_kind_is(text, known, on):
    assert switch(text).covers(replace(PUBLISHED, **known)) is on


def test_a_kind_that_nobody_knows_stops_the_start():
    with pytest.raises(SettingsError, match="'party' is none of risk"):
        Settings.from_env({"LOUPE_FOLLOW_UPS": "risk, party"})


def test_facts_of_follow_ups_are_not_told_to_the_world(world):
    world.publish()
    while deliver_facts(world.services):
        pass
    told = {fact.name for _, fact in world.services.facts.published()}
    assert told == {"ContactAnalyzed"}
