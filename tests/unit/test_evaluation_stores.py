"""Forms and evaluations as numbered records: two writers, readers, removal, submissions by time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Barrier

import pytest

from chalicelib.adapters.local.folder_objects import FolderObjects
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import InputRefused, NotFound, VersionMoved
from chalicelib.domain.evaluation.answer import Answer
from chalicelib.domain.evaluation.evaluation import Evaluation, Step, answered, moved
from chalicelib.domain.evaluation.scoring import score
from chalicelib.domain.evaluation.versions import FormRecord, activated, saved
from chalicelib.domain.principal import Principal, PrincipalRole
from chalicelib.flow import evaluations as kept
from chalicelib.flow.evaluations import READ_BOUND, Evaluations, Wanted, submitted
from chalicelib.flow.form_book import FormBook
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump
from chalicelib.ports import numbered
from tests.fakes.stores import MemoryObjects
from tests.unit import api_world as w
from tests.unit.api_world import ADMIN, CALL, CHAT, DAY_MS, NOW_MS, World
from tests.unit.evaluation_world import form, section, yes_no

FORM = form(section("s", yes_no("q")))
OTHER = form(section("s", yes_no("p")))
HERE = "0123456789abcdef0123456789abcdef"
serial = count()


@pytest.fixture(params=["memory", "folder"])
def store(request, tmp_path):
    return MemoryObjects() if request.param == "memory" else FolderObjects(tmp_path / "products")


def evaluation(contact_id: str = CALL, **known) -> Evaluation:
    given = {
        "id": f"{next(serial):032x}",
        "contact_id": contact_id,
        "form_id": HERE,
        "form_version": 1,
        "agent_id": "agent-1",
        "agent_name": "Ada",
        "evaluator": "sam",
        "created_ms": NOW_MS,
        "score": score(FORM, {}),
    }
    made = Evaluation(**{**given, **known})
    return answered(made, FORM, (Answer("q", option_id="yes"),), "sam", made.created_ms)


class TestForms:
    def test_a_version_reads_as_it_was_frozen(self, store):
        book = FormBook(store)
        first = FormRecord(HERE, FORM, 1, "sam")
        assert book.create(first)
        used = activated(first, "sam", 2)
        book.write(used)
        book.write(saved(used, OTHER, "kim", 3, 50))
        assert (book.version(HERE, 1), book.latest(HERE).form) == (FORM, OTHER)
        assert book.latest(HERE).revision == 3
        assert [record.id for record in book.all()] == [HERE]
        with pytest.raises(NotFound):
            book.version(HERE, 2)

    def test_of_two_writers_one_is_refused_and_nothing_is_lost(self, store):
        book = FormBook(store)
        first = FormRecord(HERE, FORM, 1, "sam")
        book.create(first)
        book.write(saved(first, OTHER, "kim", 2, 50))
        with pytest.raises(VersionMoved):
            book.write(saved(first, FORM, "sam", 3, 50))
        assert (book.latest(HERE).by, book.latest(HERE).form) == ("kim", OTHER)

    def test_a_place_without_its_form_is_passed_over(self, store):
        book = FormBook(store)
        book.create(FormRecord(HERE, FORM, 1, "sam"))
        book.create(FormRecord("f" * 32, OTHER, 1, "sam"))
        store.delete(f"control/evaluation-forms/{HERE}/1.json")
        assert [record.id for record in book.all()] == ["f" * 32]
        assert book.create(FormRecord(HERE, FORM, 1, "sam"))
        assert book.ids() == [HERE, "f" * 32]

    def test_what_is_there_is_not_created_again(self, store):
        book = FormBook(store)
        assert book.create(FormRecord(HERE, FORM, 1, "sam"))
        assert not book.create(FormRecord(HERE, OTHER, 2, "kim"))
        assert book.first(HERE).by == "sam"

    @pytest.mark.parametrize("form_id", ["", "x", "../../x", HERE.upper(), HERE + "0", "ü" * 900])
    def test_an_id_that_was_never_given_out_is_no_form(self, store, form_id):
        FormBook(store).create(FormRecord(HERE, FORM, 1, "sam"))
        with pytest.raises(NotFound):
            FormBook(store).latest(form_id)


class TestOneContact:
    def test_the_latest_record_counts_beyond_nine(self, store):
        book = Evaluations(store, CALL)
        made = evaluation()
        book.create(made)
        for number in range(2, 13):
            made = replace(made, notes=str(number), revision=number)
            book.write(made)
        assert (book.latest(made.id).notes, book.latest(made.id).revision) == ("12", 12)
        assert book.latest(made.id) == made
        assert book.first(made.id).revision == 1

    def test_threads_that_save_at_once_lose_nothing(self, store):
        book = Evaluations(store, CALL)
        made = evaluation()
        book.create(made)
        start = Barrier(4)

        def add(name: str) -> int:
            start.wait()
            refused = 0
            for n in range(5):
                while True:
                    before = book.latest(made.id)
                    notes = f"{before.notes} {name}{n}".strip()
                    try:
                        book.write(replace(before, notes=notes, revision=before.revision + 1))
                        break
                    except VersionMoved:
                        refused += 1
            return refused

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(add, "abcd"))
        words = book.latest(made.id).notes.split()
        assert sorted(words) == sorted(f"{name}{n}" for name in "abcd" for n in range(5))
        assert book.latest(made.id).revision == 21

    def test_of_two_writers_the_second_is_refused(self, store):
        book = Evaluations(store, CALL)
        made = evaluation()
        book.create(made)
        book.write(replace(made, notes="first", revision=2))
        with pytest.raises(VersionMoved):
            book.write(replace(made, notes="second", revision=2))
        assert book.latest(made.id).notes == "first"

    def test_contacts_are_apart_and_all_come_oldest_first(self, store):
        late, early = evaluation(created_ms=NOW_MS + 1), evaluation()
        for one in (early, late, evaluation(CHAT)):
            Evaluations(store, one.contact_id).create(one)
        book = Evaluations(store, CALL)
        assert [one.id for one in book.all()] == [early.id, late.id]
        assert book.ids() == [early.id, late.id]

    def test_a_place_without_its_evaluation_is_passed_over(self, store):
        book = Evaluations(store, CALL)
        made = evaluation()
        book.create(made)
        lost = evaluation()
        book.create(lost)
        store.delete(object_keys.artifact_key("redacted", CALL, kept.STAGE, f"{lost.id}-1"))
        assert [one.id for one in book.all()] == [made.id]
        assert book.create(lost)
        assert book.ids() == [made.id, lost.id]

    def test_threads_that_begin_at_once_never_make_more_than_there_may_be(self, store):
        start = Barrier(4)

        def begin(_: int) -> int:
            start.wait()
            made = 0
            for _ in range(5):
                try:
                    made += Evaluations(store, CALL).create(evaluation())
                except InputRefused:
                    continue
            return made

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(begin, range(4))) == kept.MOST
        assert len(list(Evaluations(store, CALL).all())) == kept.MOST

    @pytest.mark.parametrize("evaluation_id", ["", "x", "../x", HERE[:31], HERE + "-1"])
    def test_an_id_that_was_never_given_out_is_none(self, store, evaluation_id):
        Evaluations(store, CALL).create(evaluation(id=HERE))
        with pytest.raises(NotFound):
            Evaluations(store, CALL).latest(evaluation_id)

    def test_they_lie_among_the_products_of_their_contact(self, store):
        Evaluations(store, CALL).create(evaluation())
        prefix = object_keys.artifact_prefix("redacted", CALL)
        keys = [stat.key for stat in store.list()]
        assert all(key.startswith(prefix) for key in keys)
        for key in keys:
            store.delete(key)
        assert list(Evaluations(store, CALL).all()) == []


@pytest.mark.parametrize("taken", [0, 1, 2, 3, 4, 7, 8, 9, 31, 100])
def test_the_last_number_is_found_with_few_questions(taken):
    store, asked = MemoryObjects(), []
    for number in range(1, taken + 1):
        store.put(f"n/{number}", b"x")

    def key_of(number: int) -> str:
        asked.append(number)
        return f"n/{number}"

    assert numbered.last(store, key_of) == taken
    assert len(asked) <= 2 * (taken + 1).bit_length()
    assert numbered.append(store, key_of, b"y") == taken + 1
    assert len(list(numbered.bodies(store, key_of))) == taken + 1
    assert numbered.append(store, key_of, b"y", most=taken + 1) is None


@pytest.fixture
def world(tmp_path) -> World:
    made = World(w.services(tmp_path))
    made.publish(CALL, w.voice("a.wav", None))
    made.publish(CHAT, w.chat(), queue_id="queue-2", agent_id="agent-2")
    return made


def submit(world: World, at_ms: int, contact_id: str = CALL, **known) -> Evaluation:
    book = Evaluations(world.services.redacted, contact_id)
    made = evaluation(contact_id, **known)
    book.create(made)
    made = moved(made, Step.SUBMIT, "sam", at_ms)
    book.write(made)
    return made


EVER = Wanted(1, NOW_MS + 40 * DAY_MS)


def found(world: World, who: Principal = ADMIN, limit: int = 50, **wanted) -> list[str]:
    wanted = replace(EVER, start_ms=NOW_MS - 40 * DAY_MS, **wanted)
    return [one.id for one in submitted(world.services, who, wanted, limit).evaluations]


class TestSubmissions:
    def test_the_newest_comes_first_across_days(self, world):
        made = [submit(world, NOW_MS + n * DAY_MS // 2) for n in range(4)]
        assert found(world) == [one.id for one in reversed(made)]

    def test_a_period_holds_its_begin_and_not_its_end(self, world):
        submit(world, NOW_MS + 9)
        inside = submit(world, NOW_MS + 10)
        submit(world, NOW_MS + 20)
        wanted = Wanted(NOW_MS + 10, NOW_MS + 20)
        (only,) = submitted(world.services, ADMIN, wanted, 50).evaluations
        assert only.id == inside.id

    def test_drafts_are_not_among_them(self, world):
        Evaluations(world.services.redacted, CALL).create(evaluation())
        assert found(world) == []

    def test_filters_by_agent_and_form(self, world):
        one = submit(world, NOW_MS)
        other = submit(world, NOW_MS, CHAT, agent_id="agent-2", form_id="f" * 32)
        assert found(world, agent_ids=("agent-2",)) == [other.id]
        assert found(world, form_ids=(HERE,)) == [one.id]
        assert found(world, form_ids=(HERE,), agent_ids=("agent-2",)) == []

    def test_everybody_sees_what_they_may_see(self, world):
        one = submit(world, NOW_MS)
        other = submit(world, NOW_MS + 1, CHAT, agent_id="agent-2")
        ada = Principal("a", PrincipalRole.AGENT, agent_id="agent-1")
        supervisor = Principal("s", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
        assert found(world) == [other.id, one.id]
        assert found(world, ada) == [one.id]
        assert found(world, supervisor) == [other.id]
        assert found(world, Principal("n", PrincipalRole.AGENT)) == []

    def test_a_contact_that_moved_to_another_agent_does_not_take_its_evaluations_along(self, world):
        submit(world, NOW_MS)
        world.publish(CALL, w.voice("a.wav", None), agent_id="agent-9")
        nine = Principal("n", PrincipalRole.AGENT, agent_id="agent-9")
        assert found(world, nine) == []

    def test_what_a_lost_race_noted_is_not_shown(self, world):
        book = Evaluations(world.services.redacted, CALL)
        made = evaluation()
        book.create(made)
        book.write(moved(made, Step.SAVE, "kim", NOW_MS))
        with pytest.raises(VersionMoved):
            book.write(moved(made, Step.SUBMIT, "sam", NOW_MS + 1))
        assert found(world) == []
        book.write(moved(book.latest(made.id), Step.SUBMIT, "sam", NOW_MS + 2))
        assert found(world) == [made.id]

    def test_a_removed_contact_is_not_shown(self, world):
        submit(world, NOW_MS)
        world.put(w.row(CALL, status=Status.DELETED, tombstone="deleted"))
        assert found(world) == []

    def test_removed_products_are_not_shown(self, world):
        submit(world, NOW_MS)
        store = world.services.redacted
        for stat in list(store.list(object_keys.artifact_prefix("redacted", CALL))):
            store.delete(stat.key)
        assert found(world) == []

    def test_pages_hold_each_once(self, world):
        made = [submit(world, NOW_MS + n) for n in range(5)]
        seen, before = [], None
        wanted = replace(EVER, start_ms=NOW_MS)
        while True:
            page = submitted(world.services, ADMIN, replace(wanted, before=before), 2)
            seen += [one.id for one in page.evaluations]
            before = page.cursor
            if before is None:
                break
        assert seen == [one.id for one in reversed(made)]

    def test_the_read_bound_ends_a_search_and_says_where(self, world):
        for n in range(READ_BOUND + 3):
            note = kept.Note(CALL, f"{n:032x}", HERE, "agent-1", NOW_MS + n)
            key = f"{kept.NOTES}2026-05-28/{n + 1}.json"
            world.services.redacted.put_if_absent(key, dump(note))
        page = submitted(world.services, ADMIN, replace(EVER, start_ms=NOW_MS), 50)
        assert (page.evaluations, page.searched_to_ms) == ((), NOW_MS + 3)
        rest = submitted(
            world.services, ADMIN, replace(EVER, start_ms=NOW_MS, before=page.cursor), 50
        )
        assert (rest.searched_to_ms, rest.cursor) == (None, None)
