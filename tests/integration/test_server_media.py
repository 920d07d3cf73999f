"""Uploads and recordings over a real socket."""

from __future__ import annotations

import hashlib

import pytest

from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.errors import Unavailable
from tests.integration.server_world import (
    LIMIT,
    address,
    announce,
    dashboard,
    problem,
    secured,
    up,
)
from tests.unit import api_world as w

__all__ = ["dashboard", "up"]


# Uploads


def test_a_file_goes_from_the_page_into_the_sources(up):
    body = w.wav_bytes(1.0)
    told = announce(up, "dropped call.wav", len(body))
    put = up.ask(told["url"], method="PUT", body=body, token=None)
    assert (put.status, put.body) == (204, b"")
    done = up.ask(f"/v1/uploads/{told['uploadId']}/complete", method="POST")
    assert done.json == {"objectKey": "inbox/dropped call.wav", "contactIds": []}
    assert up.world.services.sources.read("inbox/dropped call.wav") == body
    [message] = up.world.services.queues.ingest.receive()
    assert message.body["key"] == "inbox/dropped call.wav"


def test_another_file_of_the_same_name_is_told_apart(up):
    keys = []
    for seconds in (1.0, 2.0):
        body = w.wav_bytes(seconds)
        told = announce(up, "same.wav", len(body))
        up.ask(told["url"], method="PUT", body=body, token=None)
        keys.append(
            up.ask(f"/v1/uploads/{told['uploadId']}/complete", method="POST").json["objectKey"]
        )
    beside = hashlib.sha256(w.wav_bytes(2.0)).hexdigest()[:12]
    assert keys == ["inbox/same.wav", f"inbox/{beside}/same.wav"]
    hints = up.world.services.queues.ingest.receive(10)
    assert {hint.body["key"] for hint in hints} >= set(keys)
    assert up.world.services.sources.read(keys[0]) == w.wav_bytes(1.0)
    assert up.world.services.sources.read(keys[1]) == w.wav_bytes(2.0)


@pytest.mark.parametrize(
    ("size", "body", "status", "code"),
    [
        (3, b"abcd", 413, "upload.too_large"),
        (5, b"abcd", 400, "upload.size"),
        (LIMIT, b"x" * (LIMIT + 1), 413, "body.too_large"),
        (0, b"", 204, None),
        (4, b"abcd", 204, None),
        (LIMIT, b"x" * LIMIT, 204, None),
    ],
    ids=[
        "more than announced",
        "less than announced",
        "more than allowed",
        "nothing",
        "exactly",
        "the most",
    ],
)
def test_exactly_the_announced_bytes_are_taken(up, size, body, status, code):
    told = announce(up, f"sized-{size}-{len(body)}.wav", size)
    answer = up.ask(told["url"], method="PUT", body=body, token=None)
    if code:
        problem(answer, status, code)
        assert up.world.services.sources.stat(f"inbox/sized-{size}-{len(body)}.wav") is None
    else:
        assert answer.status == status


def test_an_upload_address_cannot_be_made_up_and_expires(up):
    told = announce(up, "late.wav", 1)
    problem(up.ask(told["url"] + "A", method="PUT", body=b"x", token=None), 400, "upload")
    problem(up.ask("/uploads/none", method="PUT", body=b"x"), 400, "upload")
    up.world.now_ms += 3_600_000
    try:
        problem(up.ask(told["url"], method="PUT", body=b"x", token=None), 403, "upload.expired")
    finally:
        up.world.now_ms = w.NOW_MS


def test_a_foreign_page_cannot_put(up):
    told = announce(up, "foreign.wav", 1)
    answer = up.ask(
        told["url"], method="PUT", body=b"x", headers={"Origin": "https://evil.example"}
    )
    problem(answer, 403, "origin")


# Media


def test_a_recording_plays_without_a_token_through_its_signed_address(up):
    answer = up.ask(address(up), token=None)
    assert (answer.status, answer.body) == (200, w.wav_bytes())
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "content-encoding" not in answer.headers
    secured(answer)


def test_the_redacted_copy_plays_from_its_own_store_with_ranges(up):
    source, given = w.wav_bytes(), address(up, redaction="redacted")
    assert given.startswith("/media/redacted/")
    whole = up.ask(given, token=None)
    assert (whole.status, len(whole.body)) == (200, len(source))
    assert whole.headers["content-type"] == "audio/wav"
    secured(whole)
    silent_from = 44 + 1250 * 8 * 4
    assert whole.body[:silent_from] == source[:silent_from]
    assert set(whole.body[silent_from::4]) == {0}
    assert set(source[silent_from::4]) != {0}
    part = up.ask(given, headers={"Range": f"bytes={silent_from - 10}-"}, token=None)
    assert (part.status, part.body) == (206, whole.body[silent_from - 10 :])


@pytest.mark.parametrize(
    ("redaction", "old", "new"),
    [("none", "/media/", "/media/redacted/"), ("redacted", "/media/redacted/", "/media/")],
    ids=["the original among the copies", "a copy among the originals"],
)
def test_no_address_of_one_store_reads_the_other(up, redaction, old, new):
    given = address(up, redaction=redaction)
    problem(up.ask(given.replace(old, new, 1)), 403, "media.signature")


