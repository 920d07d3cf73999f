"""Silence in every codec, byte by byte."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.transcript import Span
from chalicelib.formats import wav
from chalicelib.formats.wav import Codec, WavInfo
from functions.audio_redaction.silence import Silencer, silenced
from tests import wav_files as f

CODECS = [
    (Codec.PCM_U8, f.PCM, 8, 0x80),
    (Codec.PCM_S16, f.PCM, 16, 0),
    (Codec.PCM_S24, f.PCM, 24, 0),
    (Codec.PCM_S32, f.PCM, 32, 0),
    (Codec.FLOAT32, f.FLOAT, 32, 0),
    (Codec.FLOAT64, f.FLOAT, 64, 0),
    (Codec.MULAW, f.MULAW, 8, 0xFF),
    (Codec.ALAW, f.ALAW, 8, 0xD5),
]
RATE = 1000
NOISE = bytes(range(1, 0x7F))  # none of the silent codes


def recording(tag: int, bits: int, channels: int, frames: int, *, rate: int = RATE) -> bytes:
    size = frames * channels * bits // 8
    data = (NOISE * (size // len(NOISE) + 1))[:size]
    layout = f.fmt(tag, channels=channels, rate=rate, bits=bits)
    return f.wav(data, format_chunk=layout, after=f.chunk(b"LIST", b"about"))


def header(body: bytes) -> WavInfo:
    read = lambda start, length: body[start : start + length]  # noqa: E731
    return wav.parse(read, len(body), max_bytes=10**9, max_seconds=10**6)


def expected(body: bytes, info: WavInfo, silences, code: int) -> bytes:
    """One sample after the other, as slowly and plainly as can be."""
    out, width = bytearray(body), info.block_align // info.channels
    for frame in range(info.frames):
        for channel, spans in enumerate(silences):
            # A frame lasts from its own time to the next one's.
            begin, end = frame * 1000, (frame + 1) * 1000
            if any(
                s.begin_ms * info.sample_rate < end and begin < s.end_ms * info.sample_rate
                for s in spans
            ):
                at = info.data_offset + frame * info.block_align + channel * width
                out[at : at + width] = bytes([code]) * width
    return bytes(out)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("codec", "tag", "bits", "code"), CODECS, ids=[name.value for name, *_ in CODECS]
)
def test_inside_is_silent_and_outside_is_the_source(codec, tag, bits, code, channels):
    body = recording(tag, bits, channels, 50)
    info = header(body)
    assert info.codec is codec
    silences = ((Span(0, 5), Span(20, 30)), (Span(25, 50),))[:channels]
    made = Silencer(info, silences).part(body, 0)
    assert made == expected(body, info, silences, code)
    assert made != body


@pytest.mark.parametrize("channels", [1, 2])
def test_without_silences_the_copy_is_the_source(channels):
    body = recording(f.PCM, 16, channels, 50)
    assert Silencer(header(body), ((),) * channels).part(body, 0) == body


SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 20)).map(
        lambda t: Span(t[0], min(40, sum(t))) if t[0] < 40 else Span(39, 40)
    ),
    max_size=3,
).map(tuple)


@given(
    st.sampled_from(CODECS),
    st.lists(SPANS, min_size=1, max_size=2).map(tuple),
    st.lists(st.integers(1, 97), min_size=1, max_size=5),
)
def test_any_chunking_gives_the_same(codec, silences, sizes):
    _, tag, bits, code = codec
    body = recording(tag, bits, len(silences), 40)
    info = header(body)
    silencer, parts, at, turn = Silencer(info, silences), [], 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        parts.append(silencer.part(body[at : at + size], at))
        at, turn = at + size, turn + 1
    assert b"".join(parts) == expected(body, info, silences, code)


@given(st.integers(8000, 48_000), st.integers(0, 90), st.integers(1, 90))
def test_a_rate_that_is_no_multiple_of_a_thousand_loses_no_sample(rate, begin, length):
    body = recording(f.PCM, 8, 1, rate // 10, rate=rate)
    info = header(body)
    silences = ((Span(begin, min(info.duration_ms, begin + length)),),)
    made = Silencer(info, silences).part(body, 0)
    assert made[: info.data_offset] == body[: info.data_offset]
    first = info.data_offset + begin * rate // 1000
    last = info.data_offset + (
        -(-silences[0][0].end_ms * rate // 1000)
        if begin + length < info.duration_ms
        else info.frames
    )
    assert set(made[first:last]) == {0x80}
    assert made[info.data_offset : first] == body[info.data_offset : first]
    assert made[last:] == body[last:]


def test_what_ends_with_the_recording_takes_its_last_frame():
    body = recording(f.PCM, 8, 1, 11_025 // 10, rate=11_025)
    info = header(body)
    assert info.frames * 1000 > info.duration_ms * info.sample_rate
    made = Silencer(info, ((Span(90, info.duration_ms),),)).part(body, 0)
    assert made[info.data_offset + info.data_bytes - 1] == 0x80


def test_chunks_around_the_samples_stay():
    body = recording(f.PCM, 16, 2, 50)
    info = header(body)
    silencer = Silencer(info, ((Span(0, 50),),) * 2)
    made = b"".join(silenced(io.BytesIO(body), silencer, block_bytes=7))
    end = info.data_offset + info.data_bytes
    assert made == body[: info.data_offset] + bytes(info.data_bytes) + body[end:]


def test_silences_for_other_channels_are_refused():
    with pytest.raises(ValueError, match="silences for 1 channels of 2"):
        Silencer(header(recording(f.PCM, 16, 2, 50)), ((),))
