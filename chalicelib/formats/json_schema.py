"""The part of JSON Schema that answers of language models are bound to, and its check.

``type``, ``properties``, ``required``, ``additionalProperties: false``, ``items``, ``enum``,
``minItems``, ``maxItems``, ``minLength``, ``maxLength``. Services take the forms and many refuse the
bounds, so the bounds are checked here and told in the instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

BOUNDS = ("minItems", "maxItems", "minLength", "maxLength")

_TYPES: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def problems(value: object, schema: Schema, at: str = "answer") -> Iterator[str]:
    """What breaks the schema, each with its place; nothing of the value is repeated."""
    if not _TYPES[schema["type"]](value):
        yield f"{at} is no {schema['type']}"
    elif isinstance(value, dict):
        yield from _of_object(value, schema, at)
    elif isinstance(value, list):
        yield from _of_size(len(value), schema, at, "Items")
        for index, each in enumerate(value):
            yield from problems(each, schema["items"], f"{at}[{index}]")
    elif isinstance(value, str):
        yield from _of_size(len(value), schema, at, "Length")
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of the allowed values"


def _of_object(value: Mapping[str, object], schema: Schema, at: str) -> Iterator[str]:
    known: Mapping[str, Schema] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}.{name} is missing"
    if not schema.get("additionalProperties", True) and not value.keys() <= known.keys():
        yield f"{at} has a key that was not asked for"
    for name in known.keys() & value.keys():
        yield from problems(value[name], known[name], f"{at}.{name}")


def _of_size(size: int, schema: Schema, at: str, what: str) -> Iterator[str]:
    if size < schema.get(f"min{what}", size):
        yield f"{at} is too short"
    if size > schema.get(f"max{what}", size):
        yield f"{at} is too long"


def without_bounds(schema: Schema) -> dict[str, Any]:
    """The same schema as services take it."""
    out = {key: value for key, value in schema.items() if key not in BOUNDS}
    if "items" in out:
        out["items"] = without_bounds(out["items"])
    if "properties" in out:
        out["properties"] = {k: without_bounds(v) for k, v in out["properties"].items()}
    return out
