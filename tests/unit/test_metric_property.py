"""Every number of metrics against a recount, and against the contact list that it links to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.local.sqlite_contacts import SqliteContacts
from chalicelib.config import Settings
from chalicelib.domain.metrics import METRICS
from chalicelib.domain.rollup import deltas, scheme
from chalicelib.domain.zones import zone
from chalicelib.metric_queries.answer import answer
from chalicelib.metric_queries.question import Question, Wanted
from chalicelib.ports.storage import Commit, RowWrite
from chalicelib.queries import contacts
from tests.fakes.stores import MemoryContacts
from tests.unit import metric_rows as m
from tests.unit.api_world import services

BOUNDED = settings(
    deadline=None,
    max_examples=150,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    return services(tmp_path_factory.mktemp("world"))


def filled(installation, everything, reporting: str, store=None):
    there = replace(
        installation, contacts=store or MemoryContacts(), settings=Settings(time_zone=reporting)
    )
    for row in everything:
        new = replace(row, counted=scheme(reporting))
        there.contacts.commit(Commit([RowWrite(new, None)], deltas(None, new)))
    return there


def check(there, everything, question, who) -> int:
    """Every value of the answer; how many there were."""
    seen = 0
    for result in answer(there, who, question):
        for told in result.told:
            expected = m.counted(everything, who, question, told, result.dimensions)
            assert (told.value.number, told.value.n) == expected, (told, result.dimensions)
            listed = contacts(there, who, m.list_query(told.listed), cursor=None, limit=1000)
            assert len(listed.rows) == told.value.n, (told, result.dimensions)
            seen += 1
    return seen


BEYOND_ANY = {
    ("SENTIMENT_CUSTOMER", "LT", -5),
    ("SENTIMENT_CUSTOMER", "GT", 5),
    ("DURATION", "LT", 0),
}
"""What no list can be asked for, as nothing is there."""


def possible(question: Question) -> bool:
    asked = [w.threshold for w in question.wanted if w.threshold]
    return BEYOND_ANY.isdisjoint((t.figure, t.comparison, t.value) for t in asked)


@given(m.stores(), m.questions(), st.sampled_from(m.ZONES), st.sampled_from(m.PRINCIPALS))
@BOUNDED
def test_a_number_is_the_recount_and_its_link_lists_so_many(
    installation, everything, question, reporting, who
):
    there = filled(installation, everything, reporting)
    if possible(question):
        check(there, everything, question, who)


@given(m.stores(), m.questions(), st.sampled_from(m.ZONES))
@settings(BOUNDED, max_examples=25)
def test_the_stored_file_answers_alike(installation, tmp_path_factory, everything, question, zone_):
    store = SqliteContacts(tmp_path_factory.mktemp("store") / "contacts.db")
    there = filled(installation, everything, zone_, store)
    if possible(question):
        check(there, everything, question, m.PRINCIPALS[0])
    store.close()


@given(m.stores(), m.questions())
@settings(BOUNDED, max_examples=60)
def test_no_group_with_a_contact_is_left_out(installation, everything, question):
    groupless = replace(
        question, groupings=("QUEUE", "AGENT"), queues=(), agents=(), channels=(), categories=(),
        wanted=(Wanted("n", METRICS[0]),), period="TOTAL",
    )  # fmt: skip
    who = m.PRINCIPALS[0]
    told = {tuple(r.dimensions.values()) for r in answer(
        filled(installation, everything, "UTC"), who, groupless)}  # fmt: skip
    seen = m.all_groups(everything, who, groupless)
    assert told == {(p.queue_id, p.agent_id) for p in seen if p.queue_id and p.agent_id}


@given(m.stores(), m.questions())
@settings(BOUNDED, max_examples=60)
def test_the_periods_of_a_range_add_up_to_it(installation, everything, question):
    there, who = filled(installation, everything, "Europe/Berlin"), m.PRINCIPALS[0]
    parts = replace(question, groupings=(), wanted=(Wanted("n", METRICS[0]),))
    whole = replace(parts, period="TOTAL")
    total = sum(r.told[0].value.n for r in answer(there, who, whole))
    assert sum(r.told[0].value.n for r in answer(there, who, parts)) == total


def test_a_day_that_roll_ups_hold_reads_no_row(installation):
    class Blind(MemoryContacts):
        def find(self, query, *, cursor=None, limit=50):
            raise AssertionError("a row was read")

    store = Blind()
    berlin = zone("Europe/Berlin")
    there = filled(installation, [], "Europe/Berlin", store)
    wanted = tuple(Wanted(x.name, x) for x in METRICS if not x.figure and x.kind != "SHARE")
    begin = m.FIRST_MS - 2 * m.HOUR_MS  # midnight in Berlin
    days = Question(begin, begin + 97 * m.HOUR_MS, wanted, berlin, "DAY", groupings=("AGENT",))
    assert answer(there, m.PRINCIPALS[0], days) == []
    hours = replace(days, start_ms=begin + m.HOUR_MS, groupings=("QUEUE",), period="HOUR")
    assert answer(there, m.PRINCIPALS[0], hours) == []
