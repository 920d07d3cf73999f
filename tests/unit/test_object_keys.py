"""What object keys tell (I56, I57) and how Loupe names its own products."""

import re
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InputRefused
from chalicelib.formats import object_keys as keys

CONTACT = "11aa22bb-33cc-4dd4-8ee5-66ff77aa88bb"
OTHER = "99aa22bb-33cc-4dd4-8ee5-66ff77aa88bb"
RECORDING = f"connect/acme/CallRecordings/2026/03/02/{CONTACT}_20260302T09:30_UTC.wav"
STARTED = 1_772_443_800_000


@pytest.mark.parametrize(
    ("key", "contact_id"),
    [
        pytest.param(RECORDING, CONTACT, id="a_recording"),
        pytest.param(RECORDING.upper(), CONTACT, id="upper_case_becomes_lower_case"),
        pytest.param(
            f"Analysis/Voice/{CONTACT}_analysis_2026-03-02T09:30:00Z.json", CONTACT, id="analysis"
        ),
        pytest.param(f"{CONTACT}.json", CONTACT, id="a_bare_id"),
        pytest.param(CONTACT, CONTACT, id="without_extension"),
        pytest.param(f"connect/{CONTACT}/call.wav", None, id="a_folder_is_no_contact"),
        pytest.param(f"stream-1-2026-03-02-{CONTACT}", None, id="a_delivery_streams_own_id"),
        pytest.param(f"{CONTACT}0.wav", None, id="longer_than_an_id"),
        pytest.param("call.wav", None, id="no_id"),
        pytest.param("", None, id="an_empty_key"),
    ],
)
def test_contact_id_in_a_key(key, contact_id):
    assert keys.contact_id_in(key) == contact_id


@pytest.mark.parametrize(
    ("key", "started"),
    [
        pytest.param(RECORDING, STARTED, id="as_connect_writes_it"),
        pytest.param(RECORDING.replace(":", "%3A"), STARTED, id="encoded"),
        pytest.param(RECORDING.replace(":", "_"), STARTED, id="on_a_disk_without_colons"),
        pytest.param(RECORDING.replace(":", ""), STARTED, id="without_separator"),
        pytest.param("x_20261302T09:30_UTC.wav", None, id="no_such_month"),
        pytest.param("x_20260302T25:30_UTC.wav", None, id="no_such_hour"),
        pytest.param("x_20260302_UTC.wav", None, id="no_time"),
        pytest.param("_20260302T09:30_UTC/x.wav", None, id="in_a_folders_name"),
    ],
)
def test_start_in_a_key(key, started):
    assert keys.started_ms(key) == started


@pytest.mark.parametrize(
    ("key", "analysed"),
    [
        pytest.param(
            "c_analysis_2026-03-02T09:30:00Z.json", STARTED, id="as_contact_lens_writes_it"
        ),
        pytest.param(
            "Analysis/c_analysis_redacted_2026-03-02T09:30:00Z.json", STARTED, id="redacted"
        ),
        pytest.param("c_analysis_2026-03-02T09%3A30%3A00Z.json", STARTED, id="encoded"),
        pytest.param(
            "c_analysis_2026-03-02T09_30_00Z.json", STARTED, id="on_a_disk_without_colons"
        ),
        pytest.param("c_analysis_2026-13-02T09:30:00Z.json", None, id="no_such_month"),
        pytest.param("c_analysis.json", None, id="no_time"),
        pytest.param("c_analysis_2026-03-02T09:30:00Z.json.bak", None, id="another_file"),
    ],
)
def test_the_time_of_an_analysis_in_a_key(key, analysed):
    assert keys.analysed_ms(key) == analysed


@pytest.mark.parametrize(
    ("path", "key"),
    [
        pytest.param(f"/data/{RECORDING}", RECORDING, id="from_the_connect_folder_on"),
        pytest.param("/connect/old/connect/acme/x.wav", "connect/acme/x.wav", id="the_last_one"),
        pytest.param("/home/me/call.wav", "inbox/call.wav", id="any_other_file"),
        pytest.param("connect", "inbox/connect", id="a_file_of_that_name"),
        pytest.param(
            PurePosixPath("connect/a b+c%é👩.wav"), "connect/a b+c%é👩.wav", id="I57_used_verbatim"
        ),
        pytest.param("/x/bad\udce9.wav", "inbox/bad\\xe9.wav", id="a_name_that_is_no_utf_8"),
    ],
)
def test_key_for_a_path(path, key):
    assert keys.key_for_path(path) == key
    keys.key_for_path(path).encode()


@pytest.mark.parametrize(
    ("path", "root", "key"),
    [
        pytest.param("two/a/call.wav", "two", "inbox/a/call.wav", id="its_place_below_the_root"),
        pytest.param("two/call.wav", "two", "inbox/call.wav", id="directly_in_the_root"),
        pytest.param("a/call.wav", "", "inbox/a/call.wav", id="relative_to_the_root_already"),
        pytest.param("two/call.wav", "two/call.wav", "inbox/call.wav", id="the_root_is_the_file"),
        pytest.param(
            "connect/acme/x.wav", "connect", "connect/acme/x.wav", id="the_root_is_connects"
        ),
        pytest.param(f"two/{RECORDING}", "two", RECORDING, id="connects_names_come_first"),
    ],
)
def test_key_for_a_path_below_a_root(path, root, key):
    assert keys.key_for_path(path, root) == key


