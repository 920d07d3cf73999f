"""The store of one machine with many contacts: ``python -m bench.store``.

- **Metrics** over 90 days, at 10,000 and at 1,000,000 contacts: a tile and a trend over all contacts, a trend
  by queue, and the agents of 90 days. What roll-ups hold is committed a day at a time, the sum of what its
  contacts contribute; that this equals a commit for each contact is checked on the listed contacts. Every
  number of the trend is compared with a recount over the contacts. Bar: tile and trend take at most twice
  as long at the larger size.
- **Ingest**: contacts committed one by one through the store, each durable, with the memory that it takes.
- **Lists**: pages of 50 under filters, against the same question in plain SQL over one table of columns
  whose only index is its primary key. 95th percentile of as many questions. The rows must be the same.

Milliseconds of wall time, best of several runs for metrics. Exit code 1 when a bar is missed or an answer
differs.
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.store import contacts as made
from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.config import Settings
from chalicelib.domain.figures import Figure, Range
from chalicelib.domain.metrics import BY_NAME, evaluate
from chalicelib.domain.principal import holder_of_start_token
from chalicelib.domain.rollup import add, contribution, counters_of, deltas
from chalicelib.domain.zones import DAY_MS, zone
from chalicelib.metric_queries.answer import Result, answer
from chalicelib.metric_queries.question import Question, Wanted
from chalicelib.ports.storage import Commit, ContactQuery, RowWrite

WHO = holder_of_start_token()
MOST, RUNS, ASKED = 2.0, 5, 100
NAMES = (
    "CONTACTS_ANALYZED",
    "AVG_SENTIMENT_CUSTOMER",
    "AVG_HANDLE_TIME",
    "PERCENT_NON_TALK_TIME",
    "AVG_INTERRUPTIONS_AGENT",
    "P90_CONVERSATION_DURATION",
)
TILE = Question(
    made.FIRST_MS,
    made.LAST_MS,
    tuple(Wanted(name, BY_NAME[name]) for name in NAMES),
    zone("UTC"),
)
QUESTIONS = {
    "tile": TILE,
    "trend by day": replace(TILE, period="DAY"),
    "trend by day and queue": replace(TILE, period="DAY", groupings=("QUEUE",)),
    "agents of 90 days": replace(TILE, groupings=("AGENT",)),
}
BARRED = ("tile", "trend by day")


class OnlyStore:
    """What metric queries need of the services."""

    def __init__(self, store: SqliteContacts) -> None:
        self.contacts = store
        self.settings = Settings()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    options.add_argument("--few", type=int, default=10_000)
    options.add_argument("--many", type=int, default=1_000_000)
    options.add_argument("--listed", type=int, default=100_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        good = metrics(Path(folder), given.few, given.many)
        good &= lists(Path(folder), given.listed)
    return 0 if good else 1


def metrics(folder: Path, few: int, many: int) -> bool:
    took: list[dict[str, float]] = []
    same = True
    for number in (few, many):
        store, recount = rolled_up(folder / f"{number}.db", number)
        services = OnlyStore(store)
        trend = answer(services, WHO, QUESTIONS["trend by day"])  # type: ignore[arg-type]
        same &= values(trend) == recounted(recount)
        took.append({name: timed(services, question) for name, question in QUESTIONS.items()})
        store.close()
    print(
        f"\n| metrics over 90 days, ms | {few:,} contacts | {many:,} contacts | ratio |\n|---|---|---|---|"
    )
    ratios = {name: took[1][name] / took[0][name] for name in QUESTIONS}
    for name, ratio in ratios.items():
        print(f"| {name} | {took[0][name]:.2f} | {took[1][name]:.2f} | {ratio:.2f} |")
    print(f"equal to the recount: {same}")
    return same and all(ratios[name] <= MOST for name in BARRED)


def rolled_up(path: Path, number: int) -> tuple[SqliteContacts, list[Counter[str]]]:
    """A store with the roll-ups of so many contacts, and each day's counters from its contacts alone."""
    store, recount = SqliteContacts(path), []
    for rows in made.days(number):
        store.commit(Commit([], add(*(contribution(row) for row in rows))))
        total: Counter[str] = Counter()
        for row in rows:
            total.update(counters_of(row.publication))  # type: ignore[arg-type]
        recount.append(total)
    return store, recount


def values(results: list[Result]) -> list[list[tuple[float | None, int]]]:
    return [[(told.value.number, told.value.n) for told in result.told] for result in results]


def recounted(days: list[Counter[str]]) -> list[list[tuple[float | None, int]]]:
    found = [[evaluate(w.metric, day, whole=day) for w in TILE.wanted] for day in days]
    return [[(value.number, value.n) for value in day] for day in found]


