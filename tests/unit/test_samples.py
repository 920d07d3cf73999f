"""The samples are what their manifest says, and the manifest is what can be heard."""

from __future__ import annotations

import hashlib
import json
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from scripts.samples import records, script, timeline, transcripts
from scripts.samples.audio import RATE, at_level, mu_law, read_wav, spoken_part, telephone, wav
from scripts.samples.generate import pretty
from scripts.samples.wer import errors, words

FOLDER = Path(__file__).resolve().parents[2] / "samples"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
CONTACTS: list[dict[str, Any]] = MANIFEST["contacts"]
CALLS = [c for c in CONTACTS if c["channel"] == "VOICE"]
CHATS = [c for c in CONTACTS if c["channel"] == "CHAT"]
RESERVED = ("+120255501",)


def named(contacts: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("contact", contacts, ids=lambda c: c["name"])


def media(contact: dict[str, Any]) -> Path:
    return FOLDER / contact["files"][0]["key"]


def record(contact: dict[str, Any]) -> dict[str, Any]:
    return json.loads((FOLDER / contact["files"][1]["key"]).read_text(encoding="utf-8"))


def chunks(body: bytes) -> dict[bytes, bytes]:
    found, at = {}, 12
    while at < len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        found[name] = body[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return found


def loudness(samples: np.ndarray, begin_ms: int, end_ms: int) -> float:
    part = samples[begin_ms * RATE // 1000 : end_ms * RATE // 1000]
    return 20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-9)


def test_there_are_enough_calls_and_chats_for_a_dashboard():
    assert len(CALLS) >= 6
    assert len(CHATS) >= 6
    assert len({c["agent"] for c in CONTACTS if c["agent"]}) == 3
    assert len({c["queue"] for c in CONTACTS}) == 3
    assert sum(f["bytes"] for c in CONTACTS for f in c["files"]) < 14_000_000


def test_the_folder_holds_what_the_manifest_lists_and_nothing_else():
    listed = {f["key"]: f["sha256"] for c in CONTACTS for f in c["files"]}
    there = {
        str(p.relative_to(FOLDER)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in FOLDER.rglob("*")
        if p.is_file() and p.name != "manifest.json"
    }
    assert there == listed


@named(CONTACTS)
def test_every_contact_says_that_it_is_synthetic(contact):
    assert contact["synthetic"] is True
    assert record(contact)["Attributes"]["synthetic"] == "true"


@named(CONTACTS)
def test_the_contact_record_names_the_media_and_fits_the_object_key(contact):
    said = record(contact)
    key = contact["files"][0]["key"]
    assert said["ContactId"] == contact["contactId"]
    assert said["Recording"]["Location"].endswith("/" + key)
    started = datetime.fromisoformat(said["InitiationTimestamp"])
    assert f"{contact['contactId']}_{started:%Y%m%dT%H:%M}_UTC." in key
    assert f"/{started:%Y/%m/%d}/" in key


@named(CONTACTS)
def test_the_times_of_a_contact_record_are_in_order(contact):
    said = record(contact)
    queue, agent = said["Queue"], said["Agent"] or {}
    steps = [
        said["InitiationTimestamp"],
        queue["EnqueueTimestamp"],
        queue["DequeueTimestamp"],
        agent.get("ConnectedToAgentTimestamp", queue["DequeueTimestamp"]),
        said["DisconnectTimestamp"],
        said["LastUpdateTimestamp"],
    ]
    assert steps == sorted(steps)


@named(CALLS)
def test_a_call_is_a_marked_stereo_mu_law_recording_of_the_stated_length(contact):
    found = chunks(media(contact).read_bytes())
    kind, count, rate = struct.unpack_from("<HHI", found[b"fmt "])
    assert (kind, count, rate) == (7, 2, 8000)
    assert b"synthetic sample" in found[b"LIST"]
    assert len(found[b"data"]) == 2 * 8 * contact["durationMillis"]
    assert 60_000 <= contact["durationMillis"] <= 180_000


@named(CALLS)
def test_two_different_voices_speak(contact):
    voices = contact["voices"]
    assert voices["AGENT"]["voice"] != voices["CUSTOMER"]["voice"]


@named(CALLS)
def test_each_turn_is_heard_on_its_own_channel(contact):
    sides = dict(zip(("CUSTOMER", "AGENT"), read_wav(media(contact).read_bytes()), strict=True))
    for turn in contact["transcript"]:
        span = turn["beginOffsetMillis"], turn["endOffsetMillis"]
        assert loudness(sides[turn["participantRole"]], *span) > -40


@named(CALLS)
def test_nobody_speaks_in_a_stated_silence(contact):
    for silence in contact["silences"]:
        assert silence["durationMillis"] > 3000
        for side in read_wav(media(contact).read_bytes()):
            assert loudness(side, silence["beginOffsetMillis"], silence["endOffsetMillis"]) < -50


@named([c for c in CALLS if c["overlaps"]])
def test_both_speak_in_a_stated_overlap(contact):
    for overlap in contact["overlaps"]:
        assert overlap["durationMillis"] >= 2000
        for side in read_wav(media(contact).read_bytes()):
            assert loudness(side, overlap["beginOffsetMillis"], overlap["endOffsetMillis"]) > -40


def test_the_calls_show_what_supervisors_look_for():
    silences = [s["durationMillis"] for c in CALLS for s in c["silences"]]
    overlaps = {o["by"] for c in CALLS for o in c["overlaps"]}
    assert max(silences) >= 12_000
    assert overlaps == {"AGENT", "CUSTOMER"}
    assert {c["disclosureSaid"] for c in CALLS} == {True, False}


@named(CALLS)
def test_the_disclosure_is_said_exactly_where_stated(contact):
    said = " ".join(t["content"] for t in contact["transcript"])
    assert ("this call may be recorded" in said.lower()) == contact["disclosureSaid"]


@named(CHATS)
def test_a_committed_chat_is_what_the_generator_makes(contact):
    everyone = script.cast()
    chat = next(c for c in script.chats() if c.name == contact["name"])
    assert media(contact).read_bytes() == pretty(transcripts.chat_transcript(everyone, chat))


@pytest.mark.parametrize("written", [*script.calls(), *script.chats()], ids=lambda c: c.name)
def test_a_committed_contact_record_is_what_the_generator_makes(written):
    everyone = script.cast()
    contact = next(c for c in CONTACTS if c["name"] == written.name)
    at = records.times(written, contact["durationMillis"])
    made = records.contact_record(everyone, written, at, contact["files"][0]["key"])
    assert record(contact) == made


def test_the_chats_cover_bot_attachment_card_and_nobody_answering():
    items = {c["name"]: json.loads(media(c).read_text("utf-8"))["Transcript"] for c in CHATS}
    roles = {name: [i.get("ParticipantRole") for i in its] for name, its in items.items()}
    handed = roles["bot-handover"]
    assert handed.index("CUSTOM_BOT") < handed.index("AGENT")
    assert any(i["Type"] == "ATTACHMENT" for i in items["damaged-parcel"])
    assert any("4111 1111 1111 1111" in i.get("Content", "") for i in items["typed-card"])
    assert set(roles["abandoned"]) == {"CUSTOMER", None}


@pytest.mark.parametrize("call", script.calls(), ids=lambda c: c.name)
def test_telephone_numbers_come_from_the_reserved_range(call):
    assert call.customer_number.startswith(RESERVED)


def line(role: str, **where: int) -> script.Line:
    return script.Line(role, "words", **where)


class TestTimeline:
    def test_a_gap_is_kept_to_the_millisecond(self):
        turns = timeline.lay([line("AGENT"), line("CUSTOMER", gap_ms=4000)], [1000, 500], Random(1))
        assert turns[1].begin_ms - turns[0].end_ms == 4000
        assert timeline.silences(turns) == [timeline.Span(turns[0].end_ms, turns[1].begin_ms)]

    def test_three_seconds_are_not_a_silence_yet(self):
        turns = timeline.lay([line("AGENT"), line("AGENT", gap_ms=3000)], [900, 900], Random(1))
        assert timeline.silences(turns) == []

    def test_an_overlap_belongs_to_the_later_speaker(self):
        turns = timeline.lay(
            [line("AGENT"), line("CUSTOMER", overlap_ms=2500)], [6000, 4000], Random(1)
        )
        (span,) = timeline.overlaps(turns)
        assert (span.end_ms - span.begin_ms, span.by) == (2500, "CUSTOMER")

    def test_an_overlap_ends_with_the_shorter_turn(self):
        turns = timeline.lay(
            [line("AGENT"), line("CUSTOMER", overlap_ms=2500)], [6000, 1000], Random(1)
        )
        (span,) = timeline.overlaps(turns)
        assert span.end_ms - span.begin_ms == 1000

    def test_nobody_can_speak_twice_at_once(self):
        with pytest.raises(ValueError, match="twice at once"):
            timeline.lay([line("AGENT"), line("AGENT", overlap_ms=100)], [900, 900], Random(1))

    def test_the_same_seed_gives_the_same_pauses(self):
        lines, lengths = [line("AGENT"), line("CUSTOMER")], [500, 500]
        assert timeline.lay(lines, lengths, Random("a")) == timeline.lay(
            lines, lengths, Random("a")
        )


class TestAudio:
    def test_mu_law_is_g711(self):
        samples = np.array([0, 32635 / 32767, -32635 / 32767, 1000 / 32767, -1000 / 32767])
        assert mu_law(samples) == bytes([0xFF, 0x80, 0x00, 0xCE, 0x4E])

    def test_the_telephone_band_keeps_speech_and_drops_hum(self):
        at = np.arange(16000) / 16000
        keep, hum = (telephone(np.sin(2 * np.pi * f * at), 16000) for f in (1000, 50))
        assert len(keep) == 8000
        assert np.std(keep) == pytest.approx(np.sqrt(0.5), rel=0.01)
        assert np.std(hum) < 0.1

    def test_silence_around_speech_is_cut_to_whole_milliseconds(self):
        clip = spoken_part(np.concatenate([np.zeros(800), np.ones(81), np.zeros(800)]))
        assert len(clip) == 88

    def test_a_louder_line_is_louder_by_its_decibels(self):
        clip = np.sin(np.arange(8000) / 5)
        ratio = np.std(at_level(clip, 6.0)) / np.std(at_level(clip))
        assert 20 * np.log10(ratio) == pytest.approx(6.0, abs=0.01)

    def test_a_written_recording_reads_back(self):
        left, right = np.linspace(-0.5, 0.5, 800), np.zeros(800)
        back = read_wav(wav(left, right, "synthetic sample"))
        assert np.abs(back[0] - left).max() < 0.02
        assert np.abs(back[1]).max() < 0.001


def test_a_chat_nobody_answered_has_no_agent_in_its_record():
    chat = next(c for c in script.chats() if c.name == "abandoned")
    at = records.times(chat, 184_000)
    assert at.connected is None
    assert at.ended == datetime(2026, 11, 20, 18, 4, 50, tzinfo=UTC) + timedelta(seconds=184)


@pytest.mark.parametrize(
    ("truth", "heard", "wrong"),
    [
        pytest.param("forty dollars", "$40", 0, id="dollars_are_spelled_out"),
        pytest.param(
            "five five five zero one", "555-01", 0, id="long_numbers_are_read_digit_by_digit"
        ),
        pytest.param("twenty five", "25", 0, id="two_digits_are_a_number"),
        pytest.param(
            "have a nice day", "have nice stay", 2, id="a_missing_and_a_wrong_word_count_two"
        ),
    ],
)
def test_the_rough_word_error_count(truth, heard, wrong):
    assert errors(words(truth), words(heard)) == wrong


@named(CALLS)
def test_the_page_about_samples_gives_the_length_of_every_call(contact):
    page = (FOLDER.parent / "docs" / "samples.md").read_text(encoding="utf-8")
    assert f"| {contact['name']} | {round(contact['durationMillis'] / 1000)} s |" in page
