"""``loupe erase`` and ``loupe hold`` as scripts see them, beside a system that works in the folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.events import Hint
from chalicelib.flow import advance
from local import data_folder
from tests.integration.test_cli import loupe
from tests.world import CHAT_KEY, CONTACT, RECORD_KEY, chat, record

CANARY = "Zebulon Quagmire"
ENV = {"LOUPE_SENTIMENT": "vader", "LOUPE_PII": "patterns", "LOUPE_VECTORS": "none"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one analysed contact of the customer ``c-1``."""
    folder = tmp_path / "data"
    services = local_services(folder, Settings.from_env({**ENV, "LOUPE_LANGUAGE_ID": "none"}))
    puts = (
        (CHAT_KEY, chat([("CUSTOMER", f"I am {CANARY}")])),
        (RECORD_KEY, record(Attributes={"customerId": "c-1"})),
    )
    for key, body in puts:
        services.sources.put(key, body)
        advance(services, Hint(key=key))
    return folder


def run(data: Path, *arguments: str) -> tuple[int, Any]:
    done = loupe(*arguments, "--data", data, **ENV)
    told = done.stdout or done.stderr
    return done.returncode, json.loads(told.splitlines()[-1])


def bytes_of(data: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in data.rglob("*") if path.is_file())


@pytest.mark.parametrize("whom", [("--contact", CONTACT), ("--customer", " C-1 ")])
def test_a_receipt_is_printed_and_nothing_is_left(data: Path, whom: tuple[str, str]) -> None:
    assert CANARY.encode() in bytes_of(data)
    with data_folder.lock(data):  # as a running system has it
        code, receipt = run(data, "erase", *whom)
    assert (code, receipt["state"], receipt["removed"]["sources"]) == (0, "DONE", 1)
    assert CANARY.encode() not in bytes_of(data)


def test_a_held_contact_is_refused_until_it_is_released(data: Path) -> None:
    assert run(data, "hold", "--contact", CONTACT) == (0, {"held": True})
    code, problem = run(data, "erase", "--contact", CONTACT)
    assert (code, problem["status"], problem["code"]) == (3, 409, "contact.held")
    assert CANARY.encode() in bytes_of(data)
    assert run(data, "hold", "--contact", CONTACT, "--release") == (0, {"held": False})
    assert run(data, "erase", "--contact", CONTACT)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("erase", "--contact", "nobody"),
        ("erase", "--customer", "nobody"),
        ("hold", "--contact", "nobody"),
    ],
)
def test_who_is_not_known_is_a_problem_document(data: Path, arguments: tuple[str, ...]) -> None:
    code, problem = run(data, *arguments)
    assert (code, problem["status"]) == (3, 404)


def test_a_strange_folder_is_left_alone(tmp_path: Path) -> None:
    done = loupe("erase", "--contact", "x", "--data", tmp_path)
    assert done.returncode == 1
    assert not list(tmp_path.iterdir())


def test_wrong_usage_is_two() -> None:
    assert loupe("erase").returncode == 2
