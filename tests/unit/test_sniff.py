"""What an object is, by its first bytes and its name."""

import json

import pytest

from chalicelib.domain.contact import PartKind
from chalicelib.formats import sniff
from tests.chat_files import KEY, body, chat, message
from tests.shared_data import shared

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "
CHAT = body(chat(message("CUSTOMER", "Hello {")))
RECORD = b'{"ContactId": "c", "LastUpdateTimestamp": "2026-03-02T09:30:00Z"}'
CALL = {"JobStatus": "COMPLETED", "LanguageCode": "en-US", "Transcript": [], "JobName": "j"}
LENS = {"Version": "1.1.0", "Channel": "VOICE", "Transcript": [], "Categories": {}}
STANDARD = {"jobName": "j", "accountId": "1", "results": {"items": []}, "status": "COMPLETED"}
RECORDINGS = "connect/acme/CallRecordings/2026/03/02/x"

CASES = {
    "a_wav": ("x", WAV, sniff.RECORDING),
    "an_rf64_wav": ("x", b"RF64\xff\xff\xff\xffWAVE", sniff.RECORDING),
    "I24_a_rifx_file": ("x", b"RIFX", sniff.RECORDING),
    "I25_an_mp3_named_wav": ("x.wav", b"ID3\x04", sniff.RECORDING),
    "an_mp3_frame": ("x", b"\xff\xfb\x90\x00", sniff.RECORDING),
    "an_m4a": ("x", b"\0\0\0\x20ftypM4A ", sniff.RECORDING),
    "an_ogg": ("x", b"OggS", sniff.RECORDING),
    "I26_a_json_error_page_named_wav": ("x.WAV", b'{"error": 1}', sniff.RECORDING),
    "I26_an_html_page_among_the_recordings": (RECORDINGS, b"<html>", sniff.RECORDING),
    "I27_an_empty_recording": ("x.wav", b"", sniff.RECORDING),
    "a_chat": ("x", CHAT, sniff.CHAT),
    "a_chat_that_is_cut_off": ("x.json", CHAT[:300], sniff.CHAT),
    "a_chat_with_a_mark": ("x", b"\xef\xbb\xbf" + CHAT, sniff.CHAT),
    "I36_a_chat_in_utf_16": ("x", CHAT.decode().encode("utf-16"), sniff.CHAT),
    "I36_a_chat_in_latin_1": ("x", CHAT.replace(b"Hello", b"\xe9"), sniff.CHAT),
    "I55_a_chat_of_another_version": ("x", body(chat(Version="9")), sniff.CHAT),
    "a_chat_among_the_recordings": (RECORDINGS, CHAT, sniff.CHAT),
    "I34_no_json_among_the_chats": (KEY, b"oops", sniff.CHAT),
    "json_of_no_known_shape_among_the_chats": (KEY, b'{"a": 1}', sniff.CHAT),
    "a_contact_record": ("x", RECORD, sniff.RECORD),
    "contact_records_in_an_array": ("x", b"[ " + RECORD, sniff.RECORD),
    "contact_records_in_lines": ("x", RECORD + b"\n" + RECORD, sniff.RECORD),
    "a_contact_record_without_its_id": ("x", RECORD.replace(b"ContactId", b"Agent"), sniff.UNKNOWN),
    "no_json_among_the_contact_records": ("contact-records/x", b"oops", sniff.RECORD),
    "standard_transcribe_output": ("x", json.dumps(STANDARD).encode(), sniff.TRANSCRIBE),
    "call_analytics_output": ("x", json.dumps(CALL).encode(), sniff.CALL_ANALYTICS),
    "contact_lens_output": ("x", json.dumps(LENS).encode(), sniff.CONTACT_LENS),
    "an_unreadable_analysis": ("connect/a/Analysis/Voice/x.json", b"oops", sniff.CONTACT_LENS),
    "a_contact_event": (
        "x",
        b'{"contactId": "c", "eventType": "X", "initiationMethod": ""}',
        sniff.UNKNOWN,
    ),
    "text": ("inbox/notes.txt", b"hello", sniff.UNKNOWN),
    "json_of_no_known_shape": ("inbox/x.json", b'{"hello": 1}', sniff.UNKNOWN),
    "a_nested_key_is_no_key_of_the_document": ("x", b'{"a": {"Transcript": []}}', sniff.UNKNOWN),
    "a_value_is_no_key": ("x", b'{"a": "Transcript", "b": ["Transcript"]}', sniff.UNKNOWN),
    "nothing": ("inbox/x", b"", sniff.UNKNOWN),
}


@pytest.mark.parametrize(("key", "head", "kind"), CASES.values(), ids=CASES)
def test_kind_of_an_object(key, head, kind):
    assert sniff.kind_of(key, head) == kind


def test_an_unknown_object_has_the_code_it_is_refused_with():
    assert sniff.UNKNOWN == (PartKind.UNKNOWN, "object.unknown")


@pytest.mark.parametrize("value", [None, 5, "x", [], [5], [[json.loads(RECORD)]], {}])
def test_json_of_no_known_shape(value):
    assert sniff.json_format(value) == sniff.UNKNOWN


def test_whole_json_is_told_by_its_keys():
    assert sniff.json_format(json.loads(CHAT)) == sniff.CHAT
    assert sniff.json_format([json.loads(RECORD)]) == sniff.RECORD


def test_call_analytics_with_its_name_behind_a_long_transcript():
    turn = {"LoudnessScores": [60], "Content": "hello " * 50}
    output = {**CALL, "Transcript": [turn] * 50}
    del output["JobName"]
    head = json.dumps({**output, "JobName": "late"}).encode()[:4096]
    assert sniff.kind_of("x.json", head) == sniff.CALL_ANALYTICS


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        pytest.param(("contact_lens", "voice_v1.1.0.json"), sniff.CONTACT_LENS, id="voice"),
        pytest.param(("contact_lens", "chat_complete.json"), sniff.CONTACT_LENS, id="chat"),
        pytest.param(
            ("transcribe", "transcribe_standard_two_channels.json"), sniff.TRANSCRIBE, id="standard"
        ),
        pytest.param(
            ("aws_reference_output", "transcribe_call_analytics_card1_49turns.json"),
            sniff.CALL_ANALYTICS,
            id="call_analytics",
        ),
        pytest.param(
            ("contact_lens", "event_rule_action_failed.json"), sniff.UNKNOWN, id="an_event"
        ),
    ],
)
def test_published_files(parts, kind):
    data = shared(*parts).read_bytes()
    assert sniff.kind_of("x.json", data[:65_536]) == kind
    assert sniff.json_format(json.loads(data)) == kind
