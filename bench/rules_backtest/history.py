"""A past to try rules on: contacts as the flow leaves them, made in batches, not one by one.

Nothing is synced to disk while it is made: this folder may be lost, it is made again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.adapters.local.folder_objects import FolderObjects
from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.domain.contact import ContactRow, Publication, Status
from chalicelib.domain.rollup import add, contribution
from chalicelib.domain.rules.subject import Line, Subject, Subjects
from chalicelib.domain.transcript import Channel, Role, SentimentLabel
from chalicelib.flow.past import STAGE
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump
from chalicelib.ports.storage import Commit, RowWrite

TURNS, WORDS_A_TURN, VOCABULARY = 40, 12, 3000
RARE = ("refund", "cancel", "manager")
FIRST_MS, APART_MS, TURN_MS = 1_700_000_000_000, 60_000, 5000
BATCH, SEED = 500, 3
DONE = "complete"


def history(folder: Path, contacts: int) -> Path:
    """A data folder with so many contacts; one that was made before is used again."""
    mark = folder / DONE
    if not (mark.is_file() and mark.read_text() == str(contacts)):
        with _unsynced():
            _make(folder, contacts)
        mark.write_text(str(contacts))
    return folder


@contextmanager
def _unsynced() -> Iterator[None]:
    kept = os.fsync, os.fdatasync
    os.fsync = os.fdatasync = lambda _: None
    try:
        yield
    finally:
        os.fsync, os.fdatasync = kept


def _make(folder: Path, contacts: int) -> None:
    objects = FolderObjects(folder / "products")
    rows = SqliteContacts(folder / "contacts.db")
    chance = random.Random(SEED)
    words = [*(f"word{number}" for number in range(VOCABULARY)), *RARE]
    for first in range(0, contacts, BATCH):
        numbers = range(first, min(first + BATCH, contacts))
        made = [_row(number) for number in numbers]
        for number, row in zip(numbers, made, strict=True):
            key = object_keys.artifact_key("raw", row.contact_id, STAGE, f"{number:040x}")
            objects.put_if_absent(key, dump(Subjects((_subject(chance, words),))))
        counters = add(*(contribution(row) for row in made))
        rows.commit(Commit([RowWrite(row, None) for row in made], counters))


def _row(number: int) -> ContactRow:
    contact_id = f"{number:08x}-0000-4000-8000-000000000000"
    begin = FIRST_MS + number * APART_MS
    length = TURNS * TURN_MS
    told = Publication(
        object_keys.artifact_key("redacted", contact_id, "analysis", f"{number:040x}"),
        Channel.VOICE,
        (Channel.VOICE,),
        begin,
        begin + length,
        length,
        agent_id=f"agent-{number % 50}",
        queue_id=f"queue-{number % 7}",
    )
    return ContactRow(contact_id, 1, Status.COMPLETED, 1, publication=told)


def _subject(chance: random.Random, words: list[str]) -> Subject:
    lines = tuple(
        Line(
            f"t{turn}",
            (Role.AGENT, Role.CUSTOMER)[turn % 2],
            turn * TURN_MS,
            turn * TURN_MS + TURN_MS - 1000,
            " ".join(chance.choices(words, k=WORDS_A_TURN)),
            SentimentLabel.NEUTRAL,
        )
        for turn in range(TURNS)
    )
    length = TURNS * TURN_MS
    return Subject(Channel.VOICE, "en-US", length, lines, {"duration": length / 1000})
