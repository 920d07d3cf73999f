"""How fast words are found: ``python -m bench.words [contacts]`` fills a store in a temporary folder with
synthetic transcripts and asks it, beside plain SQL over a table of texts.

The words are drawn by a fixed seed from a Zipf-like vocabulary, so common words are in every contact and
rare ones in few. Rows go through the store's commit, texts through the index, one by one.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.adapters.local.sqlite_transcripts import SqliteTranscripts
from chalicelib.domain.contact import ContactRow, Publication, Status
from chalicelib.domain.passages import Passage, WordMatch, words_of
from chalicelib.domain.rollup import deltas
from chalicelib.domain.transcript import Channel
from chalicelib.ports.search import Document, TextQuery
from chalicelib.ports.storage import Commit, ContactQuery, RowWrite

START = 1_760_000_000_000
WORDS, TURNS, IN_TURN = 20_000, 40, 10
ROUNDS = 20
QUESTIONS = {
    "commonest word": ("w0", "ALL", ContactQuery()),
    "rare word": ("w15000", "ALL", ContactQuery()),
    "two words": ("w40 w900", "ALL", ContactQuery()),
    "phrase of common words": ("w0 w1 w2", "EXACT", ContactQuery()),
    "common word in a queue and a week": (
        "w10", "ALL", ContactQuery(queue_ids=("q3",), start_ms=START, end_ms=START + 7 * 86_400_000)),
    "rare word in a queue": ("w9000", "ALL", ContactQuery(queue_ids=("q3",))),
}  # fmt: skip


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.db"
        contacts, words = SqliteContacts(path), SqliteTranscripts(path)
        naive = sqlite3.connect(Path(folder) / "naive.db")
        naive.execute("CREATE TABLE contacts (id TEXT, at INTEGER, queue TEXT, text TEXT)")
        took = fill(contacts, words, naive, count)
        size = sum(file.stat().st_size for file in Path(folder).glob("contacts.db*"))
        print(f"{count} contacts, {count / took:.0f} a second, {size / 1e6:.0f} MB")
        print("| question | found | median ms | p95 ms | plain SQL, median ms |")
        print("|---|---|---|---|---|")
        for name, (q, match, within) in QUESTIONS.items():
            query = TextQuery(words_of(q, WordMatch(match), None), within)
            hits, times = timed(lambda query=query: words.search(query).hits)
            plain = timed(lambda q=q, match=match, w=within: ask(naive, q, match, w), 3)[1]
            p95 = sorted(times)[int(len(times) * 0.95)]
            print(
                f"| {name} | {len(hits)} | {statistics.median(times):.1f} | {p95:.1f}"
                f" | {statistics.median(plain):.0f} |"
            )
        contacts.close()
        words.close()
        naive.close()


def fill(contacts, words, naive, count: int) -> float:
    draw = random.Random(1)
    vocabulary = [f"w{n}" for n in range(WORDS)]
    weights = [1 / (n + 1) for n in range(WORDS)]
    took = 0.0
    for number in range(count):
        said = draw.choices(vocabulary, weights, k=TURNS * IN_TURN)
        passages = tuple(
            Passage(f"t-{n}", "VOICE", ("AGENT", "CUSTOMER")[n % 2],
                    " ".join(said[n * IN_TURN : (n + 1) * IN_TURN]))
            for n in range(TURNS)
        )  # fmt: skip
        at, queue = START + number * 60_000, f"q{number % 10}"
        told = Publication(f"key-{number}", Channel.VOICE, (Channel.VOICE,), at, at, 60_000,
                           queue_id=queue, sentiment_customer=1.0)  # fmt: skip
        row = ContactRow(f"c-{number}", 1, Status.COMPLETED, at, publication=told)
        begun = time.perf_counter()
        contacts.commit(Commit([RowWrite(row, None)], deltas(None, row)))
        words.put(Document(row.contact_id, told.analysis_key, passages))
        took += time.perf_counter() - begun
        text = " ".join(p.text for p in passages)
        naive.execute("INSERT INTO contacts VALUES (?, ?, ?, ?)", (row.contact_id, at, queue, text))
    naive.commit()
    return took


def ask(naive, q: str, match: str, within: ContactQuery) -> list[tuple]:
    terms = [q] if match == "EXACT" else q.split()
    parts = ["' ' || text || ' ' LIKE ?"] * len(terms)
    values: list[object] = [f"% {term} %" for term in terms]
    if within.queue_ids:
        parts.append("queue = ?")
        values += within.queue_ids
    if within.start_ms is not None:
        parts.append("at >= ? AND at < ?")
        values += [within.start_ms, within.end_ms]
    where = " AND ".join(parts)
    return naive.execute(
        f"SELECT id FROM contacts WHERE {where} ORDER BY at DESC LIMIT 50", values
    ).fetchall()


def timed(call, rounds: int = ROUNDS) -> tuple[object, list[float]]:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        found = call()
        times.append((time.perf_counter() - begun) * 1000)
    return found, times


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
