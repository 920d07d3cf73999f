"""Files become objects: ingest, inbox, samples, and the data folder's lock."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.domain.errors import InputRefused, Unavailable
from local import data_folder
from local.intake import Inbox, files_under, take
from tests.world import CHAT_KEY, CONTACT, World, chat


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "data")


def test_a_taken_file_becomes_the_object_connect_would_have_written(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "download" / CHAT_KEY
    path.parent.mkdir(parents=True)
    path.write_bytes(chat())
    assert take(world.services, path).key == CHAT_KEY
    world.drain()
    assert world.row(CONTACT).publication


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "missing"])
def test_only_regular_files_are_taken(world: World, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "strange"
    if kind == "link":
        (tmp_path / "real").write_bytes(b"x")
        path.symlink_to(tmp_path / "real")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(InputRefused):
        take(world.services, path)
    assert not list(world.services.sources.list())


def test_the_inbox_takes_a_file_when_it_has_stood_still(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    inbox = Inbox(world.services, folder)
    path = folder / "chat.json"
    path.write_bytes(chat()[:100])
    assert inbox.scan(0.0) == []
    path.write_bytes(chat())
    assert inbox.scan(1.0) == []
    assert inbox.scan(2.9) == []
    assert [taken.key for taken in inbox.scan(3.1)] == ["inbox/chat.json"]
    assert inbox.scan(9.0) == []
    assert (folder / "taken" / "chat.json").read_bytes() == chat()


def test_the_inbox_keeps_connects_names_and_passes_over_hidden_files(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "inbox"
    path = folder / CHAT_KEY
    path.parent.mkdir(parents=True)
    path.write_bytes(chat())
    (folder / ".part").write_bytes(b"half")
    inbox = Inbox(world.services, folder)
    inbox.scan(0.0)
    assert [taken.key for taken in inbox.scan(5.0)] == [CHAT_KEY]


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    for name in ("b.json", "a/c.wav", "a/.hidden"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert [p.name for p in files_under(tmp_path)] == ["c.wav", "b.json"]


def inbox_of(world: World, folder: Path, files: dict[str, bytes]) -> list[str]:
    """The keys that an inbox with these files makes of them."""
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    inbox = Inbox(world.services, folder)
    inbox.scan(0.0)
    return [taken.key for taken in inbox.scan(5.0)]


def test_files_of_one_name_in_different_folders_stay_different_objects(
    world: World, tmp_path: Path
) -> None:
    root = tmp_path / "two"
    for name in ("a/recording.wav", "b/recording.wav"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_bytes(name.encode())
    keys = [take(world.services, path, root=root).key for path in files_under(root)]
    assert keys == ["inbox/a/recording.wav", "inbox/b/recording.wav"]
    assert [world.services.sources.read(key) for key in keys] == [
        b"a/recording.wav",
        b"b/recording.wav",
    ]
    assert inbox_of(world, tmp_path / "inbox", {"c/recording.wav": b"c"}) == [
        "inbox/c/recording.wav"
    ]


def test_other_bytes_under_a_name_go_beside_it_and_equal_bytes_are_one_object(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "recording.wav"

    def ingest(body: bytes) -> str:
        path.write_bytes(body)
        return take(world.services, path).key

    beside = f"inbox/{hashlib.sha256(b'second').hexdigest()[:12]}/recording.wav"
    assert [ingest(body) for body in (b"first", b"second", b"first", b"second")] == [
        "inbox/recording.wav",
        beside,
        "inbox/recording.wav",
        beside,
    ]
    assert world.services.sources.read("inbox/recording.wav") == b"first"
    assert world.services.sources.read(beside) == b"second"


def test_a_later_file_under_connects_name_is_its_new_version(world: World, tmp_path: Path) -> None:
    path = tmp_path / CHAT_KEY
    path.parent.mkdir(parents=True)
    for body in (b"old", b"new"):
        path.write_bytes(body)
        assert take(world.services, path).key == CHAT_KEY
    assert [s.key for s in world.services.sources.list()] == [CHAT_KEY]
    assert world.services.sources.read(CHAT_KEY) == b"new"


def test_a_path_that_is_too_long_for_a_key_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path.joinpath(*["d" * 240] * 5, "x.wav")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    with pytest.raises(InputRefused, match="1 to 1024 bytes"):
        take(world.services, path, root=tmp_path)


def test_where_no_original_is_stored_a_taken_file_is_deleted(tmp_path: Path) -> None:
    world = World(tmp_path / "data", raw="never")
    assert inbox_of(world, tmp_path / "inbox", {"chat.json": chat()}) == ["inbox/chat.json"]
    assert not [path for path in (tmp_path / "inbox").rglob("*") if path.is_file()]
    world.drain()
    assert world.row(CONTACT).publication


def test_taken_files_replace_none(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    for body in (b"one", b"two", b"three"):
        inbox_of(world, folder, {"dup.json": body})
    kept = {p.name: p.read_bytes() for p in (folder / "taken").iterdir()}
    assert kept == {"dup.json": b"one", "dup-1.json": b"two", "dup-2.json": b"three"}
    assert len(list(world.services.sources.list())) == 3
    assert (folder / "taken").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_put_away_is_taken_once_and_stops_no_other(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "taken").write_bytes(b"in the way")
    (folder / "a.json").write_bytes(b"a")
    (folder / "b.json").write_bytes(b"b")
    inbox = Inbox(world.services, folder)
    inbox.scan(0.0)
    assert [taken.key for taken in inbox.scan(5.0)] == ["inbox/a.json", "inbox/b.json"]
    assert inbox.scan(10.0) == []
    assert caplog.text.count("FileExistsError") == 2


def test_a_store_that_fails_once_delays_a_file_and_loses_none(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.json").write_bytes(b"a")
    inbox = Inbox(world.services, folder)
    inbox.scan(0.0)

    def full(*_: object, **__: object) -> None:
        raise Unavailable("the disk is full")

    with monkeypatch.context() as failing:
        failing.setattr(world.services.sources, "put", full)
        assert inbox.scan(5.0) == []
    assert [taken.key for taken in inbox.scan(8.0)] == ["inbox/a.json"]


def test_a_refusal_of_the_inbox_is_told_once(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    os.mkfifo(folder / "pipe.wav")
    inbox = Inbox(world.services, folder)
    for now in (0.0, 5.0, 10.0):
        assert inbox.scan(now) == []
    assert caplog.text.count(".wav is refused: file.special") == 1
    assert "pipe" not in caplog.text
    assert str(folder) not in caplog.text


def test_a_second_system_on_the_same_folder_is_refused_with_the_others_pid(tmp_path: Path) -> None:
    with data_folder.lock(tmp_path / "data"):
        script = (
            "import sys; from pathlib import Path; from local import data_folder\n"
            "try: data_folder.lock(Path(sys.argv[1]))\n"
            "except data_folder.AlreadyRunning as e: print(e); sys.exit(7)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "data")],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 7
    assert str(os.getpid()) in done.stdout
    data_folder.lock(tmp_path / "data").close()


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = data_folder.secret(tmp_path, "token")
    assert data_folder.secret(tmp_path, "token") == first
    assert len(first) >= 32
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0
