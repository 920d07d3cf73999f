"""What all contact stores agree on: a row's place in a list, what a filter means, how a cursor looks."""

from __future__ import annotations

import base64
import json

from chalicelib.domain.errors import BadRequest
from chalicelib.ports.matching import (
    LAST_MS,
    agent_id,
    analysed,
    attributes,
    categories,
    categories_match,
    channels,
    customer_ref,
    matches,
    queue_id,
    refused,
    sort_ms,
)

__all__ = [
    "LAST_MS",
    "agent_id",
    "analysed",
    "attributes",
    "categories",
    "categories_match",
    "channels",
    "customer_ref",
    "matches",
    "pack",
    "queue_id",
    "refused",
    "sort_ms",
    "unpack_number",
    "unpack_position",
]


def pack(*parts: int | str) -> str:
    """An opaque, URL-safe cursor."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def unpack_position(cursor: str) -> tuple[int, str]:
    """The (time, text) that ``pack`` was given. Raises ``BadRequest`` (``cursor``)."""
    at, text = _unpack(cursor, 2)
    if type(at) is not int or not isinstance(text, str) or not 0 <= at <= LAST_MS:
        raise BadRequest("cursor", "the cursor is not one that a page returned")
    return at, text


def unpack_number(cursor: str) -> int:
    """The number that ``pack`` was given. Raises ``BadRequest`` (``cursor``)."""
    (number,) = _unpack(cursor, 1)
    if type(number) is not int or not 0 <= number < 2**63:
        raise BadRequest("cursor", "the cursor is not one that a page returned")
    return number


def _unpack(cursor: str, count: int) -> list[object]:
    try:
        body = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True)
        parts = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("cursor", "the cursor is not one that a page returned") from error
    if not isinstance(parts, list) or len(parts) != count:
        raise BadRequest("cursor", "the cursor is not one that a page returned")
    return parts
