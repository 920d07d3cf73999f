"""Who hears which recording: the redacted copy, the original, or why there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.contact import PartKind, PartState, SkippedAnalysis, Status
from chalicelib.domain.principal import LISTEN, UNREDACTED, Principal, PrincipalRole
from chalicelib.domain.transcript import Redaction, Role, Span
from tests.unit import api_world as w
from tests.unit.api_world import CALL, CHAT, OTHER, REFUSED, World, populated

KEY = "connect/acme/CallRecordings/call.wav"
RECORDING = f"/v1/contacts/{CALL}/recording"
HEADER = 44
FRAME = 4

NOBODY = Principal("n", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
LISTENER = replace(NOBODY, granted=frozenset({LISTEN}))
TRUSTED = replace(NOBODY, granted=frozenset({UNREDACTED}))


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> World:
    return populated(tmp_path_factory.mktemp("world"))


@pytest.fixture
def fresh(tmp_path) -> World:
    return populated(tmp_path)


class Notebook:
    """A copyist that writes orders down."""

    def __init__(self) -> None:
        self.orders: list[CopyOrder] = []

    def __call__(self, order: CopyOrder) -> bool:
        self.orders.append(order)
        return False


def noted(world: World) -> tuple[World, list[CopyOrder]]:
    """The same installation with a copyist that makes its copies later."""
    notebook = Notebook()
    return World(world.services, copy=notebook), notebook.orders


def republish(world: World, conversation, **known) -> None:
    row = world.services.contacts.get(CALL)
    world.publish(CALL, conversation, **{"parts": row.parts, **known})


def call(world: World):
    stat = world.services.sources.stat(KEY)
    return replace(w.voice(KEY, None), source_etag=stat.etag)


def test_what_plays_is_the_redacted_copy(world):
    told = world.ask(RECORDING).json
    assert told == {
        "url": "/signed/redacted/300/audio/wav",
        "expiresAt": "2026-05-28T20:31:40.000Z",
        "contentType": "audio/wav",
        "durationMillis": 2000,
        "redaction": "REDACTED",
    }


def test_the_original_is_asked_for_by_name(world):
    told = world.ask(RECORDING, redaction="none").json
    assert (told["url"], told["redaction"]) == ("/signed/300/audio/wav", "NONE")


MAY = [
    ("who may not listen", NOBODY, 403, 403),
    ("who may listen", LISTENER, 200, 403),
    ("who may hear originals", TRUSTED, 200, 200),
]


@pytest.mark.parametrize(
    ("who", "redacted", "original"), [m[1:] for m in MAY], ids=[m[0] for m in MAY]
)
def test_who_hears_what_is_also_what_is_offered(world, who, redacted, original):
    assert world.ask(RECORDING, who=who).status == redacted
    assert world.ask(RECORDING, who=who, redaction="redacted").status == redacted
    assert world.ask(RECORDING, who=who, redaction="none").status == original
    [voice] = world.ask(f"/v1/contacts/{CALL}", who=who).json["conversations"]
    assert (voice["recording"], voice["originalRecording"]) == (redacted == 200, original == 200)


def test_the_customers_channel_is_silent_where_the_text_is_masked_and_nothing_else_changes(fresh):
    fresh.ask(RECORDING)
    [copy] = fresh.services.redacted.list("redacted/audio/")
    assert copy.content_type == "audio/wav"
    made, source = fresh.services.redacted.read(copy.key), w.wav_bytes()
    assert len(made) == len(source)
    first, last = HEADER + 1250 * 8 * FRAME, len(source)  # 1500 to 1900 ms, padded, to the end
    assert made[:first] == source[:first]
    customer, agent = slice(first, last), slice(first + 2, last)
    assert set(made[customer][0::FRAME]) | set(made[customer][1::FRAME]) == {0}
    assert made[agent][0::FRAME] == source[agent][0::FRAME]
    assert made[agent][1::FRAME] == source[agent][1::FRAME]


def test_a_copy_is_made_once(fresh):
    fresh.ask(RECORDING)
    later, orders = noted(fresh)
    assert later.ask(RECORDING).status == 200
    assert orders == []


def test_without_redactions_the_copy_is_the_recording(fresh):
    spoken = call(fresh)
    plain = tuple(replace(turn, redactions=()) for turn in spoken.transcript.turns)
    republish(fresh, replace(spoken, transcript=replace(spoken.transcript, turns=plain)))
    assert fresh.ask(RECORDING).status == 200
    [copy] = fresh.services.redacted.list("redacted/audio/")
    assert fresh.services.redacted.read(copy.key) == w.wav_bytes()


def test_what_is_found_later_makes_another_copy(fresh):
    fresh.ask(RECORDING)
    spoken = call(fresh)
    name = Redaction(0, 5, "NAME", 0, 400)
    said = tuple(
        replace(t, redactions=(name,)) if t.role is Role.AGENT else t
        for t in spoken.transcript.turns
    )
    republish(fresh, replace(spoken, transcript=replace(spoken.transcript, turns=said)))
    later, _ = noted(fresh)
    assert later.ask(RECORDING).json["code"] == "recording.pending"
    assert fresh.ask(RECORDING).status == 200
    assert len(list(fresh.services.redacted.list("redacted/audio/"))) == 2


def test_a_copy_that_is_not_there_yet_is_pending(world):
    later, orders = noted(populated_like(world))
    answer = later.ask(RECORDING)
    assert (answer.status, answer.json["code"]) == (404, "recording.pending")
    [order] = orders
    assert (order.source_key, order.silences) == (KEY, ((Span(1250, 2000),), ()))
    assert order.target_key.startswith(f"redacted/audio/{CALL}/")
    assert later.ask(RECORDING, redaction="none").status == 200


def populated_like(world: World) -> World:
    """The installation without the copies that other tests have made."""
    for stat in list(world.services.redacted.list("redacted/audio/")):
        world.services.redacted.delete(stat.key)
    return world


def test_a_transcript_that_was_brought_does_not_tell_the_channel(fresh):
    row = fresh.services.contacts.get(CALL)
    brought = w.part("t.json", PartKind.TRANSCRIPT, format="contact-lens")
    fresh.put(replace(row, parts=(*row.parts, brought)))
    later, orders = noted(fresh)
    later.ask(RECORDING)
    assert orders[0].silences == ((Span(1250, 2000),),) * 2


def test_the_customers_channel_is_a_setting(tmp_path):
    later, orders = noted(populated(tmp_path, replace(w.Settings(), customer_channel=1)))
    later.ask(RECORDING)
    assert orders[0].silences == ((), (Span(1250, 2000),))


def test_another_recording_is_never_played_with_this_ones_silences(fresh):
    row = fresh.services.contacts.get(CALL)
    stat = fresh.services.sources.put(KEY, w.wav_bytes(3.0))
    # The bytes were replaced and nobody has looked yet.
    assert fresh.ask(RECORDING).json["code"] == "recording.pending"
    newer = (replace(row.parts[0], etag=stat.etag, size=stat.size),)
    fresh.put(replace(row, parts=newer, status=Status.IN_PROGRESS))
    assert fresh.ask(RECORDING).json["code"] == "recording.pending"
    fresh.put(replace(row, parts=newer))
    assert fresh.ask(RECORDING).json["code"] == "recording.not_redacted"
    assert list(fresh.services.redacted.list("redacted/audio/")) == []


@pytest.mark.parametrize("capability", ["transcript", "pii"])
def test_a_recording_of_which_no_word_is_known_has_no_redacted_copy(fresh, capability):
    skip = SkippedAnalysis(capability, "ENGINE_MISSING", "knows English only", "voice")
    republish(fresh, replace(call(fresh), skipped=(skip,)))
    assert fresh.ask(RECORDING).json["code"] == "recording.not_redacted"
    assert fresh.ask(RECORDING, redaction="none").status == 200
    [voice] = fresh.ask(f"/v1/contacts/{CALL}").json["conversations"]
    assert (voice["recording"], voice["originalRecording"]) == (False, True)
    assert [s["capability"] for s in voice["skipped"]] == [capability, "audio_redaction"]


@pytest.mark.parametrize("redaction", ["redacted", "none"])
@pytest.mark.parametrize(
    ("contact_id", "code"),
    [(CHAT, "recording.none"), (OTHER, "recording.released"), (REFUSED, "recording.refused")],
)
def test_a_missing_recording_says_why(world, contact_id, code, redaction):
    answer = world.ask(f"/v1/contacts/{contact_id}/recording", redaction=redaction)
    assert (answer.status, answer.json["code"]) == (404, code)


def test_where_no_original_is_stored_its_redacted_copy_plays(fresh):
    key = "redacted/audio/c/m.wav"
    gone = replace(
        fresh.services.contacts.get(CALL).parts[0], state=PartState.RELEASED, copy_key=key
    )
    republish(fresh, call(fresh), parts=(gone,))
    fresh.services.sources.delete(KEY)
    assert fresh.ask(RECORDING).json["code"] == "recording.gone"
    fresh.services.redacted.put(key, w.wav_bytes(2.0))
    told = fresh.ask(RECORDING).json
    assert (told["redaction"], told["durationMillis"]) == ("REDACTED", 2000)
    refused = fresh.ask(RECORDING, redaction="none")
    assert (refused.status, refused.json["code"]) == (404, "recording.raw_not_stored")
    assert "redacted copy can be played" in refused.json["detail"]
    [voice] = fresh.ask(f"/v1/contacts/{CALL}").json["conversations"]
    assert (voice["recording"], voice["originalRecording"]) == (True, False)


def test_a_recording_that_was_just_removed_is_gone(fresh):
    fresh.services.sources.delete(KEY)
    assert fresh.ask(RECORDING).json["code"] == "recording.gone"
    assert fresh.ask(RECORDING, redaction="none").json["code"] == "recording.gone"


def test_a_superseded_recording_is_not_played(fresh):
    older = w.part("old.wav", superseded=True)
    fresh.put(
        replace(fresh.services.contacts.get(CHAT), parts=(older, w.part("c.json", PartKind.CHAT)))
    )
    assert fresh.ask(f"/v1/contacts/{CHAT}/recording").json["code"] == "recording.none"
