"""``openapi.json`` from the resolver: OpenAPI 3.1, only what the routes use, stable order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server

from chalicelib import __version__
from chalicelib.api.route import Route
from chalicelib.api.routes import ROUTES
from chalicelib.api.signature import parameters

DESCRIPTION = (
    "Contacts, their analyses and the state of the installation. Times are RFC 3339 in UTC, offsets "
    "milliseconds, sentiment -5 to +5. What is not known is null with an entry in `skipped`, never 0. "
    "A contact that the caller may not see answers like one that does not exist."
)
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


def document(resolver: APIGatewayRestResolver) -> dict[str, Any]:
    """The description of all routes."""
    whole: dict[str, Any] = json.loads(
        resolver.get_openapi_json_schema(
            title="Loupe",
            version=__version__,
            openapi_version="3.1.0",
            description=DESCRIPTION,
            servers=[Server(url="/")],
            security_schemes={"token": HTTPBearer(bearerFormat="opaque")},
        )
    )
    for path in whole["paths"].values():
        for operation in path.values():
            _tidy(operation)
    for route in ROUTES:
        operation = whole["paths"][route.path][route.method.lower()]
        operation.setdefault("parameters", []).extend(_free(route))
        if not operation["parameters"]:
            del operation["parameters"]
    for schema in whole["components"]["schemas"].values():
        _untitle(schema.get("properties", {}).values())
    whole["components"]["schemas"] = _used(whole)
    return whole


def _free(route: Route) -> Iterator[dict[str, Any]]:
    """Query keys that a prefix declares. OpenAPI has no word for them: the name shows the form."""
    for free in parameters(route.function).free:
        schema = free.adapter.json_schema()
        mapping = schema.get("anyOf", [schema])[0]
        yield {
            "name": f"{free.marker.prefix}{{key}}",
            "in": "query",
            "description": f"{free.marker.description} `{{key}}` is any name.",
            "required": False,
            "schema": mapping["additionalProperties"],
        }


def _tidy(operation: dict[str, Any]) -> None:
    """Drop the framework's own 422, which these routes never answer, and its titles."""
    responses = operation["responses"]
    declared = responses.get("422", {}).get("content", {})
    if "application/json" in declared:
        del responses["422"]

    _untitle(parameter["schema"] for parameter in operation.get("parameters", ()))


def _untitle(schemas: Iterable[dict[str, Any]]) -> None:
    """Titles made of lower-cased names say less than the names."""
    for schema in schemas:
        schema.pop("title", None)


def _used(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas that something refers to, directly or through another."""
    schemas = whole["components"]["schemas"]
    todo = _references(whole["paths"])
    kept: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in kept:
            kept.add(name)
            todo |= _references(schemas[name])
    return {name: schemas[name] for name in sorted(kept)}


def _references(part: object) -> set[str]:
    return set(_REFERENCE.findall(json.dumps(part)))


def text(resolver: APIGatewayRestResolver) -> str:
    """The committed form."""
    return json.dumps(document(resolver), indent=2, ensure_ascii=False) + "\n"
