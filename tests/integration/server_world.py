"""The local server on a free port, asked over a real socket."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvicorn

from chalicelib.config import Settings
from local import server
from local.identity import Doorkeeper
from local.media import REDACTED, Signer
from tests.unit import api_world as w
from tests.unit.api_world import CALL, populated

TOKEN = "start-token-for-tests-0123456789"
LIMIT = 200_000
HASHED = "public, max-age=31536000, immutable"


class Running:
    """A server on a free port of loopback; ``ask`` sends exactly the given headers."""

    def __init__(self, folder: Path, dashboard: Path | None, **settings: int) -> None:
        self.listening = socket.create_server((server.HOST, 0))
        self.port = self.listening.getsockname()[1]
        self.signer = Signer(b"a secret for tests", clock=lambda: self.now_s)
        self.now_s = w.NOW_MS / 1000
        self.world = populated(
            folder,
            Settings(max_audio_bytes=LIMIT, **settings),
            self.signer.url,
            self.signer.of_store(REDACTED).url,
        )
        app = server.build(
            self.world.services,
            principal_of=Doorkeeper(folder, self.world.services.people, TOKEN).principal,
            port=self.port,
            signer=self.signer,
            dashboard=dashboard,
            capabilities=list,
        )
        config = uvicorn.Config(app, log_level="error", access_log=False, server_header=False)
        self.http = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.http.run, kwargs={"sockets": [self.listening]}, daemon=True
        )

    def start(self) -> Running:
        self.thread.start()
        while not self.http.started:
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        self.http.should_exit = True
        self.thread.join(10)
        self.listening.close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, path, *, method="GET", headers=None, body=None, token=TOKEN, host=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            sent = {"Host": host or self.host}
            if token:
                sent["Authorization"] = f"Bearer {token}"
            if body is not None:
                sent["Content-Length"] = str(len(body))
            pairs = [*{**sent, **(headers if isinstance(headers, dict) else {})}.items()]
            for name, value in pairs + (headers if isinstance(headers, list) else []):
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        found = {k.lower(): v for k, v in answer.getheaders()}
        is_json = "json" in found.get("content-type", "") and raw
        return SimpleNamespace(
            status=answer.status, headers=found, body=raw, json=json.loads(raw) if is_json else None
        )

    def post(self, path, document, **more):
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        return self.ask(
            path, method="POST", headers=headers, body=json.dumps(document).encode(), **more
        )


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Loupe</title>")
    (folder / "config.json").write_text('{"api": "./v1"}')
    (folder / "assets" / "index-abc123.js").write_text("export {}")
    return folder


@pytest.fixture(scope="module")
def up(tmp_path_factory, dashboard):
    running = Running(tmp_path_factory.mktemp("data"), dashboard).start()
    yield running
    running.stop()


def problem(answer, status: int, code: str):
    assert (answer.status, answer.json and answer.json["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    secured(answer)


def secured(answer):
    policy = answer.headers["content-security-policy"]
    for rule in (
        "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
        "media-src 'self'", "connect-src 'self'", "object-src 'none'", "base-uri 'none'",
        "frame-ancestors 'none'",
    ):  # fmt: skip
        assert rule in policy.split("; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "server" not in answer.headers


def announce(up, filename: str, size: int):
    return up.post("/v1/uploads", {"filename": filename, "size": size}).json


def address(up, contact_id: str = CALL, redaction: str = "none") -> str:
    return up.ask(f"/v1/contacts/{contact_id}/recording?redaction={redaction}").json["url"]
