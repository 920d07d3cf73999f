"""What every contact store promises."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest

from chalicelib.domain.contact import Part, PartKind, PartState, Refusal, Status
from chalicelib.domain.errors import BadRequest, VersionMoved
from chalicelib.domain.rollup import RollupKey
from chalicelib.domain.transcript import Channel
from chalicelib.ports.storage import Commit, ContactQuery, RowWrite
from tests.contract.rows import HOUR, NOON, bare, commit, fact, row, tombstone

DAY = RollupKey("D", "ALL", "*", "2025-12-01")


def found(store, query: ContactQuery | None = None) -> list[str]:
    return [r.contact_id for r in store.find(query or ContactQuery()).rows]


def day_counters(store, dimension="ALL", value="*"):
    return store.rollups("D", dimension, value, first="2025-12-01", last="2025-12-01").get(
        "2025-12-01", {}
    )


def test_a_committed_row_is_read_back_whole(contacts):
    full = row(
        "c-1",
        queue_id="q-1",
        agent_id="a-1",
        categories=("Refund ☂", "a[0].b"),
        attributes={"köy": "\x00 \U0001f468‍\U0001f469"},
        sentiment_customer=-2.5,
    )
    full = replace(full, failure=Refusal("audio.header", "short", 5))
    commit(contacts, full)
    assert contacts.get("c-1") == full


def test_a_contact_without_a_row_is_none(contacts):
    assert contacts.get("nobody") is None
    assert contacts.owner_of("nothing") is None
    assert found(contacts) == []


@pytest.mark.parametrize(
    ("stored", "expected"),
    [(1, None), (None, 1), (2, 1), (1, 2)],
    ids=[
        "a_row_that_should_be_absent_is_there",
        "a_row_that_should_be_there_is_absent",
        "the_version_moved_on",
        "the_version_is_older_than_expected",
    ],
)
def test_a_wrong_version_writes_nothing_at_all(contacts, stored, expected):
    if stored:
        contacts.commit(Commit([RowWrite(row("c-1", version=stored), None)]))
    before = contacts.get("c-1")
    change = Commit(
        [RowWrite(row("c-0"), None), RowWrite(row("c-1", version=9), expected)],
        {DAY: {"n": 1}},
        {"key": "c-1"},
        [fact("f-1")],
    )
    with pytest.raises(VersionMoved):
        contacts.commit(change)
    assert contacts.get("c-0") is None
    assert contacts.get("c-1") == before
    assert day_counters(contacts) == {}
    assert contacts.owner_of("key") is None
    assert contacts.outbox() == ()


def test_rows_roll_ups_owners_and_outbox_are_committed_together(contacts):
    first, second = row("c-1"), bare("c-2")
    contacts.commit(
        Commit(
            [RowWrite(first, None), RowWrite(second, None)],
            {DAY: {"n": 2}},
            {"recordings/ü.wav": "c-1", "job:x": "c-2"},
            [fact("f-1"), fact("f-2")],
        )
    )
    assert (contacts.get("c-1"), contacts.get("c-2")) == (first, second)
    assert day_counters(contacts) == {"n": 2}
    assert contacts.owner_of("recordings/ü.wav") == "c-1"
    assert contacts.owner_of("job:x") == "c-2"
    assert list(contacts.outbox()) == [fact("f-1"), fact("f-2")]


def test_one_of_many_racers_commits(contacts):
    commit(contacts, row("c-1"))
    outcomes = []

    def race(number: int) -> None:
        try:
            contacts.commit(
                Commit([RowWrite(row("c-1", version=2, turns=number), 1)], {DAY: {"n": 10}})
            )
            outcomes.append(number)
        except VersionMoved:
            outcomes.append(None)

    threads = [Thread(target=race, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [each for each in outcomes if each is not None]
    assert contacts.get("c-1").publication.turns == winner
    assert day_counters(contacts)["n"] == 11


def test_an_owner_moves_and_is_removed(contacts):
    contacts.commit(Commit([], owners={"key": "c-1", "other": "c-1"}))
    contacts.commit(Commit([], owners={"key": "c-2", "other": None, "never": None}))
    assert contacts.owner_of("key") == "c-2"
    assert contacts.owner_of("other") is None


# Roll-ups


def test_a_re_analysis_counts_once_and_an_erasure_not_at_all(contacts):
    first = commit(contacts, row("c-1", queue_id="q-1", categories=("Old", "Kept [x]")))
    second = commit(
        contacts,
        row("c-1", version=2, queue_id="q-2", categories=("New.%#", "Kept [x]")),
        first,
    )
    assert day_counters(contacts)["n"] == 1
    assert day_counters(contacts, "CATEGORY") == {"cat:New.%#": 1, "cat:Kept [x]": 1}
    assert day_counters(contacts, "QUEUE", "q-1") == {}
    assert day_counters(contacts, "QUEUE", "q-2")["duration_ms"] == 60_000
    commit(contacts, tombstone(second), second)
    assert day_counters(contacts) == {}
    assert contacts.rollups("H", "ALL", "*", first="2025-12-01T00", last="2025-12-01T23") == {}


def test_roll_ups_are_summed_over_contacts_and_cut_at_both_ends(contacts):
    for n, hours in enumerate((0, 0, 1, 2, 24 * 31)):
        commit(contacts, row(f"c-{n}", NOON + hours * HOUR, queue_id="q", agent_id="a"))
    hours = contacts.rollups("H", "QUEUE", "q", first="2025-12-01T12", last="2025-12-01T13")
    assert {bucket: c["n"] for bucket, c in hours.items()} == {
        "2025-12-01T12": 2,
        "2025-12-01T13": 1,
    }
    days = contacts.rollups("D", "AGENT", "a\x1fq", first="2025-11-30", last="2026-01-01")
    assert {bucket: c["n"] for bucket, c in days.items()} == {"2025-12-01": 4, "2026-01-01": 1}
    assert contacts.rollups("D", "ALL", "*", first="2025-12-02", last="2025-12-31") == {}


def test_roll_ups_of_all_values_or_of_what_begins_with_one(contacts):
    for n, (agent, queue) in enumerate((("a", "q"), ("a", "r"), ("a", None), ("ab", "q"))):
        commit(contacts, row(f"c-{n}", queue_id=queue, agent_id=agent))
    commit(contacts, row("c-chat", agent_id="a", channels=(Channel.CHAT,), channel=Channel.CHAT))

    def told(**asked):
        days = {"first": "2025-12-01", "last": "2025-12-01"} | asked
        found = contacts.rollup_items("D", "AGENT", **days)
        return sorted((key.value, key.channels, counters["n"]) for key, counters in found)

    of_a = [
        ("a\x1f", "CHAT", 1),
        ("a\x1f", "VOICE", 1),
        ("a\x1fq", "VOICE", 1),
        ("a\x1fr", "VOICE", 1),
    ]
    assert told(of="a") == of_a
    assert told() == [*of_a, ("ab\x1fq", "VOICE", 1)]
    assert told(of="a\x1fq") == [("a\x1fq", "VOICE", 1)]
    assert told(first="2025-12-02", last="2025-12-31") == []


def test_a_category_without_mood_beside_one_with_a_bad_one_and_both_taken_away(contacts):
    bad = row("c-1", categories=("Rude: [x] é",), sentiment_customer=-4.9)
    commit(contacts, bad)
    commit(contacts, row("c-2", categories=("Rude: [x] é", "cat"), sentiment_customer=None))
    assert day_counters(contacts, "CATEGORY") == {
        "cat:Rude: [x] é": 2,
        "cat_sent_x10:Rude: [x] é": -49,
        "cat_sent_n:Rude: [x] é": 1,
        "cat:cat": 1,
    }
    commit(contacts, tombstone(bad), bad)
    assert day_counters(contacts, "CATEGORY") == {"cat:Rude: [x] é": 1, "cat:cat": 1}


def test_the_scheme_that_rows_are_counted_by_is_remembered(contacts):
    assert contacts.counted_by() is None
    contacts.mark_counted("2/UTC")
    contacts.mark_counted("2/Europe/Berlin")
    assert contacts.counted_by() == "2/Europe/Berlin"


def test_negative_counters_are_kept(contacts):
    contacts.commit(Commit([RowWrite(bare("c-1"), None)], {DAY: {"shift_x10": -7}}))
    assert day_counters(contacts) == {"shift_x10": -7}


# Lists

LISTED = (
    row(
        "voice",
        NOON,
        queue_id="q-1",
        agent_id="a-1",
        customer_ref="cu-1",
        categories=("Refund", "Rude"),
    ),
    row(
        "chat",
        NOON + HOUR,
        customer_ref="cu-2",
        channel=Channel.CHAT,
        channels=(Channel.CHAT,),
        queue_id="q-2",
        agent_id="a-1",
        categories=("Refund",),
    ),
    row(
        "both",
        NOON + 2 * HOUR,
        customer_ref="cu-1",
        channels=(Channel.VOICE, Channel.CHAT),
        queue_id="q-1",
        agent_id="a-2",
        status=Status.FAILED,
    ),
    bare("young", NOON + 3 * HOUR),
    bare(
        "waiting-voice",
        NOON + 4 * HOUR,
        parts=(
            Part("k", "e", PartKind.RECORDING, "wav", 1, 1),
            Part("l", "e", PartKind.CHAT, "connect-chat", 1, 1, state=PartState.GONE),
        ),
    ),
    bare("refused", NOON + 5 * HOUR, status=Status.QUARANTINED),
    row(
        "gone",
        NOON + 6 * HOUR,
        queue_id="q-1",
        agent_id="a-1",
        customer_ref="cu-1",
        status=Status.DELETED,
    ),
)
DELETED = Status.DELETED
FILTERS = {
    "no_filter_gives_all_but_deleted_newest_first": (
        {}, "refused waiting-voice young both chat voice"),
    "start_is_inclusive": ({"start_ms": NOON + 3 * HOUR}, "refused waiting-voice young"),
    "end_is_exclusive": ({"end_ms": NOON + 2 * HOUR}, "chat voice"),
    "start_and_end": ({"start_ms": NOON + 1, "end_ms": NOON + 2 * HOUR + 1}, "both chat"),
    "an_empty_range": ({"start_ms": NOON + 2, "end_ms": NOON + 1}, ""),
    "a_range_before_everything": ({"end_ms": -5}, ""),
    "a_range_far_in_the_future": ({"start_ms": 10**18}, ""),
    "voice_matches_any_channel_of_the_contact": ({"channels": ("VOICE",)}, "waiting-voice both voice"),
    "chat_ignores_a_gone_part": ({"channels": ("CHAT",)}, "both chat"),
    "one_queue": ({"queue_ids": ("q-1",)}, "both voice"),
    "any_of_two_queues": ({"queue_ids": ("q-1", "q-2", "q-2")}, "both chat voice"),
    "one_agent": ({"agent_ids": ("a-1",)}, "chat voice"),
    "an_agent_in_a_queue": ({"agent_ids": ("a-1", "a-2"), "queue_ids": ("q-1",)}, "both voice"),
    "an_unknown_agent": ({"agent_ids": ("a-9",)}, ""),
    "one_customer": ({"customer_refs": ("cu-1",)}, "both voice"),
    "any_of_two_customers": ({"customer_refs": ("cu-1", "cu-2")}, "both chat voice"),
    "a_customer_since": ({"customer_refs": ("cu-1",), "start_ms": NOON + 1}, "both"),
    "a_customer_of_an_agent": ({"customer_refs": ("cu-1",), "agent_ids": ("a-1",)}, "voice"),
    "an_unknown_customer": ({"customer_refs": ("cu-9",)}, ""),
    "one_status": ({"statuses": (Status.IN_PROGRESS,)}, "waiting-voice young"),
    "sparse_statuses": ({"statuses": (Status.QUARANTINED, Status.FAILED)}, "refused both"),
    "a_status_in_a_queue": ({"statuses": (Status.FAILED,), "queue_ids": ("q-1",)}, "both"),
    "completed": ({"statuses": (Status.COMPLETED,)}, "chat voice"),
    "completed_or_failed": ({"statuses": (Status.COMPLETED, Status.FAILED)}, "both chat voice"),
    "deleted_is_never_returned": ({"statuses": (DELETED,)}, ""),
    "deleted_beside_another_adds_nothing": ({"statuses": (DELETED, Status.FAILED)}, "both"),
    "one_category": ({"categories": ("Rude",)}, "voice"),
    "any_of_two_categories": ({"categories": ("Rude", "Refund")}, "chat voice"),
    "all_filters_at_once": ({"start_ms": NOON, "end_ms": NOON + HOUR, "channels": ("VOICE",),
        "queue_ids": ("q-1",), "agent_ids": ("a-1",), "statuses": (Status.COMPLETED,),
        "categories": ("Refund",)}, "voice"),
}  # fmt: skip


def test_every_filter(contacts, subtests):
    for each in LISTED:
        commit(contacts, each)
    for name, (filters, expected) in FILTERS.items():
        with subtests.test(name):
            assert found(contacts, ContactQuery(**filters)) == expected.split()


def pages(store, query: ContactQuery, limit: int) -> list[list[str]]:
    out, cursor = [], None
    while True:
        page = store.find(query, cursor=cursor, limit=limit)
        out.append([r.contact_id for r in page.rows])
        cursor = page.cursor
        if cursor is None:
            return out


def test_ties_are_ordered_by_contact_id_and_no_page_is_lost_between_them(contacts):
    for name in "dbeac":
        commit(contacts, row(f"c-{name}"))
    assert pages(contacts, ContactQuery(), 2) == [["c-a", "c-b"], ["c-c", "c-d"], ["c-e"]]
    assert pages(contacts, ContactQuery(), 5) == [["c-a", "c-b", "c-c", "c-d", "c-e"]]


def test_a_list_goes_over_days_months_and_years(contacts):
    times = [0, NOON, NOON - 86_400_000, NOON - 40 * 86_400_000, 32_472_144_000_000]
    for at in times:
        commit(contacts, row(f"c-{at}", at, queue_id="q"))
    newest_first = [f"c-{at}" for at in sorted(times, reverse=True)]
    for query in (ContactQuery(), ContactQuery(queue_ids=("q",))):
        assert [each for page in pages(contacts, query, 2) for each in page] == newest_first


def test_a_cursor_goes_on_while_rows_come_change_and_go(contacts):
    rows = {n: commit(contacts, row(f"c-{n}", NOON + n)) for n in range(6)}
    page = contacts.find(ContactQuery(), limit=2)
    commit(contacts, row("c-new", NOON + 100))
    commit(contacts, tombstone(rows[2]), rows[2])
    commit(contacts, replace(rows[1], version=2, updated_ms=1), rows[1])
    commit(contacts, tombstone(rows[4]), rows[4])  # the row the cursor stands on
    rest = contacts.find(ContactQuery(), cursor=page.cursor, limit=10)
    assert [r.contact_id for r in page.rows] == ["c-5", "c-4"]
    assert [r.contact_id for r in rest.rows] == ["c-3", "c-1", "c-0"]
    assert rest.cursor is None


def test_a_row_that_gets_a_publication_moves_in_the_list(contacts):
    first = commit(contacts, bare("c-1", NOON + HOUR))
    commit(contacts, row("c-2", NOON))
    commit(contacts, row("c-1", NOON - HOUR, version=2, queue_id="q"), first)
    assert found(contacts) == ["c-2", "c-1"]
    assert found(contacts, ContactQuery(statuses=(Status.IN_PROGRESS,))) == []


@pytest.mark.parametrize("cursor", ["x", "!!", "W10", "WzEsMl0", "WyJhIiwgImIiXQ", "bnVsbA", "é"])
def test_a_cursor_that_no_page_returned_is_refused(contacts, cursor):
    with pytest.raises(BadRequest) as refused:
        contacts.find(ContactQuery(), cursor=cursor)
    assert refused.value.code == "cursor"
    with pytest.raises(BadRequest):
        contacts.changes(cursor=cursor)


# Changes


def changed(changes) -> list[tuple[str, int]]:
    return [(r.contact_id, r.version) for r in changes.rows]


def test_changes_are_told_in_the_order_of_commits_each_row_once_as_it_is_now(contacts):
    start = contacts.changes()
    assert start.rows == ()
    first = commit(contacts, row("c-1"))
    commit(contacts, row("c-2"))
    second = commit(contacts, row("c-1", version=2), first)
    told = contacts.changes(cursor=start.cursor)
    assert changed(told) == [("c-2", 1), ("c-1", 2)]
    assert contacts.changes(cursor=told.cursor).rows == ()
    commit(contacts, tombstone(second), second)
    later = contacts.changes(cursor=told.cursor)
    assert changed(later) == [("c-1", 3)]
    assert later.rows[0].status is Status.DELETED


def test_changes_come_in_pages_without_loss_or_repetition(contacts):
    start = contacts.changes().cursor
    old = {n: commit(contacts, row(f"c-{n}")) for n in range(7)}
    commit(contacts, row("c-3", version=2), old[3])
    told, cursor = [], start
    while (page := contacts.changes(cursor=cursor, limit=2)).rows:
        assert len(page.rows) <= 2
        told += changed(page)
        cursor = page.cursor
    assert told == [(f"c-{n}", 1) for n in (0, 1, 2, 4, 5, 6)] + [("c-3", 2)]


def test_without_a_cursor_the_latest_rows_are_told_oldest_first(contacts):
    old = {n: commit(contacts, row(f"c-{n}")) for n in range(4)}
    commit(contacts, row("c-0", version=2), old[0])
    latest = contacts.changes(limit=2)
    assert changed(latest) == [("c-3", 1), ("c-0", 2)]
    assert contacts.changes(cursor=latest.cursor).rows == ()


# Sweeps


def test_unfinished_are_the_rows_in_progress(contacts):
    first = commit(contacts, bare("c-1"))
    commit(contacts, bare("c-2", NOON + 9))
    commit(contacts, row("c-3"))
    commit(contacts, replace(first, version=2, status=Status.FAILED), first)
    assert [r.contact_id for r in contacts.unfinished()] == ["c-2"]


def test_ids_are_all_contacts_with_a_row_tombstones_too(contacts):
    first = commit(contacts, row("c-1"))
    commit(contacts, bare("c#2"))
    commit(contacts, tombstone(first), first)
    assert sorted(contacts.ids()) == ["c#2", "c-1"]


def test_a_sweep_may_commit_while_it_goes_on(contacts):
    for n in range(5):
        commit(contacts, bare(f"c-{n}"))
    for each in contacts.unfinished():
        commit(contacts, replace(each, version=2, status=Status.FAILED), each)
    assert list(contacts.unfinished()) == []


# Outbox


def test_facts_wait_in_the_order_of_commits_until_they_are_delivered(contacts):
    for n in range(4):
        commit(contacts, row(f"c-{n}"), outbox=[fact(f"f-{9 - n}a"), fact(f"f-{9 - n}b")])
    assert [f.id for f in contacts.outbox(3)] == ["f-9a", "f-9b", "f-8a"]
    contacts.delivered("f-9a")
    contacts.delivered("f-8a")
    contacts.delivered("f-8a")
    contacts.delivered("never")
    assert [f.id for f in contacts.outbox()] == ["f-9b", "f-8b", "f-7a", "f-7b", "f-6a", "f-6b"]
