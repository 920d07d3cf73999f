"""The flow's rarer ways: imports, strange hints, engines that refuse, work that is taken over."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow, PartState, Refusal, Status, Waiting
from chalicelib.domain.errors import (
    Contention,
    EngineMissing,
    InputRefused,
    IntegrityError,
    NotFound,
    Unavailable,
    VersionMoved,
)
from chalicelib.domain.events import Hint
from chalicelib.domain.transcript import Channel
from chalicelib.flow import advance, give_up, rows, speak
from chalicelib.formats.artifact import load
from chalicelib.formats.object_keys import provisional_id, transcribe_result_key
from chalicelib.ports.speech import JobState
from chalicelib.ports.storage import Commit, RowWrite
from chalicelib.stages.conversation import BY_PARTICIPANT
from tests.unit.test_call_analytics_format import analysis as call_analytics
from tests.unit.test_contact_lens import CHAT as CONTACT_LENS_CHAT
from tests.unit.test_contact_lens import VOICE as CONTACT_LENS_VOICE
from tests.unit.test_transcribe_format import mono, two_channels, word
from tests.wav_files import fmt, wav
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, OTHER, RECORD_KEY, World, call, chat, record


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def only_row(world: World):
    (row,) = world.rows()
    return row


@pytest.mark.parametrize(
    ("document", "channel"),
    [
        pytest.param(two_channels(), Channel.VOICE, id="standard_transcribe"),
        pytest.param(call_analytics(), Channel.VOICE, id="call_analytics"),
        pytest.param(CONTACT_LENS_VOICE, Channel.VOICE, id="contact_lens_voice"),
        pytest.param(CONTACT_LENS_CHAT, Channel.CHAT, id="contact_lens_chat"),
    ],
)
def test_an_imported_transcript_is_analysed_without_a_transcription(
    world: World, document: dict, channel: Channel
) -> None:
    world.put("imports/one.json", json.dumps(document).encode())
    world.drain()
    row = only_row(world)
    assert row.status is Status.COMPLETED
    assert row.publication.channel is channel
    assert world.speech.started == []


def test_an_import_without_audio_says_what_is_missing(world: World) -> None:
    world.put("imports/one.json", json.dumps(two_channels()).encode())
    world.drain()
    reasons = {s.capability: s.reason for s in only_row(world).publication.skipped}
    assert reasons["acoustics"] == "NO_AUDIO"


def test_a_recording_with_its_transcript_is_measured_but_not_transcribed(world: World) -> None:
    key = CALL_KEY.replace("CallRecordings", "Imports").replace(".wav", ".json")
    world.put(CALL_KEY, call(6))
    world.put(key, json.dumps(two_channels()).encode())
    world.drain()
    row = world.row()
    assert row.publication.duration_ms == 6000
    assert row.publication.engines["voice/transcript"].name != "scripted"
    world.rollups_equal_rows()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"[]", "object.unknown", id="json_of_no_known_kind"),
        pytest.param(b"%PDF-1.7", "object.json", id="another_file_type_under_that_name"),
        pytest.param(b"", "object.empty", id="no_bytes"),
        pytest.param(
            b'{"results": {}, "jobName": "x"}', "transcript.schema", id="a_broken_transcript"
        ),
    ],
)
def test_an_object_that_cannot_be_used_is_quarantined_under_its_key(
    world: World, body: bytes, code: str
) -> None:
    world.put("inbox/something.json", body)
    world.drain()
    row = world.row(provisional_id("inbox/something.json"))
    assert row.status is Status.QUARANTINED
    assert [p.refusal.code for p in row.refused_parts] == [code]


def test_a_text_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    world = World(tmp_path, max_json_bytes=100)
    world.put(CHAT_KEY, chat())
    world.drain()
    assert [p.refusal.code for p in world.row().refused_parts] == ["object.too_large"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"not json at all", id="no_json"),
        pytest.param(
            b'{"AWSContactTraceRecordFormatVersion": "1", "Channel": "VOICE"}', id="no_contact_id"
        ),
    ],
)
def test_a_bad_contact_record_is_quarantined(world: World, body: bytes) -> None:
    world.put(RECORD_KEY, body)
    world.drain()
    assert only_row(world).status is Status.QUARANTINED


@pytest.mark.parametrize(
    "hint",
    [
        pytest.param(Hint(), id="an_empty_hint"),
        pytest.param(Hint(job="somebody-elses-job"), id="a_job_of_somebody_else"),
        pytest.param(
            Hint(key="connect/acme/contact-records/gone.json"), id="a_record_file_that_is_gone"
        ),
    ],
)
def test_hints_that_say_nothing_to_us_do_nothing(world: World, hint: Hint) -> None:
    assert advance(world.services, hint) == ()
    assert world.rows() == []


def test_a_finished_outside_job_is_found_by_its_name_and_by_its_result(world: World) -> None:
    world.speech.outcome = JobState("RUNNING")
    world.put(CALL_KEY, call(6))
    world.drain()
    job = world.row().waiting["voice/transcript"].job
    done = JobState("DONE", type(world.speech)().outcome.transcript)
    world.speech.look = lambda _: done
    assert advance(world.services, Hint(key=transcribe_result_key(CONTACT, job))) == (CONTACT,)
    assert advance(world.services, Hint(job=job)) == (CONTACT,)
    assert world.row().status is Status.COMPLETED


def test_a_finished_job_is_kept_by_the_worker_that_finds_it(world: World) -> None:
    world.speech.outcome = JobState("RUNNING")
    world.put(CALL_KEY, call(6))
    world.drain()
    done = type(world.speech)().outcome
    world.speech.look = lambda _: done
    started = list(world.speech.started)
    speak(world.services, Hint(contact_id=CONTACT))
    assert world.speech.started == started
    assert world.row().status is Status.COMPLETED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(
            InputRefused("audio.header", "broken"),
            "audio.header",
            id="the_audio_is_refused",
        ),
        pytest.param(
            IntegrityError("model.bin differs"), "engine.integrity", id="the_model_is_another_file"
        ),
    ],
)
def test_a_lasting_refusal_of_the_engine_fails_the_contact(
    world: World, error: Exception, code: str
) -> None:
    world.speech.error = error
    world.put(CALL_KEY, call(6))
    world.drain()
    assert (world.row().status, world.row().failure.code) == (Status.FAILED, code)


def test_a_passing_error_goes_back_to_the_queue(world: World) -> None:
    world.speech.error = Unavailable("throttled")
    world.put(CALL_KEY, call(6))
    with pytest.raises(Unavailable):
        world.drain()
    assert world.row().status is Status.IN_PROGRESS


def test_a_recording_replaced_while_it_waited_is_looked_at_anew(world: World) -> None:
    world.speech.error = NotFound("the bytes asked for are gone")
    world.put(CALL_KEY, call(6))
    world.drain()
    assert world.row().status is Status.IN_PROGRESS


@pytest.mark.parametrize("chance", ["before_the_row_is_committed", "after"])
def test_a_worker_may_be_faster_than_the_commit_that_waits_for_it(
    world: World, chance: str
) -> None:
    world.put(CALL_KEY, call(6))
    commit, early = world.services.contacts.commit, []

    def work_first(change: Commit) -> None:
        speech = world.services.queues.speech
        for message in speech.receive(1):
            early.append(message)
            speak(world.services, Hint.from_body(message.body))
            speech.done(message)
        commit(change)

    if chance == "before_the_row_is_committed":
        world.services.contacts.commit = work_first
    world.drain()
    assert bool(early) == (chance == "before_the_row_is_committed")
    assert world.row().status is Status.COMPLETED
    assert len(world.speech.started) == 1


def test_a_retry_that_is_worked_on_before_its_commit_is_not_lost(world: World) -> None:
    good = world.speech.outcome
    world.speech.outcome = JobState("FAILED", failure=Refusal("transcribe.failed", "no speech"))
    world.put(CALL_KEY, call(6))
    world.drain()
    world.speech.outcome = good
    early = Hint(key=CALL_KEY, contact_id=CONTACT, after=world.row().version)
    with pytest.raises(Unavailable):
        speak(world.services, early)
    advance(world.services, Hint(contact_id=CONTACT, reason="retry"))
    speak(world.services, early)
    assert world.row().status is Status.IN_PROGRESS or world.row().publication
    world.drain()
    assert world.row().status is Status.COMPLETED


def test_work_that_failed_too_often_is_seen(world: World) -> None:
    world.put(CALL_KEY, call(6))
    advance(world.services, Hint(key=CALL_KEY))
    give_up(world.services, Hint(contact_id=CONTACT), "unexpected MemoryError")
    row = world.row()
    assert (row.status, row.failure.code) == (Status.FAILED, "stage.failed")
    give_up(world.services, Hint(), "nothing")
    speak(world.services, Hint())


def test_a_sweep_asks_again_for_work_that_waits_too_long(world: World) -> None:
    world.put(CALL_KEY, call(6))
    advance(world.services, Hint(key=CALL_KEY))
    speech = world.services.queues.speech
    speech.done(speech.receive(1)[0])
    world.clock.now += 16 * 60_000
    world.reconcile()
    assert world.row().status is Status.COMPLETED


def test_a_language_that_no_sentiment_engine_reads_is_a_skipped_analysis(world: World) -> None:
    def refuse(texts: object, language: str) -> list:
        raise EngineMissing("sentiment", "no engine for this language")

    world.services.sentiment.score = refuse
    world.put(CHAT_KEY, chat())
    world.drain()
    row = world.row()
    assert row.status is Status.COMPLETED
    assert row.publication.sentiment_customer is None
    assert "sentiment" in {s.capability for s in row.publication.skipped}


def test_without_a_redaction_engine_nothing_is_published(world: World) -> None:
    def refuse(turns: object, language: str) -> list:
        raise EngineMissing("pii", "not installed")

    world.services.pii.spans = refuse
    world.put(CHAT_KEY, chat())
    with pytest.raises(EngineMissing):
        world.drain()
    assert world.services.contacts.get(CONTACT) is None


def test_a_mono_recording_says_that_it_does_not_know_who_speaks(world: World) -> None:
    world.put(CALL_KEY, wav(b"\0\0" * 48000, format_chunk=fmt(channels=1)))
    world.drain()
    reasons = {s.capability: s.reason for s in world.row().publication.skipped}
    assert reasons["talk_time"] == reasons["interruptions"] == "MONO_RECORDING"


@pytest.mark.parametrize(
    ("greeting", "reasons"),
    [
        pytest.param(
            "Thanks for calling Acme",
            {"acoustics": "NO_AUDIO", "interruptions": "ONE_CHANNEL"},
            id="with_roles_that_the_greeting_tells",
        ),
        pytest.param(
            "Hello there",
            {"acoustics": "NO_AUDIO", "summary": "INSUFFICIENT_CONVERSATION_CONTENT"}
            | dict.fromkeys(BY_PARTICIPANT, "ROLES_UNKNOWN"),
            id="without_roles_where_nothing_tells_them",
        ),
    ],
)
def test_an_import_with_separated_speakers_is_analysed(
    world: World, greeting: str, reasons: dict[str, str]
) -> None:
    spoken = [*((t, "spk_1") for t in greeting.split()), ("Hi", "spk_0"), ("Great", "spk_0")]
    items = [word(t, f"{n}.0", f"{n}.4", speaker_label=who) for n, (t, who) in enumerate(spoken)]
    world.put("imports/one.json", json.dumps(mono(*items)).encode())
    world.drain()
    published = only_row(world).publication
    assert {s.capability: s.reason for s in published.skipped} == reasons
    assert published.interruptions is None
    assert published.agent_interruptions is None
    assert "speakers_separated" in published.flags
    assert (published.agent_talk_ms is None) is ("talk_time" in reasons)


def test_a_removed_contact_record_leaves_what_it_told(world: World) -> None:
    world.put(RECORD_KEY, record())
    world.put(CHAT_KEY, chat())
    world.drain()
    world.delete(RECORD_KEY, hint=False)
    world.reconcile()
    world.rule_set = replace(world.rule_set, id="another")
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert world.row().publication.agent_id == "ada"


PERSONAL = {"email": "joe@example.com", "card": "4111 1111 1111 1111", "tier": "gold"}
MASKED = {"email": "[EMAIL]", "card": "[CREDIT_DEBIT_NUMBER]", "tier": "gold"}
TALKATIVE = record(
    Attributes=PERSONAL,
    CustomerEndpoint={"Address": "+12065550100", "Type": "TELEPHONE_NUMBER"},
)


def stored(world: World) -> bytes:
    return world.services.redacted.read(world.row().publication.analysis_key)


def test_personal_data_in_a_contact_record_is_masked_where_it_is_shown(world: World) -> None:
    world.put(RECORD_KEY, TALKATIVE)
    world.put(CHAT_KEY, chat())
    world.drain()
    assert world.row().publication.attributes == MASKED
    analysis = load(ContactAnalysis, stored(world))
    assert (analysis.record.attributes, analysis.record.customer_address) == (MASKED, None)
    assert not any(text in stored(world) for text in (b"joe@example", b"4111", b"2065550100"))


def test_personal_data_in_a_contact_record_alone_is_masked(world: World) -> None:
    world.put(RECORD_KEY, TALKATIVE)
    world.drain()
    assert world.row().publication.attributes == MASKED


def test_a_masked_contact_record_makes_nothing_due(world: World) -> None:
    world.put(RECORD_KEY, TALKATIVE)
    world.put(CHAT_KEY, chat())
    world.drain()
    before = world.row()
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert world.row() == before
    world.delete(RECORD_KEY, hint=False)
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    released = world.row()
    assert PartState.RELEASED in {p.state for p in released.parts}
    assert (released.recipe, released.publication) == (before.recipe, before.publication)
    world.reconcile()
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert world.row() == released


def test_a_removed_contact_record_stays_masked_and_itself_when_rules_change(
    world: World,
) -> None:
    world.put(RECORD_KEY, TALKATIVE)
    world.put(CHAT_KEY, chat())
    world.drain()
    before = world.row()
    world.delete(RECORD_KEY, hint=False)
    world.rule_set = replace(world.rule_set, id="another")
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    again = world.row()
    assert again.publication.rule_set == "another"
    assert again.publication.attributes == MASKED
    record_of = [row.recipe[rows.PUBLICATION].inputs["record"] for row in (before, again)]
    assert record_of[0] == record_of[1]
    world.put(RECORD_KEY, TALKATIVE)
    world.drain()
    assert world.row().recipe == again.recipe


def test_a_released_recording_is_not_asked_for_again(world: World) -> None:
    world.put(CALL_KEY, call(6))
    world.drain()
    world.delete(CALL_KEY)
    world.drain()
    row, asked = world.row(), len(world.speech.started)
    lost = {name: made for name, made in row.recipe.items() if name != "voice/transcript"}
    forgetful = replace(row, recipe=lost, version=row.version + 1)
    world.services.contacts.commit(Commit([RowWrite(forgetful, row.version)]))
    world.hint(Hint(contact_id=CONTACT, reason="reconcile"))
    world.drain()
    assert len(world.speech.started) == asked
    assert world.row().publication == row.publication


def test_a_contact_that_keeps_moving_is_given_back(world: World) -> None:
    world.put(CHAT_KEY, chat())

    def moved(change: object) -> None:
        raise VersionMoved

    world.services.contacts.commit = moved
    with pytest.raises(Contention):
        world.drain()


def test_a_lost_race_is_read_again(world: World) -> None:
    world.put(CHAT_KEY, chat())
    commit = world.services.contacts.commit
    lost = []

    def once(change: object) -> None:
        if not lost:
            lost.append(1)
            raise VersionMoved
        commit(change)

    world.services.contacts.commit = once
    world.drain()
    assert world.row().status is Status.COMPLETED


def test_a_key_that_came_to_belong_to_another_contact_is_let_go(world: World) -> None:
    named = record(Recording={"Location": "bucket/calls/x.wav", "Type": "AUDIO"})
    world.put(RECORD_KEY, named)
    world.put("calls/x.wav", call(6))
    world.drain()
    world.hint(Hint(key="calls/x.wav", contact_id=OTHER))
    world.drain()
    assert world.services.contacts.get(OTHER) is None
    moved = provisional_id("calls/x.wav")
    world.hint(Hint(key="calls/x.wav", contact_id=moved))
    world.drain()
    assert world.row().publication.analysis_key


@pytest.mark.parametrize(
    ("changes", "attempt"),
    [
        pytest.param({}, 3, id="a_failed_stage_gets_its_next_attempt"),
        pytest.param({"status": Status.COMPLETED}, 2, id="a_finished_contact_gets_none"),
        pytest.param(
            {"failed_stage": "voice/acoustics"}, 2, id="nor_does_a_stage_that_did_not_fail"
        ),
        pytest.param({"failed_stage": None}, 2, id="nor_a_failure_of_no_stage"),
    ],
)
def test_what_a_retry_counts(changes: dict, attempt: int) -> None:
    row = ContactRow(
        "c",
        1,
        Status.FAILED,
        0,
        failure=Refusal("x", "y"),
        failed_stage="voice/transcript",
        waiting={"voice/transcript": Waiting("f", 1, 2)},
    )
    again = rows.retried(replace(row, **changes))
    assert again.waiting["voice/transcript"].attempt == attempt
