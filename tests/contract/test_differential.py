"""Random lives of contacts: memory, SQLite and DynamoDB must tell the same story at every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from chalicelib.adapters.aws.dynamo_contacts import DynamoContacts
from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import VersionMoved
from chalicelib.domain.figures import Figure, Range
from chalicelib.domain.rollup import contribution, deltas
from chalicelib.domain.transcript import Channel
from chalicelib.ports.storage import CategoryMatch, Commit, ContactQuery, RowWrite
from tests.contract.conftest import table
from tests.contract.rows import HOUR, NOON, bare, fact, refused_part, row, tombstone
from tests.fakes.stores import MemoryContacts, Ticking

STEPS = 28
IDS = [f"c-{n}" for n in range(7)]
RANGES = [
    Range(Figure.SENTIMENT_CUSTOMER, -30, None),
    Range(Figure.SENTIMENT_CUSTOMER, None, 0),
    Range(Figure.INTERRUPTIONS, 0, 2),
    Range(Figure.DURATION, 60_000, 60_000),
]


class Life:
    """Random commits and questions, each drawn once and put to every store."""

    def __init__(self, stores: list, seed: int) -> None:
        self.stores, self.random = stores, Random(seed)
        self.cursors = [store.changes().cursor for store in stores]
        self.facts = 0

    def step(self) -> None:
        self.commit()
        self.random.choice([self.ask_list, self.ask_changes, self.ask_all, self.deliver])()

    def commit(self) -> None:
        ids = self.random.sample(IDS, self.random.choice([1, 1, 1, 2]))
        olds = [self.stores[0].get(each) for each in ids]
        news = [self._next(each, old) for each, old in zip(ids, olds, strict=True)]
        stale = self.random.random() < 0.2
        writes = [
            RowWrite(new, (old.version if old else None) if not stale else 77)
            for new, old in zip(news, olds, strict=True)
        ]
        changed: dict = {}
        for new, old in zip(news, olds, strict=True):
            for key, counters in deltas(old, new).items():
                mine = changed.setdefault(key, {})
                for name, n in counters.items():
                    mine[name] = mine.get(name, 0) + n
        self.facts += 1
        owners = {f"k-{self.random.randrange(5)}": self.random.choice([*ids, None])}
        change = Commit(writes, changed, owners, [fact(f"f-{self.facts}")])
        assert self._same(lambda store: self._try(store, change)) is stale

    def _next(self, contact_id: str, old: ContactRow | None) -> ContactRow:
        refused = self.random.random() < 0.3
        return replace(self._row(contact_id, old), parts=(refused_part(),) if refused else ())

    def _row(self, contact_id: str, old: ContactRow | None) -> ContactRow:
        pick, version = self.random, (old.version if old else 0) + 1
        at = NOON + pick.choice([0, 0, 1, HOUR, 30 * HOUR, -800 * HOUR])
        kind = pick.randrange(4)
        if kind == 0 and old:
            return replace(tombstone(old), version=version)
        if kind == 1:
            return bare(contact_id, at, version=version, status=pick.choice(list(Status)[:4]))
        channels = pick.choice([(Channel.VOICE,), (Channel.CHAT,), (Channel.VOICE, Channel.CHAT)])
        return row(
            contact_id,
            at,
            version=version,
            channel=channels[0],
            channels=channels,
            queue_id=pick.choice([None, "q-1", "q-2"]),
            agent_id=pick.choice([None, "a-1", "a-2"]),
            categories=tuple(pick.sample(["Refund", "Rude [x]", "Ünlü.%"], pick.randrange(3))),
            sentiment_customer=pick.choice([None, -2.5, 4.0]),
            interruptions=pick.choice([None, 0, 3]),
            attributes={k: pick.choice("xy") for k in pick.sample(["a", "b c"], pick.randrange(3))},
            status=pick.choice([Status.COMPLETED, Status.COMPLETED, Status.FAILED]),
        )

    def ask_list(self) -> None:
        pick = self.random
        query = ContactQuery(
            start_ms=pick.choice([None, NOON, NOON + 1]),
            end_ms=pick.choice([None, NOON + HOUR, NOON + 40 * HOUR]),
            channels=pick.choice([(), (), ("VOICE",), ("CHAT",)]),
            queue_ids=pick.choice([(), (), ("q-1",), ("q-1", "q-2")]),
            agent_ids=pick.choice([(), (), ("a-1",), ("a-1", "a-2")]),
            statuses=pick.choice([(), (Status.COMPLETED,), (Status.FAILED, Status.IN_PROGRESS)]),
            categories=pick.choice([(), (), ("Rude [x]",), ("Refund", "Ünlü.%")]),
            refused=pick.choice([False, False, True]),
            category_match=pick.choice(list(CategoryMatch)),
            ranges=tuple(pick.sample(RANGES, pick.choice([0, 0, 1, 2]))),
            attributes=pick.choice(
                [(), (), (("a", ("x",)),), (("a", ("x", "y")), ("b c", ("y",)))]
            ),
        )
        limit = pick.randrange(1, 4)
        self._same(lambda store: list(self._pages(store, query, limit)))

    def ask_changes(self) -> None:
        limit = self.random.randrange(1, 9)
        pages = [
            store.changes(cursor=cursor, limit=limit)
            for store, cursor in zip(self.stores, self.cursors, strict=True)
        ]
        self.cursors = [page.cursor for page in pages]
        told = [page.rows for page in pages]
        assert told[1:] == told[:-1]
        self._same(lambda store: store.changes(limit=limit).rows)

    def ask_all(self) -> None:
        rows = self._same(lambda store: [store.get(each) for each in IDS])
        self._same(lambda store: sorted(store.ids()))
        self._same(lambda store: sorted(r.contact_id for r in store.unfinished()))
        self._same(lambda store: [store.owner_of(f"k-{n}") for n in range(5)])
        days = {"first": "2025-01-01", "last": "2026-12-31"}
        for dimension, value in (
            ("ALL", "*"),
            ("QUEUE", "q-1"),
            ("AGENT", "a-2\x1fq-1"),
            ("CATEGORY", "*"),
        ):
            counted = self._same(
                lambda store, d=dimension, v=value: store.rollups("D", d, v, **days)
            )
            assert counted == fold(rows, dimension, value)

    def deliver(self) -> None:
        waiting = self._same(lambda store: [f.id for f in store.outbox(5)])
        for fact_id in waiting[:3]:
            for store in self.stores:
                store.delivered(fact_id)

    def _same(self, ask):
        answers = [ask(store) for store in self.stores]
        assert answers[1:] == answers[:-1]
        return answers[0]

    @staticmethod
    def _try(store, change: Commit) -> bool:
        try:
            store.commit(change)
        except VersionMoved:
            return True
        return False

    @staticmethod
    def _pages(store, query: ContactQuery, limit: int) -> Iterator[tuple]:
        cursor = None
        while True:
            page = store.find(query, cursor=cursor, limit=limit)
            yield page.rows
            cursor = page.cursor
            if cursor is None:
                return


def fold(rows, dimension: str, value: str) -> dict[str, dict[str, int]]:
    """The roll-ups as the rows themselves say."""
    out: dict[str, dict[str, int]] = {}
    for each in rows:
        for key, counters in contribution(each).items():
            if (key.period, key.dimension, key.value) == ("D", dimension, value):
                bucket = out.setdefault(key.bucket, {})
                for name, n in counters.items():
                    bucket[name] = bucket.get(name, 0) + n
    nonzero = {b: {name: n for name, n in c.items() if n} for b, c in out.items()}
    return {bucket: counters for bucket, counters in nonzero.items() if counters}


@pytest.mark.parametrize("seed", [1, 2])
def test_all_stores_tell_the_same_story(aws, tmp_path, seed):
    client = aws("dynamodb")
    sqlite = SqliteContacts(tmp_path / "contacts.db")
    dynamo = DynamoContacts(client, table(client), clock=Ticking(), shards=2)
    life = Life([MemoryContacts(), sqlite, dynamo], seed)
    for _ in range(STEPS):
        life.step()
    life.ask_all()
    sqlite.close()
