"""Erasing contacts: what goes, what stays of them, and what never comes back."""

from __future__ import annotations

import ast
import logging
import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import chalicelib
from chalicelib.domain.contact import PartKind, Status
from chalicelib.domain.erasure import ERASED, ErasureState
from chalicelib.domain.errors import BadRequest, NotFound, StateRefused, Unavailable
from chalicelib.domain.evaluation.evaluation import Step, moved
from chalicelib.domain.events import Fact
from chalicelib.domain.follow_up import Kind, Result
from chalicelib.domain.pseudonym import pseudonym
from chalicelib.domain.rollup import deltas
from chalicelib.domain.rules import actions as acts
from chalicelib.domain.rules.rule import Action, RuleSet
from chalicelib.flow import actions, erasure, erasure_ledger, evaluations, holders, reviews
from chalicelib.flow.follow_ups import notes
from chalicelib.flow.theme_vectors import told_by
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import load
from chalicelib.ports.services import After
from chalicelib.ports.storage import Commit, RowWrite
from local.intake import Inbox
from tests.rules import says
from tests.unit.test_evaluation_stores import evaluation
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, OTHER, RECORD_KEY, World, call, chat, record

CANARY = "Zebulon Quagmire"
LINES = [("AGENT", "Hello"), ("CUSTOMER", f"I am {CANARY}, thank you")]
OTHER_CHAT = CHAT_KEY.replace(CONTACT, OTHER)
ASKING = RuleSet(
    "asking",
    (
        replace(
            says("r1", "Thanks", 1, ("thank you",)),
            actions=(
                Action(acts.TASK, {"Name": "Look"}),
                Action(acts.ALERT, {"Content": "an alert"}),
                Action(acts.WEBHOOK, {}),
            ),
        ),
    ),
)


def named(customer: str, contact_id: str = CONTACT) -> bytes:
    return record(contact_id, Attributes={"customerId": customer, "name": CANARY})


def key_of(who: str) -> str:
    return pseudonym(b"k" * 32, who)


