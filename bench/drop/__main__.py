"""From drop to finished page: uploads each file to a fresh local system and waits for its analysis.

``python -m bench.drop FILE...`` prints seconds per file, the file's length and the ratio of the two;
the page's three requests (contact, transcript, waveform) are inside the time.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

TOKEN = "token-of-the-drop-bench-0123456789"
POLL_S = 0.05


class System:
    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "local.cli", "up", "--data", folder, "--port", "0",
                "--no-samples", "--no-open", "--token", TOKEN,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert self._process.stdout
        self._url = self._process.stdout.readline().split()[1].split("/#")[0]

    def ask(self, path: str, body: bytes | None = None, method: str = "GET") -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def drop(self, path: Path) -> dict[str, Any]:
        body = path.read_bytes()
        wanted = json.dumps({"filename": path.name, "size": len(body)}).encode()
        upload = self.ask("/v1/uploads", wanted, "POST")
        self.ask(upload["url"], body, "PUT")
        complete = f"/v1/uploads/{upload['uploadId']}/complete"
        while not (done := self.ask(complete, b"", "POST"))["contactIds"]:
            time.sleep(POLL_S)
        contact = done["contactIds"][0]
        while (found := self.ask(f"/v1/contacts/{contact}"))["status"] == "IN_PROGRESS":
            time.sleep(POLL_S)
        self.ask(f"/v1/contacts/{contact}/transcript")
        if found["channel"] == "VOICE":
            self.ask(f"/v1/contacts/{contact}/waveform")
        return found

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(15)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("files", nargs="+", type=Path)
    files = options.parse_args().files
    with tempfile.TemporaryDirectory() as folder:
        system = System(folder)
        try:
            for path in files:
                started = time.monotonic()
                found = system.drop(path)
                took = time.monotonic() - started
                length = (found["durationMillis"] or 0) / 1000
                speed = f"{length:7.1f} s long  x{length / took:5.1f}"
                print(f"{took:6.2f} s  {found['status']}  {speed}  {path.name}")
        finally:
            system.stop()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
