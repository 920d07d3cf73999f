"""The API as one function: an event of API Gateway's REST shape in, a response out.

``app.py`` mounts it route by route into Chalice, the local server calls it for every request.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import unquote

from chalicelib import __version__
from chalicelib.api import openapi, problems
from chalicelib.api.call import Call, Desk
from chalicelib.api.models import CapabilityInfo
from chalicelib.api.problems import Refusal
from chalicelib.api.resolver import Event, Resolver, failure, incoming, query_of, resolver
from chalicelib.api.route import Route
from chalicelib.api.routes import find
from chalicelib.api.seals import Seals
from chalicelib.api.signature import parameters
from chalicelib.api.tokens import CHALLENGE
from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.errors import BadRequest, Forbidden
from chalicelib.domain.principal import Principal
from chalicelib.ports.services import Services

BODY_BYTES = 6 * 1024 * 1024

Handler = Callable[[Event, Any], dict[str, Any]]


def build(
    services: Services,
    principal_of: Callable[[Event], Principal | None],
    *,
    secret: bytes,
    capabilities: Callable[[], Sequence[CapabilityInfo]],
    upload_url: Callable[[str], str] | None = None,
    landed: Callable[[str], str | None] = lambda _: None,
    copy: Callable[[CopyOrder], bool] = lambda _: False,
) -> Handler:
    """The handler of all routes.

    ``principal_of`` gives who asks, None for nobody; it verifies, or reads what was verified.
    ``secret`` signs page tokens and uploads: the same for every process of an installation.
    ``upload_url``: where the bytes of an upload go; None means that uploads are refused with 501.
    ``landed``: the key that an upload's bytes got when it is another than was announced.
    ``copy``: makes redacted recordings, now (True) or later (False).
    """
    made = resolver()

    @cache
    def document() -> Mapping[str, Any]:
        return openapi.document(made)

    desk = Desk(
        services, Seals(secret), __version__, capabilities, upload_url, document, landed, copy
    )

    def handle(event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401
        asked = incoming(event)
        context_of = asked["requestContext"]
        address = str((context_of.get("identity") or {}).get("sourceIp") or "")
        call = Call(desk, None, context_of["requestId"], _headers(asked), address)
        try:
            given = _door(asked, principal_of)
        except Exception as error:  # noqa: BLE001 - the one place that turns errors into answers
            return _flat(failure(error, call))
        return _resolve(made, replace(call, given=given), asked, context)

    return handle


def _resolve(made: Resolver, call: Call, asked: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401
    made.context = {"call": call}
    try:
        return made.resolve(asked, context)
    except Exception as error:  # noqa: BLE001 - the one place that turns errors into answers
        return _flat(failure(error, call))


def _door(asked: Event, principal_of: Callable[[Event], Principal | None]) -> Principal | None:
    """Everything that is judged before the endpoint: who asks, or an error for what is refused."""
    route, methods = find(asked["httpMethod"], unquote(asked["path"]))
    given = principal_of(asked)
    if given is None and not (route and route.open):
        raise Refusal(401, "unauthenticated", "This needs a token.", CHALLENGE)
    if route is None:
        raise _unknown(methods)
    if given and route.permission and not given.may(route.permission):
        raise Forbidden(route.permission)
    _check_query(route, asked)
    _check_body(asked)
    return given


def _unknown(methods: tuple[str, ...]) -> Refusal:
    if not methods:
        return Refusal(404, "not_found", "There is nothing here.")
    allowed = ", ".join(sorted(methods))
    return Refusal(405, "method", f"This resource knows {allowed}.", {"Allow": allowed})


def _check_query(route: Route, asked: Event) -> None:
    for name in parameters(route.function).unknown(set(query_of(asked)), route.path):
        raise BadRequest("query", "This parameter is not known here.", pointer=f"/query/{name}")


def _check_body(asked: Event) -> None:
    body = asked.get("body") or ""
    if len(body) > BODY_BYTES:
        raise Refusal(413, "body.too_large", f"The limit is {BODY_BYTES} bytes.")
    try:
        base64.b64decode(body if asked.get("isBase64Encoded") else b"").decode()
    except ValueError as error:
        raise BadRequest("json", "The body is not UTF-8.") from error


def _headers(asked: Event) -> dict[str, str]:
    return {name.lower(): value for name, value in (asked.get("headers") or {}).items()}


def _flat(response: Any) -> dict[str, Any]:  # noqa: ANN401
    headers = {**response.headers, "Content-Type": problems.CONTENT_TYPE}
    return {
        "statusCode": response.status_code,
        "body": response.body,
        "isBase64Encoded": False,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }
