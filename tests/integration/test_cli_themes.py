"""``loupe themes`` as a person and a script see it, over a real data folder with the real model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.config import Settings
from tests.integration.test_cli import loupe
from tests.unit.analyses import conversation
from tests.unit.api_world import DAY_MS, NOW_MS, World, services
from tests.unit.conversations import C, chat, wrote

SAID = {
    "c1": "I would like my money back for the kettle",
    "c2": "please refund the kettle I sent back",
    "c3": "when will my kettle\x1b refund arrive",
    "c4": "I forgot my password and cannot log in",
    "c5": "the login page does not take my password",
    "c6": "password reset for my login please",
    "c7": "do you sell garden gnomes",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of contacts, the first three of queue-1."""
    folder = tmp_path_factory.mktemp("themes") / "data"
    folder.mkdir()
    world = World(services(folder, Settings()))
    for number, (contact_id, text) in enumerate(SAID.items()):
        world.publish(
            contact_id,
            conversation(chat(wrote(C, 0, text))),
            disconnect_ms=NOW_MS - number * DAY_MS,
            queue_id="queue-1" if number < 3 else "queue-2",
        )
    return folder


def test_themes_to_read(data: Path) -> None:
    done = loupe("themes", "--data", data)
    assert (done.returncode, done.stderr) == (0, "")
    head, *rest = done.stdout.splitlines()
    assert head == "2 themes in 7 contacts; 1 like no others, 0 without text"
    assert sum("3 contacts, 42.9 %" in line for line in rest) == 2
    quoted = [line.split()[0] for line in rest if line.startswith("  c")]
    assert sorted(quoted) == ["c1", "c2", "c3", "c4", "c5", "c6"]
    assert "\x1b" not in done.stdout


def test_themes_for_scripts_are_what_the_api_answers(data: Path) -> None:
    done = loupe("themes", "--data", data, "--format", "json")
    document = json.loads(done.stdout)
    assert [theme["count"] for theme in document["themes"]] == [3, 3]
    assert document["engine"]["name"] == "minilm"
    words = {term for theme in document["themes"] for term in " ".join(theme["terms"]).split()}
    assert {"kettle", "password"} <= words


@pytest.mark.parametrize(
    ("options", "considered"),
    [
        pytest.param(("--queue", "queue-1"), 3, id="a_queue"),
        pytest.param(("--queue", "queue-1", "--queue", "queue-2"), 7, id="two_queues"),
        pytest.param(("--since", "2026-05-25"), 4, id="since_a_day"),
        pytest.param(("--until", "2026-05-25T00:00:00+00:00"), 3, id="until_a_time"),
    ],
)
def test_which_contacts(data: Path, options: tuple[str, ...], considered: int) -> None:
    document = json.loads(loupe("themes", "--data", data, "--format", "json", *options).stdout)
    assert document["contactsConsidered"] == considered


def test_a_part_says_so(data: Path) -> None:
    done = loupe("themes", "--data", data, LOUPE_THEMES_MAX_CONTACTS="3")
    assert "only the newest contacts, back to 2026-05-2" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("--since", "yesterday"), 2, id="no_date"),
        pytest.param(("--since", "2026-05-04", "--until", "2026-05-03"), 2, id="turned_around"),
    ],
)
def test_wrong_usage(data: Path, arguments: tuple[str, ...], code: int) -> None:
    assert loupe("themes", "--data", data, *arguments).returncode == code


def test_no_vectors_are_told_and_no_themes_are_not_claimed(data: Path) -> None:
    done = loupe("themes", "--data", data, LOUPE_VECTORS="none")
    assert (done.returncode, done.stdout) == (1, "")
    assert "LOUPE_VECTORS=none" in done.stderr


def test_a_strange_folder_is_not_made_one(tmp_path: Path) -> None:
    done = loupe("themes", "--data", tmp_path / "none")
    assert done.returncode == 1
    assert not (tmp_path / "none").exists()
