"""What a recording sounds like, on signals whose truth is known."""

from __future__ import annotations

import json
import tracemalloc
from io import BytesIO

import numpy as np
import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.timeline import union_ms
from functions.acoustics.measure import measure
from functions.acoustics.work import run
from functions.recording import Limits, Recording
from tests import wav_files as f
from tests.functions.signals import (
    RATE,
    line,
    measured,
    noise,
    parsed,
    pcm16,
    recording,
    silence,
    tone,
    voice,
)
from tests.shared_data import shared


def spans(body: bytes, channel: int = 0) -> list[tuple[int, int]]:
    return [(s.begin_ms, s.end_ms) for s in measured(body).channels[channel].speech]


def test_loudness_is_100_plus_dbfs_of_each_second_and_0_for_digital_silence():
    square = np.tile([0.5, -0.5], RATE // 2)
    loudness = (
        measured(recording(line(square, silence(1), square[: RATE // 2]))).channels[0].loudness
    )
    assert loudness == (93.98, 0.0, 93.98)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
def test_seconds_hold_at_every_rate(rate):
    body = recording(line(silence(1, rate=rate), tone(1.5, hertz=400, rate=rate)), rate=rate)
    found = measured(body)
    assert found.duration_ms == 2500
    first, second, last = found.channels[0].loudness
    assert first == 0
    assert (second, last) == pytest.approx((86.53, 86.53), abs=0.02)


@pytest.mark.parametrize("rate", [8000, 11025, 48000])
def test_a_long_recording_is_the_same_as_its_parts_across_blocks(rate):
    part = voice(5, rate=rate)
    whole = measured(recording(np.tile(part, 8), rate=rate)).channels[0]
    once = measured(recording(part, rate=rate)).channels[0]
    assert whole.loudness == once.loudness * 8
    assert len(whole.peaks) == 1000


def test_peaks_are_the_highest_absolute_sample_of_each_slice():
    wave = silence(30)
    wave[0], wave[RATE], wave[-1] = 0.25, -1.0, -0.5
    peaks = measured(recording(wave)).channels[0].peaks
    assert len(peaks) == 1000
    assert {n: p for n, p in enumerate(peaks) if p} == {0: 0.25, 33: 1.0, 999: 0.5}


def test_peaks_are_one_a_sample_when_samples_are_few():
    assert measured(recording(np.array([0.5, -0.25, 0.125]))).channels[0].peaks == (
        0.5,
        0.25,
        0.125,
    )


def test_fewer_peaks_on_request():
    body = recording(tone(2))
    assert len(measure(BytesIO(body), parsed(body), peaks=10).channels[0].peaks) == 10


TRUTH = ((2.0, 5.0), (5.6, 8.0), (12.0, 12.5))


def call(background: float, *, rate: int = RATE) -> np.ndarray:
    wave = noise(20, rate=rate, level=background) if background else silence(20, rate=rate)
    for n, (begin, end) in enumerate(TRUTH):
        at = round(begin * rate)
        spoken = voice(end - begin, rate=rate, seed=n)
        wave[at : at + len(spoken)] += spoken
    return wave


@pytest.mark.parametrize(
    "background", [0, 0.0005, 0.003, 0.01], ids=["silent", "quiet", "line", "office"]
)
@pytest.mark.parametrize("rate", [8000, 11025, 16000])
def test_speech_is_found_with_100_ms_on_both_sides(background, rate):
    found = spans(recording(call(background, rate=rate), rate=rate))
    wanted = [(b * 1000 - 100, e * 1000 + 100) for b, e in TRUTH]
    assert np.array(found) == pytest.approx(np.array(wanted), abs=61)


@pytest.mark.parametrize(("pause_ms", "intervals"), [(240, 1), (280, 1), (320, 2), (600, 2)])
def test_a_silence_below_300_ms_is_closed(pause_ms, intervals):
    steady = np.random.default_rng(3).normal(0, 0.1, RATE)
    wave = line(silence(5), steady, silence(pause_ms / 1000), steady, silence(5))
    assert len(spans(recording(wave))) == intervals


def test_channels_are_measured_apart():
    body = recording(call(0.001), noise(20, level=0.001, seed=2))
    assert len(spans(body, 0)) == 3
    assert spans(body, 1) == []


def test_the_floor_follows_noise_that_grows_during_the_call():
    wave = np.tile(call(0.0002), 3)
    wave[len(wave) // 3 :] += noise(40, level=0.02)
    wave[-20 * RATE :] = noise(20, level=0.02, seed=9)
    heard = spans(recording(wave))
    assert all(end < 40_500 for _, end in heard)


def test_an_echo_far_below_the_voice_is_not_speech():
    echo = line(silence(14), 0.01 * voice(2), silence(4))
    assert len(spans(recording(call(0) + echo))) == len(TRUTH)


NOT_SPEECH = {
    "I30_silence": silence(20),
    "I30_noise": noise(20, level=0.05),
    "I30_tone": tone(20),
    "I30_tone_after_silence": line(silence(5), tone(10), silence(5)),
    "I30_dtmf": line(
        *[
            np.concatenate([tone(0.12, hertz=697, level=0.2) + tone(0.12, hertz=h, level=0.2), d])
            for h in (1209, 1336, 1477, 1633) * 8
            for d in (silence(0.08),)
        ]
    ),
    "I31_dc_offset": np.full(20 * RATE, 0.3),
    "a_click": line(silence(5), np.full(8, 0.9), silence(5)),
    "I32_50_ms": tone(0.05),
    "I32_one_sample": np.array([0.5]),
}


@pytest.mark.parametrize("wave", NOT_SPEECH.values(), ids=NOT_SPEECH)
def test_is_measured_and_is_not_speech(wave):
    found = measured(recording(wave, wave[::-1]))
    assert [c.speech for c in found.channels] == [(), ()]
    assert all(0 <= value <= 100 for c in found.channels for value in c.loudness)


LOUD = np.clip(4 * voice(5), -1, 1)
QUALITY = {
    "nothing_to_say": ((voice(5), voice(5, seed=2)), ()),
    "I2_mono": ((voice(5),), ("mono",)),
    "I28_identical": ((voice(5), voice(5)), ("channels_identical",)),
    "I28_identical_only_at_first": (
        (line(voice(5), voice(30)), line(voice(5), voice(30, seed=2))),
        (),
    ),
    "I30_silent": ((silence(5), silence(5)), ("silent",)),
    "one_side_silent": ((voice(5), silence(5)), ("channel_silent",)),
    "I31_clipped": ((LOUD, voice(5)), ("clipped",)),
    "I31_minus_60_db": ((voice(5, level=0.001), voice(5, seed=2)), ("low_level",)),
    "I31_dc_offset": ((voice(5) + 0.1, voice(5, seed=2)), ("dc_offset",)),
    "I31_negative_dc_offset": ((voice(5) - 0.1, voice(5, seed=2)), ("dc_offset",)),
}


@pytest.mark.parametrize(("channels", "flags"), QUALITY.values(), ids=QUALITY)
def test_quality_is_flagged(channels, flags):
    assert measured(recording(*channels)).flags == flags


def test_a_dc_offset_hides_no_speech():
    assert spans(recording(call(0.001) + 0.2)) == spans(recording(call(0.001)))


def test_i7_samples_that_are_no_numbers_are_flagged():
    values = np.repeat(voice(2)[:, np.newaxis], 2, axis=1).astype("<f4")
    values[:, 1] *= 0.5
    values[100, 0] = np.nan
    found = measured(f.wav(values.tobytes(), format_chunk=f.fmt(f.FLOAT, bits=32)))
    assert found.flags == ("non_finite",)


def test_repairs_of_the_file_are_kept_beside_findings():
    body = f.wav(pcm16(silence(1), silence(1)), data_size=10**6)
    assert measured(body).flags == ("truncated", "silent")


ENCODED = {
    "16_bit": (f.PCM, 16, "<i2", 2**15, 0),
    "8_bit": (f.PCM, 8, "u1", 2**7, 128),
    "32_bit": (f.PCM, 32, "<i4", 2**31, 0),
    "float": (f.FLOAT, 32, "<f4", 1, 0),
    "double": (f.FLOAT, 64, "<f8", 1, 0),
}


@pytest.mark.parametrize(("tag", "bits", "kind", "scale", "shift"), ENCODED.values(), ids=ENCODED)
def test_a_codec_changes_nothing_but_precision(tag, bits, kind, scale, shift):
    wave = np.stack([call(0.02), tone(20)], axis=1) * 0.9
    whole = np.rint(wave * scale) if scale > 1 else wave
    body = f.wav((whole + shift).astype(kind).tobytes(), format_chunk=f.fmt(tag, bits=bits))
    found, plain = measured(body), measured(recording(*wave.T))
    assert [c.speech for c in found.channels] == [c.speech for c in plain.channels]
    assert found.channels[0].loudness == pytest.approx(plain.channels[0].loudness, abs=0.1)
    assert found.channels[0].peaks == pytest.approx(plain.channels[0].peaks, abs=0.01)


def test_a_file_that_shrinks_while_it_is_read_is_no_result():
    body = f.wav()
    with pytest.raises(Unavailable):
        measure(BytesIO(body[:1000]), parsed(body))


def test_memory_does_not_follow_the_length_of_the_call(tmp_path):
    path = tmp_path / "long.wav"
    minute = pcm16(voice(60), voice(60, seed=2))
    with path.open("wb") as file:
        file.write(f.wav(b"", data_size=60 * len(minute), riff_size=36 + 60 * len(minute)))
        for _ in range(60):
            file.write(minute)
    tracemalloc.start()
    try:
        with path.open("rb") as file:
            found = run(Recording(file, path.stat().st_size), Limits(1 << 30, 7200))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.duration_ms == 3_600_000
    assert peak < 20 * 2**20


@pytest.mark.shared_data
def test_speech_of_a_real_call_agrees_with_its_energy_yardstick():
    contact = "8c972468-babb-5ebe-8b37-c344bcc59d7d"
    (path,) = shared("recordings", "connect").rglob(f"{contact}_*.wav")
    meta = json.loads(shared("recordings", "meta", f"{contact}.json").read_text())
    found = measured(path.read_bytes())
    for channel in found.channels:
        yardstick = meta["energyActivity"][meta["channelRole"][str(channel.index)]]
        truth, ours = np.zeros((2, found.duration_ms // 10), bool)
        for begin, end in yardstick:
            truth[round(begin * 100) : round(end * 100)] = True
        for span in channel.speech:
            ours[span.begin_ms // 10 : span.end_ms // 10] = True
        assert (truth == ours).mean() > 0.93
        assert union_ms(channel.speech) == sum(s.duration_ms for s in channel.speech)
