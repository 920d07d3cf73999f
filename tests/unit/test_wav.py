"""Recordings as recorders really write them: accepted, repaired with a flag, or refused with a code."""

from __future__ import annotations

import struct

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.formats import wav as reader
from chalicelib.formats.wav import Codec
from tests import wav_files as f
from tests.shared_data import shared

MAX_BYTES = 1 << 20
MAX_SECONDS = 3600


def parse(
    body: bytes, *, size: int | None = None, max_bytes: int = MAX_BYTES, seconds: int = MAX_SECONDS
):
    return reader.parse(
        lambda offset, length: body[offset : offset + length],
        len(body) if size is None else size,
        max_bytes=max_bytes,
        max_seconds=seconds,
    )


def test_stereo_telephony_is_described_whole():  # I1
    info = parse(f.wav())
    assert info == reader.WavInfo(Codec.PCM_S16, 2, 8000, 16, 4, 44, 32000, 8000, 1000, ())


ACCEPTED = {
    "I2_mono_is_flagged": (
        f.wav(b"\0\0" * 8000, format_chunk=f.fmt(channels=1)),
        Codec.PCM_S16,
        ("mono",),
    ),
    "I3_24_bit": (f.wav(b"\0" * 48000, format_chunk=f.fmt(bits=24)), Codec.PCM_S24, ()),
    "I3_20_bit_in_24": (f.wav(b"\0" * 48000, format_chunk=f.fmt(bits=20)), Codec.PCM_S24, ()),
    "32_bit": (f.wav(b"\0" * 64000, format_chunk=f.fmt(bits=32)), Codec.PCM_S32, ()),
    "I4_8_bit": (f.wav(b"\x80" * 16000, format_chunk=f.fmt(bits=8)), Codec.PCM_U8, ()),
    "I5_mu_law": (f.wav(b"\xff" * 16000, format_chunk=f.fmt(f.MULAW, bits=8)), Codec.MULAW, ()),
    "I6_a_law": (f.wav(b"\xd5" * 16000, format_chunk=f.fmt(f.ALAW, bits=8)), Codec.ALAW, ()),
    "I7_float": (f.wav(b"\0" * 64000, format_chunk=f.fmt(f.FLOAT, bits=32)), Codec.FLOAT32, ()),
    "I7_double": (f.wav(b"\0" * 128000, format_chunk=f.fmt(f.FLOAT, bits=64)), Codec.FLOAT64, ()),
    "I8_extensible": (f.wav(format_chunk=f.fmt(guid=f.PCM_GUID)), Codec.PCM_S16, ()),
    "I13_riff_size_too_small": (f.wav(riff_size=40), Codec.PCM_S16, ("riff_size",)),
    "I13_riff_size_too_large": (f.wav(riff_size=10**6), Codec.PCM_S16, ("riff_size",)),
    "I14_both_sizes_unknown": (
        f.wav(riff_size=f.STREAMED, data_size=f.STREAMED),
        Codec.PCM_S16,
        ("streamed",),
    ),
    "I14_both_sizes_zero": (f.wav(riff_size=0, data_size=0), Codec.PCM_S16, ("streamed",)),
    "I14_only_the_data_size_is_zero": (f.wav(data_size=0), Codec.PCM_S16, ("streamed",)),
    "I14_only_the_riff_size_is_unknown": (
        f.wav(riff_size=f.STREAMED),
        Codec.PCM_S16,
        ("streamed",),
    ),
    "I15_the_header_claims_2.5_GiB": (
        f.wav(riff_size=2_700_000_000, data_size=2_699_999_964),
        Codec.PCM_S16,
        ("truncated",),
    ),
    "I17_an_odd_tail_is_dropped": (f.wav(f.SECOND + b"\1\2\3"), Codec.PCM_S16, ("odd_tail",)),
    "I20_LIST_before_the_data": (
        f.wav(before=f.chunk(b"LIST", b"INFOISFT\5\0\0\0Lavf\0")),
        Codec.PCM_S16,
        (),
    ),
    "I20_bext_before_the_data": (f.wav(before=f.chunk(b"bext", b"\0" * 602)), Codec.PCM_S16, ()),
    "I20_INFO_that_is_malformed": (
        f.wav(before=f.chunk(b"LIST", b"INFOISFT\xff\xff\xff\x7fxx")),
        Codec.PCM_S16,
        (),
    ),
    "I20_a_chunk_longer_than_one_read": (
        f.wav(before=f.chunk(b"JUNK", b"\0" * 10_001)),
        Codec.PCM_S16,
        (),
    ),
    "I23_RF64": (f.rf64(), Codec.PCM_S16, ()),
    "I23_BW64": (f.rf64(name=b"BW64"), Codec.PCM_S16, ()),
    "I23_RF64_name_on_a_plain_file": (f.wav(riff=b"RF64"), Codec.PCM_S16, ()),
    "I23_RF64_whose_writer_did_not_finish": (
        f.rf64(ds64=struct.pack("<QQQI", 2**64 - 1, 2**64 - 1, 0, 0)),
        Codec.PCM_S16,
        ("streamed",),
    ),
    "I23_RF64_without_ds64": (
        f.wav(riff=b"RF64", riff_size=f.STREAMED, data_size=f.STREAMED),
        Codec.PCM_S16,
        ("streamed",),
    ),
    "a_trailer_after_the_data": (f.wav(after=f.chunk(b"LIST", b"INFO")), Codec.PCM_S16, ()),
    "a_second_fmt_chunk_is_ignored": (
        f.wav(format_chunk=f.fmt() + f.fmt(f.MULAW, bits=8)),
        Codec.PCM_S16,
        (),
    ),
}


