"""Which rows every contact store lists as refused."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.contact import PartState, Refusal, Status
from chalicelib.ports.storage import ContactQuery
from tests.contract.rows import NOON, bare, commit, refused_part, row
from tests.contract.test_contact_store import found, pages

REFUSED_PART = refused_part()
BY_REFUSAL = (
    replace(row("good", NOON, queue_id="q-1"), parts=(replace(REFUSED_PART, refusal=None),)),
    replace(row("half-good", NOON + 1, queue_id="q-1"), parts=(REFUSED_PART,)),
    replace(row("was-bad", NOON + 2), parts=(refused_part(PartState.GONE),)),
    bare("running", NOON + 3),
    bare("half-running", NOON + 4, parts=(REFUSED_PART,)),
    bare("failed", NOON + 5, status=Status.FAILED, failure=Refusal("stage.timeout", "late")),
    bare("quarantined", NOON + 6, status=Status.QUARANTINED, parts=(REFUSED_PART,)),
    replace(row("erased", NOON + 7, status=Status.DELETED), parts=(REFUSED_PART,)),
)
OF_REFUSED = {
    "every_row_with_a_refusal_whatever_its_status": (
        {}, "quarantined failed half-running half-good"),
    "one_status": ({"statuses": (Status.COMPLETED,)}, "half-good"),
    "two_statuses": ({"statuses": (Status.IN_PROGRESS, Status.FAILED)}, "failed half-running"),
    "deleted_is_never_returned": ({"statuses": (Status.DELETED,)}, ""),
    "a_queue": ({"queue_ids": ("q-1",)}, "half-good"),
    "an_unknown_agent": ({"agent_ids": ("a-9",)}, ""),
    "a_range": ({"start_ms": NOON + 1, "end_ms": NOON + 5}, "half-running half-good"),
}  # fmt: skip


def test_rows_with_a_refusal_are_found_and_only_these(contacts, subtests):
    for each in BY_REFUSAL:
        commit(contacts, each)
    for name, (filters, expected) in OF_REFUSED.items():
        with subtests.test(name):
            assert found(contacts, ContactQuery(refused=True, **filters)) == expected.split()
    running = ContactQuery(statuses=(Status.IN_PROGRESS,))
    assert found(contacts, running) == ["half-running", "running"]
    assert {r.contact_id for r in contacts.unfinished()} == {"half-running", "running"}


def test_pages_of_refused_rows_are_full_among_many_good_ones(contacts):
    for n in range(12):
        parts = (REFUSED_PART,) if n % 3 == 0 else ()
        commit(contacts, replace(row(f"c-{n:02d}", NOON - n), parts=parts))
    found_pages = pages(contacts, ContactQuery(refused=True), 2)
    assert found_pages == [["c-00", "c-03"], ["c-06", "c-09"]]


def test_a_row_is_listed_as_refused_only_while_it_is(contacts):
    first = commit(contacts, row("c-1"))
    assert found(contacts, ContactQuery(refused=True)) == []
    second = commit(contacts, replace(first, version=2, parts=(REFUSED_PART,)), first)
    assert found(contacts, ContactQuery(refused=True)) == ["c-1"]
    commit(contacts, replace(second, version=3, parts=()), second)
    assert found(contacts, ContactQuery(refused=True)) == []
    assert found(contacts) == ["c-1"]
