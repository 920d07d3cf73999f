"""Actions from the commit to their end: once, quiet on the past, tried again, limited, visible."""

import json
from dataclasses import replace

import pytest

from chalicelib.adapters.rule_book import ObjectRuleBook
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.events import Hint
from chalicelib.domain.rules import actions
from chalicelib.domain.rules.rule import Action, RuleSet
from chalicelib.flow import actions as orders
from chalicelib.flow import advance, deliver_facts, reviews, sweeps
from chalicelib.flow.actions import ATTEMPTS, DONE, FAILED, NOT_CARRIED_OUT, SUPPRESSED
from chalicelib.flow.outcome import first_analysed_ms
from chalicelib.formats.rules_file import rule_set
from chalicelib.ports.rules import WITHDRAWN, Entry
from tests.rules import says
from tests.world import CHAT_KEY, CONTACT, RECORD_KEY, World, chat, record

MINUTE_MS = 60_000
EVENT = Action(actions.EVENT, {"Name": "tell"})
TASK = Action(actions.TASK, {"Name": "Review", "Description": "$.ContactLens.PostChat.ContactId"})
ALERT = Action(actions.ALERT, {"Content": "Look"})
MAIL = Action(actions.NOTIFICATION, {"Subject": "Refund", "Content": "Look"})
GREETED = replace(says("greeted", "Greeted", 1, ["hello"]), actions=(EVENT,))
MATCHED = "Contact Lens Post Chat Rules Matched"


class Phone:
    """A notifier that remembers what it was sent, and fails as often as it is told to."""

    def __init__(self, *failures):
        self.failures, self.sent = list(failures), []

    def send(self, notice):
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(notice)


class Bus:
    """A bus that counts what comes twice under one id as two, as EventBridge does."""

    def __init__(self, facts):
        self._facts, self.sent = facts, []

    def __getattr__(self, name):
        return getattr(self._facts, name)

    def publish(self, facts):
        self.sent += facts
        return self._facts.publish(facts)


class SilentBus:
    """A bus that does not answer."""

    def publish(self, facts):
        raise Unavailable("the bus is away")


def counted(world):
    world.services = replace(world.services, facts=Bus(world.services.facts))
    return world


@pytest.fixture
def world(tmp_path):
    return counted(World(tmp_path))


@pytest.fixture
def past(tmp_path):
    """A contact that was analysed before any rule was published."""
    world = counted(World(tmp_path))
    book = ObjectRuleBook(world.services.redacted, RuleSet("none", ()))
    world.services = replace(world.services, rules=book)
    world.put(CHAT_KEY, chat())
    world.drain()
    return world


def with_rules(world, *rules):
    world.rule_set = rule_set(rules)


def analysed(world, *acts, **known):
    with_rules(world, replace(GREETED, actions=acts, **known))
    world.put(CHAT_KEY, chat())
    world.drain()


def later(world, ms=16 * MINUTE_MS):
    world.clock.now += ms
    while deliver_facts(world.services):
        pass


def matched(world):
    return [fact for fact in world.services.facts.sent if fact.detail_type == MATCHED]


def ended(world, since=0):
    return orders.finished(world.services, world.clock.now - 86_400_000 + since, 100)


def publish(world, *, version=1, quiet=True, expected=None, acts=(EVENT,)):
    book = world.services.rules
    if version != WITHDRAWN and version > len(book.versions(GREETED.id)):
        rule = replace(GREETED, actions=acts)
        book.save(rule, expected=version - 1, at_ms=1, by="ada")
    entry = Entry(GREETED.id, version, None, world.clock(), "ada", quiet)
    sweeps.publish(world.services, entry)
    world.drain()


def test_a_match_is_an_event_in_the_shape_of_aws(world):
    world.put(RECORD_KEY, record())
    analysed(world, EVENT)
    (fact,) = matched(world)
    arn = "arn:aws:connect:eu-central-1:111122223333:instance/0"
    assert fact.detail == {
        "version": "1.0",
        "ruleName": "Greeted",
        "actionName": "tell",
        "instanceArn": arn,
        "contactArn": f"{arn}/contact/{CONTACT}",
        "agentArn": f"{arn}/agent/ada",
        "queueArn": f"{arn}/queue/billing",
    }


def test_a_contact_that_changes_is_not_told_again(world):
    analysed(world, EVENT)
    version = world.row().version
    world.put(RECORD_KEY, record())
    world.drain()
    assert world.row().version > version
    assert len(matched(world)) == 1


