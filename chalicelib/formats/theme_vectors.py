"""What a contact says of itself, as it is kept: excerpts with their vectors, which are bytes in base64."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from chalicelib.domain.themes import Excerpt, Told
from chalicelib.domain.vectors import Vector
from chalicelib.formats.artifact import dump, load


@dataclass(frozen=True, slots=True)
class _Kept:
    excerpt: Excerpt
    values: str
    scale: float


@dataclass(frozen=True, slots=True)
class _Document:
    contact_id: str
    said: tuple[_Kept, ...]


def write(told: Told) -> bytes:
    """The object of one contact."""
    said = tuple(
        _Kept(excerpt, base64.b64encode(vector.values).decode(), vector.scale)
        for excerpt, vector in zip(told.excerpts, told.vectors, strict=True)
    )
    return dump(_Document(told.contact_id, said))


def read(body: bytes) -> Told:
    """What was written. Raises ``ValueError`` for anything else."""
    found = load(_Document, body)
    return Told(
        found.contact_id,
        tuple(kept.excerpt for kept in found.said),
        tuple(
            Vector(base64.b64decode(kept.values, validate=True), kept.scale) for kept in found.said
        ),
    )
