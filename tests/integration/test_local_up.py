"""Doctor, data folder and start of the local system."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.config import Settings
from chalicelib.domain.errors import LoupeError, SettingsError
from local import data_folder, doctor, up
from local.loop import attempt
from local.progress import Steps
from tests.world import World


def plan(data: Path, **changes: Any) -> up.Plan:
    chosen = up.Plan(data, 0, data / "inbox", None, samples=False, browser=False)
    return dataclasses.replace(chosen, **changes)


def speech(report: dict[str, Any]) -> dict[str, Any]:
    return next(c for c in report["capabilities"] if c["capability"] == "transcript")


@pytest.mark.parametrize(
    ("language", "state"),
    [
        pytest.param("en-GB", "OK", id="english"),
        pytest.param("de-DE", "DEGRADED", id="a_language_the_model_does_not_know"),
    ],
)
def test_doctor_tells_whether_recordings_in_this_language_are_transcribed(
    tmp_path: Path, language: str, state: str
) -> None:
    found = speech(doctor.report(Settings(language=language), tmp_path / "data"))
    assert found["state"] == state
    assert ("not de-DE" in found["detail"]) == (state == "DEGRADED")


def test_doctor_tells_that_there_is_no_model(tmp_path: Path) -> None:
    found = speech(doctor.report(Settings(whisper_model=str(tmp_path / "none")), tmp_path / "data"))
    assert found["state"] == "MISSING"


def test_doctor_tells_what_waits_and_what_is_dead(tmp_path: Path) -> None:
    world = World(tmp_path / "data", max_receives=1)
    queue = world.services.queues.ingest
    queue.send({"key": "a"})
    queue.retry(*queue.receive())
    queue.receive()
    queue.send({"key": "b"})
    found = doctor.report(Settings(), tmp_path / "data")
    assert found["data"]["queues"]["ingest"] == {"waiting": 1, "inFlight": 0, "dead": 1}
    assert "queue ingest: 1 waiting, 0 inFlight, 1 dead" in doctor.show(found)


def test_doctor_passes_over_files_that_vanish_while_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    World(tmp_path)
    walk = os.walk

    def with_ghosts(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for parent, folders, names in walk(folder):
            yield parent, folders, [*names, "gone"]

    monkeypatch.setattr(os, "walk", with_ghosts)
    assert doctor.report(Settings(), tmp_path)["data"]["usedBytes"] > 0


def test_a_folder_in_which_loupe_never_worked_is_refused_and_left_alone(tmp_path: Path) -> None:
    strange = tmp_path / "strange"
    with pytest.raises(LoupeError, match="no data folder of Loupe"):
        data_folder.existing(strange)
    assert not strange.exists()
    strange.mkdir()
    with pytest.raises(LoupeError, match="no data folder of Loupe"):
        doctor.report(Settings(), strange)
    assert list(strange.iterdir()) == []


def test_a_folder_in_which_loupe_worked_is_known(tmp_path: Path) -> None:
    World(tmp_path)
    assert data_folder.existing(tmp_path) == tmp_path


def test_a_port_is_taken_before_the_server_runs() -> None:
    with up._listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(LoupeError, match=f"port {port} .*choose another with --port"):
            up._listen(port)
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass


def test_a_short_start_token_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="at least 16 characters"):
        up.run(plan(tmp_path / "data", token="short"), Settings())
    assert not (tmp_path / "data").exists()


def test_what_the_system_keeps_is_closed_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    served: list[SimpleNamespace] = []

    def serve(chosen: up.Plan, settings: Settings, _: socket.socket) -> int:
        services = World(chosen.data).services
        up._begin(chosen, settings, services).stop()
        served.append(SimpleNamespace(spool=tempfile.gettempdir()))
        return 0

    monkeypatch.setattr(up, "_serve", serve)
    data = tmp_path / "data"
    assert up.run(plan(data, samples=True), Settings()) == 0
    assert served[0].spool == str(data / "temporary")
    assert json.loads((data / "samples.json").read_text())["synthetic"] is True
    for name in (".", "inbox", "temporary", "samples.json"):
        assert (data / name).stat().st_mode & 0o077 == 0, name


def test_a_sweep_that_fails_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    twice = threading.Event()

    def reconcile(_: object) -> None:
        looks.append(1)
        if len(looks) == 1:
            raise OSError("disk I/O error")
        twice.set()

    monkeypatch.setattr(up, "reconcile", reconcile)
    services = World(tmp_path / "data").services
    parts = up._begin(plan(tmp_path / "data"), Settings(), services)
    assert twice.wait(20)
    parts.stop()


def test_progress_is_told_again_after_a_store_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    services = World(tmp_path / "data").services
    teller = up.Teller(services, Steps(0))
    with monkeypatch.context() as failing:
        failing.setattr(services.contacts, "unfinished", lambda: 1 / 0)
        assert not attempt("progress", teller.look)
    assert attempt("progress", teller.look)
    assert capsys.readouterr().out == "idle\n"