class Engines:
    """Follow-up engines that note what they are told to forget; ``away``: they do not answer."""

    def __init__(self) -> None:
        self.forgotten: list[tuple[str, ...]] = []
        self.away = False

    def forget(self, *what: str) -> None:
        if self.away:
            raise Unavailable("the service is away")
        self.forgotten.append(what)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A call and a chat with a record, and another contact in the same file of records."""
    made = World(tmp_path, contact_lens_output="both", follow_ups=("survey",))
    made.rule_set = ASKING
    engines = Engines()
    after = After(engines, engines, engines, customers=key_of)  # type: ignore[arg-type]
    made.services = replace(made.services, after=after)
    made.runners = {Kind.SURVEY: lambda _: Result("asked", refs={"bot": "b", "session": "s-1"})}
    made.put(CHAT_KEY, chat(LINES))
    made.put(RECORD_KEY, named("c-1") + b"\n" + named("c-2", OTHER).replace(CANARY.encode(), b"x"))
    made.put(CALL_KEY, call(3))
    made.put(OTHER_CHAT, chat(contact_id=OTHER))
    made.drain()
    return made


def engines_of(world: World) -> Engines:
    found = world.services.after.risk
    assert isinstance(found, Engines)
    return found


def erase(world: World, contact_id: str = CONTACT) -> Any:
    return erasure.erase(world.services, contact_id, by="tester", reason="request")


def entry_of(world: World, contact_id: str = CONTACT) -> Any:
    entry = erasure_ledger.contact_entry(world.services, contact_id)
    return erasure_ledger.get(world.services, entry)


def everything(folder: Path) -> bytes:
    """All bytes below the data folder, and the names of all files."""
    found = sorted(folder.rglob("*"))
    bodies = [path.read_bytes() for path in found if path.is_file()]
    return b"\n".join([*bodies, *(os.fsencode(path.relative_to(folder)) for path in found)])


def decide(world: World) -> None:
    """What people and machines keep of a contact beside its analysis."""
    services = world.services
    (item,) = [i for i in reviews.newest(services, 10) if i.contact_id == CONTACT]
    claimed = reviews.claim(services, item, item.revision, "ann")
    reviews.resolve(services, claimed, claimed.revision, "ann", f"called {CANARY}")
    told_by(services, [world.row()])
    services.redacted.put(object_keys.redacted_audio_key(CONTACT, "m"), CANARY.encode())
    services.raw.put(object_keys.transcribe_result_key(CONTACT, "loupe-1"), CANARY.encode())
    services.queues.speech.send({"contactId": CONTACT, "key": CANARY})


def test_nothing_is_left_but_ids_and_hashes(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    inbox = Inbox(world.services, world.folder / "inbox")
    (world.folder / "inbox").mkdir()
    (world.folder / "inbox" / f"{CANARY}.json").write_bytes(chat([*LINES, ("AGENT", "Bye")]))
    (world.folder / "inbox" / "records.json").write_bytes(named("c-1") + b"\n" + record(OTHER))
    for now in (0.0, 3.0):
        inbox.scan(now)
    world.drain()
    decide(world)
    assert CANARY.encode() in everything(world.folder)
    done = erase(world)
    world.drain()
    assert done.state is ErasureState.DONE, done.failed
    assert CANARY.encode() not in everything(world.folder)
    assert CANARY not in caplog.text
    row = world.row()
    assert (row.status, row.tombstone, row.parts) == (Status.DELETED, ERASED, ())
    assert row.publication is None
    held = [*world.services.redacted.list(), *world.services.sources.list()]
    ids = ("/outputs/", "/reviews-of/")
    mine = [s.key for s in held if CONTACT in s.key]
    assert not [key for key in mine if not any(one in key for one in ids)]
    assert [fact.name for fact in world.facts() if fact.contact_id == CONTACT] == ["ContactDeleted"]
    world.rollups_equal_rows()


@pytest.mark.parametrize(
    ("store", "count"),
    [
        ("sources", 2),
        ("contact records", 1),
        ("action orders", 3),
        ("alerts", 1),
        ("reviews", 1),
        ("contact lens files", 4),
        ("transcription jobs", 1),
        ("follow-up orders", 3),
        ("bot talks", 0),
        ("risk events", 1),
    ],
)
def test_the_receipt_counts_by_store(world: World, store: str, count: int) -> None:
    world.services.raw.put(object_keys.transcribe_result_key(CONTACT, "loupe-1"), b"{}")
    assert erase(world).removed[store] == count


def test_others_keep_what_is_theirs(world: World) -> None:
    before = {one: world.row(OTHER).publication for one in ("p",)}
    erase(world)
    world.drain()
    assert world.row(OTHER).status is Status.COMPLETED
    assert world.row(OTHER).publication == before["p"]
    assert world.services.sources.stat(OTHER_CHAT)
    (kept,) = [part for part in world.row(OTHER).parts if part.kind is PartKind.CONTACT_RECORD]
    body = world.services.sources.read(kept.key)
    assert CONTACT.encode() not in body
    assert OTHER.encode() in body
    assert notes.of_contact(world.services.redacted, OTHER)
    assert [item.contact_id for item in reviews.newest(world.services, 9)] == [OTHER]
    assert {done.order.contact_id for done in actions.finished(world.services, 0, 9)} <= {OTHER}


@pytest.mark.parametrize("key", [CHAT_KEY, CALL_KEY, RECORD_KEY])
def test_what_is_put_again_goes_again_and_is_counted(world: World, key: str) -> None:
    bodies = {CHAT_KEY: chat(LINES), CALL_KEY: call(4), RECORD_KEY: named("c-1")}
    erase(world)
    world.drain()
    world.put(key, bodies[key])
    world.drain()
    assert world.services.sources.stat(key) is None
    assert world.row().tombstone == ERASED
    assert entry_of(world).late >= 1
    assert CANARY.encode() not in everything(world.folder)


def test_a_new_object_that_names_the_contact_inside_goes_too(world: World) -> None:
    erase(world)
    world.put("inbox/another name.json", chat(LINES))
    world.drain()
    assert world.services.sources.stat("inbox/another name.json") is None


def test_what_was_put_again_and_nobody_told_goes_with_a_sweep(world: World) -> None:
    erase(world)
    world.drain()
    world.put(CHAT_KEY, chat(LINES), hint=False)
    world.reconcile()
    assert world.services.sources.stat(CHAT_KEY) is None


def test_media_that_only_the_record_of_an_erased_contact_names_goes(world: World) -> None:
    name, late = "calls/nameless.wav", "calls/later.wav"
    erase(world)
    world.put(name, call(2))
    world.drain()
    where = [{"Location": f"bucket/{key}", "Type": "AUDIO"} for key in (name, late)]
    world.put("contact-records/late.json", record(Recordings=where))
    world.put(late, call(1))
    world.drain()
    assert not [s.key for s in world.services.sources.list() if s.key.startswith("calls/")]
    guess = object_keys.provisional_id(name)
    assert world.row(guess).tombstone == ERASED
    held = world.services.redacted.list(object_keys.artifact_prefix("redacted", guess))
    assert not [stat.key for stat in held if "/outputs/" not in stat.key]


class TestHolds:
    def test_a_contact_under_legal_hold_stays_as_it_is(self, world: World) -> None:
        before = world.row()
        erasure_ledger.hold(world.services, CONTACT, by="court", reason="case", on=True)
        with pytest.raises(StateRefused):
            erase(world)
        assert world.row() == before
        erasure_ledger.hold(world.services, CONTACT, by="court", reason="case", on=False)
        assert erase(world).whole

    def test_a_hold_that_comes_between_asking_and_doing_counts(self, world: World) -> None:
        erasure.order(world.services, CONTACT, by="tester", reason="request")
        erasure_ledger.hold(world.services, CONTACT, by="court", reason="case", on=True)
        world.drain()
        assert world.row().status is Status.COMPLETED
        assert entry_of(world).failed == {erasure.HOLD: "the contact is under it"}

    def test_of_a_customer_nothing_goes_while_one_contact_is_held(self, world: World) -> None:
        erasure_ledger.hold(world.services, CONTACT, by="court", reason="case", on=True)
        with pytest.raises(StateRefused):
            erasure.erase_customer(world.services, "c-1", by="t", reason="request")
        assert not list(erasure_ledger.every(world.services))


@pytest.mark.parametrize("contact_id", ["nobody", object_keys.provisional_id(CALL_KEY)])
def test_an_unknown_contact_is_told_so(world: World, contact_id: str) -> None:
    with pytest.raises(NotFound):
        erase(world, contact_id)


def test_a_reason_is_no_place_for_names(world: World) -> None:
    with pytest.raises(BadRequest):
        erasure.order(world.services, CONTACT, by="t", reason=f"because of {CANARY}")


class TestCustomers:
    @pytest.mark.parametrize("who", ["c-1", " C-1 ", key_of("c-1")])
    def test_every_contact_of_the_customer_goes(self, world: World, who: str) -> None:
        done = erasure.erase_customer(world.services, who, by="t", reason="request")
        assert done.whole, done.failed
        assert world.row().tombstone == ERASED
        assert world.row(OTHER).status is Status.COMPLETED
        assert (key_of("c-1"),) in engines_of(world).forgotten
        assert done.removed["sources"] == 2

    def test_an_unknown_customer_is_told_so(self, world: World) -> None:
        with pytest.raises(NotFound):
            erasure.order_customer(world.services, "nobody", by="t", reason="request")

    def test_what_was_under_way_when_it_was_asked_for_goes_too(self, world: World) -> None:
        third = "0a1b2c3d-0000-4000-8000-000000000003"
        world.put(CHAT_KEY.replace(CONTACT, third), chat(contact_id=third))
        world.drain()
        erasure.erase_customer(world.services, "c-1", by="t", reason="request")
        world.put("contact-records/third.json", named("c-1", third))
        world.drain()
        for _ in range(2):
            world.clock.now += 3_600_000
            world.reconcile()
        assert world.row(third).tombstone == ERASED
        entry = erasure_ledger.customer_entry(key_of("c-1"))
        assert erasure_ledger.get(world.services, entry).whole


class TestInterruptions:
    def test_a_store_that_cannot_delete_makes_it_incomplete_until_it_can(
        self, world: World
    ) -> None:
        engines_of(world).away = True
        first = erase(world)
        assert first.state is ErasureState.INCOMPLETE
        assert first.failed["risk events"] == "the service is away"
        assert world.row().tombstone == ERASED
        assert world.services.sources.stat(CHAT_KEY) is None
        engines_of(world).away = False
        world.reconcile()
        after = entry_of(world)
        assert after.whole
        assert not after.failed
        assert after.removed["sources"] == first.removed["sources"]

    def test_a_log_that_is_in_use_makes_it_incomplete(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chalicelib.adapters.local.database.BUSY_S", 0.1)
        reading = sqlite3.connect(world.folder / "contacts.db", isolation_level=None)
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM contacts").fetchone()
        assert "database logs" in erase(world).failed
        reading.close()
        assert erase(world).whole

    def test_one_that_died_is_finished_by_a_sweep(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setitem(holders.HOLDERS, "raw products", dies)
            with pytest.raises(KeyboardInterrupt):
                erase(world)
        assert entry_of(world).state is ErasureState.PENDING
        world.reconcile()
        assert entry_of(world).whole
        assert CANARY.encode() not in everything(world.folder)

    def test_asked_again_it_is_the_same_erasure(self, world: World) -> None:
        first, second = erase(world), erase(world)
        assert first.id == second.id
        assert second.removed["sources"] == first.removed["sources"]

    def test_what_came_late_goes_with_the_last_going_over(self, world: World) -> None:
        erase(world)
        world.drain()
        key = object_keys.artifact_key("redacted", CONTACT, "evaluations", "late-1")
        world.services.redacted.put(key, CANARY.encode())
        world.reconcile()
        assert world.services.redacted.stat(key), "it is not looked at all the time"
        world.clock.now += 3_600_000
        world.reconcile()
        assert world.services.redacted.stat(key) is None
        assert not list(erasure_ledger.still_open(world.services))


class TestReplay:
    def test_after_a_restore_of_the_table_the_ledger_erases_again(self, world: World) -> None:
        before = world.row()
        erase(world)
        world.drain()
        restore(world, before)
        assert world.row().status is Status.COMPLETED
        (done,) = erasure.replay(world.services)
        assert done.whole
        assert world.row().tombstone == ERASED
        world.rollups_equal_rows()
        assert erasure.replay(world.services) == []

    def test_the_ledger_names_nobody(self, world: World) -> None:
        erase(world)
        store = world.services.redacted
        entries = [s.key.encode() + store.read(s.key) for s in store.list("control/erasures")]
        assert entries
        assert not [one for one in entries if CONTACT.encode() in one or CANARY.encode() in one]


def restore(world: World, row: Any) -> None:
    """The table as it was: the row in force, counted."""
    now = world.row()
    back = replace(row, version=now.version + 1)
    world.services.contacts.commit(Commit([RowWrite(back, now.version)], deltas=deltas(now, back)))


def test_a_fact_that_was_read_before_brings_no_action_back(world: World) -> None:
    store = world.services.redacted
    finished = actions.finished(world.services, 0, 9)
    mine = (done.order for done in finished if done.order.contact_id == CONTACT)
    old = next(order for order in mine if order.kind == acts.TASK)
    erase(world)
    world.drain()
    detail = {
        "kind": old.kind, "ruleId": old.rule_id, "ruleName": old.rule_name, "ruleVersion": 1,
        "atMs": old.at_ms, "channel": old.channel, "agentId": None, "queueId": None, "body": "{}",
    }  # fmt: skip
    actions.take(world.services, Fact(old.id, acts.RULE_ACTION, acts.ACTION_TYPE, CONTACT, detail))
    actions.carry_out(world.services)
    assert not [s.key for s in store.list(actions.PENDING)]
    assert CONTACT not in {item.contact_id for item in reviews.newest(world.services, 9)}


def test_a_submitted_evaluation_leaves_an_empty_line_in_its_day(world: World) -> None:
    store, at_ms = world.services.redacted, 1_767_603_600_000
    for number, contact_id in enumerate((CONTACT, OTHER)):
        book = evaluations.Evaluations(store, contact_id)
        draft = evaluation(contact_id, id=f"{number:032x}", notes=CANARY)
        book.create(draft)
        book.write(moved(draft, Step.SUBMIT, "ann", at_ms))
    assert erase(world).removed["evaluation notes"] == 1
    keys = [stat.key for stat in store.list(evaluations.NOTES)]
    told = [load(evaluations.Note, store.read(key)).contact_id for key in keys]
    assert told == ["", OTHER]
    assert not evaluations.Evaluations(store, CONTACT).ids()


def test_every_place_of_decisions_is_somebodys() -> None:
    """Who adds a ``control/`` prefix says in ``flow/holders.py`` who removes a contact from it, or that no
    contact is in it."""
    claimed = {*holders.CLAIMED, *holders.NO_CONTACTS, "control/"}
    found = set(prefixes(Path(chalicelib.__file__).parent))
    assert "control/review-items/" in found
    assert found <= claimed, found - claimed
    assert set(holders.CLAIMED.values()) <= set(holders.HOLDERS)


def prefixes(root: Path) -> Any:
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                if text.startswith("control/") and " " not in text and "\n" not in text:
                    yield text
