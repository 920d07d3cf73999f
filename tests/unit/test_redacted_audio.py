"""Redacted copies on one machine."""

from __future__ import annotations

import pytest

from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.transcript import Span
from functions.audio_redaction.silence import BLOCK_BYTES
from local.redacted_audio import make_copy
from tests.unit import api_world as w

TARGET = "redacted/audio/c/m.wav"
LONG = w.wav_bytes(100.0)
SILENT = slice(44 + 90_000 * 32, 44 + 91_000 * 32)


@pytest.fixture
def services(tmp_path):
    return w.services(tmp_path)


def order(etag: str) -> CopyOrder:
    return CopyOrder("call.wav", etag, TARGET, ((Span(90_000, 91_000),),) * 2)


def test_a_recording_of_several_blocks_is_copied_whole(services):
    assert len(LONG) > 2 * BLOCK_BYTES
    assert make_copy(services, order(services.sources.put("call.wav", LONG).etag))
    made = services.redacted.read(TARGET)
    assert made[: SILENT.start] == LONG[: SILENT.start]
    assert made[SILENT] == bytes(SILENT.stop - SILENT.start)
    assert made[SILENT.stop :] == LONG[SILENT.stop :]


def test_asked_twice_it_is_the_same_copy(services):
    wanted = order(services.sources.put("call.wav", LONG).etag)
    assert make_copy(services, wanted)
    first = services.redacted.stat(TARGET)
    assert make_copy(services, wanted)
    assert services.redacted.stat(TARGET).etag == first.etag


@pytest.mark.parametrize("there", [True, False], ids=["another recording", "none"])
def test_what_is_not_the_ordered_recording_is_not_copied(services, there):
    if there:
        services.sources.put("call.wav", LONG)
    assert not make_copy(services, order("another"))
    assert services.redacted.stat(TARGET) is None
