"""Requests refused that AWS would refuse, before they leave a test's client.

boto3 checks types, required members, unknown ones and the least size of texts and lists. It sends what
breaks an upper limit, a pattern, an enum or a rule that stands in the documentation only
(``strict_limits``). With the hook of ``install`` such a call fails the test that makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import regex
from botocore.model import OperationModel, Shape

from tests import strict_limits

EVENT = "provide-client-params.*"


class WouldBeRefused(AssertionError):
    """AWS would not take this request. No adapter catches it."""


def install(client: Any) -> Any:
    """The same client, whose requests are looked at from now on."""
    client.meta.events.register_first(EVENT, _look)
    return client


def _look(params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
    found = problems(model, params)
    if found:
        raise WouldBeRefused("; ".join(found))


def problems(operation: OperationModel, params: Mapping[str, Any]) -> list[str]:
    """What AWS would refuse in a request: by the service's model, then by its documentation."""
    shape = operation.input_shape
    by_model = list(walk(shape, params, operation.name)) if shape else []
    service = operation.service_model.service_name
    return by_model or list(strict_limits.problems(service, operation.name, params))


def walk(shape: Shape, value: Any, where: str) -> Iterator[str]:
    """What a shape of the model forbids. Values of a wrong type are left to boto3, which refuses them."""
    if shape.type_name == "structure":
        yield from _structure(shape, value, where)
    elif shape.type_name == "list" and isinstance(value, list | tuple):
        yield from _size(shape, len(value), where)
        for index, each in enumerate(value):
            yield from walk(shape.member, each, f"{where}[{index}]")
    elif shape.type_name == "map" and isinstance(value, Mapping):
        yield from _size(shape, len(value), where)
        for key, each in value.items():
            yield from walk(shape.key, key, f"{where}'s key")
            yield from walk(shape.value, each, f"{where}[{key!r}]")
    else:
        yield from _scalar(shape, value, where)


def _structure(shape: Shape, value: Any, where: str) -> Iterator[str]:
    if getattr(shape, "is_document_type", False) or not isinstance(value, Mapping):
        return
    for name in shape.required_members:
        if name not in value and not shape.members[name].metadata.get("idempotencyToken"):
            yield f"{where}.{name} is missing"
    for name, each in value.items():
        if name not in shape.members:
            yield f"{where}.{name} is unknown"
        elif each is not None:
            yield from walk(shape.members[name], each, f"{where}.{name}")


def _scalar(shape: Shape, value: Any, where: str) -> Iterator[str]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield from _size(shape, value, where)
    elif isinstance(value, str | bytes | bytearray):
        yield from _size(shape, len(value), where)
    if isinstance(value, str) and shape.type_name == "string":
        yield from _text(shape.metadata, value, where)


def _text(limits: Mapping[str, Any], value: str, where: str) -> Iterator[str]:
    if limits.get("enum") and value not in limits["enum"]:
        yield f"{where} is not one of the allowed values"
    pattern = limits.get("pattern")
    if pattern is not None and not compiled(pattern).fullmatch(value):
        yield f"{where} does not match {pattern}"


def _size(shape: Shape, size: float, where: str) -> Iterator[str]:
    limits = shape.metadata
    if not limits.get("min", size) <= size <= limits.get("max", size):
        low, high = limits.get("min", ""), limits.get("max", "")
        yield f"{where} is {size}, which is not in {low}..{high}"


@cache
def compiled(pattern: str) -> regex.Pattern[str]:
    r"""A pattern of the models, which are Java's: ``\p{..}`` is known to ``regex``, and a pair of
    surrogates is one character here."""
    joined = regex.sub(
        r"\\u([dD][89abAB]..)\\u([dD][c-fC-F]..)",
        lambda pair: rf"\U{_code_point(pair[1], pair[2]):08x}",
        pattern,
    )
    return regex.compile(joined, regex.ASCII if _plain(joined) else 0)


def _code_point(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00


def _plain(pattern: str) -> bool:
    r"""Without ``\p``, which knows all of Unicode, ``\w`` and its like know ASCII alone."""
    return r"\p" not in pattern and r"\P" not in pattern
