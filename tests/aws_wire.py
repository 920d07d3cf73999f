"""Requests read and answers written as AWS's services do: JSON 1.0/1.1 and REST-JSON.

Paths, places of parameters and names come from the service model that boto3 writes by, so a fake of a service
sees what the caller passed, and answers in the same words.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.model import OperationModel, ServiceModel, Shape
from botocore.utils import parse_timestamp

SPOKEN = ("json", "rest-json")
_SIGNED = (
    r"AWS4-HMAC-SHA256 Credential=\w+/\d{8}/%s/%s/aws4_request, "
    r"SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}"
)


class Refused(Exception):
    """An error answer: HTTP status, error type, message."""

    def __init__(self, status: int, kind: str, message: str = "") -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


@dataclass(frozen=True)
class Sent:
    """A request as it came. ``path`` is still quoted; names of headers are lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @staticmethod
    def of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Sent:
        path, _, query = target.partition("?")
        named = {name.lower(): value for name, value in headers.items()}
        if named.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return Sent(method, path, parse_qs(query, keep_blank_values=True), named, body)


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def check_signature(model: ServiceModel, sent: Sent, region: str) -> None:
    """Raises ``Refused`` where nobody signed, or for another service or region."""
    wanted = _SIGNED % (re.escape(region), re.escape(model.signing_name))
    if not re.fullmatch(wanted, sent.headers.get("authorization", "")):
        raise Refused(403, "IncompleteSignatureException", f"not signed for {model.signing_name}")


def read(model: ServiceModel, sent: Sent) -> tuple[OperationModel, dict[str, Any]]:
    """The operation that is asked for and the parameters as the caller passed them."""
    if "smithy-protocol" in sent.headers or "cbor" in sent.headers.get("content-type", ""):
        raise Refused(415, "UnsupportedProtocol", f"only {', '.join(SPOKEN)} are spoken here")
    if model.resolved_protocol == "json":
        return _read_json(model, sent)
    return _read_rest(model, sent)


def _read_json(model: ServiceModel, sent: Sent) -> tuple[OperationModel, dict[str, Any]]:
    if sent.headers.get("content-type") != json_type(model):
        raise Refused(415, "UnsupportedProtocol", f"only {json_type(model)} is spoken here")
    target = sent.headers.get("x-amz-target", "")
    prefix, _, name = target.partition(".")
    if sent.path != "/" or sent.method != "POST" or prefix != model.metadata["targetPrefix"]:
        raise Refused(400, "UnknownOperationException", target)
    operation = _operation(model, name)
    return operation, _decode(operation.input_shape, _parsed(sent.body)) or {}


def json_type(model: ServiceModel) -> str:
    return f"application/x-amz-json-{model.metadata['jsonVersion']}"


def _operation(model: ServiceModel, name: str) -> OperationModel:
    if name not in model.operation_names:
        raise Refused(400, "UnknownOperationException", name)
    return model.operation_model(name)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except ValueError as error:
        raise Refused(400, "SerializationException", str(error)) from error


def _read_rest(model: ServiceModel, sent: Sent) -> tuple[OperationModel, dict[str, Any]]:
    for name in model.operation_names:
        operation = model.operation_model(name)
        labels = _labels(operation, sent)
        if labels is not None:
            return operation, _rest_params(operation, sent, labels)
    raise Refused(404, "UnknownOperationException", f"{sent.method} {sent.path}")


def _labels(operation: OperationModel, sent: Sent) -> dict[str, str] | None:
    """What the path says in the places of the template; None for another path or method."""
    template, _, query = operation.http["requestUri"].partition("?")
    if operation.http["method"] != sent.method or not _asks(query, sent.query):
        return None
    parts = re.split(r"(\{[^}]+\})", template.rstrip("/"))
    pattern = "".join(_path_part(part) for part in parts)
    found = re.fullmatch(pattern, sent.path.rstrip("/"))
    names = [part.strip("{+}") for part in parts if part.startswith("{")]
    return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else None


def _asks(fixed: str, query: Mapping[str, list[str]]) -> bool:
    """Whether the query holds what the template of the path wants in it."""
    return all(query.get(k) == v for k, v in parse_qs(fixed, keep_blank_values=True).items())


def _path_part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return "(.+)" if part.endswith("+}") else "([^/]+)"


def _rest_params(
    operation: OperationModel, sent: Sent, labels: Mapping[str, str]
) -> dict[str, Any]:
    shape = operation.input_shape
    if shape is None:
        return {}
    payload = shape.serialization.get("payload")
    params = {}
    for name, member in shape.members.items():
        value = _placed(member, sent, labels)
        if value is not None:
            params[name] = value
    if payload:
        return params | _payload(shape, payload, sent.body)
    places = [n for n, member in shape.members.items() if "location" not in member.serialization]
    if not places and not sent.body:
        return params
    if sent.body and not sent.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "UnsupportedProtocol", "only application/json is spoken here")
    return params | (_decode(shape, _parsed(sent.body)) or {})


