"""What every work queue promises. Time is told by the test: ``world.advance`` lets it pass."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.adapters.aws.sqs_queue import SqsQueue
from chalicelib.adapters.local.sqlite_queue import SqliteQueue
from tests.fakes.messaging import MemoryQueue
from tests.fakes.stores import Ticking

VISIBILITY_S = 1
MAX_RECEIVES = 2


@dataclass
class World:
    """A queue with a visibility timeout of one second and two receives."""

    queue: Any
    clock: Ticking | None = None

    def advance(self, seconds: float) -> None:
        if self.clock:
            self.clock.advance(seconds)
        else:
            time.sleep(seconds)


def sqs_queue(client) -> SqsQueue:
    name = uuid.uuid4().hex
    dead = client.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    policy = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": MAX_RECEIVES}
    url = client.create_queue(
        QueueName=name,
        Attributes={"VisibilityTimeout": str(VISIBILITY_S), "RedrivePolicy": json.dumps(policy)},
    )["QueueUrl"]
    return SqsQueue(client, url, dead)


@pytest.fixture(params=["fake", "sqlite", "sqs"])
def world(request, tmp_path):
    clock = Ticking()
    given = {"visibility_s": VISIBILITY_S, "max_receives": MAX_RECEIVES, "clock": clock}
    if request.param == "fake":
        yield World(MemoryQueue(**given), clock)
    elif request.param == "sqlite":
        queue = SqliteQueue(tmp_path / "queues.db", "ingest", **given)
        yield World(queue, clock)
        queue.close()
    else:
        yield World(sqs_queue(request.getfixturevalue("aws")("sqs")))


def bodies(messages) -> list[dict[str, str]]:
    return sorted((dict(m.body) for m in messages), key=str)


def test_a_message_is_received_with_its_body_and_counted(world):
    world.queue.send({"key": "a+b %é/\U0001f600", "reason": "event"})
    (message,) = world.queue.receive()
    assert message.body == {"key": "a+b %é/\U0001f600", "reason": "event"}
    assert message.receives == 1


def test_an_empty_queue_gives_nothing(world):
    assert list(world.queue.receive(10)) == []
    depth = world.queue.depth()
    assert (depth.waiting, depth.in_flight, depth.dead, depth.oldest_age_s) == (0, 0, 0, None)


def test_no_more_messages_than_asked_for(world):
    for n in range(4):
        world.queue.send({"n": str(n)})
    first = world.queue.receive(3)
    assert len(first) == 3
    assert bodies([*first, *world.queue.receive(10)]) == [{"n": str(n)} for n in range(4)]


def test_a_received_message_is_hidden_until_its_timeout_then_comes_again(world):
    world.queue.send({"n": "1"})
    (first,) = world.queue.receive()
    assert list(world.queue.receive(10)) == []
    world.advance(VISIBILITY_S + 0.2)
    (again,) = world.queue.receive()
    assert (again.id, again.receives) == (first.id, 2)


def test_a_message_that_was_done_never_comes_again(world):
    world.queue.send({"n": "1"})
    (message,) = world.queue.receive()
    world.queue.done(message)
    world.queue.done(message)
    world.advance(VISIBILITY_S + 0.2)
    assert list(world.queue.receive()) == []
    assert world.queue.depth().waiting == 0


def test_a_message_given_back_comes_at_once(world):
    world.queue.send({"n": "1"})
    (message,) = world.queue.receive()
    world.queue.retry(message)
    (again,) = world.queue.receive()
    assert (again.id, again.receives) == (message.id, 2)


def test_a_message_given_back_with_a_delay_comes_after_it(world):
    world.queue.send({"n": "1"})
    (message,) = world.queue.receive()
    world.queue.retry(message, delay_s=2)
    world.advance(VISIBILITY_S + 0.2)
    assert list(world.queue.receive()) == []
    world.advance(1.2)
    assert len(world.queue.receive()) == 1


def test_a_delayed_message_waits(world):
    world.queue.send({"n": "1"}, delay_s=1)
    assert list(world.queue.receive()) == []
    assert world.queue.depth().waiting == 1
    world.advance(1.2)
    assert len(world.queue.receive()) == 1


def test_work_that_goes_on_keeps_its_message_hidden(world):
    world.queue.send({"n": "1"})
    (message,) = world.queue.receive()
    world.queue.extend(message, timeout_s=3)
    world.advance(VISIBILITY_S + 0.2)
    assert list(world.queue.receive()) == []
    world.queue.done(message)
    assert world.queue.depth().in_flight == 0


def test_a_receipt_that_somebody_else_has_replaced_changes_nothing(world):
    world.queue.send({"n": "1"})
    (frozen,) = world.queue.receive()
    world.advance(VISIBILITY_S + 0.2)
    (current,) = world.queue.receive()
    if world.clock:  # see test_emulation_gaps for what the emulated SQS does
        world.queue.done(frozen)
    world.queue.retry(frozen)
    world.queue.extend(frozen, timeout_s=600)
    assert list(world.queue.receive()) == []
    assert world.queue.depth().in_flight == 1
    world.queue.done(current)
    assert world.queue.depth().in_flight == 0


def exhaust(world) -> None:
    for _ in range(MAX_RECEIVES):
        for message in world.queue.receive(10):
            world.queue.retry(message)
    assert list(world.queue.receive(10)) == []


def test_a_message_that_is_never_done_becomes_a_dead_letter(world):
    world.queue.send({"n": "poison"})
    exhaust(world)
    assert bodies(world.queue.dead()) == [{"n": "poison"}]
    assert bodies(world.queue.dead()) == [{"n": "poison"}]
    depth = world.queue.depth()
    assert (depth.waiting, depth.in_flight, depth.dead) == (0, 0, 1)


def test_a_look_at_the_dead_letters_is_bounded(world):
    for n in range(3):
        world.queue.send({"n": str(n)})
    exhaust(world)
    assert len(world.queue.dead(2)) == 2
    assert len(world.queue.dead()) == 3


def test_dead_letters_moved_back_are_received_as_new(world):
    for n in range(3):
        world.queue.send({"n": str(n)})
    exhaust(world)
    assert world.queue.redrive() == 3
    assert world.queue.redrive() == 0
    again = world.queue.receive(10)
    assert bodies(again) == [{"n": "0"}, {"n": "1"}, {"n": "2"}]
    assert {m.receives for m in again} == {1}
    assert world.queue.depth().dead == 0


def test_the_depth_tells_waiting_and_in_flight_apart(world):
    for n in range(3):
        world.queue.send({"n": str(n)})
    world.queue.receive(2)
    depth = world.queue.depth()
    assert (depth.waiting, depth.in_flight) == (1, 2)


def test_messages_that_name_something_are_removed_where_a_queue_can_be_searched(world):
    for body in ({"contactId": "c-1"}, {"key": "k-1", "reason": "event"}, {"contactId": "c-2"}):
        world.queue.send(body)
    removed = world.queue.forget(frozenset({"c-1", "k-1"}))
    left = [m["contactId"] for m in bodies(world.queue.receive(10)) if "contactId" in m]
    assert (removed, left) in ((2, ["c-2"]), (None, ["c-1", "c-2"]))
