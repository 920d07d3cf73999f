"""The first seconds of a synthetic sample call, as files of several shapes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from chalicelib.formats.wav import parse
from tests.wav_files import MULAW, fmt, wav

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
RATE = 8000
SILENCE = b"\xff"
STEREO = fmt(MULAW, bits=8)
MONO = fmt(MULAW, channels=1, bits=8)


@cache
def _frames(seconds: int) -> bytes:
    """µ-law pairs, customer and agent, of the call in which both speak within 14 seconds."""
    contacts = json.loads((SAMPLES / "manifest.json").read_text("utf-8"))["contacts"]
    call = next(c for c in contacts if c["name"] == "angry-escalation")
    body = (SAMPLES / call["files"][0]["key"]).read_bytes()
    info = parse(
        lambda at, length: body[at : at + length], len(body), max_bytes=1 << 30, max_seconds=600
    )
    assert (info.codec, info.channels, info.sample_rate) == ("MULAW", 2, RATE)
    return body[info.data_offset : info.data_offset + seconds * RATE * 2]


def stereo(seconds: int = 14) -> bytes:
    """Customer left, agent right."""
    return wav(_frames(seconds), format_chunk=STEREO)


def mono(seconds: int = 7) -> bytes:
    """The agent's channel alone."""
    return wav(_frames(seconds)[1::2], format_chunk=MONO)


def both_the_same(seconds: int = 7) -> bytes:
    """The agent's channel on both sides."""
    return wav(b"".join(bytes((b, b)) for b in _frames(seconds)[1::2]), format_chunk=STEREO)


def agent_only(seconds: int = 7) -> bytes:
    """Digital silence on the customer's side."""
    own = _frames(seconds)[1::2]
    return wav(b"".join(SILENCE + bytes((b,)) for b in own), format_chunk=STEREO)


def silent(seconds: int = 7) -> bytes:
    return wav(SILENCE * seconds * RATE * 2, format_chunk=STEREO)
