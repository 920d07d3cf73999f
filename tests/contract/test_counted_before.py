"""A DynamoDB table that a version without schemes of counting has written."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.adapters.aws import dynamo_items as items
from chalicelib.adapters.aws.dynamo_contacts import DynamoContacts
from chalicelib.flow.recount import recount
from tests.contract.conftest import table
from tests.contract.rows import commit, row
from tests.fakes.stores import Ticking
from tests.unit.api_world import services


def test_its_rows_are_counted_anew_and_its_counters_are_left_aside(aws, tmp_path):
    client = aws("dynamodb")
    name = table(client)
    store = DynamoContacts(client, name, clock=Ticking(), shards=2)
    old = commit(store, replace(row("c-1", queue_id="q"), counted=""))
    key = {"PK": {"S": "C#c-1"}, "SK": {"S": "META"}}
    client.update_item(TableName=name, Key=key, UpdateExpression="REMOVE counted")
    former = {"PK": {"S": "R#D#ALL#*#2025-12#0"}, "SK": {"S": "2025-12-01"}, "c:n": {"N": "7"}}
    client.put_item(TableName=name, Item=former)
    client.put_item(TableName=name, Item={"PK": {"S": "P#R"}, "SK": {"S": "2025-12"}})

    assert store.get("c-1") == old
    assert store.counted_by() == ""
    assert store.rollups("D", "ALL", "*", first="0", last="9") == {}
    there = replace(services(tmp_path), contacts=store)
    assert recount(there)
    assert store.rollups("D", "ALL", "*", first="0", last="9")["2025-12-01"]["n"] == 1
    assert store.counted_by() == "2/UTC"


def test_a_row_keeps_the_scheme_it_was_written_with(aws):
    client = aws("dynamodb")
    store = DynamoContacts(client, table(client), clock=Ticking())
    new = replace(row("c-1"), counted="2/Europe/Berlin")
    commit(store, new)
    assert store.get("c-1") == new
    assert items.row_item(items.Item, new).counted == "2/Europe/Berlin"
