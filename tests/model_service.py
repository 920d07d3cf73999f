"""Language models that say what a test tells them, behind the two ways of asking that Loupe knows.

One HTTP server answers Amazon Bedrock's Converse (signed requests of a real boto3 client, checked against
the service's model) and OpenAI's chat completions. Each answer of a test is told to either in its own words.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from tests.aws_endpoint import REGION, Refused, Service

MODEL = "maker.model-1:0"
KEY = "key-of-a-test"


@dataclass(frozen=True)
class Says:
    """The answer, as an object; a text is said as it is, out of form. ``tool``: instead of the one
    that was offered."""

    answer: object
    tool: str = ""


@dataclass(frozen=True)
class Fails:
    """``how``: declined, guarded, too_long, cut_off, throttled, down, forbidden, silent."""

    how: str


class Models:
    """Answers in order, the last one again and again. ``asked`` holds the bodies of requests."""

    def __init__(self, *answers: Says | Fails) -> None:
        self.say(*answers)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.bindable = True
        self.raw: tuple[int, dict[str, str], bytes] | None = None
        self.slow_s = 0.0
        self.bedrock = Service("bedrock-runtime", {"Converse": self._converse})

    def say(self, *answers: Says | Fails) -> None:
        """From now on these."""
        self.answers = deque(answers)

    def _next(self) -> Says | Fails:
        return self.answers.popleft() if len(self.answers) > 1 else self.answers[0]

    def _converse(self, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(params)
        said = self._next()
        if isinstance(said, Fails):
            return _converse_failure(said.how)
        if isinstance(said.answer, str):
            return _message("end_turn", {"text": said.answer})
        name = said.tool or params["toolConfig"]["toolChoice"]["tool"]["name"]
        use = {"toolUseId": "t", "name": name, "input": said.answer}
        return _message("tool_use", {"toolUse": use})

    def complete(self, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Chat completions: status and body."""
        if not self.bindable and "response_format" in params:
            return 400, {"error": {"message": "'response_format' is not supported"}}
        self.asked.append(params)
        said = self._next()
        if isinstance(said, Fails):
            return _completion_failure(said.how)
        text = said.answer if isinstance(said.answer, str) else json.dumps(said.answer)
        return 200, _choice("stop", {"role": "assistant", "content": text})


def _message(stop: str, *content: dict[str, Any]) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": stop,
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }


def _converse_failure(how: str) -> dict[str, Any]:
    stops = {
        "declined": "content_filtered",
        "guarded": "guardrail_intervened",
        "cut_off": "max_tokens",
        "silent": "end_turn",
    }
    errors = {
        "too_long": Refused(400, "ValidationException", "Input is too long for requested model."),
        "throttled": Refused(429, "ThrottlingException", "Too many requests"),
        "down": Refused(503, "ServiceUnavailableException"),
        "forbidden": Refused(403, "AccessDeniedException", "no access to +49 170 1234567"),
    }
    if how in errors:
        raise errors[how]
    return _message(stops[how], {"text": "I cannot"})


def _completion_failure(how: str) -> tuple[int, dict[str, Any]]:
    return {
        "declined": (200, _choice("stop", {"refusal": "I cannot", "content": None})),
        "guarded": (200, _choice("content_filter", {"content": ""})),
        "cut_off": (200, _choice("length", {"content": '{"a'})),
        "silent": (200, _choice("stop", {"content": None, "tool_calls": [{"id": "x"}]})),
        "too_long": (400, {"error": {"code": "context_length_exceeded"}}),
        "throttled": (429, {"error": {"code": "rate_limit_exceeded"}}),
        "down": (503, {}),
        "forbidden": (401, {"error": {"message": "no access to +49 170 1234567"}}),
    }[how]


def _choice(finish: str, message: dict[str, Any]) -> dict[str, Any]:
    return {"choices": [{"index": 0, "finish_reason": finish, "message": message}]}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    models: Models

    def handle_error(self, *where: Any) -> None:
        """A client that went away meanwhile is what some tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*where)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        models = self.server.models
        params = json.loads(self.rfile.read(int(self.headers["content-length"])))
        models.headers.append({k.lower(): v for k, v in self.headers.items()})
        time.sleep(models.slow_s)
        if models.raw:
            self._answer(*models.raw)
        elif self.path == "/v1/chat/completions":
            status, body = models.complete(params)
            self._answer(status, {}, json.dumps(body).encode())
        else:
            self._converse(params)

    def _converse(self, params: dict[str, Any]) -> None:
        try:
            called = {"modelId": self._model(), **params}
            body = self.server.models.bedrock.call("Converse", called)
            self._answer(200, {}, json.dumps(body).encode())
        except Refused as refused:
            told = json.dumps({"message": str(refused)}).encode()
            self._answer(refused.status, {"x-amzn-errortype": refused.kind}, told)

    def _model(self) -> str:
        _, what, model, operation = self.path.split("/")
        if (what, operation) != ("model", "converse"):
            raise Refused(404, "UnknownOperationException", self.path)
        if f"/{REGION}/bedrock/aws4_request" not in self.headers.get("authorization", ""):
            raise Refused(403, "IncompleteSignatureException", "not signed for bedrock")
        return unquote(model)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def serving(models: Models) -> Iterator[str]:
    """The server's URL while it serves."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.models = models
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
