r"""Regular expressions of users by RE2, whose time grows with the text and never with what it tried.

Case does not count, as with all words of rules; ``(?-i)`` makes it count. ``\d``, ``\w``, ``\s`` and ``\b``
know ASCII alone, ``\pL`` and the like all letters. Look-around and back-references are not there: who
writes one is told so when the rule is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.domain.errors import EngineMissing, RuleRefused
from chalicelib.domain.rules.conditions import EXPRESSIONS

if TYPE_CHECKING:
    import re2

REFUSED = "rules.regex"
PATTERN_BYTES = 1024
PROGRAM_BYTES = 2 * 1024**2
KEPT = 256
MOST = 100
"""Matches of one expression in one text: looking for more of them could take the square of the time."""

_NO_BYTE = re.compile(r"(?:[^\\]|\\[^C])*\\?", re.DOTALL)


class Re2Expressions:
    """``Expressions``; what is compiled is kept for the whole process."""

    def find(self, pattern: str, text: str) -> Iterator[tuple[int, int]]:
        """Offsets of the first ``MOST`` matches, in characters; empty ones are none.

        Raises ``RuleRefused`` for what ``check`` refuses, ``EngineMissing``.
        """
        found = islice(_compiled(pattern).finditer(_encodable(text)), MOST)
        return (match.span() for match in found if match.end() > match.start())

    def check(self, pattern: str) -> None:
        """Raise ``RuleRefused`` with the reason for which an expression cannot be used; the place is for
        the caller to add."""
        if _compiled(pattern).match("") is not None:
            raise RuleRefused(REFUSED, "this is found where there is nothing, so in every text")


def installed() -> bool:
    """Whether RE2 is there; loads nothing."""
    return find_spec("re2") is not None


@lru_cache(maxsize=KEPT)
def _compiled(pattern: str) -> re2._Regexp[str]:
    try:
        import re2  # noqa: PLC0415 - only rules with expressions load it
    except ImportError as error:
        raise EngineMissing(EXPRESSIONS, "google-re2 is not installed") from error
    _presentable(pattern)
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    options.max_mem = PROGRAM_BYTES
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        told = error.args[0] if error.args else b""
        reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        raise RuleRefused(REFUSED, f"RE2 refuses this: {reason}") from error


def _presentable(pattern: str) -> None:
    if _encodable(pattern) != pattern:
        raise RuleRefused(REFUSED, "this holds half of a surrogate pair, which is no character")
    size = len(pattern.encode())
    if size > PATTERN_BYTES:
        raise RuleRefused(REFUSED, f"this has {size} bytes, at most {PATTERN_BYTES} are possible")
    if not _NO_BYTE.fullmatch(pattern):
        raise RuleRefused(REFUSED, "\\C is a byte, which may be a part of a character only")


def _encodable(text: str) -> str:
    """The text with a question mark for what is no character; every offset stays."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
