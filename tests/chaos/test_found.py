"""What the sweeps have found, each as the one run that shows it."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.contact import Status
from chalicelib.formats.object_keys import provisional_id
from chalicelib.ports.speech import JobState, SpeechJob
from tests.chaos.scene import Delete, Put, Scene, Script
from tests.chaos.scripts import BAD_MOOD as OTHER_WORDS
from tests.chaos.scripts import (
    BOTH,
    BROKEN,
    GOOD,
    KEEP,
    LONG,
    NAMELESS,
    NAMELESS_CHAT,
    NAMING,
    OTHER_CALL,
    SHORT,
)
from tests.chaos.speech import Speech
from tests.chaos.sweeps import before, settled
from tests.wav_files import wav
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, OTHER, RECORD_KEY, record


def scene(*acts: Put | Delete, **changes) -> Scene:
    return Scene(Script("found", acts, **changes))


def ends_well(run: Scene) -> None:
    run.finish()
    settled(run)


def test_what_was_put_back_while_a_commit_was_pending_is_not_buried_by_it() -> None:
    """The hint for the old bytes finds the row right and writes nothing, so the row's version alone
    does not stop the worker that comes to commit the bad bytes."""
    run = scene(Put(CHAT_KEY, GOOD), Put(CHAT_KEY, BROKEN), Put(CHAT_KEY, GOOD))
    run.act(0)
    run.drain()
    run.act(1)
    before(
        run, "contacts.commit", run.steps.names.count("contacts.commit") + 1, lambda: _go_on(run)
    )
    ends_well(run)


def _go_on(run: Scene) -> None:
    run.act(2)
    run.drain()


def test_a_transcript_is_never_kept_under_the_name_of_other_bytes() -> None:
    run = scene(Put(CHAT_KEY, GOOD), Put(CHAT_KEY, OTHER_WORDS), Put(CHAT_KEY, GOOD))
    run.act(0)
    before(run, "sources.read", 3, lambda: run.act(1))
    run.drain()
    run.act(2)
    ends_well(run)


def test_a_recording_seen_before_its_record_is_not_counted_twice() -> None:
    run = scene(Put(NAMELESS, SHORT), Put(RECORD_KEY, NAMING))
    run.act(0)

    def record_comes() -> None:
        run.act(1)
        run.drain()

    before(run, "contacts.commit", 1, record_comes)
    ends_well(run)
    assert run.rows()[provisional_id(NAMELESS)].tombstone == "moved"


def test_a_recording_deleted_before_its_record_came_is_not_counted_twice() -> None:
    run = scene(
        Put(NAMELESS, SHORT), Delete(NAMELESS), Put(RECORD_KEY, NAMING), Put(NAMELESS, SHORT)
    )
    run.act(0)

    def all_else() -> None:
        for number in (1, 2, 3):
            run.act(number)
            run.drain()

    before(run, "contacts.commit", 1, all_else)
    ends_well(run)


def test_two_contacts_with_the_same_recording_each_get_their_own_result() -> None:
    run = scene(Put(CALL_KEY, SHORT), Put(OTHER_CALL, SHORT), service=True)
    run.act(0)
    run.act(1)
    ends_well(run)
    assert {row.status for row in run.rows().values()} == {Status.COMPLETED}


def test_a_contact_that_a_record_file_no_longer_names_is_let_go() -> None:
    run = scene(Put(RECORD_KEY, BOTH), Put(RECORD_KEY, record()), swept=True)
    for number in (0, 1):
        run.act(number)
        run.drain()
    ends_well(run)
    assert run.rows()[OTHER].status is Status.DELETED


def test_a_deleted_contact_whose_record_is_still_there_gives_the_sweep_no_work() -> None:
    run = scene(Put(RECORD_KEY, record()), Put(CHAT_KEY, GOOD), Delete(CHAT_KEY))
    for number in (0, 1, 2):
        run.act(number)
        run.drain()
    assert run.sweep() == 0


def test_a_kept_contact_does_not_wait_for_a_recording_that_is_gone() -> None:
    run = scene(Put(CHAT_KEY, GOOD), Put(CALL_KEY, SHORT), Delete(CALL_KEY), settings=KEEP)
    run.act(0)
    run.drain()
    run.act(1)
    run.work(run.jobs[0])
    run.act(2)
    ends_well(run)
    assert run.rows()[CONTACT].status is Status.COMPLETED


def test_a_recording_overwritten_and_deleted_before_it_was_read_leaves_nothing_waiting() -> None:
    run = scene(Put(CALL_KEY, SHORT), Put(CALL_KEY, LONG), Delete(CALL_KEY), settings=KEEP)
    run.act(0)
    run.drain()
    run.act(1)
    run.work(run.jobs[0])
    run.act(2)
    ends_well(run)
    assert run.rows()[CONTACT].status is Status.DELETED


def test_a_file_that_was_broken_at_first_comes_to_the_contact_that_it_names() -> None:
    run = scene(Put(NAMELESS_CHAT, BROKEN), Put(NAMELESS_CHAT, GOOD))
    for number in (0, 1):
        run.act(number)
        run.drain()
    ends_well(run)
    assert run.rows()[CONTACT].status is Status.COMPLETED


class Slow(Speech):
    """Reads the recording while somebody overwrites it and puts it back."""

    run: Scene | None = None

    def start(self, job: SpeechJob) -> JobState:
        answer = super().start(job)
        if self.run is None:
            return answer
        run, self.run = self.run, None
        run.act(1)
        heard = run.bucket()[job.source_key][0].etag
        return super().start(replace(job, source_etag=heard))


def test_words_heard_in_bytes_that_were_replaced_meanwhile_are_not_kept() -> None:
    run = scene(Put(CALL_KEY, SHORT), Put(CALL_KEY, LONG), Put(CALL_KEY, SHORT))
    run.speech.__class__ = Slow
    run.speech.run = run
    run.act(0)
    run.work(run.jobs[0])
    run.work(run.jobs[2])
    run.act(2)
    run.speech.names.clear()
    ends_well(run)


def test_levels_measured_in_bytes_that_were_replaced_meanwhile_are_not_kept() -> None:
    loud = wav(b"\x00\x40\x00\xc0" * 8000)
    run = scene(Put(CALL_KEY, SHORT), Put(CALL_KEY, loud), Put(CALL_KEY, SHORT))
    run.act(0)
    run.work(run.jobs[0])
    before(run, "sources.open", 1, lambda: run.act(1))
    run.work(run.jobs[1])
    run.act(2)
    ends_well(run)
