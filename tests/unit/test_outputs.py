"""Contact Lens files of the flow: where readers of Contact Lens find what, and when it is gone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.contact import Status
from chalicelib.domain.events import Hint
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.formats.object_keys import provisional_id
from tests.rules import says
from tests.unit.analyses import faults
from tests.world import CALL_KEY, CHAT_KEY, CONTACT, RECORD_KEY, World, call, chat, record

CARD, MAIL = "4111 1111 1111 1111", "canary@example.com"
SECRETS = chat([("AGENT", "Your card please"), ("CUSTOMER", f"it is {CARD}, mail {MAIL}")])
ODD = "contact-17"
ENDED = "2026-01-05T09:00:20Z"
CHAT_RAW = f"raw/contact-lens/Analysis/Chat/2026/01/05/{CONTACT}_analysis_{ENDED}.json"
CHAT_REDACTED = (
    "redacted/contact-lens/Analysis/Chat/Redacted/2026/01/05/"
    f"{CONTACT}_analysis_redacted_{ENDED}.json"
)
DEMANDED = {
    "Id", "ParticipantId", "BeginOffsetMillis", "EndOffsetMillis", "Content", "LoudnessScore",
}  # fmt: skip


def world_of(folder: Path, output: str, **settings: Any) -> World:
    return World(folder, contact_lens_output=output, **settings)


def files(world: World) -> dict[str, bytes]:
    store = world.services.redacted
    return {s.key: store.read(s.key) for s in store.list() if "/contact-lens/" in s.key}


def writes(world: World) -> dict[str, int]:
    return {s.key: s.modified_ms for s in world.services.redacted.list() if "/contact-l" in s.key}


@pytest.mark.parametrize(
    ("output", "keys"),
    [
        pytest.param("none", set(), id="none_writes_no_file"),
        pytest.param("redacted", {CHAT_REDACTED}, id="redacted_writes_the_twin_alone"),
        pytest.param("both", {CHAT_RAW, CHAT_REDACTED}, id="both_writes_the_original_too"),
    ],
)
def test_the_setting_says_which_files_there_are(
    tmp_path: Path, output: str, keys: set[str]
) -> None:
    world = world_of(tmp_path, output)
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    assert set(files(world)) == keys


@pytest.mark.parametrize("output", ["none", "redacted"])
def test_no_original_is_kept_that_nobody_asked_for(tmp_path: Path, output: str) -> None:
    world = world_of(tmp_path, output)
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    stored = [s.key for s in world.services.raw.list("raw/")]
    assert {key.split("/")[3] for key in stored} == {"transcript", "pii", "subject"}


def test_personal_data_stands_in_the_original_alone(tmp_path: Path) -> None:
    world = world_of(tmp_path, "both")
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    found = files(world)
    for secret in (CARD.encode(), MAIL.encode(), b'"DisplayName":"Customer"'):
        assert secret in found[CHAT_RAW]
        assert secret not in found[CHAT_REDACTED]
    contents = [json.loads(found[key])["ContentMetadata"]["Output"] for key in sorted(found)]
    assert contents == ["Raw", "Redacted"]


def test_categories_of_a_chat_point_into_the_text_they_come_with(tmp_path: Path) -> None:
    world = world_of(tmp_path, "both")
    world.rule_set = RuleSet("mail", (says("r1", "Mail", 1, ("mail",)),))
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    for body in files(world).values():
        document = json.loads(body)
        (point,) = document["Categories"]["MatchedDetails"]["Mail"]["PointsOfInterest"]
        (item,) = point["TranscriptItems"]
        text = next(t["Content"] for t in document["Transcript"] if t["Id"] == item["Id"])
        span = item["CharacterOffsets"]
        assert text[span["BeginOffsetChar"] : span["EndOffsetChar"]] == "mail"


def test_a_call_has_all_that_public_readers_demand(tmp_path: Path) -> None:
    world = world_of(tmp_path, "both", sources_bucket="acme-connect")
    world.put(CALL_KEY, call(8))
    world.put(RECORD_KEY, record(Channel="VOICE"))
    world.drain()
    found = files(world)
    assert len(found) == 2
    for key, body in found.items():
        reader = re.compile(
            r"(?:raw|redacted)/contact-lens/Analysis/Voice/(?:Redacted/)?2026/01/05/"
            r"[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}_analysis(_redacted)?"
            r"_2026-01-05T09:04:00Z\.json"
        )
        assert reader.fullmatch(key)
        document = json.loads(body)
        assert faults("contact-lens-voice-1.1.0.json", document) == []
        figures = document["ConversationCharacteristics"]
        for tree in ("TalkTime", "TalkSpeed"):
            assert set(figures[tree]["DetailsByParticipant"]) == {"AGENT", "CUSTOMER"}
        assert document["Transcript"]
        for turn in document["Transcript"]:
            assert turn.keys() >= DEMANDED
            assert turn["ParticipantId"] in ("AGENT", "CUSTOMER")
            assert turn["LoudnessScore"]
        assert document["CustomerMetadata"] == {
            "InputS3Uri": f"s3://acme-connect/{CALL_KEY}",
            "ContactId": CONTACT,
            "InstanceId": "0",
        }


def test_a_recording_and_a_chat_of_one_contact_have_a_file_each(tmp_path: Path) -> None:
    world = world_of(tmp_path, "redacted")
    world.put(CALL_KEY, call(8))
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    assert {key.split("/")[3] for key in files(world)} == {"Voice", "Chat"}


@pytest.mark.parametrize(
    "again",
    [
        pytest.param([Hint(key=CHAT_KEY)] * 2, id="the_same_event_again"),
        pytest.param([Hint(contact_id=CONTACT, reason="retry")], id="a_retry_button"),
        pytest.param([Hint(contact_id=CONTACT, reason="reconcile")], id="a_sweep"),
    ],
)
def test_what_stands_is_not_written_again(tmp_path: Path, again: list[Hint]) -> None:
    world = world_of(tmp_path, "both")
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    before = files(world), writes(world)
    world.hint(*again)
    world.drain()
    assert (files(world), writes(world)) == before


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    worlds = [world_of(tmp_path / name, "both") for name in ("one", "two")]
    for world in worlds:
        world.put(CHAT_KEY, SECRETS)
        world.drain()
    assert files(worlds[0]) == files(worlds[1])


def test_a_new_publication_overwrites_its_file(tmp_path: Path) -> None:
    world = world_of(tmp_path, "redacted")
    world.put(CHAT_KEY, chat([("AGENT", "one"), ("CUSTOMER", "my parrot is ill")]))
    world.drain()
    world.rule_set = RuleSet("parrots", (says("r1", "Parrots", 1, ("parrot",)),))
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    (body,) = files(world).values()
    assert json.loads(body)["Categories"]["MatchedCategories"] == ["Parrots"]


def test_a_file_moves_with_the_time_of_its_contact(tmp_path: Path) -> None:
    world = world_of(tmp_path, "redacted")
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    assert set(files(world)) == {CHAT_REDACTED}
    world.put(RECORD_KEY, record())
    world.drain()
    assert set(files(world)) == {CHAT_REDACTED.replace("09:00:20Z", "09:04:00Z")}


@pytest.mark.parametrize("output", ["both", "none"], ids=["as_it_was", "after_switching_it_off"])
def test_a_deleted_contact_leaves_no_file(tmp_path: Path, output: str) -> None:
    world = world_of(tmp_path, "both", source_gone="delete")
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    assert len(files(world)) == 2
    switch(world, output)
    world.delete(CHAT_KEY)
    world.drain()
    assert world.row().status is Status.DELETED
    assert files(world) == {}


def test_what_replaced_a_contact_by_nonsense_withdraws_its_file(tmp_path: Path) -> None:
    world = world_of(tmp_path, "both")
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    world.put(CHAT_KEY, b"{")
    world.drain()
    assert world.row().status is Status.QUARANTINED
    assert files(world) == {}


def test_a_source_that_went_but_was_kept_leaves_its_files(tmp_path: Path) -> None:
    world = world_of(tmp_path, "both")
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    before = files(world)
    world.delete(CHAT_KEY)
    world.drain()
    assert files(world) == before


def test_the_file_of_a_recording_moves_to_the_contact_that_claims_it(tmp_path: Path) -> None:
    world, key = world_of(tmp_path, "redacted"), "calls/monday-4.wav"
    world.put(key, call(8))
    world.drain()
    (before,) = files(world)
    assert f"/{provisional_id(key)}_analysis_redacted_" in before
    world.put(RECORD_KEY, record(Recording={"Location": f"bucket/{key}", "Type": "AUDIO"}))
    world.drain()
    (after,) = files(world)
    assert f"/{CONTACT}_analysis_redacted_" in after


@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        pytest.param("none", "redacted", {CHAT_REDACTED}, id="switched_on"),
        pytest.param("both", "redacted", {CHAT_REDACTED}, id="originals_switched_off"),
        pytest.param("redacted", "both", {CHAT_REDACTED}, id="no_original_was_kept"),
        pytest.param("both", "none", {CHAT_RAW, CHAT_REDACTED}, id="switched_off_leaves_them"),
    ],
)
def test_a_changed_setting_counts_at_the_next_look(
    tmp_path: Path, before: str, after: str, keys: set[str]
) -> None:
    world = world_of(tmp_path, before)
    world.put(CHAT_KEY, SECRETS)
    world.drain()
    switch(world, after)
    world.hint(Hint(contact_id=CONTACT))
    world.drain()
    assert set(files(world)) == keys


@pytest.mark.parametrize(
    ("output", "reasons"),
    [pytest.param("redacted", ["CONTACT_ID"], id="asked_for"), pytest.param("none", [], id="not")],
)
def test_a_contact_whose_id_is_no_uuid_is_left_out_and_says_so(
    tmp_path: Path, output: str, reasons: list[str]
) -> None:
    world = world_of(tmp_path, output)
    world.put("chats/one.json", chat(contact_id=ODD))
    world.drain()
    published = world.row(ODD).publication
    told = [s.reason for s in published.skipped if s.capability == "contact_lens_output"]
    assert told == reasons
    assert files(world) == {}


def switch(world: World, output: str) -> None:
    """The installation is started again with another setting."""
    settings = replace(world.services.settings, contact_lens_output=output)
    world.services = replace(world.services, settings=settings)
