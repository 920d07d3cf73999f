"""JSON from outside, read strictly: whatever is wrong with it is an ``InputRefused``, nothing else.

The standard parser takes NaN, duplicate keys and lone surrogates, and breaks with three different
exceptions on deep nesting, huge integers and foreign encodings. Here each has one answer:
``<area>.encoding`` for anything but UTF-8, ``<area>.json`` for anything but one JSON document.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from chalicelib.domain.errors import InputRefused

MAX_BYTES = 64 * 1024**2
MAX_DEPTH = 100
MAX_DIGITS = 100

LONE_SURROGATE = "lone_surrogate"

_BLANK = re.compile(r"\s*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


class Parsed(NamedTuple):
    """A JSON value and what had to be repaired to read it (``lone_surrogate``)."""

    value: Any
    flags: tuple[str, ...] = ()


def parse(body: bytes, *, area: str, max_bytes: int = MAX_BYTES) -> Parsed:
    """The one JSON document that ``body`` is.

    Raises ``InputRefused`` with ``object.empty``, ``object.too_large``, ``<area>.encoding`` or
    ``<area>.json``.
    """
    check_size(body, max_bytes)
    text, flags = _repaired(decode(body, area=area))
    try:
        value = json.loads(text, **_STRICT)
    except RecursionError as error:
        raise InputRefused(f"{area}.json", "nested too deeply") from error
    except ValueError as error:
        raise InputRefused(f"{area}.json", _reason(error)) from error
    _check_depth(value, area)
    return Parsed(value, flags)


def parse_lines(
    body: bytes, *, area: str, max_bytes: int = MAX_BYTES
) -> tuple[Parsed | InputRefused, ...]:
    """One result for each line that is not blank: a document, or why it is none.

    Documents that follow one another on a line without a separator, as a delivery stream writes
    them, are results of their own.
    """
    check_size(body, max_bytes)
    results: list[Parsed | InputRefused] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if line.strip():
            results += _documents(line, area, number)
    return tuple(results)


def check_size(body: bytes, max_bytes: int) -> None:
    """Raise ``object.empty`` or ``object.too_large``."""
    if not body:
        raise InputRefused("object.empty", "the object has no bytes")
    if len(body) > max_bytes:
        raise InputRefused("object.too_large", f"{len(body)} bytes, at most {max_bytes} are read")


def decode(body: bytes, *, area: str) -> str:
    """The text of UTF-8 bytes, with or without a byte order mark."""
    if not json.detect_encoding(body).startswith("utf-8"):
        raise InputRefused(f"{area}.encoding", "the text is UTF-16 or UTF-32, not UTF-8")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise InputRefused(f"{area}.json", "the text ends inside a character") from error
        raise InputRefused(f"{area}.encoding", f"byte {error.start} is not UTF-8") from error


def _documents(line: bytes, area: str, number: int) -> list[Parsed | InputRefused]:
    results: list[Parsed | InputRefused] = []
    try:
        results.extend(_sequence(line, area))
    except InputRefused as refused:
        results.append(InputRefused(refused.code, f"line {number}: {refused.detail}"))
    except RecursionError:
        results.append(InputRefused(f"{area}.json", f"line {number}: nested too deeply"))
    except ValueError as error:
        results.append(InputRefused(f"{area}.json", f"line {number}: {_reason(error)}"))
    return results


def _sequence(line: bytes, area: str) -> Iterator[Parsed]:
    text, flags = _repaired(decode(line, area=area).strip())
    at = 0
    while at < len(text):
        value, end = _DECODER.raw_decode(text, at)
        _check_depth(value, area)
        yield Parsed(value, flags)
        at = _BLANK.match(text, end).end()  # type: ignore[union-attr]


def _repaired(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace escaped surrogates without a partner by U+FFFD, before keys are compared."""
    if not _SURROGATE.search(text):
        return text, ()
    lone = 0

    def fix(match: re.Match[str]) -> str:
        nonlocal lone
        lone += match["lone"] is not None
        return r"\ufffd" if match["lone"] else match[0]

    repaired = _ESCAPE.sub(fix, text)
    return repaired, (LONE_SURROGATE,) if lone else ()


def _reason(error: ValueError) -> str:
    """The parser's message; it names a place or a limit, never the text itself."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return str(error)


def _check_depth(value: object, area: str) -> None:
    """Level by level, because a caller deep in its own stack has less recursion left."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise InputRefused(f"{area}.json", f"nested more than {MAX_DEPTH} levels deep")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object has the same key twice")
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"an integer has more than {MAX_DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


_STRICT: dict[str, Any] = {
    "object_pairs_hook": _unique,
    "parse_constant": _no_constant,
    "parse_int": _integer,
    "parse_float": _finite,
}
_DECODER = json.JSONDecoder(**_STRICT)
