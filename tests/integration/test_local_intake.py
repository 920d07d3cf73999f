"""Files become objects: ingest, inbox, samples, and the data folder's lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.domain.errors import InputRefused
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