def test_looks_without_a_change_commit_nothing(world):
    analysed(world, EVENT)
    version = world.row().version
    world.hint(Hint(contact_id=CONTACT), Hint(contact_id=CONTACT))
    world.drain()
    assert (world.row().version, len(matched(world))) == (version, 1)


def test_a_contact_that_is_deleted_and_comes_back_is_not_told_again(world):
    analysed(world, EVENT)
    world.delete(CHAT_KEY)
    world.drain()
    world.put(CHAT_KEY, chat())
    world.drain()
    assert len(matched(world)) == 1


def test_a_record_that_makes_a_rule_match_later_is_told(world):
    with_rules(world, replace(GREETED, tags=(("team", "north"),), actions=(EVENT,)))
    world.put(CHAT_KEY, chat())
    world.drain()
    assert not matched(world)
    world.put(RECORD_KEY, record(Tags={"team": "north"}))
    world.drain()
    assert len(matched(world)) == 1


def test_another_rule_file_is_quiet_about_the_past(world):
    analysed(world, EVENT)
    with_rules(world, replace(GREETED, id="other", actions=(EVENT,)))
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert world.row().publication.rule_set == world.rule_set.id
    assert len(matched(world)) == 1


def test_a_backfill_is_quiet(past):
    publish(past)
    assert "Greeted" in past.row().publication.categories
    assert not matched(past)


def test_a_backfill_tells_when_asked_to(past):
    publish(past, quiet=False)
    assert len(matched(past)) == 1


def test_a_contact_that_comes_after_the_publication_is_told(past):
    publish(past)
    other = CONTACT[:-1] + "2"
    past.put(CHAT_KEY.replace(CONTACT, other), chat(contact_id=other))
    past.drain()
    assert [fact.contact_id for fact in matched(past)] == [other]


TOGGLES = {
    "withdrawn_and_back": ([1, WITHDRAWN, 1], 1),
    "published_twice": ([1, 1], 1),
    "a_new_version": ([1, 2], 2),
    "back_to_the_old_version": ([1, 2, 1, 2], 2),
}


@pytest.mark.parametrize(("versions", "told"), TOGGLES.values(), ids=TOGGLES)
def test_each_version_is_told_once_however_often_it_is_published(past, versions, told):
    for version in versions:
        publish(past, version=version, quiet=False)
    assert len(matched(past)) == told


def test_what_was_kept_quiet_stays_so_for_its_version(past):
    publish(past, quiet=True)
    publish(past, quiet=False)
    assert not matched(past)
    publish(past, version=2, quiet=False)
    assert len(matched(past)) == 1


def test_a_crash_between_commit_and_delivery_tells_under_the_same_id(world):
    with_rules(world, replace(GREETED, actions=(EVENT, TASK)))
    world.put(CHAT_KEY, chat())
    for message in world.services.queues.ingest.receive(1):
        advance(world.services, Hint.from_body(message.body))
    waiting = world.services.contacts.outbox()
    world.services.facts.publish([f for f in waiting if f.detail_type == MATCHED])
    for fact in waiting:
        if fact.name == actions.RULE_ACTION:
            orders.take(world.services, fact)
    orders.carry_out(world.services)
    later(world)
    assert len({fact.id for fact in matched(world)}) == 1
    assert len(reviews.newest(world.services, 10)) == 1
    assert [one.state for one in ended(world)] == [DONE]


def test_a_task_is_a_review_item(world):
    analysed(world, TASK)
    (item,) = reviews.newest(world.services, 10)
    assert (item.state, item.name, item.description) == ("OPEN", "Review", CONTACT)
    assert (item.contact_id, item.rule_id, item.revision) == (CONTACT, "greeted", 1)


def test_an_alert_is_there_since_its_match(world):
    analysed(world, ALERT)
    now = world.clock.now
    (alert,) = orders.alerts(world.services, now - MINUTE_MS, 10)
    assert (alert.rule_name, alert.contact_id, alert.body) == ("Greeted", CONTACT, ALERT.body)
    assert orders.alerts(world.services, now + 1, 10) == []


def test_a_notification_goes_over_every_channel_once(world):
    mail, hook = Phone(), Phone()
    world.services = replace(world.services, notifiers={"sns": mail, "webhook": hook})
    analysed(world, MAIL)
    later(world)
    ((one,), (two,)) = mail.sent, hook.sent
    assert (one.subject, one.content, one.contact_id) == ("Refund", "Look", CONTACT)
    assert one.id != two.id
    assert sorted(e.order.via for e in ended(world)) == ["sns", "webhook"]


