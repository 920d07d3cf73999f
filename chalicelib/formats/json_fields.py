"""Typed reading of JSON that others wrote; everything unexpected is an ``InputRefused``.

``where`` is a path into the document for the person who repairs it; values are never quoted, since
they may be what a customer said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from chalicelib.domain.errors import InputRefused

LONGEST_MS = 24 * 3600 * 1000


def refuse(where: str, expected: str) -> NoReturn:
    """Raise ``InputRefused`` with the code ``transcript.schema``."""
    raise InputRefused("transcript.schema", f"{where} is not {expected}")


def mapping(value: object, where: str) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else refuse(where, "an object")


def sequence(value: object, where: str) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else refuse(where, "a list")


def text(value: object, where: str) -> str:
    return value if isinstance(value, str) else refuse(where, "a string")


def milliseconds(value: object, where: str, *, per_unit: int = 1) -> int:
    """A time of 0 to 24 hours in ms. ``per_unit`` is 1000 for times in seconds, which may be strings."""
    number = _number(value, where)
    if not 0 <= number * per_unit <= LONGEST_MS:
        refuse(where, "a time between 0 and 24 hours")
    return round(number * per_unit)


def share(value: object, where: str) -> float | None:
    """A confidence of 0..1, or None where there is none."""
    if value is None:
        return None
    number = _number(value, where)
    return number if 0 <= number <= 1 else refuse(where, "between 0 and 1")


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return refuse(where, "a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return refuse(where, "a number")
    return number if math.isfinite(number) else refuse(where, "a finite number")
