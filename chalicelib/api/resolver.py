"""The routes on Powertools' resolver, which validates parameters and describes them.

Authentication, permission, unknown query keys, size and method are judged before it, errors become
problem documents after it: the same answers in Lambda and on one machine.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, get_type_hints
from urllib.parse import quote, unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from chalicelib.api import problems
from chalicelib.api.call import Answer, Call, Reply
from chalicelib.api.models import Problem
from chalicelib.api.route import Route
from chalicelib.api.routes import ROUTES
from chalicelib.domain import errors

log = logging.getLogger(__name__)

Event = Mapping[str, Any]

_event: ContextVar[Any] = ContextVar("event")
_context: ContextVar[dict[str, Any]] = ContextVar("context")


class Resolver(APIGatewayRestResolver):
    """Powertools keeps the request at hand on a class, one at a time; here each thread has its own."""

    @property
    def current_event(self) -> Any:  # type: ignore[override]  # noqa: ANN401
        return _event.get()

    @property
    def context(self) -> dict[str, Any]:
        try:
            return _context.get()
        except LookupError:
            fresh: dict[str, Any] = {}
            _context.set(fresh)
            return fresh

    @context.setter
    def context(self, value: dict[str, Any]) -> None:
        _context.set(value)

    def resolve(self, event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401
        _event.set(self._to_proxy_event(dict(event)))
        return super().resolve(event, context)


def resolver() -> Resolver:
    """All routes, registered. What it is asked has passed the door of ``app.build``."""
    made = Resolver(enable_validation=True, json_body_deserializer=strict_json)
    for route in ROUTES:
        rule = re.sub(r"\{(\w+)\}", r"<\1>", route.path)
        made.route(rule, route.method, **_described(route))(_view(made, route))
    made.exception_handler(Exception)(lambda error: failure(error, made.context["call"]))
    for registered in made._static_routes + made._dynamic_routes:
        # Built on first use otherwise, which two threads would do at the same time.
        registered._build_middleware_stack(made._router_middlewares, made)
    return made


def _described(route: Route) -> dict[str, Any]:
    text = inspect.cleandoc(route.function.__doc__ or "").replace("\n", " ").replace("``", "`")
    return {
        "summary": text.partition(".")[0],
        "description": text,
        "operation_id": to_camel(route.function.__name__),
        "tags": [route.tag],
        "status_code": route.status,
        "responses": _responses(route),
        "security": None if route.open else [{"token": []}],
    }


def _responses(route: Route) -> dict[int, Any]:
    good: dict[str, Any] = {"model": route.response}
    if route.response is dict:
        good = {"schema": {"type": "object"}}
    told = {
        status: {
            "description": problems.phrase(status),
            "content": {problems.CONTENT_TYPE: {"model": Problem}},
        }
        for status in route.problems
    }
    return {
        route.status: {
            "description": problems.phrase(route.status),
            "content": {"application/json": good},
        },
        **({304: {"description": problems.phrase(304), "content": {}}} if route.cached else {}),
        **told,
    }


def _view(made: Resolver, route: Route) -> Callable[..., Response[Any]]:
    """The endpoint as Powertools calls it: camelCase names, the call taken from the context."""
    signature, names = _signature(route.function)

    def view(**given: Any) -> Response[Any]:  # noqa: ANN401
        call: Call = made.context["call"]
        values = {names[name]: _path_value(route, name, value) for name, value in given.items()}
        return answer(route.function(call, **values), call, route)

    view.__name__ = route.function.__name__
    view.__signature__ = signature  # type: ignore[attr-defined]
    return view


def _path_value(route: Route, name: str, value: Any) -> Any:  # noqa: ANN401
    return unquote(value) if f"{{{name}}}" in route.path else value


def _signature(function: Callable[..., Answer]) -> tuple[inspect.Signature, dict[str, str]]:
    """The function's parameters as the API names them, and how to get back."""
    hints = get_type_hints(function, include_extras=True)
    own = [p for p in inspect.signature(function).parameters.values() if p.name != "call"]
    names = {to_camel(p.name): p.name for p in own}
    shown = [
        p.replace(name=name, annotation=hints[p.name]) for name, p in zip(names, own, strict=True)
    ]
    return inspect.Signature(shown), names


def query_names(route: Route) -> frozenset[str]:
    """The query keys that a route declares."""
    _, names = _signature(route.function)
    declared = {name.rstrip("_") for name in names if f"{{{name}}}" not in route.path}
    return frozenset(declared - {"body"})


def answer(given: Answer, call: Call, route: Route) -> Response[Any]:
    """JSON with an ETag, weak unless the endpoint gives one; 304 when the caller has it already."""
    reply = given if isinstance(given, Reply) else Reply(given, status=route.status)
    body = text_of(reply.content)
    headers = {"Cache-Control": "no-store", **reply.headers}
    if route.cached and reply.stored:
        weak = f'W/"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
        etag = reply.headers.get("ETag", weak)
        headers |= {"Cache-Control": "private, no-cache", "ETag": etag}
        if _matches(call.headers.get("if-none-match", ""), etag):
            return Response(304, headers=headers, body="")
    return Response(reply.status, "application/json", body, headers=headers)


def text_of(content: BaseModel | Mapping[str, Any]) -> str:
    if isinstance(content, BaseModel):
        return content.model_dump_json(by_alias=True)
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _matches(given: str, etag: str) -> bool:
    """RFC 9110 13.1.2: weak comparison with any of the listed tags."""
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return given.strip() == "*" or etag.removeprefix("W/") in tags


def failure(error: Exception, call: Call) -> Response[Any]:
    """The problem document of an error; of what nobody expected the log tells type and place."""
    told, headers = problems.of(error, call.request_id)
    if told.status == 500:
        log.error("request %s failed: %s", call.request_id, errors.told(error))
    headers = {"Cache-Control": "no-store", **headers}
    return Response(
        told.status, problems.CONTENT_TYPE, told.model_dump_json(by_alias=True), headers=headers
    )


def strict_json(body: str) -> Any:  # noqa: ANN401
    """JSON without NaN and duplicate keys. Raises ``JSONDecodeError`` for everything that is not."""
    try:
        return json.loads(body, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise json.JSONDecodeError(str(error), "", 0) from error


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def incoming(event: Event) -> dict[str, Any]:
    """The event with method and path filled in, which ``chalice local`` leaves out, and with path
    segments quoted, so that every id passes the resolver's patterns. HEAD becomes GET: HTTP servers
    leave the body out themselves and keep its length.
    """
    about = event.get("requestContext") or {}
    path = event.get("path") or about.get("path") or about.get("resourcePath") or "/"
    method = (event.get("httpMethod") or about.get("httpMethod") or "GET").upper()
    return {
        **event,
        "httpMethod": "GET" if method == "HEAD" else method,
        "path": quote(path, safe="/"),
        "headers": event.get("headers") or {},
        "requestContext": {**about, "requestId": about.get("requestId") or str(uuid.uuid4())},
    }
