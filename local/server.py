"""The local server: the API, the dashboard's files, media and uploads, behind one gate.

An API request becomes the event that API Gateway would send and goes to the same function as on AWS.
"""

from __future__ import annotations

import base64
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from chalicelib.api import app as api
from chalicelib.api import problems
from chalicelib.api.identity import authorizer, principal_of
from chalicelib.api.models import CapabilityInfo
from chalicelib.api.problems import Refusal
from chalicelib.api.seals import Seals
from chalicelib.domain import errors
from chalicelib.domain.errors import BadRequest, LoupeError
from chalicelib.ports.services import Services
from local import media, uploads
from local.gate import METHODS, READING, Gate
from local.media import REDACTED, Signer
from local.pages import Pages, not_built
from local.redacted_audio import make_copy

log = logging.getLogger("loupe.server")

HOST = "127.0.0.1"
MOST_PARAMETERS = 200


def build(
    services: Services,
    *,
    token: str,
    port: int,
    signer: Signer,
    dashboard: Path | None,
    capabilities: Callable[[], Sequence[CapabilityInfo]],
) -> Gate:
    """The whole server as an ASGI application, for ``port`` on loopback.

    ``token``: the start token, an admin's. ``dashboard``: the folder of the built dashboard.
    """
    secret = signer.derived("api")
    landings = uploads.Landings()
    handle = api.build(
        services,
        principal_of,
        secret=secret,
        capabilities=capabilities,
        upload_url=uploads.url,
        landed=landings.key_of,
        copy=lambda order: make_copy(services, order),
    )
    seals = Seals(secret)

    async def answer(request: Request) -> Response:
        event = event_of(request, await request.body())
        return response_of(await run_in_threadpool(handle, event, None))

    async def play(request: Request) -> Response:
        return await media.serve(request, services.sources, services.settings, signer)

    async def play_redacted(request: Request) -> Response:
        own = signer.of_store(REDACTED)
        return await media.serve(request, services.redacted, services.settings, own)

    async def take(request: Request) -> Response:
        return await uploads.receive(request, services, seals, landings)

    routes: list[BaseRoute] = [
        Route("/v1/{path:path}", answer, methods=list(METHODS)),
        Route("/media/{name}", play, methods=list(READING)),
        Route(f"/media/{REDACTED}/{{name}}", play_redacted, methods=list(READING)),
        Route("/uploads/{upload_id}", take, methods=["PUT"]),
        _pages(dashboard),
    ]
    inside = Starlette(routes=routes, exception_handlers=HANDLERS)
    # Outside of everything, so that the server's own error pages pass it too.
    return Gate(inside, token=token, port=port, upload_bytes=services.settings.max_audio_bytes)


def _pages(dashboard: Path | None) -> BaseRoute:
    if dashboard is not None and (dashboard / "index.html").is_file():
        return Mount("/", Pages(dashboard))

    async def tell(_: Request) -> Response:
        return not_built(dashboard)

    return Route("/", tell)


def event_of(request: Request, body: bytes) -> dict[str, Any]:
    """The event that API Gateway's REST proxy would send."""
    many = _parameters(request.url.query)
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name, []).append(value)
    known = request.state.principal
    binary = _is_binary(body)
    return {
        "httpMethod": request.method,
        "path": request.scope["path"],
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in many.items()} or None,
        "multiValueQueryStringParameters": many or None,
        "body": (base64.b64encode(body).decode() if binary else body.decode()) or None,
        "isBase64Encoded": binary,
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "stage": "",
            "path": request.scope["path"],
            "identity": {"sourceIp": request.client.host if request.client else ""},
            "authorizer": authorizer(known) if known else {},
        },
    }


def _parameters(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        detail = f"At most {MOST_PARAMETERS} parameters are taken."
        raise BadRequest("query", detail) from error


def _is_binary(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return True
    return False


def response_of(answer: Mapping[str, Any]) -> Response:
    """The HTTP answer of a handler's response."""
    body = answer["body"] or ""
    raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    response = Response(raw, answer["statusCode"])
    for name, values in answer["multiValueHeaders"].items():
        for value in values:
            response.headers.append(name, value)
    return response


async def refused(_: Request, error: Exception) -> Response:
    """The problem document of what was raised outside of the API's own handler."""
    if isinstance(error, HTTPException):
        code = "not_found" if error.status_code == 404 else "method"
        error = Refusal(error.status_code, code, error.detail, error.headers)
    told, headers = problems.of(error, str(uuid.uuid4()))
    if told.status == 500:
        log.error("request %s failed: %s", told.instance, errors.told(error))
    body = told.model_dump_json(by_alias=True)
    return Response(
        body, told.status, {**headers, "Cache-Control": "no-store"}, problems.CONTENT_TYPE
    )


async def gone(_: Request, __: Exception) -> Response:
    """Nobody is there any more to read this."""
    return Response(status_code=400)


HANDLERS: dict[Any, Any] = {
    **dict.fromkeys((LoupeError, Refusal, HTTPException, Exception), refused),
    ClientDisconnect: gone,
}
