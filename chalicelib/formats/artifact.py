"""Products as JSON: dataclasses out and in, canonical bytes, fingerprints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(value: object) -> bytes:
    """Canonical JSON of a dataclass: sorted keys, UTF-8, no spaces."""
    plain = _adapter(type(value)).dump_python(value, mode="json")
    return canonical(plain)


def load(kind: type[T], body: bytes) -> T:
    """The dataclass back. Raises ``ValueError`` for anything that is not one."""
    value: T = _adapter(kind).validate_json(body)
    return value


def canonical(plain: object) -> bytes:
    """JSON that is equal for equal values."""
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def fingerprint(plain: object) -> str:
    """40 hex digits of the SHA-256 over the canonical JSON."""
    return hashlib.sha256(canonical(plain)).hexdigest()[:40]
