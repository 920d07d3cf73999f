"""The flow as a user sees it: what arrives, in which order, and what stands afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import PartState, Refusal, Status
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.events import Hint
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.transcript import Channel
from chalicelib.flow import advance
from chalicelib.formats.artifact import load
from chalicelib.formats.object_keys import provisional_id
from chalicelib.ports.speech import JobState
from tests.rules import says
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, OTHER, RECORD_KEY, World, call, chat, record


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def analysis(world: World, contact_id: str = CONTACT) -> ContactAnalysis:
    published = world.row(contact_id).publication
    assert published
    return load(ContactAnalysis, world.services.redacted.read(published.analysis_key))


def stages(world: World) -> dict[str, str]:
    return {name: made.fingerprint for name, made in world.row().recipe.items()}


def test_a_chat_that_lands_is_analysed_and_counted(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.drain()

    row = world.row()
    assert row.status is Status.COMPLETED
    assert row.publication.channel is Channel.CHAT
    assert row.publication.sentiment_customer > 0
    assert row.publication.duration_ms == 20_000
    world.rollups_equal_rows()
    assert [fact.name for fact in world.facts()] == ["ContactAnalyzed"]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param([Hint(key=CHAT_KEY)] * 3, id="the_same_event_again"),
        pytest.param([Hint(contact_id=CONTACT)], id="a_timer"),
        pytest.param([Hint(contact_id=CONTACT, reason="retry")], id="a_retry_button"),
        pytest.param([Hint(contact_id=CONTACT, reason="reconcile")], id="a_sweep"),
    ],
)
def test_further_hints_change_nothing(world: World, again: list[Hint]) -> None:
    world.put(CHAT_KEY, chat())
    world.drain()
    before = world.row()
    world.hint(*again)
    world.drain()
    assert world.row() == before
    assert len(world.facts()) == 1


def test_the_same_bytes_put_again_are_no_work(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.drain()
    before = world.row()
    world.put(CHAT_KEY, chat())
    world.drain()
    assert world.row() == before


def test_other_bytes_under_the_same_key_correct_the_roll_ups(world: World) -> None:
    world.put(CHAT_KEY, chat([("CUSTOMER", "This is horrible and I hate it")]))
    world.drain()
    world.put(CHAT_KEY, chat([("CUSTOMER", "This is wonderful, thank you")]))
    world.drain()
    assert world.row().publication.sentiment_customer > 0
    world.rollups_equal_rows()


@pytest.mark.parametrize("order", ["record_first", "chat_first"])
def test_a_contact_record_joins_whenever_it_arrives(world: World, order: str) -> None:
    arrivals = [(RECORD_KEY, record()), (CHAT_KEY, chat())]
    for key, body in arrivals if order == "record_first" else reversed(arrivals):
        world.put(key, body)
        world.drain()
    published = world.row().publication
    assert (published.agent_id, published.queue_name) == ("ada", "Billing")
    assert published.handle_ms == 230_000
    assert published.attributes == {"tier": "gold"}
    world.rollups_equal_rows()


def test_a_late_contact_record_remakes_only_categories_and_publication(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.drain()
    before, asked = stages(world), world.mood.asked
    world.put(RECORD_KEY, record())
    world.drain()
    changed = {name for name, mark in stages(world).items() if before[name] != mark}
    assert changed == {"chat/categories", "contact/publication"}
    assert world.mood.asked == asked


def test_the_newest_of_several_contact_records_counts(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.put(
        RECORD_KEY, record(LastUpdateTimestamp="2026-01-05T09:06:00Z", Attributes={"tier": "new"})
    )
    world.put("contact-records/older.json", record(Attributes={"tier": "old"}))
    world.drain()
    assert world.row().publication.attributes == {"tier": "new"}


def test_a_contact_record_alone_is_listed_but_counted_nowhere(world: World) -> None:
    world.put(RECORD_KEY, record())
    world.drain()
    row = world.row()
    assert row.status is Status.COMPLETED
    assert [s.reason for s in row.publication.skipped] == ["NO_MEDIA"]
    assert not world.services.contacts.rollups("D", "ALL", "*", first="0000", last="9999")


def test_one_file_of_contact_records_reaches_every_contact(world: World) -> None:
    world.put(RECORD_KEY, record() + b"\n" + record(OTHER) + b"\nnot json\n")
    world.drain()
    assert {row.contact_id for row in world.rows()} == {CONTACT, OTHER}


def test_a_changed_rule_set_reaches_past_contacts_and_remakes_nothing_before_categories(
    world: World,
) -> None:
    world.put(CHAT_KEY, chat([("CUSTOMER", "my parrot is ill"), ("AGENT", "sorry")]))
    world.drain()
    before, asked = stages(world), world.mood.asked
    world.rule_set = RuleSet("parrots", (says("r1", "Parrots", 1, ("parrot",)),))
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert world.row().publication.categories == ("Parrots",)
    assert {n for n, m in stages(world).items() if before[n] != m} == {
        "chat/categories",
        "contact/publication",
    }
    assert world.mood.asked == asked
    assert world.summaries.asked == 1
    world.rollups_equal_rows()


def test_a_summary_is_published_with_its_engine_and_its_stage(world: World) -> None:
    lines = [
        ("CUSTOMER", "My parrot is ill, call me on 212 555 0199. I need an appointment."),
        ("AGENT", "I've booked an appointment. You will receive a letter."),
    ]
    world.put(CHAT_KEY, chat(lines))
    world.drain()
    row = world.row()
    body = world.services.redacted.read(row.publication.analysis_key)
    (conversation,) = load(ContactAnalysis, body).conversations
    assert {h.kind for h in conversation.summary.highlights} == {"ISSUE", "OUTCOME", "ACTION_ITEM"}
    assert "0199" not in conversation.summary.text
    (run,) = [run for run in row.stages if run.stage == "summary"]
    assert (run.state, run.engine.name) == ("DONE", "extractive")
    assert "summary" not in [skip.capability for skip in row.publication.skipped]


def test_a_contact_of_one_side_is_published_without_a_summary_and_says_so(world: World) -> None:
    world.put(CHAT_KEY, chat([("CUSTOMER", "is anybody there")]))
    world.drain()
    skips = {s.capability: s.reason for s in world.row().publication.skipped}
    assert skips["summary"] == "INSUFFICIENT_CONVERSATION_CONTENT"
    assert world.summaries.asked == 0


def test_a_recording_is_measured_transcribed_and_published(world: World) -> None:
    world.put(CALL_KEY, call(6))
    world.drain()
    row = world.row()
    assert row.status is Status.COMPLETED
    assert row.publication.channel is Channel.VOICE
    assert len(world.speech.started) == 1
    assert {run.stage for run in row.stages} >= {
        "acoustics",
        "transcript",
        "sentiment",
        "publication",
    }
    assert analysis(world).conversations[0].acoustics_key
    world.rollups_equal_rows()


def test_while_heavy_work_waits_the_contact_says_which(world: World) -> None:
    world.put(CALL_KEY, call(6))
    for message in world.services.queues.ingest.receive(1):
        advance(world.services, Hint.from_body(message.body))
    row = world.row()
    assert row.status is Status.IN_PROGRESS
    assert set(row.waiting) == {"voice/acoustics", "voice/transcript"}


def test_a_recording_and_a_chat_of_one_contact_are_one_contact(world: World) -> None:
    world.put(CALL_KEY, call(6))
    world.put(CHAT_KEY, chat())
    world.drain()
    assert world.row().publication.channels == (Channel.VOICE, Channel.CHAT)
    assert [c.channel for c in analysis(world).conversations] == [Channel.VOICE, Channel.CHAT]
    world.rollups_equal_rows()


def test_a_failed_transcription_is_seen_and_a_retry_is_another_job(world: World) -> None:
    good = world.speech.outcome
    world.speech.outcome = JobState("FAILED", failure=Refusal("transcribe.failed", "no speech"))
    world.put(CALL_KEY, call(6))
    world.drain()
    row = world.row()
    assert (row.status, row.failure.code, row.failed_stage) == (
        Status.FAILED,
        "transcribe.failed",
        "voice/transcript",
    )
    world.speech.outcome = good
    world.hint(Hint(contact_id=CONTACT, reason="retry"))
    world.drain()
    assert world.row().status is Status.COMPLETED
    assert len(set(world.speech.started)) == 2
    assert [f.name for f in world.facts()] == ["ContactAnalysisFailed", "ContactAnalyzed"]


def test_a_missing_speech_engine_is_a_skipped_analysis_not_invented_words(world: World) -> None:
    world.speech.error = EngineMissing("speech", "the model knows English only")
    world.put(CALL_KEY, call(6))
    world.drain()
    row = world.row()
    assert row.status is Status.COMPLETED
    skipped = {s.capability: s.detail for s in row.publication.skipped}
    assert skipped["transcript"] == "the model knows English only"
    assert row.publication.duration_ms == 6000


def test_work_that_nobody_finishes_fails_visibly_after_its_deadline(tmp_path: Path) -> None:
    world = World(tmp_path, waiting_deadline_s=60)
    world.speech.outcome = JobState("RUNNING")
    world.put(CALL_KEY, call(6))
    world.drain()
    assert world.row().status is Status.IN_PROGRESS
    world.clock.now += 61_000
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert (world.row().status, world.row().failure.code) == (Status.FAILED, "stage.timeout")


def test_a_refused_object_is_quarantined_with_its_code_and_judged_again_when_put_again(
    world: World,
) -> None:
    world.put(CHAT_KEY, b'{"Version": "2019-08-26", "Transcript": [')
    world.drain()
    row = world.row()
    assert row.status is Status.QUARANTINED
    assert [p.refusal.code for p in row.refused_parts] == ["chat.json"]
    world.put(CHAT_KEY, chat())
    world.drain()
    assert world.row().status is Status.COMPLETED
    world.rollups_equal_rows()


def test_a_good_object_overwritten_by_a_bad_one_counts_no_longer(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.drain()
    world.put(CHAT_KEY, b"")
    world.drain()
    assert world.row().status is Status.QUARANTINED
    assert [p.refusal.code for p in world.row().refused_parts] == ["object.empty"]
    world.rollups_equal_rows()


def test_a_refused_recording_beside_a_good_chat_leaves_the_chat_published(world: World) -> None:
    world.put(CALL_KEY, b"<html>404</html>")
    world.put(CHAT_KEY, chat())
    world.drain()
    row = world.row()
    assert row.status is Status.COMPLETED
    assert [p.refusal.code for p in row.refused_parts] == ["audio.not_wav"]


def test_content_of_another_contact_than_the_name_says_is_quarantined(world: World) -> None:
    world.put(CHAT_KEY, chat(contact_id=OTHER))
    world.drain()
    assert [p.refusal.code for r in world.rows() for p in r.refused_parts] == [
        "contact.id_mismatch"
    ]
    assert all(r.status is Status.QUARANTINED for r in world.rows())


def test_a_deleted_source_leaves_the_results_by_default(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.drain()
    world.delete(CHAT_KEY)
    world.drain()
    row = world.row()
    assert row.status is Status.COMPLETED
    assert [p.state for p in row.parts] == [PartState.RELEASED]
    world.rollups_equal_rows()


def test_a_deleted_source_deletes_the_contact_where_the_setting_says_so(tmp_path: Path) -> None:
    world = World(tmp_path, source_gone="delete")
    world.put(CHAT_KEY, chat())
    world.drain()
    world.delete(CHAT_KEY)
    world.drain()
    assert (world.row().status, world.row().tombstone) == (Status.DELETED, "deleted")
    world.rollups_equal_rows()
    world.put(CHAT_KEY, chat())
    world.drain()
    assert world.row().status is Status.COMPLETED


def test_a_tombstone_is_written_even_when_there_was_no_row(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.services.sources.delete(CHAT_KEY)
    world.drain()
    assert world.row().status is Status.DELETED


def test_the_later_of_two_recordings_counts_and_the_other_is_shown_as_superseded(
    world: World,
) -> None:
    second = CALL_KEY.replace("T09:00", "T09:30")
    world.put(CALL_KEY, call(6))
    world.drain()
    world.clock.now += 1000
    world.put(second, call(8))
    world.drain()
    flags = {p.key: p.superseded for p in world.row().parts}
    assert sorted(flags.values()) == [False, True]
    world.rollups_equal_rows()


def test_one_chat_under_two_keys_is_one_contact_counted_once(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.put(f"inbox/{CHAT_KEY.rsplit('/', 1)[-1]}", chat())
    world.drain()
    assert len(world.rows()) == 1
    world.rollups_equal_rows()


@pytest.mark.parametrize("order", ["recording_first", "record_first"])
def test_a_recording_without_an_id_in_its_name_goes_to_the_contact_whose_record_names_it(
    world: World, order: str
) -> None:
    key = "calls/monday-4.wav"
    named = record(Recording={"Location": f"bucket/{key}", "Type": "AUDIO", "Status": "AVAILABLE"})
    arrivals = [(key, call(6)), (RECORD_KEY, named)]
    for name, body in arrivals if order == "recording_first" else reversed(arrivals):
        world.put(name, body)
        world.drain()
    assert world.row().publication.agent_id == "ada"
    assert world.row().publication.analysis_key
    left = world.services.contacts.get(provisional_id(key))
    assert left is None or left.tombstone == "moved"
    world.rollups_equal_rows()


def test_reconcile_finds_what_no_event_told(tmp_path: Path) -> None:
    world = World(tmp_path, source_gone="delete")
    world.put(CHAT_KEY, chat(), hint=False)
    world.reconcile()
    assert world.row().status is Status.COMPLETED
    world.delete(CHAT_KEY, hint=False)
    world.reconcile()
    assert world.row().status is Status.DELETED
    world.put(CHAT_KEY, chat([("CUSTOMER", "again")]), hint=False)
    world.reconcile()
    assert world.row().status is Status.COMPLETED
    before = world.row()
    world.reconcile()
    assert world.row() == before


def test_personal_data_is_in_no_object_for_reading(world: World) -> None:
    secret = "4111 1111 1111 1111"
    world.put(CHAT_KEY, chat([("CUSTOMER", f"my card number is {secret}"), ("AGENT", "thanks")]))
    world.drain()
    text = " ".join(t.text for t in analysis(world).conversations[0].transcript.turns)
    assert "[CREDIT_DEBIT_NUMBER]" in text
    key = world.row().publication.analysis_key
    assert secret.encode() not in world.services.redacted.read(key)


def test_a_new_engine_version_alone_makes_nothing_due(world: World) -> None:
    world.put(CHAT_KEY, chat())
    world.drain()
    before = world.row()
    world.services.sentiment.engine = replace(world.services.sentiment.engine, version="99")
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert world.row() == before
