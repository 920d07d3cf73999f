"""How many write units a published contact takes, counted from every request that the adapter sends.

The day is a busy one already: twenty categories are in use, every counter is there. Figures of this test
stand in ``docs/analytics.md``.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from chalicelib.adapters.aws import clients, dynamo_units
from chalicelib.adapters.aws.dynamo_contacts import DynamoContacts
from chalicelib.domain.rollup import add, deltas
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.transcript import Channel
from chalicelib.ports.storage import Commit, RowWrite
from tests.contract.conftest import table
from tests.contract.rows import bare, publication
from tests.fakes.stores import Ticking
from tests.rules import says
from tests.world import CHAT_KEY, CONTACT, RECORD_KEY, World, chat, record

NAMES = [f"Category of contact {n:02d}" for n in range(20)]
NINE = 1_767_603_840_000  # 2026-01-05T09:04Z, when the contact ended
LINES = [("AGENT", "Hello, how can I help?"), ("CUSTOMER", "I want a refund, please cancel it")]


class Meter:
    """Counts the units of every write that a client sends, by kind of item."""

    def __init__(self, client, name: str) -> None:
        self.client, self.name = client, name
        self.units: Counter[str] = Counter()
        self.items: Counter[str] = Counter()
        self.reader = clients.make("dynamodb")
        self.open: list[tuple[dict, dict | None, bool]] = []
        for operation in ("TransactWriteItems", "PutItem", "DeleteItem", "UpdateItem"):
            client.meta.events.register(f"before-parameter-build.dynamodb.{operation}", self.before)
            client.meta.events.register(f"after-call.dynamodb.{operation}", self.after)

    def stored(self, key: dict) -> dict | None:
        return self.reader.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")

    def before(self, params, model, **_) -> None:
        if model.name == "TransactWriteItems":
            keys = [key for _, key in dynamo_units.written(params)]
        else:
            given = params.get("Key") or params["Item"]
            keys = [{"PK": given["PK"], "SK": given["SK"]}]
        within = model.name == "TransactWriteItems"
        self.open = [(key, self.stored(key), within) for key in keys]

    def after(self, http_response, **_) -> None:
        assert http_response.status_code == 200
        for key, before, within in self.open:
            kind = key["PK"]["S"].partition("#")[0]
            self.units[kind] += dynamo_units.units(before, self.stored(key), transaction=within)
            self.items[kind] += 1


def busy_day(store) -> None:
    """A day of 400 other contacts in the same hour, queue and agent."""
    chance = random.Random(3)
    rows = []
    for n in range(400):
        told = publication(
            NINE - n, queue_id="billing", agent_id="ada", channel=Channel.CHAT, channels=(Channel.CHAT,),
            duration_ms=int(4000 * 2 ** chance.uniform(-1, 12)), sentiment_customer=chance.uniform(-5, 5),
            sentiment_agent=chance.uniform(-5, 5), sentiment_shift=chance.uniform(-9, 9), talk_ms=90_000,
            agent_talk_ms=50_000, customer_talk_ms=40_000, non_talk_ms=9_000, interruptions=3,
            agent_interruptions=1, handle_ms=230_000, categories=tuple(chance.sample(NAMES, 2)),
        )  # fmt: skip
        rows.append(replace(bare(f"d-{n}"), publication=told))
    total = add(*(deltas(None, each) for each in rows))
    store.commit(Commit([RowWrite(bare("d-0"), None)], total))


def published(aws, folder, *, categories: int, lines=LINES) -> Meter:
    """One chat whose contact record is there, from its file to its delivered facts."""
    client = clients.make("dynamodb")
    name = table(aws("dynamodb"))
    store = DynamoContacts(client, name, clock=Ticking(NINE), shards=1)
    busy_day(store)
    world = World(folder)
    phrases = ("refund", "cancel", "please")[:categories]
    world.rule_set = RuleSet(
        "units", tuple(says(f"r{n}", NAMES[n], 1, [phrase]) for n, phrase in enumerate(phrases))
    )
    world.services = replace(world.services, contacts=store)
    world.put(RECORD_KEY, record())
    world.drain()
    meter = Meter(client, name)
    world.put(CHAT_KEY, chat(lines))
    world.drain()
    told = world.row(CONTACT).publication
    assert (told.agent_id, told.queue_id) == ("ada", "billing")
    assert len(told.categories) == categories
    return meter


@pytest.fixture(scope="module")
def of_one_and_two(aws, tmp_path_factory):
    return [published(aws, tmp_path_factory.mktemp("units"), categories=count) for count in (1, 2)]


def test_a_published_contact_with_one_and_a_half_categories_takes_33_units_at_most(of_one_and_two):
    mean = sum(sum(meter.units.values()) for meter in of_one_and_two) / 2
    assert mean <= 33


def test_the_units_do_not_grow_with_the_turns(aws, tmp_path, of_one_and_two):
    long = LINES + [("AGENT", f"This is what I can do for you, number {n}") for n in range(300)]
    meter = published(aws, tmp_path, categories=1, lines=long)
    assert meter.units == of_one_and_two[0].units


def test_more_categories_touch_no_more_items(aws, tmp_path, of_one_and_two):
    meter = published(aws, tmp_path, categories=3)
    assert meter.items == of_one_and_two[0].items == of_one_and_two[1].items