def timed(services: OnlyStore, question: Question) -> float:
    def once() -> float:
        begun = time.perf_counter()
        answer(services, WHO, question)  # type: ignore[arg-type]
        return 1000 * (time.perf_counter() - begun)

    return min(once() for _ in range(RUNS))


def lists(folder: Path, number: int) -> bool:
    store = SqliteContacts(folder / "listed.db")
    plain = sqlite3.connect(folder / "plain.db")
    plain.execute(
        "CREATE TABLE contacts (id TEXT PRIMARY KEY, at INTEGER, queue TEXT, agent TEXT, channel TEXT,"
        " sentiment REAL, silence INTEGER, length INTEGER, categories TEXT, body BLOB)"
    )
    spent, total = 0.0, []
    for rows in made.days(number):
        begun = time.perf_counter()
        for row in rows:
            store.commit(Commit([RowWrite(row, None)], deltas(None, row)))
        spent += time.perf_counter() - begun
        total.append(add(*(contribution(row) for row in rows)))
        plain.executemany(
            "INSERT INTO contacts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(flat, rows)
        )
    plain.commit()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\ningest: {number / spent:,.0f} contacts/s, one durable commit each; peak memory {peak:.0f} MB"
    )
    equal = bulk_is_equal(store, total)
    print(f"roll-ups of one commit a contact and of one a day are equal: {equal}")
    same = compare(store, plain, number)
    store.close()
    plain.close()
    return equal and same


def bulk_is_equal(store: SqliteContacts, total: list) -> bool:
    expected = add(*total)
    kinds = {(key.period, key.dimension) for key in expected}
    found = {
        key: dict(counters)
        for period, dimension in kinds
        for key, counters in store.rollup_items(period, dimension, first="0", last="9")
    }
    return found == expected


def flat(row) -> tuple[object, ...]:
    told = row.publication
    return (
        row.contact_id, told.disconnect_ms, told.queue_id, told.agent_id, told.channel.value,
        told.sentiment_customer, told.non_talk_ms, told.duration_ms, "|".join(("", *told.categories, "")),
        b"x" * 1500,
    )  # fmt: skip


def compare(store: SqliteContacts, plain: sqlite3.Connection, number: int) -> bool:
    chance, ours, theirs, same = random.Random(11), [], [], True
    for _ in range(ASKED):
        query, where, values_ = asked(chance)
        rows, took = clocked(lambda query=query: [r.contact_id for r in store.find(query).rows])
        ours.append(took)
        sql = f"SELECT id, body FROM contacts WHERE {where} ORDER BY at DESC, id LIMIT 50"
        found, took = clocked(lambda sql=sql, v=values_: [r[0] for r in plain.execute(sql, v)])
        theirs.append(took)
        same &= rows == found
    p95 = [sorted(each)[int(0.95 * ASKED)] for each in (ours, theirs)]
    p50 = [sorted(each)[ASKED // 2] for each in (ours, theirs)]
    print(f"\n| pages of 50 of {number:,} contacts, ms | median | 95th percentile |\n|---|---|---|")
    print(f"| contact list | {p50[0]:.2f} | {p95[0]:.2f} |")
    print(f"| plain SQL over one table | {p50[1]:.2f} | {p95[1]:.2f} |")
    print(f"the same rows: {same}")
    return same


def asked(chance: random.Random) -> tuple[ContactQuery, str, list[object]]:
    """A question of each kind in turn, at a random time."""
    end = made.FIRST_MS + chance.randrange(10, made.DAYS) * DAY_MS
    start = end - 7 * DAY_MS
    when, times = "at >= ? AND at < ?", [start, end]
    base = ContactQuery(start_ms=start, end_ms=end)
    queue, agent = chance.choice(made.QUEUES), chance.choice(made.AGENTS[:40])
    category = chance.choice(list(made.OFTEN))
    kinds = (
        (replace(base, queue_ids=(queue,), ranges=(Range(Figure.SENTIMENT_CUSTOMER, None, -11),)),
         f"{when} AND queue = ? AND sentiment < -1", [*times, queue]),
        (replace(base, agent_ids=(agent,)), f"{when} AND agent = ?", [*times, agent]),
        (replace(base, categories=(category,)), f"{when} AND categories LIKE ?", [*times, f"%|{category}|%"]),
        (replace(base, ranges=(Range(Figure.DURATION, 1_200_000, None),)),
         f"{when} AND length >= 1200000", times),
        (base, when, times),
    )  # fmt: skip
    return chance.choice(kinds)


def clocked(act: Callable[[], list[str]]) -> tuple[list[str], float]:
    begun = time.perf_counter()
    return act(), 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    sys.exit(main())
