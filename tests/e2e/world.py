"""A running ``loupe up`` on a folder of its own, with some of the synthetic samples analysed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples" / "connect"
LOUPE = (sys.executable, "-m", "local.cli")
"""The command of this tree, which is not always the one that is installed."""
TOKEN = "browser-tests-0123456789-0123456789"

CALL = "52dfb7ae-f83a-5fa3-9898-fc1d4ca163a4"
"""A cancellation with interruptions."""
CHAT = "8edfc4e1-4b7b-592d-8ddf-88d5662b9bbb"
LATER_CHAT = "fc679e3c-080c-5bb8-929a-5438710405ce"
LATEST_CHAT = "f4510290-7cfc-50e0-b6ae-c0cf701894e0"

LATER_CALL = "eebdc07d-b3cd-53d2-a273-b95f4fa3a0af"
START_S = 60
ANALYSIS_S = 120


def samples_of(*contact_ids: str) -> list[Path]:
    found = [path for path in sorted(SAMPLES.rglob("*")) if path.name[:36] in contact_ids]
    assert found, f"no samples for {contact_ids}"
    return found


@dataclass
class World:
    """``base``: the dashboard's address without token; ``data``: its data folder."""

    base: str
    data: Path

    def api(self, path: str, body: object = None) -> Any:
        """What a GET answers, or a POST of ``body``."""
        request = urllib.request.Request(
            f"{self.base}/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def ingest(self, *paths: Path) -> None:
        command = [*LOUPE, "ingest", "--data", str(self.data), *map(str, paths)]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr

    def wait_for(self, status: str, *contact_ids: str) -> None:
        deadline = time.monotonic() + ANALYSIS_S
        while missing := set(contact_ids) - self._ids(status):
            assert time.monotonic() < deadline, f"not {status}: {missing}"
            time.sleep(0.3)

    def wait_for_follow_ups(self, contact_id: str, *kinds: str) -> dict[str, Any]:
        """The latest of each kind, once none of these kinds waits any more."""
        deadline = time.monotonic() + ANALYSIS_S
        while True:
            items = self.api(f"/contacts/{contact_id}/follow-ups")["items"]
            ended = {one["kind"]: one for one in reversed(items) if one["state"] != "WAITING"}
            if set(kinds) <= set(ended):
                return ended
            assert time.monotonic() < deadline, f"not carried out: {set(kinds) - set(ended)}"
            time.sleep(0.3)

    def _ids(self, status: str) -> set[str]:
        items = self.api(f"/contacts?maxResults=100&status={status}")["items"]
        return {item["contactId"] for item in items}


def start(data: Path, **settings: str) -> tuple[World, subprocess.Popen[str]]:
    """A world without contacts, and the process that the caller has to end."""
    command = [
        *(*LOUPE, "up", "--data", str(data), "--port", "0"),
        *("--token", TOKEN, "--no-samples", "--no-open"),
    ]
    log = (data.parent / "loupe-up.log").open("w")
    env = {**os.environ, "DISPLAY": "", **settings}
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env=env
    )
    log.close()
    assert process.stdout
    deadline = time.monotonic() + START_S
    for line in process.stdout:
        if line.startswith("ready "):
            return World(line.split()[1].split("/#")[0], data), process
        assert time.monotonic() < deadline, "loupe up did not say that it is ready"
    told = (data.parent / "loupe-up.log").read_text()
    raise AssertionError(f"loupe up ended with {process.wait()}:\n{told}")
