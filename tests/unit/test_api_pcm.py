"""What the player gets for each way of storing samples."""

from __future__ import annotations

import struct

import pytest

from chalicelib.formats.wav import Codec, WavInfo, parse
from local.pcm import Rendition, alaw, decode, mulaw, plays_as_it_is


def info(codec: Codec, width: int, channels: int = 1, frames: int = 8, **known) -> WavInfo:
    block = width * channels
    return WavInfo(codec, channels, 8000, width * 8, block, 100, frames * block, frames, 1, **known)


@pytest.mark.parametrize(
    ("code", "sample"),
    [(0x00, -32124), (0x80, 32124), (0x7F, 0), (0xFF, 0), (0x8F, 16764), (0xF0, 120), (0x70, -120)],
)
def test_mu_law_is_g_711(code, sample):
    assert mulaw(code) == sample


@pytest.mark.parametrize(
    ("code", "sample"),
    [(0xD5, 8), (0x55, -8), (0x2A, -32256), (0xAA, 32256), (0x80, 5504), (0xC5, 264)],
)
def test_a_law_is_g_711(code, sample):
    assert alaw(code) == sample


CASES = [
    (Codec.PCM_U8, bytes([0, 128, 255]), (-32768, 0, 32512)),
    (Codec.PCM_S16, struct.pack("<3h", -32768, 1, 32767), (-32768, 1, 32767)),
    (Codec.PCM_S24, b"\x00\x00\x80\xff\x01\x00\xff\xff\x7f", (-32768, 1, 32767)),
    (Codec.PCM_S32, struct.pack("<3i", -(2**31), 65536, 2**31 - 1), (-32768, 1, 32767)),
    (Codec.FLOAT32, struct.pack("<4f", -1.5, 0.0, 1.0, float("nan")), (-32767, 0, 32767, 0)),
    (Codec.FLOAT64, struct.pack("<3d", -1.0, 0.5, float("inf")), (-32767, 16384, 32767)),
]


@pytest.mark.parametrize(("codec", "raw", "samples"), CASES, ids=[c[0] for c in CASES])
def test_every_codec_becomes_16_bit(codec, raw, samples):
    assert struct.unpack(f"<{len(samples)}h", decode(codec, raw)) == samples


WIDTHS = {Codec.PCM_U8: 1, Codec.MULAW: 1, Codec.ALAW: 1, Codec.PCM_S24: 3, Codec.FLOAT32: 4}


@pytest.mark.parametrize(("codec", "width"), WIDTHS.items(), ids=list(WIDTHS))
def test_any_range_is_that_part_of_the_whole(codec, width):
    frames, channels = 8, 2
    raw = (
        struct.pack("<16f", *[n / 20 for n in range(16)])
        if width == 4
        else bytes(range(width * 16))
    )
    source = b"h" * 100 + raw
    made = Rendition(info(codec, width, channels, frames))

    def read(start: int, length: int) -> bytes:
        return source[start : start + length]

    whole = made.part(read, 0, made.size)
    assert len(whole) == made.size == 44 + frames * channels * 2
    for start in range(made.size):
        for wanted in (1, 2, 3, 7, 60):
            length = min(wanted, made.size - start)
            assert made.part(read, start, length) == whole[start : start + length]


def test_the_header_is_one_that_our_own_reader_accepts():
    made = Rendition(info(Codec.MULAW, 1, 2, 400))
    body = made.header + bytes(made.data_bytes)
    found = parse(lambda s, n: body[s : s + n], len(body), max_bytes=10**6, max_seconds=60)
    assert (found.codec, found.channels, found.sample_rate, found.frames) == (
        Codec.PCM_S16,
        2,
        8000,
        400,
    )
    assert found.flags == ()


def test_only_honest_16_bit_files_are_served_as_they_are():
    assert plays_as_it_is(info(Codec.PCM_S16, 2))
    assert plays_as_it_is(info(Codec.PCM_S16, 2, flags=("mono",)))
    assert not plays_as_it_is(info(Codec.PCM_S16, 2, flags=("truncated",)))
    assert not plays_as_it_is(info(Codec.MULAW, 1))


def test_a_rendition_of_more_than_4_gib_claims_what_a_header_can_hold():
    made = Rendition(info(Codec.MULAW, 1, 2, 2**31 - 100))
    assert made.header[40:44] == b"\xff\xff\xff\xff"
    assert made.header[4:8] == b"\xff\xff\xff\xff"
