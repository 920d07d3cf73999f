"""Whatever the bytes: a description that holds, or a refusal with a known code; bounded reads."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.errors import InputRefused
from chalicelib.formats import wav as reader
from tests import wav_files as f

CODES = {
    "object.empty",
    "audio.not_wav",
    "audio.not_wav:mp3",
    "audio.header",
    "audio.codec_unsupported",
    "audio.channels",
    "audio.empty",
    "audio.too_large",
    "audio.too_long",
}
MAX_BYTES = 1 << 20
MOST_READS = 2 * reader.MAX_CHUNKS + 4
SEEDS = (f.wav(f.SECOND[:400]), f.rf64(f.SECOND[:400]), f.wav(format_chunk=f.fmt(guid=f.PCM_GUID)))
numbers = st.sampled_from((0, 1, 2, 3, 8, 16, 24, 32, 0x55, 255, 0xFFFE, 2**31, 2**32 - 1))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file with some fields overwritten, then cut somewhere."""
    body = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, 100))
        width = draw(st.sampled_from((1, 2, 4)))
        value = draw(numbers) % 2 ** (8 * width)
        body[at : at + width] = value.to_bytes(width, "little")
    return bytes(body[: draw(st.integers(0, len(body)))])


@st.composite
def chunked(draw: st.DrawFn) -> bytes:
    """A RIFF header and chunks of any name, order and claimed size."""
    names = st.sampled_from((b"fmt ", b"data", b"LIST", b"ds64", b"\0\0\0\0"))
    bodies = st.binary(max_size=48) | st.just(f.fmt()[8:])
    parts = draw(st.lists(st.tuples(names, bodies, st.none() | numbers), max_size=6))
    chunks = b"".join(f.chunk(name, body, size=size) for name, body, size in parts)
    name = draw(st.sampled_from((b"RIFF", b"RF64", b"BW64")))
    return name + draw(numbers).to_bytes(4, "little") + b"WAVE" + chunks


@settings(max_examples=400, deadline=None, derandomize=True)
@given(body=damaged() | chunked() | st.binary(max_size=200))
def test_any_bytes_are_described_or_refused(body):
    reads = []

    def read(offset: int, length: int) -> bytes:
        reads.append(length)
        assert 0 <= offset <= len(body)
        assert 0 <= length <= reader.WINDOW_BYTES
        return body[offset : offset + length]

    code, info = outcome(body, read)
    assert len(reads) <= MOST_READS
    assert code in CODES or holds(info, len(body))


def outcome(body: bytes, read: reader.Read) -> tuple[str, reader.WavInfo | None]:
    try:
        return "", reader.parse(read, len(body), max_bytes=MAX_BYTES, max_seconds=60)
    except InputRefused as refused:
        return refused.code, None


def holds(info: reader.WavInfo | None, size: int) -> bool:
    return (
        info is not None
        and info.channels in (1, 2)
        and 0 < info.frames <= 60 * info.sample_rate
        and info.data_bytes == info.frames * info.block_align
        and info.data_offset + info.data_bytes <= size
    )
