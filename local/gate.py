"""The gate that every request to this machine passes: whoever opens a web page can send requests to
loopback, so loopback alone protects nothing.

Wrong Host 421 (DNS rebinding), foreign Origin 403, no token 401, wrong method 405, wrong type 415, too
much 413, too often 429. Security headers stand on every answer. The access log holds neither queries nor
signed names.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chalicelib.api import problems
from chalicelib.api.app import BODY_BYTES
from chalicelib.api.problems import Refusal
from chalicelib.api.tokens import CHALLENGE
from chalicelib.domain.principal import Principal
from local.rate_limit import RateLimit

access = logging.getLogger("loupe.access")

NAMES = ("127.0.0.1", "localhost", "[::1]")
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
TELLING = ("/v1/uploads/", "/v1/searches/")
"""Paths that go on with a token in which names and questions can be read."""
STRIPPED = (b"server", b"access-control-allow-origin", b"access-control-allow-credentials")
READING = ("GET", "HEAD")
METHODS = (*READING, "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Area:
    """What one part of the server takes. ``secret``: its path is not logged."""

    prefix: str
    methods: tuple[str, ...]
    body_bytes: int
    token: bool = False
    json: bool = False
    secret: bool = False


def areas(upload_bytes: int) -> tuple[Area, ...]:
    """API, upload and media addresses, then static files, which take everything else."""
    return (
        Area("/v1/", METHODS, BODY_BYTES, token=True, json=True),
        Area("/uploads/", ("PUT",), upload_bytes, secret=True),
        Area("/media/", READING, 0, secret=True),
        Area("/", READING, 0),
    )


class Gate:
    """ASGI middleware around the whole server."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        principal_of: Callable[[str], Principal],
        port: int,
        upload_bytes: int,
        limit: RateLimit,
    ) -> None:
        self._app = app
        self._principal_of = principal_of
        self._limit = limit
        self._hosts = frozenset(_hosts(port))
        self._areas = areas(upload_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        area = next(a for a in self._areas if f"{scope['path']}/".startswith(a.prefix))
        passage = _Passage(scope, area, receive, send)
        try:
            self._judge(scope, area)
            await self._app(scope, passage.receive, passage.send)
        except Refusal as refused:
            await passage.refuse(refused)
        finally:
            passage.log()

    def _judge(self, scope: Scope, area: Area) -> None:
        """Raise what is refused; put the principal into the scope."""
        host = _only(scope, b"host", Refusal(421, "host", "This server has another name."))
        if host is None or host.lower() not in self._hosts:
            raise Refusal(421, "host", "This server has another name.")
        origin = _only(scope, b"origin", Refusal(403, "origin", "A request has one origin."))
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            raise Refusal(403, "origin", "This server answers its own pages only.")
        known = self._known(scope) if area.token else None
        scope.setdefault("state", {})["principal"] = known
        if area.token:
            self._limit.take(known.id if known else "")
        _check_method(scope, area)
        _check_body(scope, area)

    def _known(self, scope: Scope) -> Principal | None:
        """Who asks; None only where nobody needs to be known."""
        given = _only(
            scope, b"authorization", Refusal(401, "unauthenticated", "One token.", CHALLENGE)
        )
        scheme, _, token = (given or "").partition(" ")
        try:
            return self._principal_of(token.strip() if scheme.lower() == "bearer" else "")
        except Refusal:
            if scope["path"].rstrip("/") == "/v1/health":
                return None
            raise


def _hosts(port: int) -> Iterable[str]:
    for name in NAMES:
        yield f"{name}:{port}"
        if port == 80:
            yield name


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _only(scope: Scope, name: bytes, otherwise: Refusal) -> str | None:
    """The header's value, None when it is absent; a repeated one is refused."""
    found = _all(scope, name)
    if len(found) > 1:
        raise otherwise
    return found[0] if found else None


def _check_method(scope: Scope, area: Area) -> None:
    if scope["method"] not in area.methods:
        allowed = ", ".join(area.methods)
        raise Refusal(405, "method", f"This resource knows {allowed}.", {"Allow": allowed})


def _check_body(scope: Scope, area: Area) -> None:
    """Refuse by the announced length and type, before a byte is read."""
    length = next(iter(_all(scope, b"content-length")), "0")
    chunked = bool(_all(scope, b"transfer-encoding"))
    if not length.isdecimal() or int(length[:19]) > area.body_bytes:
        raise _too_large(area)
    kind = next(iter(_all(scope, b"content-type")), "").partition(";")[0].strip().lower()
    has_body = chunked or int(length) > 0
    if area.json and has_body and kind != "application/json":
        raise Refusal(415, "content_type", "The body has to be application/json.")


def _too_large(area: Area) -> Refusal:
    return Refusal(413, "body.too_large", f"The limit is {area.body_bytes} bytes.")


class _Passage:
    """One request on its way through: counts what comes, completes what goes."""

    def __init__(self, scope: Scope, area: Area, receive: Receive, send: Send) -> None:
        self._scope, self._area = scope, area
        self._receive, self._send = receive, send
        self._began = time.perf_counter()
        self._bytes = 0
        self._status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._area.body_bytes:
            raise _too_large(self._area)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message = {**message, "headers": _complete(message.get("headers", ()))}
        await self._send(message)

    async def refuse(self, refused: Refusal) -> None:
        told, headers = problems.of(refused, str(uuid.uuid4()))
        body = json.dumps(told.model_dump(by_alias=True)).encode()
        lines = {
            "content-type": problems.CONTENT_TYPE,
            "content-length": str(len(body)),
            "cache-control": "no-store",
            **{name.lower(): value for name, value in headers.items()},
        }
        raw = [(name.encode(), value.encode()) for name, value in lines.items()]
        await self.send({"type": "http.response.start", "status": told.status, "headers": raw})
        await self.send(
            {
                "type": "http.response.body",
                "body": b"" if self._scope["method"] == "HEAD" else body,
            }
        )

    def log(self) -> None:
        path = self._area.prefix if self._area.secret else self._scope["path"]
        path = next((each for each in TELLING if path.startswith(each)), path)
        millis = (time.perf_counter() - self._began) * 1000
        access.info("%s %r %d %.0f ms", self._scope["method"], path, self._status, millis)


def _complete(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name.lower() not in STRIPPED]
    present = {name.lower() for name, _ in kept}
    added = ((name.encode(), value.encode()) for name, value in SECURITY.items())
    return kept + [(name, value) for name, value in added if name not in present]
