"""Every codec against FFmpeg's decoders, or against values worked out by hand."""

from __future__ import annotations

import struct
from io import BytesIO

import av
import numpy as np
import pytest

from functions.acoustics.decode import decode
from tests import wav_files as f
from tests.functions.signals import parsed

EVERY_CODE = bytes(range(256)) * 2
RANDOM = np.random.default_rng(7).integers(0, 256, 4800, dtype=np.uint8).tobytes()


def by_ffmpeg(body: bytes) -> np.ndarray:
    """Samples as full-scale floats, shape (frames, channels)."""
    with av.open(BytesIO(body)) as container:
        blocks = [frame.to_ndarray() for frame in container.decode(audio=0)]
        channels = container.streams.audio[0].channels
    values = np.concatenate([block.reshape(-1, channels) for block in blocks]).astype(np.float64)
    if blocks[0].dtype == np.uint8:
        return (values - 128) / 128
    return values / -float(np.iinfo(blocks[0].dtype).min)


CODECS = {
    "mu_law": f.wav(EVERY_CODE, format_chunk=f.fmt(f.MULAW, bits=8)),
    "a_law": f.wav(EVERY_CODE, format_chunk=f.fmt(f.ALAW, bits=8)),
    "8_bit": f.wav(EVERY_CODE, format_chunk=f.fmt(bits=8)),
    "16_bit": f.wav(RANDOM),
    "24_bit": f.wav(RANDOM, format_chunk=f.fmt(bits=24)),
    "32_bit": f.wav(RANDOM, format_chunk=f.fmt(bits=32)),
    "16_bit_mono": f.wav(RANDOM, format_chunk=f.fmt(channels=1)),
    "extensible": f.wav(RANDOM, format_chunk=f.fmt(guid=f.PCM_GUID)),
}


@pytest.mark.parametrize("body", CODECS.values(), ids=CODECS)
def test_integers_decode_as_ffmpeg_decodes_them(body):
    info = parsed(body)
    samples, non_finite = decode(body[info.data_offset :], info)
    assert samples.dtype == np.float32
    assert samples.shape == (info.frames, info.channels)
    assert not non_finite
    np.testing.assert_allclose(samples, by_ffmpeg(body), atol=2e-7)


@pytest.mark.parametrize(("letter", "bits"), [("f", 32), ("d", 64)])
def test_floats_are_clipped_and_what_is_no_number_becomes_zero(letter, bits):
    values = (0.25, -0.5, 1.5, -7.0, float("nan"), float("inf"))
    body = f.wav(struct.pack(f"<6{letter}", *values), format_chunk=f.fmt(f.FLOAT, bits=bits))
    samples, non_finite = decode(body[44:], parsed(body))
    assert samples.tolist() == [[0.25, -0.5], [1.0, -1.0], [0.0, 0.0]]
    assert non_finite


def test_finite_floats_are_not_flagged():
    body = f.wav(struct.pack("<2f", 0.1, 0.2), format_chunk=f.fmt(f.FLOAT, bits=32))
    assert not decode(body[44:], parsed(body)).non_finite


def test_a_tail_that_is_no_whole_frame_is_dropped():
    info = parsed(f.wav())
    assert decode(b"\0\x40\0\xc0\1\2\3", info).samples.tolist() == [[0.5, -0.5]]