def test_a_notice_holds_nothing_that_was_said(world):
    mail = Phone()
    world.services = replace(world.services, notifiers={"sns": mail})
    analysed(world, MAIL)
    told = json.dumps([fact.detail for fact in world.facts()]) + repr(mail.sent)
    assert "how can I help" not in told
    assert "Thank you" not in told


def test_a_channel_that_fails_is_tried_again_and_holds_up_nobody(world):
    mail, hook = Phone(Unavailable("busy"), Unavailable("busy")), Phone()
    world.services = replace(world.services, notifiers={"sns": mail, "webhook": hook})
    analysed(world, MAIL, TASK)
    assert len(hook.sent) == 1
    assert len(reviews.newest(world.services, 10)) == 1
    (waiting,) = orders.pending(world.services)
    assert (waiting.number, waiting.reason) == (1, "busy")
    later(world, 30_000)
    assert not mail.sent
    for _ in range(3):
        later(world)
    assert len(mail.sent) == 1
    assert not orders.pending(world.services)
    assert {e.order.via: e.attempts for e in ended(world)} == {"sns": 3, "webhook": 1, "": 1}


GIVEN_UP = {
    "after_the_last_attempt": ([Unavailable("busy")] * 99, ATTEMPTS, "busy"),
    "at_once_when_it_is_of_no_use": (
        [Unavailable("refused", retryable=False)],
        1,
        "refused",
    ),
}


@pytest.mark.parametrize(("failures", "attempts", "reason"), GIVEN_UP.values(), ids=GIVEN_UP)
def test_what_cannot_be_done_ends_visibly(world, failures, attempts, reason):
    world.services = replace(world.services, notifiers={"sns": Phone(*failures)})
    analysed(world, MAIL)
    for _ in range(ATTEMPTS + 2):
        later(world)
    (end,) = ended(world)
    assert (end.state, end.attempts, end.reason) == (FAILED, attempts, reason)
    (fact,) = [f for f in world.facts() if f.name == orders.FAILURE]
    assert fact.detail_type == "Amazon Connect Rules Action Execution Failed"
    assert fact.detail["ruleId"] == "greeted"
    assert fact.detail["actionType"] == actions.NOTIFICATION


def test_a_worker_that_dies_in_an_attempt_leaves_the_next_one(world):
    hook = Phone(MemoryError())
    world.services = replace(world.services, notifiers={"sns": hook})
    with pytest.raises(MemoryError):
        analysed(world, MAIL)
    later(world, 1000)
    assert not hook.sent
    later(world)
    assert len(hook.sent) == 1


def test_only_one_worker_has_an_attempt(world):
    with_rules(world, replace(GREETED, actions=(MAIL,)))
    hook = Phone()
    world.services = replace(world.services, notifiers={"sns": hook})
    world.put(CHAT_KEY, chat())
    for message in world.services.queues.ingest.receive(1):
        advance(world.services, Hint.from_body(message.body))
    for fact in world.services.contacts.outbox():
        if fact.name == actions.RULE_ACTION:
            orders.take(world.services, fact)
    (seen,) = orders.pending(world.services)
    assert [orders._try(world.services, seen) for _ in range(3)] == [True, False, False]
    assert len(hook.sent) == 1


UNDONE = {
    "cases": (Action("CREATE_CASE"), "Amazon Connect Cases is not part of Loupe"),
    "a_notification_without_a_channel": (MAIL, "no channel for notifications is configured"),
    "a_webhook_that_is_not_there": (Action(actions.WEBHOOK), "no webhook is configured"),
}


@pytest.mark.parametrize(("action", "reason"), UNDONE.values(), ids=UNDONE)
def test_what_is_not_carried_out_says_why(world, action, reason):
    analysed(world, action)
    (end,) = ended(world)
    assert end.state == NOT_CARRIED_OUT
    assert reason in end.reason


def test_a_rule_over_its_rate_is_suppressed_and_counted(tmp_path):
    world = counted(World(tmp_path, action_rate_per_hour=2))
    analysed(world, TASK, ALERT, TASK, TASK)
    states = sorted(one.state for one in ended(world))
    assert states == [DONE, DONE, SUPPRESSED, SUPPRESSED]
    told = [f for f in world.facts() if f.name == orders.FAILURE]
    assert [f.detail["reasonCode"] for f in told] == ["LIMIT_EXCEEDED"] * 2


