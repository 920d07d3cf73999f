"""The one DynamoDB table: its items, keys and indexes.

    PK                                SK                            item
    C#<contact>                       META                          contact row (gzipped JSON)
    O#<sha256 of name>                OWNER                         object key or job name -> contact
    R2#<period>#<dim>#<month>#<shard>   <value>, <bucket>, <channels>   roll-up (``dynamo_rollups``)
    X#<fact id>                       FACT                          outbox
    F#<day>                           <commit ms>.<n>#<contact>#<version>   feed of commits, expires
    P#<family>                        <day or month>                which list partitions exist

``POS`` orders lists newest first: the time counted down from the end of year 9999, then the id.
    by-day    DAY     T#<day>                all rows, tombstones too
    by-queue  QUEUE   Q#<queue>#<month>      published rows of a queue
    by-agent  AGENT   A#<agent>#<month>      published rows of an agent
    by-customer  CUSTOMER  U#<pseudonym>     sparse: published rows of a customer
    by-state  STATE   RUN#<status>           sparse: rows that are not completed
                      REFUSED#<status>       sparse: rows with a refused part beside a good one
                      OUTBOX                 facts to deliver
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from chalicelib.adapters import listing
from chalicelib.adapters.aws import dynamo_body
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.events import Fact
from chalicelib.domain.figures import figures
from chalicelib.formats import artifact

PROJECTED = ("status", "channels", "categories", "figures")
INDEX_KEYS = {
    "by-day": "DAY",
    "by-queue": "QUEUE",
    "by-agent": "AGENT",
    "by-customer": "CUSTOMER",
    "by-state": "STATE",
}
TIME_TO_LIVE = "expires_s"
SPARSE = frozenset((Status.IN_PROGRESS, Status.FAILED, Status.QUARANTINED))
STATES = {  # by status: (nothing was refused, something was)
    Status.IN_PROGRESS: ("RUN#IN_PROGRESS", "REFUSED#IN_PROGRESS"),
    Status.COMPLETED: (None, "REFUSED#COMPLETED"),
    Status.FAILED: ("RUN#FAILED", "RUN#FAILED"),
    Status.QUARANTINED: ("RUN#QUARANTINED", "RUN#QUARANTINED"),
    Status.DELETED: (None, None),
}
OUTBOX = "OUTBOX"


class _ByDay(GlobalSecondaryIndex["Item"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by-day"
        projection = IncludeProjection(list(PROJECTED))

    day = UnicodeAttribute(hash_key=True, attr_name="DAY")
    position = UnicodeAttribute(range_key=True, attr_name="POS")


class _ByQueue(GlobalSecondaryIndex["Item"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by-queue"
        projection = IncludeProjection(list(PROJECTED))

    queue = UnicodeAttribute(hash_key=True, attr_name="QUEUE")
    position = UnicodeAttribute(range_key=True, attr_name="POS")


class _ByAgent(GlobalSecondaryIndex["Item"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by-agent"
        projection = IncludeProjection(list(PROJECTED))

    agent = UnicodeAttribute(hash_key=True, attr_name="AGENT")
    position = UnicodeAttribute(range_key=True, attr_name="POS")


class _ByCustomer(GlobalSecondaryIndex["Item"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by-customer"
        projection = IncludeProjection(list(PROJECTED))

    customer = UnicodeAttribute(hash_key=True, attr_name="CUSTOMER")
    position = UnicodeAttribute(range_key=True, attr_name="POS")


class _ByState(GlobalSecondaryIndex["Item"]):  # type: ignore[no-untyped-call]
    class Meta:
        index_name = "by-state"
        projection = IncludeProjection(list(PROJECTED))

    state = UnicodeAttribute(hash_key=True, attr_name="STATE")
    position = UnicodeAttribute(range_key=True, attr_name="POS")


class Item(Model):
    """Any item of the table; which attributes it has depends on its kind."""

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    version = NumberAttribute(null=True)
    body = BinaryAttribute(null=True, legacy_encoding=False)
    contact_id = UnicodeAttribute(null=True)
    position = UnicodeAttribute(null=True, attr_name="POS")
    day = UnicodeAttribute(null=True, attr_name="DAY")
    queue = UnicodeAttribute(null=True, attr_name="QUEUE")
    agent = UnicodeAttribute(null=True, attr_name="AGENT")
    customer = UnicodeAttribute(null=True, attr_name="CUSTOMER")
    state = UnicodeAttribute(null=True, attr_name="STATE")
    status = UnicodeAttribute(null=True)
    channels = UnicodeSetAttribute(null=True)
    categories = UnicodeSetAttribute(null=True)
    figures = UnicodeAttribute(null=True)
    expires_s = NumberAttribute(null=True)
    counted = UnicodeAttribute(null=True)

    by_day = _ByDay()
    by_queue = _ByQueue()
    by_agent = _ByAgent()
    by_customer = _ByCustomer()
    by_state = _ByState()


def table_definition() -> dict[str, Any]:
    """The table as CloudFormation's ``AWS::DynamoDB::Table`` properties, without its name."""
    attributes = ("PK", "SK", "POS", *INDEX_KEYS.values())
    return {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in attributes
        ],
        "KeySchema": _keys("PK", "SK"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index,
                "KeySchema": _keys(key, "POS"),
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": list(PROJECTED),
                },
            }
            for index, key in INDEX_KEYS.items()
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "TimeToLiveSpecification": {"AttributeName": TIME_TO_LIVE, "Enabled": True},
    }


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def day_of(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y%m%d")


def month_of(at_ms: int) -> str:
    return day_of(at_ms)[:6]


def position(at_ms: int, contact_id: str) -> str:
    return f"{listing.LAST_MS - at_ms:015d}#{contact_id}"


def at_position(place: str) -> tuple[int, str]:
    """(time, contact id) of a place in a list."""
    down, _, contact_id = place.partition("#")
    return listing.LAST_MS - int(down), contact_id


def row_key(contact_id: str) -> tuple[str, str]:
    return f"C#{contact_id}", "META"


def owner_key(name: str) -> tuple[str, str]:
    """Hashed: an object key may hold a customer's number."""
    return f"O#{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}", "OWNER"


def fact_key(fact_id: str) -> tuple[str, str]:
    return f"X#{fact_id}", "FACT"


def partitions_of(row: ContactRow) -> dict[str, tuple[str, str]]:
    """The list partitions a row is in, by index attribute: (family, day or month)."""
    at = listing.sort_ms(row)
    found = {"day": ("T", day_of(at))}
    live = row.status is not Status.DELETED
    if live and (queue := listing.queue_id(row)):
        found["queue"] = (f"Q#{queue}", month_of(at))
    if live and (agent := listing.agent_id(row)):
        found["agent"] = (f"A#{agent}", month_of(at))
    return found


def customer_key(customer_ref: str) -> str:
    return f"U#{customer_ref}"


def states_of(statuses: Iterable[Status], *, refused: bool) -> list[str]:
    """The state partitions where rows of these statuses are, all of them or those with a refusal."""
    found = (name for status in statuses for name in STATES[status][refused:])
    return list(dict.fromkeys(name for name in found if name))


def row_item(model: type[Item], row: ContactRow) -> Item:
    lists: dict[str, Any] = {
        name: f"{family}#{unit}" for name, (family, unit) in partitions_of(row).items()
    }
    return model(
        *row_key(row.contact_id),
        version=row.version,
        body=dynamo_body.packed(artifact.dump(row)),
        position=position(listing.sort_ms(row), row.contact_id),
        status=row.status.value,
        channels=set(listing.channels(row)) or None,
        categories=set(listing.categories(row)) or None,
        figures=json.dumps(figures(row.publication), separators=(",", ":")),
        state=STATES[row.status][listing.refused(row)],
        customer=_customer(row),
        counted=row.counted or None,
        **lists,
    )


def _customer(row: ContactRow) -> str | None:
    ref = listing.customer_ref(row)
    return customer_key(ref) if ref and row.status is not Status.DELETED else None


def row_of(item: Item) -> ContactRow:
    """A row that was written before roll-ups had schemes has no ``counted``."""
    row = artifact.load(ContactRow, dynamo_body.unpacked(item.body))
    return replace(row, counted=item.counted or "")


def fact_item(model: type[Item], fact: Fact, at_ms: int, number: int) -> Item:
    return model(
        *fact_key(fact.id),
        body=artifact.dump(fact),
        state=OUTBOX,
        position=f"{at_ms:015d}#{number:03d}#{fact.id}",
    )
