"""What every object store promises."""

from __future__ import annotations

import io
import os
from contextlib import suppress
from threading import Thread

import pytest

from chalicelib.domain.errors import BadRequest, NotFound

HOSTILE = {
    "parent_folders": "../../etc/passwd",
    "an_absolute_path": "/etc/passwd",
    "double_slashes": "a//b///c",
    "only_dots": "..",
    "a_dot_component": "a/./b/../c",
    "a_trailing_space": "recording .wav ",
    "a_trailing_slash": "folder/",
    "plus_percent_and_accents": "a+b c%é%2F.wav",
    "an_emoji_family": "call-\U0001f468‍\U0001f469‍\U0001f467.wav",
    "quotes_and_markup": "\"'<script>&amp;?x=1#y",
    "a_thousand_and_24_bytes": "k" * 1022 + "é",
    "a_line_break": "a\nb",
    "a_nul": "a\x00b",
}


@pytest.mark.parametrize("key", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_key_is_used_verbatim(objects, key):
    objects.put("a", b"other")
    objects.put(key, b"body")
    assert objects.read(key) == b"body"
    assert objects.stat(key).key == key
    assert [s.key for s in objects.list()] == sorted(["a", key])
    objects.delete(key)
    assert [s.key for s in objects.list()] == ["a"]


@pytest.mark.parametrize(
    "key",
    ["", "k" * 1025, "é" * 513, "\ud800"],
    ids=["empty", "too_long", "too_long_in_bytes", "a_lone_surrogate"],
)
def test_a_key_that_no_bucket_could_hold_is_refused(objects, key):
    for use in (
        lambda: objects.put(key, b""),
        lambda: objects.put_if_absent(key, b""),
        lambda: objects.stat(key),
    ):
        with pytest.raises(BadRequest) as refused:
            use()
        assert refused.value.code == "object.key"


def test_what_was_put_is_read_back_with_its_stat(objects):
    put = objects.put("a/b.json", b'{"x": 1}', content_type="application/json")
    assert put == objects.stat("a/b.json")
    assert (put.key, put.size, put.content_type) == ("a/b.json", 8, "application/json")
    assert put.etag
    assert '"' not in put.etag
    assert put.modified_ms > 1_500_000_000_000
    (listed,) = objects.list()
    assert (listed.key, listed.etag, listed.size) == (put.key, put.etag, put.size)


def test_the_content_type_defaults_to_bytes(objects):
    assert objects.put("a", b"x").content_type == "application/octet-stream"


def test_an_overwrite_replaces_body_etag_and_content_type(objects):
    first = objects.put("a", b"first", content_type="text/plain")
    second = objects.put("a", b"the second", content_type="text/html")
    assert objects.read("a") == b"the second"
    assert second.etag != first.etag
    assert objects.stat("a").content_type == "text/html"
    assert objects.put("a", b"first").etag == first.etag


def test_a_missing_object_is_none_or_not_found(objects):
    assert objects.stat("a") is None
    objects.delete("a")
    with pytest.raises(NotFound):
        objects.read("a")
    with pytest.raises(NotFound):
        objects.read("a", length=0)
    with pytest.raises(NotFound), objects.open("a"):
        pass


RANGES = {
    "from_the_start": ((0, 4), b"0123"),
    "in_the_middle": ((3, 4), b"3456"),
    "over_the_end": ((8, 100), b"89"),
    "at_the_end": ((10, 5), b""),
    "behind_the_end": ((50, 5), b""),
    "nothing": ((3, 0), b""),
    "one_byte": ((9, 1), b"9"),
    "to_the_end": ((7, None), b"789"),
    "everything": ((0, None), b"0123456789"),
}


@pytest.mark.parametrize(("span", "expected"), RANGES.values(), ids=RANGES.keys())
def test_a_range_is_cut_at_the_end(objects, span, expected):
    objects.put("a", b"0123456789")
    assert objects.read("a", start=span[0], length=span[1]) == expected


def test_an_empty_object_is_an_object(objects):
    assert objects.put("a", b"").size == 0
    assert objects.read("a") == b""
    assert objects.read("a", start=0, length=10) == b""
    with objects.open("a") as body:
        assert body.read() == b""


def test_an_open_object_can_be_sought_and_read_in_pieces(objects):
    content = os.urandom(300_000)
    objects.put("a", content)
    with objects.open("a") as body:
        assert body.seekable()
        assert body.read(10) == content[:10]
        assert body.seek(-5, io.SEEK_END) == len(content) - 5
        assert body.read() == content[-5:]
        assert body.read(1) == b""
        body.seek(100_000)
        body.seek(7, io.SEEK_CUR)
        assert body.tell() == 100_007
        assert body.read(1000) == content[100_007:101_007]
        body.seek(0)
        assert body.read() == content


def test_a_stream_is_written_whole_however_long(objects):
    content = os.urandom(1024) * (9 * 1024)
    stat = objects.put("big", io.BytesIO(content), content_type="audio/wav")
    assert (stat.size, stat.content_type) == (len(content), "audio/wav")
    with objects.open("big") as body:
        assert body.read() == content


def test_a_stream_that_gives_little_at_a_time_is_written_whole(objects):
    class Dripping(io.RawIOBase):
        def __init__(self) -> None:
            self._left = [b"ab", b"c", b"defg"]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            chunk = self._left.pop(0) if self._left else b""
            buffer[: len(chunk)] = chunk
            return len(chunk)

    objects.put("a", Dripping())
    assert objects.read("a") == b"abcdefg"


def test_a_stream_that_breaks_leaves_the_old_object(objects):
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ValueError("the upload broke off")

    objects.put("a", b"old")
    with pytest.raises(ValueError, match="broke off"):
        objects.put("a", Broken())
    assert objects.read("a") == b"old"


def test_put_if_absent_writes_once(objects):
    assert objects.put_if_absent("a", b"first", content_type="text/plain")
    assert not objects.put_if_absent("a", b"second", content_type="text/html")
    assert objects.read("a") == b"first"
    assert objects.stat("a").content_type == "text/plain"
    objects.delete("a")
    assert objects.put_if_absent("a", b"third")
    assert objects.read("a") == b"third"


def test_one_of_many_conditional_writers_wins(objects):
    outcomes: dict[int, bool] = {}

    def write(number: int) -> None:
        outcomes[number] = objects.put_if_absent("a", f"writer {number}".encode())

    threads = [Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [number for number, won in outcomes.items() if won]
    assert objects.read("a") == f"writer {winner}".encode()


def test_a_list_is_in_key_order_within_its_prefix(objects):
    keys = ["b/2", "b/10", "a", "b/é", "b/Z", "b", "c/b/1", "b/\U0001f600", "b/\uffee"]
    for key in keys:
        objects.put(key, b"x")
    expected = sorted((k for k in keys if k.startswith("b/")), key=lambda k: k.encode())
    assert [s.key for s in objects.list("b/")] == expected
    assert [s.key for s in objects.list("no")] == []


def test_readers_see_the_old_or_the_new_object_whole(objects):
    bodies = [bytes([65 + n]) * (20_000 + n) for n in range(2)]
    objects.put("a", bodies[0])
    stop, seen = [], set()

    def read() -> None:
        while not stop:
            with suppress(
                ValueError
            ):  # moto closes the file of an object that is replaced meanwhile
                seen.add(objects.read("a"))

    reader = Thread(target=read)
    reader.start()
    for n in range(20):
        objects.put("a", bodies[n % 2])
    stop.append(True)
    reader.join()
    assert seen <= set(bodies)


def test_a_signed_url_names_the_object_and_its_expiry(objects):
    objects.put("a b.wav", b"x")
    url = objects.sign("a b.wav", expires_s=60, content_type="audio/wav")
    assert "60" in url
    assert "wav" in url


@pytest.mark.parametrize(
    ("named", "left"),
    [
        pytest.param("own", [], id="its_own_etag_removes_it"),
        pytest.param("former", ["a"], id="another_etag_leaves_it"),
    ],
)
def test_a_conditional_delete_removes_the_bytes_that_it_names(objects, named, left):
    former = objects.put("a", b"former").etag
    own = objects.put("a", b"own").etag
    objects.delete("a", etag={"own": own, "former": former}[named])
    assert [s.key for s in objects.list()] == left


def test_a_conditional_delete_of_nothing_is_no_error(objects):
    etag = objects.put("a", b"body").etag
    objects.delete("a", etag=etag)
    objects.delete("a", etag=etag)
    assert objects.stat("a") is None


class TestRemovingForGood:
    def test_a_purged_object_is_gone_and_was_counted(self, objects):
        objects.put("a", b"1")
        objects.put("ab", b"2")
        assert objects.purge("a") >= 1
        assert [stat.key for stat in objects.list()] == ["ab"]
        assert objects.purge("a") == 0

    def test_the_former_versions_alone_may_go(self, objects):
        objects.put("a", b"1")
        assert objects.purge("a", former=True) == 0
        assert objects.read("a") == b"1"

    def test_what_lies_under_a_prefix_goes_but_for_a_part_of_it(self, objects):
        for key in ("x/1", "x/keep/1", "x/2", "xy"):
            objects.put(key, b"1")
        assert objects.purge_under("x/", but="x/keep/") == 2
        assert [stat.key for stat in objects.list()] == ["x/keep/1", "xy"]

    def test_only_the_bytes_that_were_read_are_replaced(self, objects):
        first = objects.put("a", b"1", content_type="text/plain")
        objects.put("a", b"2", content_type="text/plain")
        assert not objects.replace("a", b"3", etag=first.etag)
        assert not objects.replace("none", b"3", etag=first.etag)
        assert objects.read("a") == b"2"
        assert objects.replace("a", b"3", etag=objects.stat("a").etag)
        assert objects.read("a") == b"3"
        assert objects.stat("a").content_type == "text/plain"
        assert objects.stat("none") is None
