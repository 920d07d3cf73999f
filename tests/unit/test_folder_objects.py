"""What is special about objects in a folder: the disk, other processes, crashes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chalicelib.adapters.local import folder_objects
from chalicelib.adapters.local.folder_objects import FolderObjects
from chalicelib.domain.errors import Unavailable


def files(root: Path) -> list[Path]:
    return [p for p in root.rglob("*") if p.is_file() and p.parent.name != "locks"]


def test_a_key_never_becomes_a_path(tmp_path):
    root = tmp_path / "inside" / "objects"
    store = FolderObjects(root)
    for key in ("../../escape", "/tmp/escape", "a/../../../escape"):
        store.put(key, b"x")
    assert [p.name for p in tmp_path.rglob("*escape*")] == []
    assert {p.parts[len(tmp_path.parts)] for p in files(tmp_path)} == {"inside"}


def test_folders_and_files_are_for_the_owner_alone(tmp_path):
    root = tmp_path / "objects"
    previous = os.umask(0)
    try:
        FolderObjects(root).put("a/b", b"x")
    finally:
        os.umask(previous)
    modes = {p.stat().st_mode & 0o777 for p in root.rglob("*") if p.is_dir()}
    assert {root.stat().st_mode & 0o777} | modes == {0o700}
    assert {p.stat().st_mode & 0o777 for p in root.rglob("*") if p.is_file()} == {0o600}


def test_the_etag_is_the_sha_256_of_the_content(tmp_path):
    stat = FolderObjects(tmp_path).put("a", b"abc")
    assert stat.etag == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_overwriting_and_deleting_leave_nothing_behind(tmp_path):
    store = FolderObjects(tmp_path)
    for body in (b"one", b"two", b"two", b"three"):
        store.put("a", body)
    assert not store.put_if_absent("a", b"four")
    assert len(files(tmp_path)) == 2
    store.delete("a")
    assert files(tmp_path) == []


@pytest.mark.parametrize("failing", ["fsync", "write"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_leaves_the_old_object(tmp_path, monkeypatch, failing, code):
    store = FolderObjects(tmp_path)
    store.put("a", b"old")
    calls = []

    def full(*_):
        calls.append(1)
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(folder_objects.os, "fsync" if failing == "fsync" else "fdopen", full)
    for write in (lambda: store.put("a", b"new"), lambda: store.put_if_absent("b", b"new")):
        with pytest.raises(Unavailable, match="the disk is full") as failed:
            write()
        assert failed.value.retryable
    monkeypatch.undo()
    assert calls
    assert (store.read("a"), store.stat("b")) == (b"old", None)
    assert len(files(tmp_path)) == 2
    assert store.put("a", b"new").size == 3


def test_a_disk_that_fills_up_at_any_step_leaves_the_old_or_the_new_object_whole(
    tmp_path, monkeypatch
):
    real, store = os.fsync, FolderObjects(tmp_path)
    store.put("a", b"old")
    for step in range(1, 9):
        left = [step]

        def fsync(descriptor: int, left=left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(descriptor)

        monkeypatch.setattr(folder_objects.os, "fsync", fsync)
        try:
            store.put("a", b"new %d" % step)
        except Unavailable:
            assert store.read("a") in (b"old", *(b"new %d" % n for n in range(1, step + 1)))
        else:
            assert store.read("a") == b"new %d" % step
        assert len(files(tmp_path)) == 2
    monkeypatch.undo()


def test_a_disk_that_cannot_be_written_is_not_worth_a_retry(tmp_path, monkeypatch):
    store = FolderObjects(tmp_path)

    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(folder_objects.os, "open", refused)
    with pytest.raises(Unavailable) as failed:
        store.put("a", b"x")
    assert not failed.value.retryable


def test_a_crash_between_body_and_meta_file_is_repaired_by_the_next_write_or_delete(
    tmp_path, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    store = FolderObjects(tmp_path)
    store.put("a", b"old")
    with monkeypatch.context() as patched:
        patched.setattr(folder_objects.json, "dumps", die)
        patched.setattr(folder_objects, "_remove_bodies", lambda *_, **__: None)
        with pytest.raises(Killed):
            store.put("a", b"new")
    assert store.read("a") == b"old"
    assert len(files(tmp_path)) == 3
    store.delete("a")
    assert files(tmp_path) == []


def test_only_old_leftovers_are_removed_at_the_start(tmp_path):
    FolderObjects(tmp_path)
    old, fresh = (tmp_path / "temporary" / name for name in ("old", "fresh"))
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    FolderObjects(tmp_path)
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_reader_keeps_the_version_it_opened(tmp_path):
    store = FolderObjects(tmp_path)
    store.put("a", b"old")
    with store.open("a") as body:
        store.put("a", b"new")
        store.delete("a")
        assert body.read() == b"old"


def test_a_damaged_meta_file_is_told(tmp_path):
    store = FolderObjects(tmp_path)
    store.put("a", b"x")
    (meta,) = tmp_path.rglob("*.json")
    meta.write_text("{")
    with pytest.raises(Unavailable) as failed:
        store.read("a")
    assert not failed.value.retryable


def test_a_missing_body_is_told(tmp_path):
    store = FolderObjects(tmp_path)
    store.put("a", b"x")
    (body,) = (p for p in files(tmp_path) if p.suffix != ".json")
    body.unlink()
    with pytest.raises(Unavailable):
        store.read("a")


def test_without_a_signer_there_are_no_urls(tmp_path):
    with pytest.raises(Unavailable) as failed:
        FolderObjects(tmp_path).sign("a", expires_s=5)
    assert not failed.value.retryable


RACER = """
import sys
from pathlib import Path
from chalicelib.adapters.local.folder_objects import FolderObjects
store = FolderObjects(Path(sys.argv[1]))
print([store.put_if_absent(f"k-{n}", sys.argv[2].encode() * 5000) for n in range(30)])
"""


def test_one_of_several_processes_wins_each_conditional_write(tmp_path):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(tmp_path), str(n)], stdout=subprocess.PIPE, text=True
        )
        for n in range(3)
    ]
    won = [eval(racer.communicate(timeout=60)[0]) for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    store = FolderObjects(tmp_path)
    for n, outcome in enumerate(zip(*won, strict=True)):
        assert sum(outcome) == 1
        assert store.read(f"k-{n}") == str(outcome.index(True)).encode() * 5000


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        pytest.param("", ["a/1", "control/1", "controls/1"], id="everything"),
        pytest.param("con", ["control/1", "controls/1"], id="a_part_of_the_name"),
        pytest.param("control/", ["control/1"], id="what_people_and_rules_decide"),
        pytest.param("controls", ["controls/1"], id="another_name_that_begins_so"),
    ],
)
def test_a_list_finds_keys_in_whatever_tree_they_lie(tmp_path, prefix, found):
    store = FolderObjects(tmp_path)
    for key in ("a/1", "controls/1", "control/1"):
        store.put(key, b"x")
    assert [stat.key for stat in store.list(prefix)] == found


def test_listing_decisions_reads_no_contact(tmp_path):
    store = FolderObjects(tmp_path)
    store.put("redacted/artifacts/c/1", b"x")
    store.put("control/rules/r/1", b"x")
    for meta in (tmp_path / "objects").rglob("*.json"):
        meta.write_text("damaged")
    assert [stat.key for stat in store.list("control/")] == ["control/rules/r/1"]
