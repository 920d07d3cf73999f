"""The data lake: which rows a day's file holds, when it is made again, and what never gets into it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from chalicelib.domain.contact import Status
from chalicelib.domain.events import Fact, Hint
from chalicelib.domain.follow_up import Kind, Result
from chalicelib.flow import lake
from chalicelib.flow.follow_ups.carry import follow_up
from chalicelib.formats import lake_schema as schema
from chalicelib.formats.lake_row import row_of
from functions.lake.work import work
from local import lake as local_lake
from tests.unit.analyses import CONVERSATIONS, RECORD, contact, full_chat, voice_call
from tests.world import CHAT_KEY, CONTACT, OTHER, RECORD_KEY, World, chat, record

SLOW = lake.Pace(page=1, rows=1)
DAY, NEXT = "2026-01-05", "2026-01-06"
CARD, MAIL = "4111 1111 1111 1111", "canary@example.com"
SECRETS = chat([("AGENT", "Your card please"), ("CUSTOMER", f"it is {CARD}, mail {MAIL}")])
OTHERS_KEY = CHAT_KEY.replace(CONTACT, OTHER)
OTHERS = chat([("CUSTOMER", "where is my parcel"), ("AGENT", "it is on its way")], OTHER)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, source_gone="delete")


def settled(world: World) -> None:
    """Everything worked off, as the clock's next round of the sweep leaves it."""
    world.drain()
    world.reconcile()


def body_of(world: World, day: str = DAY) -> bytes | None:
    store = world.services.redacted
    return store.read(schema.file_key(day)) if store.stat(schema.file_key(day)) else None


def table(world: World, day: str = DAY, columns: str = "contact_id") -> list[tuple[object, ...]]:
    """What the file of a day holds, as another program reads it."""
    body = body_of(world, day)
    if body is None:
        return []
    path = world.folder / "read.parquet"
    path.write_bytes(body)
    return duckdb.sql(f"SELECT {columns} FROM read_parquet('{path}')").fetchall()


def changed(world: World) -> dict[str, str]:
    """Every object of the lake but the mark of who changed it, by content."""
    listed = world.services.redacted.list()
    return {s.key: s.etag for s in listed if s.key.startswith(("lake/", "lake-rows/"))}


class TestRow:
    @pytest.mark.parametrize("name", CONVERSATIONS)
    def test_a_row_has_every_column_of_the_schema_with_its_type(self, world, name):
        kinds = {
            "string": str,
            "bigint": int,
            "double": float,
            "boolean": bool,
            "timestamp": str,
            "array<string>": list,
        }
        cells = row_of(published(world), contact(CONVERSATIONS[name](), record=RECORD))
        assert list(cells) == [column.name for column in schema.COLUMNS]
        for column in schema.COLUMNS:
            value = cells[column.name]
            assert value is None or type(value) is kinds[column.type], column

    def test_a_calls_figures_are_those_that_were_published_and_computed(self, world):
        made = voice_call()
        cells = row_of(published(world), contact(made, record=RECORD))
        figures = made.characteristics
        assert cells["talk_speed_agent_wpm"] == figures.talk_speed_wpm["AGENT"]
        assert cells["total_conversation_duration_ms"] == figures.total_duration_ms
        assert cells["instance_id"] == "i-rec"
        assert cells["sentiment_end_score_customer"] == made.sentiment.shift["CUSTOMER"].end

    def test_a_chats_answers_are_told_of_each_side(self, world):
        made = full_chat()
        cells = row_of(published(world), contact(made))
        answer = made.characteristics.response_time["AGENT"]
        assert cells["response_time_average_agent_ms"] == answer.average_ms
        assert cells["response_time_maximum_agent_ms"] == answer.maximum_ms
        assert cells["text_customer"] == "it is bad [PII]\nall good"

    def test_the_assessed_risk_is_in_it(self, world):
        cells = row_of(published(world), contact(full_chat()), Result("review", score=612.5))
        assert (cells["risk_score"], cells["risk_outcome"]) == (612.5, "review")

    def test_a_contact_without_an_analysis_has_none(self, world):
        with pytest.raises(ValueError, match="without an analysis"):
            row_of(published(world), contact())