def test_provisional_ids_depend_on_the_key_alone():
    assert keys.provisional_id("inbox/a.wav") == "4ff24e9a-1464-501d-b935-d2f6edab8182"
    assert keys.provisional_id("inbox/b.wav") != keys.provisional_id("inbox/a.wav")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("Happy%20Face.jpg", "Happy Face.jpg", id="percent"),
        pytest.param("a+b%2Bc%25%C3%A9%F0%9F%91%A9", "a b+c%é👩", id="I57_plus_and_unicode"),
        pytest.param(RECORDING.replace(":", "%3A"), RECORDING, id="a_recording"),
        pytest.param("../%2Fx/", "..//x/", id="I57_dots_and_slashes_stay"),
    ],
)
def test_notification_keys_are_form_encoded(text, key):
    assert keys.decode_notification_key(text) == key


def test_a_notification_key_that_is_no_utf_8_is_refused():
    with pytest.raises(InputRefused) as refused:
        keys.decode_notification_key("caf%E9.wav")
    assert refused.value.code == "event.unknown"


ARTIFACTS = {
    "a_product": (("raw", CONTACT, "pii", "f00d"), {}, f"raw/artifacts/{CONTACT}/pii/f00d.json"),
    "a_redacted_product": (("redacted", "c", "pii", "f"), {}, "redacted/artifacts/c/pii/f.json"),
    "another_attempt": (("raw", "c", "pii", "f", 2), {}, "raw/artifacts/c/pii/f-2.json"),
    "a_failure": (("raw", "c", "pii", "f"), {"failed": True}, "raw/artifacts/c/pii/f.failed.json"),
    "an_attempt_that_failed": (
        ("raw", "c", "pii", "f", 1),
        {"failed": True},
        "raw/artifacts/c/pii/f-1.failed.json",
    ),
}


@pytest.mark.parametrize(("arguments", "options", "key"), ARTIFACTS.values(), ids=ARTIFACTS)
def test_artifact_keys(arguments, options, key):
    assert keys.artifact_key(*arguments, **options) == key
    assert keys.contact_of_artifact(key) == arguments[1]


def test_an_area_is_raw_or_redacted():
    with pytest.raises(ValueError, match="raw, redacted"):
        keys.artifact_key("secret", "c", "pii", "f")


def test_transcribe_results_lie_under_their_contact():
    key = keys.transcribe_result_key(CONTACT, "loupe-f00d-0")
    assert key == f"raw/transcribe/{CONTACT}/loupe-f00d-0.json"
    assert keys.contact_of_artifact(key) == CONTACT


def test_a_redacted_copy_leads_to_its_contact():
    assert keys.contact_of_artifact(keys.redacted_audio_key(CONTACT, "f00d")) == CONTACT


@pytest.mark.parametrize(
    "key", [RECORDING, "raw/artifacts/", "raw/artifacts/c/pii", "other/artifacts/c/pii/f.json", ""]
)
def test_other_keys_belong_to_no_contact(key):
    assert keys.contact_of_artifact(key) is None


OUTPUT_KEY = re.compile(r"[a-zA-Z0-9\-_.!*'()/]{1,1024}")
IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)


@given(IDS, IDS)
def test_any_contact_id_makes_a_key_that_transcribe_takes_and_that_leads_back(one, other):
    key = keys.transcribe_result_key(one, "loupe-job")
    assert OUTPUT_KEY.fullmatch(key)
    assert keys.contact_of_artifact(key) == one
    assert key.count("/") == 3
    assert (keys.artifact_prefix("raw", one) == keys.artifact_prefix("raw", other)) == (
        one == other
    )


def test_an_id_that_is_too_long_is_hashed_and_leads_nowhere():
    one, other = (keys.artifact_key("raw", "é" * 300 + end, "pii", "f") for end in "ab")
    assert len(one) < 120
    assert one != other
    assert keys.contact_of_artifact(one) is None


@pytest.mark.parametrize(
    ("found", "conflict"),
    [
        pytest.param((CONTACT, CONTACT, [CONTACT]), False, id="all_the_same"),
        pytest.param((CONTACT.upper(), CONTACT, []), False, id="case_does_not_count"),
        pytest.param((None, CONTACT, []), False, id="a_name_without_an_id_says_nothing"),
        pytest.param((None, None, [None, ""]), False, id="nothing_found"),
        pytest.param((CONTACT, OTHER, []), True, id="I56_key_and_content_differ"),
        pytest.param((CONTACT, None, [OTHER]), True, id="I56_key_and_record_differ"),
        pytest.param(
            (None, CONTACT, [CONTACT, OTHER]), True, id="I56_content_and_one_record_differ"
        ),
    ],
)
def test_identity(found, conflict):
    refused = keys.identity_conflict(*found)
    assert (refused is not None) == conflict
    if refused:
        assert refused.code == "contact.id_mismatch"
