"""What a text means, as a direction: texts of like meaning point the same way.

Numbers are kept as whole ones of one byte with a common scale, a quarter of what floats take. The loss is
far below the distance of any two texts that differ.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vector:
    """``values`` are signed bytes, one per dimension; a number is its byte times ``scale``."""

    values: bytes
    scale: float
