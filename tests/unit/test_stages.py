"""Stages on their own: intake by name, publication times, texts by format, what cannot be known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.config import Settings
from chalicelib.domain.contact import ContactRecord, Part, PartKind
from chalicelib.domain.errors import InputRefused, Unavailable
from chalicelib.domain.transcript import Channel, Role
from chalicelib.flow.table import Source
from chalicelib.ports.storage import Stat
from chalicelib.stages import intake, publication
from chalicelib.stages import sentiment as sentiment_stage
from chalicelib.stages import transcript as transcript_stage
from tests.fakes.stores import MemoryObjects
from tests.unit.conversations import call, span, wrote
from tests.unit.conversations import chat as written
from tests.world import CHAT_KEY, chat
from tests.world import call as recording


def stored(key: str, body: bytes) -> tuple[MemoryObjects, Stat]:
    store = MemoryObjects()
    store.put(key, body)
    stat = store.stat(key)
    assert stat
    return store, stat


@pytest.mark.parametrize(
    ("body", "kind", "how", "code"),
    [
        pytest.param(chat(), PartKind.CHAT, "connect-chat", None, id="a_chat_called_a_chat"),
        pytest.param(
            recording(1), PartKind.RECORDING, "wav", None, id="a_recording_called_a_recording"
        ),
        pytest.param(
            chat(), PartKind.RECORDING, "wav", "audio.not_wav", id="a_chat_called_a_recording"
        ),
        pytest.param(
            chat(),
            PartKind.TRANSCRIPT,
            "call-analytics",
            "transcript.schema",
            id="a_chat_called_an_analysis",
        ),
        pytest.param(
            chat(), PartKind.TRANSCRIPT, "morse", "object.unknown", id="a_format_that_nobody_reads"
        ),
        pytest.param(
            b"[1]", PartKind.TRANSCRIPT, "transcribe", "transcript.schema", id="json_but_no_object"
        ),
    ],
)
def test_an_object_is_judged_as_what_the_caller_says(
    body: bytes, kind: PartKind, how: str, code: str | None
) -> None:
    store, stat = stored("x", body)
    found = intake.inspect_as(store, stat, Settings(), 7, kind, how)
    assert (found.part.refusal.code if found.part.refusal else None) == code


def test_contact_records_under_another_name_are_found_by_their_content() -> None:
    padding = '"Attributes": {"a": "' + "x" * 5000 + '"},'
    body = (
        "{" + padding + '"ContactId": "c-1", "AWSContactTraceRecordFormatVersion": "1"}'
    ).encode()
    store, stat = stored("inbox/unnamed.txt", body)
    found = intake.inspect(store, stat, Settings(), 7)
    assert found.part.kind is PartKind.CONTACT_RECORD
    assert found.content_ids == ("c-1",)


@pytest.mark.parametrize(
    ("customer", "channels", "roles"),
    [
        pytest.param(0, 2, (Role.CUSTOMER, Role.AGENT), id="as_connect_records"),
        pytest.param(1, 2, (Role.AGENT, Role.CUSTOMER), id="turned"),
        pytest.param(0, 1, (Role.UNKNOWN,), id="mono"),
    ],
)
def test_which_channel_holds_whom(customer: int, channels: int, roles: tuple[Role, ...]) -> None:
    settings = replace(Settings(), customer_channel=customer)
    assert transcript_stage.channel_roles(settings, channels) == roles


def published(record: ContactRecord | None, key: str = "calls/a.wav", **part: int):
    from tests.unit.analyses import conversation

    talk = replace(conversation(call(span(Role.AGENT, 0, 4000))), source_key=key)
    piece = Part(key, "e", PartKind.RECORDING, "wav", 1, part.get("modified_ms", 9_000_000))
    return publication.publish((talk,), record, [piece], analysis_key="k", rule_set="r")


@pytest.mark.parametrize(
    ("record", "key", "started", "ended"),
    [
        pytest.param(
            ContactRecord(
                "c", initiation_time="2026-01-05T09:00:00Z", disconnect_time="2026-01-05T09:05:00Z"
            ),
            "calls/a.wav",
            1_767_603_600_000,
            1_767_603_900_000,
            id="the_contact_record_says",
        ),
        pytest.param(
            None,
            "x/0a1b2c3d-0000-4000-8000-000000000001_20260105T09:00_UTC.wav",
            1_767_603_600_000,
            1_767_603_604_000,
            id="the_name_says",
        ),
        pytest.param(None, "calls/a.wav", 8_996_000, 9_000_000, id="only_its_arrival_is_known"),
        pytest.param(
            ContactRecord("c", initiation_time="yesterday", disconnect_time="later"),
            "calls/a.wav",
            8_996_000,
            9_000_000,
            id="times_that_are_none",
        ),
    ],
)
def test_when_a_contact_was(
    record: ContactRecord | None, key: str, started: int, ended: int
) -> None:
    found = published(record, key)
    assert (found.initiation_ms, found.disconnect_ms) == (started, ended)


class Half:
    """An engine that answers too few texts."""

    from chalicelib.domain.transcript import Engine

    engine = Engine("half", "1")

    def score(self, texts, language):
        return []


def test_an_engine_that_loses_texts_is_not_believed() -> None:
    with pytest.raises(Unavailable):
        sentiment_stage.make(written(wrote(Role.CUSTOMER, 0, "hello")), Half())


def test_a_source_has_audio_or_text() -> None:
    with pytest.raises(ValueError, match="audio or text"):
        _ = Source(Channel.VOICE).main


def test_a_refused_part_needs_no_second_refusal() -> None:
    store, stat = stored(CHAT_KEY, b"{")
    found = intake.inspect(store, stat, Settings(), 7)
    assert intake.identity(found.part, ("another",), "c", 7) == found.part


def test_an_unreadable_format_is_refused_by_name() -> None:
    with pytest.raises(InputRefused, match=r"object\.unknown"):
        transcript_stage.read("morse", b"{}", Settings())
