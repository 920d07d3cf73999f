"""What every bus of facts promises."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.adapters.aws.eventbridge_facts import EventBridgeFacts
from chalicelib.adapters.local.local_facts import LocalFacts
from chalicelib.domain.errors import Unavailable
from tests.contract.rows import fact
from tests.fakes.messaging import MemoryFacts


class Bus:
    """A bus and how to see what it took: (detail type, detail) in order."""

    def __init__(self, facts, seen) -> None:
        self.facts, self.seen = facts, seen


def _emulated(request) -> Bus:
    client, queues = (request.getfixturevalue("aws")(name) for name in ("events", "sqs"))
    bus = (
        client.create_event_bus(Name="facts-bus")
        if "facts-bus" not in {b["Name"] for b in client.list_event_buses()["EventBuses"]}
        else None
    )
    assert bus is None or bus["EventBusArn"]
    url = queues.create_queue(QueueName="facts-seen")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    client.put_rule(
        Name="all", EventBusName="facts-bus", EventPattern=json.dumps({"source": ["loupe"]})
    )
    client.put_targets(
        Rule="all", EventBusName="facts-bus", Targets=[{"Id": "q", "Arn": arn["QueueArn"]}]
    )

    def seen():
        out = []
        while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                event = json.loads(message["Body"])
                out.append((event["detail-type"], event["detail"]))
                queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return out

    seen()
    return Bus(EventBridgeFacts(client, "facts-bus"), seen)


def _told(facts):
    return [
        (f.detail_type, {**f.detail, "id": f.id, "name": f.name, "contactId": f.contact_id})
        for f in facts
    ]


@pytest.fixture(params=["fake", "local", "eventbridge"])
def bus(request, tmp_path):
    if request.param == "fake":
        facts = MemoryFacts()
        yield Bus(facts, lambda: _told(facts.facts.values()))
    elif request.param == "local":
        facts = LocalFacts(tmp_path / "facts.db")
        yield Bus(facts, lambda: _told(f for _, f in facts.published()))
        facts.close()
    else:
        yield _emulated(request)


def test_every_fact_that_was_taken_is_told_with_its_id(bus):
    facts = [fact(f"f-{n:02d}", f"c-{n}") for n in range(23)]
    assert list(bus.facts.publish(facts)) == [f.id for f in facts]
    seen = sorted(bus.seen(), key=lambda each: each[1]["id"])
    assert seen == _told(facts)


def test_no_facts_are_no_error(bus):
    assert list(bus.facts.publish([])) == []
    assert bus.seen() == []


def test_a_fact_published_again_under_its_id_is_taken_and_not_doubled_locally(tmp_path):
    facts = LocalFacts(tmp_path / "facts.db")
    assert facts.publish([fact("f-1")]) == ("f-1",)
    assert facts.publish([fact("f-1"), fact("f-2")]) == ("f-1", "f-2")
    told = facts.published()
    assert [f for _, f in told] == [fact("f-1"), fact("f-2")]
    assert [f for _, f in facts.published(after=told[0][0])] == [fact("f-2")]
    facts.close()


class RefusingBus:
    """An EventBridge that refuses some entries, or fails after some calls."""

    def __init__(self, refused=(), fails_after=99) -> None:
        self.refused, self.fails_after, self.calls = refused, fails_after, []

    def put_events(self, Entries):  # noqa: N803
        self.calls.append(Entries)
        if len(self.calls) > self.fails_after:
            raise ConnectionError
        return {
            "FailedEntryCount": len(self.refused),
            "Entries": [
                {"ErrorCode": "ThrottlingException"}
                if json.loads(e["Detail"])["id"] in self.refused
                else {"EventId": "1"}
                for e in Entries
            ],
        }


def test_only_the_taken_of_a_batch_are_returned():
    facts = [fact(f"f-{n}") for n in range(5)]
    bus = EventBridgeFacts(RefusingBus(refused={"f-1", "f-4"}), "bus")
    assert bus.publish(facts) == ("f-0", "f-2", "f-3")


def test_what_was_taken_before_a_failing_call_is_returned():
    facts = [fact(f"f-{n}") for n in range(15)]
    client = RefusingBus(fails_after=1)
    assert EventBridgeFacts(client, "bus").publish(facts) == tuple(f.id for f in facts[:10])
    assert [len(entries) for entries in client.calls] == [10, 5]


def test_a_bus_that_takes_nothing_is_unavailable():
    with pytest.raises(Unavailable) as failed:
        EventBridgeFacts(RefusingBus(fails_after=0), "bus").publish([fact("f-1")])
    assert failed.value.retryable


def test_the_ids_of_a_fact_win_over_its_detail():
    client = RefusingBus()
    EventBridgeFacts(client, "bus").publish([replace(fact("f-1"), detail={"id": "x", "n": None})])
    ((entry,),) = client.calls
    assert json.loads(entry["Detail"])["id"] == "f-1"
    assert (entry["Source"], entry["EventBusName"]) == ("loupe", "bus")


def test_facts_of_a_contact_are_removed_where_they_are_kept(bus):
    facts = [fact("f-1", "c-1"), replace(fact("f-2", "c-1"), name="Kept"), fact("f-3", "c-2")]
    bus.facts.publish(facts)
    removed = bus.facts.forget(["c-1"], keep=("Kept",))
    left = {each[1]["id"] for each in bus.seen()}
    assert (removed, left) in ((1, {"f-2", "f-3"}), (None, {"f-1", "f-2", "f-3"}))