@pytest.mark.parametrize(("body", "codec", "flags"), ACCEPTED.values(), ids=ACCEPTED)
def test_is_accepted_as_one_second(body, codec, flags):
    info = parse(body, max_bytes=len(body))
    assert (info.codec, info.flags) == (codec, flags)
    assert (info.frames, info.duration_ms, info.sample_rate) == (8000, 1000, 8000)
    assert info.data_bytes == 8000 * info.block_align
    assert info.data_offset + info.data_bytes <= len(body)


def test_i11_cut_samples_are_used_as_far_as_they_go():
    info = parse(f.wav()[: 44 + 16_002])
    assert (info.frames, info.duration_ms) == (4000, 500)
    assert info.flags == ("truncated", "odd_tail")


def test_i32_one_sample_is_a_recording():
    info = parse(f.wav(b"\1\0\2\0"))
    assert (info.frames, info.duration_ms) == (1, 0)


REFUSED = {
    "I9_extensible_with_an_unknown_guid": (
        f.wav(format_chunk=f.fmt(guid=f.UNKNOWN_GUID)),
        "audio.codec_unsupported",
    ),
    "I9_MP3_inside_a_WAV": (f.wav(format_chunk=f.fmt(0x55)), "audio.codec_unsupported"),
    "16_bit_mu_law": (f.wav(format_chunk=f.fmt(f.MULAW)), "audio.codec_unsupported"),
    "64_bit_integers": (f.wav(format_chunk=f.fmt(bits=64)), "audio.codec_unsupported"),
    "I10_no_samples": (f.wav(b""), "audio.empty"),
    "I10_no_samples_but_a_trailer": (
        f.wav(b"", after=f.chunk(b"LIST", b"INFO")),
        "audio.empty",
    ),
    "I10_samples_claimed_but_none_there": (f.wav(b"", data_size=1000), "audio.empty"),
    "I10_less_than_one_frame": (f.wav(b"\0\0\0"), "audio.empty"),
    "I12_cut_in_the_riff_header": (f.wav()[:10], "audio.header"),
    "I12_cut_in_the_fmt_chunk": (f.wav()[:30], "audio.header"),
    "I12_cut_before_the_data_chunk": (f.wav()[:36], "audio.header"),
    "I12_cut_in_the_data_chunk_header": (f.wav()[:42], "audio.header"),
    "I18_three_channels": (f.wav(format_chunk=f.fmt(channels=3)), "audio.channels"),
    "I18_65535_channels": (f.wav(format_chunk=f.fmt(channels=65535)), "audio.channels"),
    "I19_no_channels": (f.wav(format_chunk=f.fmt(channels=0)), "audio.header"),
    "I19_rate_0": (f.wav(format_chunk=f.fmt(rate=0)), "audio.header"),
    "I19_rate_4_GHz": (f.wav(format_chunk=f.fmt(rate=4_000_000_000)), "audio.header"),
    "I19_no_bits": (f.wav(format_chunk=f.fmt(bits=0)), "audio.header"),
    "I19_wrong_block_align": (f.wav(format_chunk=f.fmt(block_align=2)), "audio.header"),
    "I19_block_align_0": (f.wav(format_chunk=f.fmt(block_align=0)), "audio.header"),
    "I21_a_chunk_beyond_the_end": (
        f.wav(before=f.chunk(b"LIST", b"INFO", size=f.STREAMED)),
        "audio.header",
    ),
    "a_fmt_chunk_that_is_too_short": (
        f.wav(format_chunk=f.chunk(b"fmt ", b"\1\0\2\0")),
        "audio.header",
    ),
    "an_extensible_fmt_chunk_that_is_too_short": (
        f.wav(format_chunk=f.fmt(f.EXTENSIBLE)),
        "audio.header",
    ),
    "a_ds64_chunk_that_is_too_short": (f.rf64(ds64=b"\0" * 8), "audio.header"),
    "I22_data_before_fmt": (
        f.wav(before=f.chunk(b"data", b"\0" * 4)),
        "audio.header",
    ),
    "more_chunks_than_any_recorder_writes": (
        f.wav(before=f.chunk(b"JUNK", b"") * 500),
        "audio.header",
    ),
    "I24_RIFX": (f.wav(riff=b"RIFX"), "audio.codec_unsupported"),
    "I25_MP3_with_an_ID3_tag": (b"ID3\3\0\0\0\0\0\0" + b"\xff\xfb\x90\0" * 9, "audio.not_wav:mp3"),
    "I25_MP3_frames": (b"\xff\xfb\x90\0" * 99, "audio.not_wav:mp3"),
    "I26_JSON": (b'{"error": "AccessDenied"}', "audio.not_wav"),
    "I26_HTML": (b"<html>404</html>", "audio.not_wav"),
    "I26_AVI": (b"RIFF\x24\0\0\0AVI LIST", "audio.not_wav"),
    "UTF_16_text": ("ÿé text".encode("utf-16"), "audio.not_wav"),
    "an_MPEG_frame_header_with_a_forbidden_bit_rate": (b"\xff\xfb\xf0\0" * 9, "audio.not_wav"),
    "one_byte": (b"R", "audio.not_wav"),
    "one_byte_of_MP3": (b"\xff\xfb", "audio.not_wav"),
    "I27_empty": (b"", "object.empty"),
}


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED)
def test_is_refused_with_its_code(body, code):
    with pytest.raises(InputRefused) as refused:
        parse(body)
    assert refused.value.code == code
    assert refused.value.detail