def test_what_is_suppressed_stays_so_when_the_bus_is_away(tmp_path):
    world, hook = counted(World(tmp_path, action_rate_per_hour=1)), Phone()
    bus = world.services.facts
    world.services = replace(world.services, facts=SilentBus(), notifiers={"sns": hook})
    with pytest.raises(Unavailable):
        analysed(world, MAIL, MAIL)
    world.services = replace(world.services, facts=bus)
    for _ in range(3):
        later(world)
    assert sorted(one.state for one in ended(world)) == [DONE, SUPPRESSED]
    assert len(hook.sent) == 1
    told = [f for f in world.facts() if f.name == orders.FAILURE]
    assert [f.detail["reasonCode"] for f in told] == ["LIMIT_EXCEEDED"]
    assert not orders.pending(world.services)


class SlowToList:
    """A store that takes longer to list than a turn lasts."""

    def __init__(self, store, clock):
        self._store, self._clock = store, clock

    def __getattr__(self, name):
        return getattr(self._store, name)

    def list(self, prefix=""):
        self._clock.now += 2 * orders.TURN_MS
        return self._store.list(prefix)


def test_a_turn_tries_something_however_long_it_takes_to_find_it(world):
    slow = SlowToList(world.services.redacted, world.clock)
    world.services = replace(world.services, redacted=slow)
    with_rules(world, replace(GREETED, actions=(TASK,)))
    world.put(CHAT_KEY, chat())
    for message in world.services.queues.ingest.receive(1):
        advance(world.services, Hint.from_body(message.body))
    deliver_facts(world.services)
    assert [one.state for one in ended(world)] == [DONE]


def test_the_next_hour_has_slots_of_its_own(tmp_path):
    world = counted(World(tmp_path, action_rate_per_hour=1))
    analysed(world, TASK)
    world.clock.now += 60 * MINUTE_MS
    other = CONTACT[:-1] + "2"
    world.put(CHAT_KEY.replace(CONTACT, other), chat(contact_id=other))
    world.drain()
    assert [one.state for one in ended(world)] == [DONE, DONE]


def test_events_have_no_rate(tmp_path):
    world = counted(World(tmp_path, action_rate_per_hour=1))
    analysed(world, EVENT, replace(EVENT, body={"Name": "b"}), replace(EVENT, body={"Name": "c"}))
    assert len(matched(world)) == 3


def test_a_bus_that_is_away_does_not_hold_up_actions(world):
    bus, hook = world.services.facts, Phone()
    world.services = replace(world.services, facts=SilentBus(), notifiers={"sns": hook})
    with pytest.raises(Unavailable):
        analysed(world, EVENT, MAIL)
    assert len(hook.sent) == 1
    world.services = replace(world.services, facts=bus)
    later(world)
    assert (len(matched(world)), len(hook.sent)) == (1, 1)


def test_actions_are_taken_from_behind_facts_that_wait(world):
    hook = Phone()
    world.services = replace(world.services, facts=SilentBus(), notifiers={"sns": hook})
    with_rules(world, replace(GREETED, actions=(EVENT, MAIL)))
    world.put(CHAT_KEY, chat())
    for message in world.services.queues.ingest.receive(1):
        advance(world.services, Hint.from_body(message.body))
    assert len(world.services.contacts.outbox()) == 3
    with pytest.raises(Unavailable):
        deliver_facts(world.services, limit=1)
    assert len(hook.sent) == 1


def test_what_one_turn_has_no_time_for_another_one_does(world):
    class Slow(Phone):
        def send(self, notice):
            world.clock.now += 4000
            super().send(notice)

    slow = Slow()
    world.services = replace(world.services, notifiers={"sns": slow})
    with_rules(world, replace(GREETED, actions=(MAIL,) * 8))
    world.put(CHAT_KEY, chat())
    for message in world.services.queues.ingest.receive(1):
        advance(world.services, Hint.from_body(message.body))
    deliver_facts(world.services)
    assert len(slow.sent) == 3
    world.drain()
    assert len({notice.id for notice in slow.sent}) == len(slow.sent) == 8


def test_a_row_from_before_counts_as_analysed_when_it_was_seen(past):
    row = replace(past.row(), analysed_ms=0)
    assert first_analysed_ms(row) == row.first_seen_ms > 0
    assert first_analysed_ms(replace(row, publication=None)) == 0
    assert first_analysed_ms(None) == 0