def published(world: World):
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    return world.row()


class TestDays:
    def test_a_published_contact_is_in_the_file_of_the_day_on_which_it_ended(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        assert table(world, columns="contact_id, feature, channel") == [
            (CONTACT, schema.TABLE, "CHAT")
        ]

    def test_nothing_that_was_masked_is_in_any_object_of_the_lake(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        ((said,),) = table(world, columns="text_customer")
        assert "[CREDIT_DEBIT_NUMBER]" in said
        store = world.services.redacted
        bodies = [store.read(key) for key in changed(world)]
        assert len(bodies) == 2
        assert not any(secret.encode() in body for body in bodies for secret in (CARD, MAIL))

    def test_a_day_made_again_from_the_same_contacts_writes_nothing(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        before = changed(world)
        stamp = world.services.redacted.stat(schema.file_key(DAY))
        lake.mark(world.services.redacted, DAY, "again")
        settled(world)
        assert changed(world) == before
        assert world.services.redacted.stat(schema.file_key(DAY)) == stamp
        assert list(lake.due_days(world.services)) == []

    def test_a_deleted_contact_is_gone_from_the_file_and_its_rows_from_the_store(self, world):
        world.put(CHAT_KEY, SECRETS)
        world.put(OTHERS_KEY, OTHERS)
        settled(world)
        assert sorted(table(world)) == [(CONTACT,), (OTHER,)]
        world.delete(CHAT_KEY)
        settled(world)
        assert table(world) == [(OTHER,)]
        store = world.services.redacted
        assert not any(CONTACT.encode() in store.read(key) for key in changed(world))

    def test_a_day_without_contacts_has_no_file(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        world.delete(CHAT_KEY)
        settled(world)
        assert changed(world) == {}

    def test_a_contact_whose_record_names_another_day_moves_there(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        ended = f"{NEXT}T00:10:00Z"
        world.put(RECORD_KEY, record(CONTACT, DisconnectTimestamp=ended))
        settled(world)
        assert (table(world), table(world, NEXT)) == ([], [(CONTACT,)])

    def test_rows_of_an_hour_in_which_nothing_changed_are_not_made_again(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        first = set(changed(world))
        world.put(OTHERS_KEY, OTHERS.replace(b"2026-01-05T09:", b"2026-01-05T20:"))
        settled(world)
        assert sorted(table(world)) == [(CONTACT,), (OTHER,)]
        assert first < set(changed(world))

    def test_contacts_from_before_the_lake_are_found_by_the_sweep(self, world):
        world.put(CHAT_KEY, SECRETS)
        world.drain()
        for stat in list(world.services.redacted.list(schema.CONTROL)):
            world.services.redacted.delete(stat.key)
        world.reconcile()
        assert table(world) == [(CONTACT,)]

    def test_a_day_of_many_pages_is_gathered_in_several_steps(self, world):
        world.put(CHAT_KEY, SECRETS)
        world.put(OTHERS_KEY, OTHERS)
        world.drain()
        assert lake.step(world.services, DAY, pace=SLOW) is True
        assert body_of(world) is None
        world.drain()
        assert sorted(table(world)) == [(CONTACT,), (OTHER,)]

    def test_a_risk_that_is_assessed_later_comes_into_the_row(self, tmp_path):
        world = World(tmp_path, follow_ups=("risk",))
        world.runners = {Kind.RISK: lambda desk: Result("review", score=700.0)}
        orders = []
        keep = world.services.queues.follow_ups
        world.put(CHAT_KEY, SECRETS)
        while not (orders := [m.body for m in keep.receive(1)]):
            turn(world)
        local_lake.catch_up(world.services)
        assert table(world, columns="risk_score") == [(None,)]
        follow_up(world.services, orders[0], world.runners)
        settled(world)
        assert table(world, columns="risk_score, risk_outcome") == [(700.0, "review")]


def turn(world: World) -> None:
    """One message of the first two queues."""
    from chalicelib.flow import advance, deliver_facts

    q = world.services.queues
    for queue, act in (
        (q.ingest, lambda m: advance(world.services, Hint.from_body(m.body))),
        (q.facts, lambda _: deliver_facts(world.services)),
    ):
        for message in queue.receive(1):
            act(message)
            queue.done(message)


class TestCrashes:
    """Whoever dies leaves the day due, and a message that comes twice changes nothing."""

    def test_between_commit_and_mark(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        world.services.sources.delete(CHAT_KEY)
        before = world.row()
        gone = replace(before, status=Status.DELETED, publication=None, version=before.version + 1)
        facts = lake.of_commit((), [(before, gone)])
        assert [fact.name for fact in facts] == [lake.DUE]
        lake.take(world.services, facts[0])
        assert list(lake.due_days(world.services)) == [DAY]

    def test_between_mark_and_rows(self, world):
        world.put(CHAT_KEY, SECRETS)
        world.drain()
        assert list(lake.due_days(world.services)) == [DAY]
        world.reconcile()
        assert table(world) == [(CONTACT,)]

    def test_between_order_and_file(self, world):
        world.put(CHAT_KEY, SECRETS)
        world.drain()
        lake.bring(world.services, DAY)
        assert body_of(world) is None
        world.reconcile()
        assert table(world) == [(CONTACT,)]

    def test_a_change_while_rows_are_gathered_is_not_missed(self, world):
        world.put(CHAT_KEY, SECRETS)
        world.put(OTHERS_KEY, OTHERS)
        world.drain()
        lake.step(world.services, DAY, pace=SLOW)
        world.delete(OTHERS_KEY)
        world.delete(CHAT_KEY)
        settled(world)
        assert changed(world) == {}

    def test_a_writer_that_is_late_writes_what_is_ordered_now(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        store = world.services.redacted
        world.delete(CHAT_KEY)
        slow = Late(store, lambda: settled(world))
        work(DAY, slow, lambda rows: b"stale" if list(rows) else b"")
        assert body_of(world) is None

    def test_rows_that_somebody_removed_make_the_day_due(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        store = world.services.redacted
        (rows,) = [key for key in changed(world) if key.startswith(schema.ROWS)]
        store.delete(rows)
        local_lake.work(world.services, {"day": DAY})
        assert list(lake.due_days(world.services)) == [DAY]
        world.reconcile()
        assert list(lake.due_days(world.services)) == []
        assert store.stat(rows)


class Late(local_lake._Objects):
    """Somebody else is quick between this writer's reading and its writing."""

    def __init__(self, store, meanwhile) -> None:
        super().__init__(store)
        object.__setattr__(self, "meanwhile", [meanwhile])

    def put(self, key: str, body: bytes, content_type: str) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()
        super().put(key, body, content_type)


class TestFacts:
    def test_the_bus_is_told_nothing_of_the_lake(self, world):
        world.put(CHAT_KEY, SECRETS)
        world.drain()
        assert world.facts()
        assert not any(lake.DAYS in fact.detail for fact in world.facts())

    def test_a_commit_that_changes_no_publication_notes_no_day(self, world):
        world.put(CHAT_KEY, SECRETS)
        world.drain()
        row = world.row()
        fact = Fact("f", "n", "t", CONTACT)
        assert lake.of_commit((fact,), [(row, replace(row, version=9))]) == (fact,)


class TestSchema:
    def test_names_are_told_once(self):
        names = [column.name for column in schema.COLUMNS]
        assert len(set(names)) == len(names)
        assert schema.PARTITION not in names

    def test_the_document_has_every_column(self):
        text = (Path(__file__).parents[2] / "docs" / "lake.md").read_text("utf-8")
        told = [line for line in text.splitlines() if line.startswith("| `")]
        wanted = [f"| `{c.name}` | {c.type} | {c.about} |" for c in schema.COLUMNS]
        assert [line for line in told if line in wanted] == wanted

    def test_the_rows_are_lines_of_json(self, world):
        world.put(CHAT_KEY, SECRETS)
        settled(world)
        (key,) = [key for key in changed(world) if key.startswith(schema.ROWS)]
        (line,) = world.services.redacted.read(key).splitlines()
        assert json.loads(line)["contact_id"] == CONTACT
