"""Products as JSON: dataclasses out and in, canonical bytes, fingerprints."""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def dump(value: object) -> bytes:
    """Canonical JSON of a dataclass: sorted keys, UTF-8, no spaces."""
    return canonical(_adapter(type(value)).dump_python(value, mode="json"))


def load(kind: type[T], body: bytes) -> T:
    """The dataclass back. Raises ``ValueError`` for anything that is not one."""
    return _adapter(kind).validate_json(body)


def canonical(plain: object) -> bytes:
    """JSON that is equal for equal values."""
    return json.dumps(
        plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def fingerprint(plain: object) -> str:
    """40 hex digits of the SHA-256 over the canonical JSON."""
    return hashlib.sha256(canonical(plain)).hexdigest()[:40]