def test_raw_products_have_no_addresses(tmp_path):
    services = local_services(tmp_path, Settings(), sign=signed, sign_redacted=signed)
    assert services.redacted.sign("redacted/audio/c/m.wav", expires_s=5) == "/signed"
    with pytest.raises(Unavailable):
        services.raw.sign("raw/artifacts/c/transcript/f.json", expires_s=5)


def signed(*_: object) -> str:
    return "/signed"


WHOLE = w.wav_bytes()
RANGES = [
    ("bytes=0-", 206, 0, len(WHOLE)),
    ("bytes=0-0", 206, 0, 1),
    ("bytes=40-99", 206, 40, 100),
    ("bytes=1000-", 206, 1000, len(WHOLE)),
    ("bytes=-100", 206, len(WHOLE) - 100, len(WHOLE)),
    (f"bytes=-{len(WHOLE) * 2}", 206, 0, len(WHOLE)),
    (f"bytes=0-{len(WHOLE) * 2}", 206, 0, len(WHOLE)),
    (f"bytes={len(WHOLE) - 1}-", 206, len(WHOLE) - 1, len(WHOLE)),
    (f"bytes={len(WHOLE)}-", 416, 0, 0),
    ("bytes=99999999-", 416, 0, 0),
    ("bytes=-0", 416, 0, 0),
    ("bytes=5-4", 200, 0, len(WHOLE)),
    ("bytes=-", 200, 0, len(WHOLE)),
    ("bytes=a-b", 200, 0, len(WHOLE)),
    ("bytes=0-1,5-6", 200, 0, len(WHOLE)),
    ("frames=0-1", 200, 0, len(WHOLE)),
    ("bytes=" + "9" * 5000 + "-", 200, 0, len(WHOLE)),
]


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"), RANGES, ids=[r[0][:24] for r in RANGES]
)
def test_ranges(up, asked, status, start, end):
    answer = up.ask(address(up), headers={"Range": asked}, token=None)
    assert answer.status == status
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(WHOLE)}"
        return
    assert answer.body == WHOLE[start:end]
    assert int(answer.headers["content-length"]) == end - start
    expected = f"bytes {start}-{end - 1}/{len(WHOLE)}" if status == 206 else None
    assert answer.headers.get("content-range") == expected


def test_head_tells_the_size_and_ignores_ranges(up):
    answer = up.ask(address(up), method="HEAD", headers={"Range": "bytes=0-1"}, token=None)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (
        200,
        b"",
        str(len(WHOLE)),
    )


def test_if_range_gives_the_whole_when_the_object_is_another(up):
    etag = up.ask(address(up), method="HEAD").headers["etag"]
    same = up.ask(address(up), headers={"Range": "bytes=0-1", "If-Range": etag})
    other = up.ask(address(up), headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (same.status, other.status) == (206, 200)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("expires=1", "expires=2"), ("type=audio%2Fwav", "type=text%2Fhtml"), ("signature=", "signature=A"),
        ("/media/Y", "/media/Z"), ("&signature=", "&nothing="), ("/media/", "/media/*"),
    ],
)  # fmt: skip
def test_no_part_of_a_media_address_can_be_changed(up, old, new):
    given = address(up)
    assert old in given
    problem(up.ask(given.replace(old, new, 1)), 403, "media.signature")


def test_a_media_address_expires(up):
    given = address(up)
    up.now_s += 299
    assert up.ask(given, method="HEAD").status == 200
    up.now_s += 1
    try:
        problem(up.ask(given), 403, "media.expired")
    finally:
        up.now_s = w.NOW_MS / 1000


def test_an_address_never_lasts_longer_than_five_minutes(up):
    given = up.signer.url("k", 86_400, "audio/wav")
    assert f"expires={int(up.now_s) + 300}&" in given


def test_a_removed_object_is_not_found(up):
    problem(up.ask(up.signer.url("nothing", 60, "audio/wav")), 404, "not_found")


def test_what_is_no_audio_is_a_download(up):
    up.world.services.sources.put("page.html", b"<script>alert(1)</script>")
    answer = up.ask(up.signer.url("page.html", 60, "text/html"))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"


def test_mu_law_is_served_as_pcm_with_ranges(up):
    from local import pcm

    codes = bytes(range(256)) * 4
    head = (
        b"RIFF" + (50 + len(codes)).to_bytes(4, "little") + b"WAVEfmt " + (18).to_bytes(4, "little")
        + b"\x07\x00\x01\x00" + (8000).to_bytes(4, "little") * 2 + b"\x01\x00\x08\x00\x00\x00"
        + b"data" + len(codes).to_bytes(4, "little")
    )  # fmt: skip
    up.world.services.sources.put("mulaw.wav", head + codes)
    given = up.signer.url("mulaw.wav", 60, "audio/wav")
    whole = up.ask(given).body
    assert len(whole) == 44 + 2 * len(codes)
    assert whole[20:22] == b"\x01\x00"
    assert whole[44:] == b"".join(pcm.mulaw(c).to_bytes(2, "little", signed=True) for c in codes)
    part = up.ask(given, headers={"Range": "bytes=41-700"})
    assert (part.status, part.body) == (206, whole[41:701])
    assert up.ask(given, method="HEAD").headers["etag"].endswith('-pcm"')