def test_i16_a_file_over_the_limit_is_refused_before_it_is_read():
    def read(offset: int, length: int) -> bytes:
        raise AssertionError("nothing is read")

    with pytest.raises(InputRefused) as refused:
        reader.parse(read, 2**31 + 1, max_bytes=2**31, max_seconds=1)
    assert refused.value.code == "audio.too_large"


@pytest.mark.parametrize(("limit", "accepted"), [(1, True), (0, False)])
def test_i32_too_long_is_refused_by_the_samples_that_are_there(limit, accepted):
    body = f.wav(data_size=2_000_000_000, riff_size=2_000_000_036)
    if accepted:
        assert parse(body, seconds=limit).duration_ms == 1000
        return
    with pytest.raises(InputRefused) as refused:
        parse(body, seconds=limit)
    assert refused.value.code == "audio.too_long"


def test_a_store_that_gives_fewer_bytes_than_it_said_is_refused():
    with pytest.raises(InputRefused) as refused:
        parse(f.wav()[:30], size=32_044)
    assert refused.value.code == "audio.header"


REAL = {
    "8c972468-babb-5ebe-8b37-c344bcc59d7d": (2, 8000, 245_380, ()),
    "1fab8603-be77-5708-96f9-92bc6efa6cf1": (1, 8000, 45_300, ("mono",)),
    "7f6b7e66-1433-5b8f-b36e-016f3967aa26": (1, 16000, 120_000, ("mono",)),
}


@pytest.mark.shared_data
@pytest.mark.parametrize(("contact", "expected"), REAL.items(), ids=REAL)
def test_real_recordings_are_read(contact, expected):
    (path,) = shared("recordings", "connect").rglob(f"{contact}_*.wav")
    info = parse(path.read_bytes(), max_bytes=1 << 26)
    assert (info.channels, info.sample_rate) == expected[:2]
    assert info.duration_ms == pytest.approx(expected[2], abs=10)
    assert info.flags == expected[3]
