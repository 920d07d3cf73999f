"""A language model behind a URL that speaks OpenAI's chat completions, as many servers do.

One request a question over the standard library: no redirect is followed, no proxy is asked, an
answer has a largest size and a latest time. Servers that cannot be bound to a schema are found out by
their refusal; then the schema is told in words.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.errors import (
    Declined,
    InputRefused,
    InvalidOutput,
    LoupeError,
    Throttled,
    TooLong,
    Unavailable,
)
from chalicelib.domain.transcript import Engine
from chalicelib.formats import json_guard, model_text
from chalicelib.formats.json_schema import without_bounds

MAX_TOKENS = 1500
MAX_BYTES = 1024 * 1024
_PIECE = 64 * 1024
_UNBOUND = ("response_format", "json_schema", "structured output")
_PASSING = frozenset((408, 409, 425))


class OpenAiCompatible:
    """A ``LanguageModel`` at ``<url>/chat/completions``: data leaves this process for that host."""

    def __init__(self, url: str, model_id: str, *, key: str = "", timeout_s: int = 60) -> None:
        self._url = urlsplit(url)
        self._model_id = model_id
        self._key = key
        self._timeout_s = timeout_s
        self._bound = True
        self.engine = Engine(
            "OpenAI-compatible", model_id, "chat completions at the configured URL, temperature 0"
        )

    def answer(
        self, instructions: str, data: object, schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Raises ``Unavailable``, ``Declined``, ``TooLong``, ``InvalidOutput``."""
        status, body = self._send(self._request(instructions, data, schema))
        if self._bound and _cannot_be_bound(status, body):
            self._bound = False
            status, body = self._send(self._request(instructions, data, schema))
        if status != http.client.OK:
            raise _failure(status, body)
        return model_text.parsed(_said(body), schema)

    def _request(self, instructions: str, data: object, schema: Mapping[str, Any]) -> bytes:
        told = model_text.system(instructions)
        form = {"name": "answer", "strict": True, "schema": without_bounds(schema)}
        bound = {"response_format": {"type": "json_schema", "json_schema": form}}
        if not self._bound:
            told, bound = model_text.with_schema(instructions, schema), {}
        request = {
            "model": self._model_id,
            "messages": [
                {"role": "system", "content": told},
                {"role": "user", "content": model_text.enclosed(data)},
            ],
            "temperature": 0,
            "max_tokens": MAX_TOKENS,
            "stream": False,
            **bound,
        }
        return json.dumps(request).encode()

    def _send(self, request: bytes) -> tuple[int, bytes]:
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        connection = self._connection()
        latest = time.monotonic() + self._timeout_s
        try:
            path = f"{self._url.path.rstrip('/')}/chat/completions"
            connection.request("POST", path, request, headers)
            answer = connection.getresponse()
            return answer.status, _body(answer, latest)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            raise Unavailable(f"language model: {type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port, limit = self._url.hostname or "", self._url.port, self._timeout_s
        if self._url.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=limit)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=limit, context=context)


def _body(answer: http.client.HTTPResponse, latest: float) -> bytes:
    """All of a body that is small enough and comes in time."""
    body = b""
    while piece := answer.read1(_PIECE):
        body += piece
        if len(body) > MAX_BYTES:
            raise InvalidOutput("language model: the answer is too large")
        if time.monotonic() > latest:
            raise TimeoutError
    return body


def _said(body: bytes) -> str:
    """The text of the one choice."""
    choice = _first(_tree(body).get("choices"))
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    finish, text = choice.get("finish_reason"), message.get("content")
    if finish == "content_filter" or message.get("refusal"):
        raise Declined("language model: refused")
    if finish == "length":
        raise InvalidOutput("language model: the answer is cut off")
    if not isinstance(text, str):
        raise InvalidOutput("language model: no text came")
    return text


def _failure(status: int, body: bytes) -> LoupeError:
    """By the status and by codes that are in wide use; the server's words are not repeated."""
    told = _complaint(body)
    if status == 429:
        return Throttled("language model: HTTP 429")
    if status == 413 or "context_length" in told or "context length" in told:
        return TooLong(f"language model: HTTP {status}")
    if "content_filter" in told:
        return Declined(f"language model: HTTP {status}")
    passing = status >= 500 or status in _PASSING
    return Unavailable(f"language model: HTTP {status}", retryable=passing)


def _cannot_be_bound(status: int, body: bytes) -> bool:
    return status in (400, 404, 422, 501) and any(word in _complaint(body) for word in _UNBOUND)


def _complaint(body: bytes) -> str:
    """An error body in small letters, to look for codes in."""
    return body[:_PIECE].decode("utf-8", "replace").lower()


def _tree(body: bytes) -> dict[str, Any]:
    try:
        value = json_guard.parse(body, area="answer", max_bytes=MAX_BYTES).value
    except InputRefused as refused:
        raise InvalidOutput(f"language model: no JSON came: {refused.code}") from refused
    return value if isinstance(value, dict) else {}


def _first(choices: object) -> dict[str, Any]:
    first = choices[0] if isinstance(choices, list) and choices else {}
    return first if isinstance(first, dict) else {}