def _placed(member: Shape, sent: Sent, labels: Mapping[str, str]) -> Any:
    """A member outside the body: in the path, the query or a header."""
    place, name = member.serialization.get("location"), member.serialization.get("name", "")
    if place == "uri":
        return _from_text(member, labels[name])
    if place == "querystring":
        given = sent.query.get(name)
        many = member.type_name == "list"
        if given is None:
            return None
        return (
            [_from_text(member.member, g) for g in given] if many else _from_text(member, given[0])
        )
    if place == "header" and name.lower() in sent.headers:
        return _from_text(member, sent.headers[name.lower()], header=True)
    if place == "headers":
        prefix = name.lower()
        return {k.removeprefix(prefix): v for k, v in sent.headers.items() if k.startswith(prefix)}
    return None


def _from_text(shape: Shape, text: str, *, header: bool = False) -> Any:
    if header and shape.serialization.get("jsonvalue"):
        return json.loads(base64.b64decode(text))
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name in ("float", "double"):
        return float(text)
    if shape.type_name == "boolean":
        return text == "true"
    return parse_timestamp(text) if shape.type_name == "timestamp" else text


def _payload(shape: Shape, name: str, body: bytes) -> dict[str, Any]:
    member = shape.members[name]
    if member.type_name == "blob":
        return {name: body}
    if member.type_name == "string":
        return {name: body.decode()}
    return {name: _decode(member, _parsed(body))} if body else {}


def _decode(shape: Shape | None, value: Any) -> Any:
    """A value of a body, by the names and types of the model."""
    if shape is None or value is None or getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure":
        return _decoded_members(shape, value)
    if shape.type_name == "list":
        return [_decode(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {key: _decode(shape.value, each) for key, each in value.items()}
    if shape.type_name == "blob":
        return base64.b64decode(value, validate=True)
    return parse_timestamp(value) if shape.type_name == "timestamp" else value


def _decoded_members(shape: Shape, value: Mapping[str, Any]) -> dict[str, Any]:
    names = {m.serialization.get("name", n): n for n, m in shape.members.items()}
    unknown = sorted(value.keys() - names.keys())
    if unknown:
        raise Refused(400, "SerializationException", f"unknown members: {', '.join(unknown)}")
    return {
        names[key]: _decode(shape.members[names[key]], each)
        for key, each in value.items()
        if each is not None
    }


def write(operation: OperationModel, answer: Mapping[str, Any]) -> Answer:
    """An answer in the service's words. Members that the model does not know go along as they are."""
    model, shape = operation.service_model, operation.output_shape
    if model.resolved_protocol == "json":
        body = json.dumps(_encode(shape, answer)).encode()
        return Answer(200, body, {"content-type": json_type(model)})
    return _write_rest(operation, shape, answer)


def _write_rest(
    operation: OperationModel, shape: Shape | None, answer: Mapping[str, Any]
) -> Answer:
    status = int(operation.http.get("responseCode", 200))
    if shape is None:
        return Answer(status, b"")
    headers, rest = {"content-type": "application/json"}, dict(answer)
    for name, member in shape.members.items():
        place = member.serialization.get("location")
        if place == "header" and name in rest:
            headers[member.serialization["name"].lower()] = _as_text(member, rest.pop(name))
        elif place == "statusCode" and name in rest:
            status = rest.pop(name)
    payload = shape.serialization.get("payload")
    if payload is None:
        return Answer(status, json.dumps(_encode(shape, rest)).encode(), headers)
    return Answer(status, _raw(shape.members[payload], rest.get(payload, b"")), headers)


def _raw(member: Shape, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(_encode(member, value))).encode()


def _as_text(shape: Shape, value: Any) -> str:
    if shape.serialization.get("jsonvalue"):
        return base64.b64encode(json.dumps(value).encode()).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encode(shape: Shape | None, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).timestamp()
    if shape is None or getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {_wire_name(shape, n): _encode(shape.members.get(n), v) for n, v in value.items()}
    if shape.type_name == "list" and isinstance(value, list | tuple):
        return [_encode(shape.member, each) for each in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {key: _encode(shape.value, each) for key, each in value.items()}
    return value


def _wire_name(shape: Shape, name: str) -> str:
    member = shape.members.get(name)
    return str(member.serialization.get("name", name)) if member else name


def error(model: ServiceModel, refused: Refused) -> Answer:
    """An error as the service tells it: the type in the body, or in a header."""
    told = {"message": str(refused)}
    if model.resolved_protocol == "json":
        body = json.dumps({"__type": refused.kind, **told}).encode()
        return Answer(refused.status, body, {"content-type": json_type(model)})
    headers = {"content-type": "application/json", "x-amzn-errortype": refused.kind}
    return Answer(refused.status, json.dumps(told).encode(), headers)
