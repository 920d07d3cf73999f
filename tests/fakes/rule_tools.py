"""What rules are judged with, as far as tests need it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chalicelib.domain.errors import LoupeError, RuleRefused
from chalicelib.domain.rules.subject import Line


class FakeExpressions:
    """The standard library's expressions, for patterns that a test wrote."""

    def find(self, pattern: str, text: str) -> Iterable[tuple[int, int]]:
        try:
            found = re.finditer(pattern, text, re.IGNORECASE)
        except re.error as error:
            raise RuleRefused("rules.regex", str(error)) from error
        return [match.span() for match in found if match[0]]


class FakeMeaning:
    """Likeness is the share of the example's words that the text has; the nearest example counts."""

    def __init__(self, threshold: float = 0.5) -> None:
        self.threshold = threshold
        self.asked: list[tuple[str, ...]] = []

    def likeness(self, examples: Sequence[str], texts: Sequence[str]) -> Sequence[float]:
        self.asked.append(tuple(texts))
        return [max(_share(example, text) for example in examples) for text in texts]


def _share(example: str, text: str) -> float:
    wanted, said = set(example.lower().split()), set(text.lower().split())
    return len(wanted & said) / len(wanted)


class FakeReader:
    """A statement holds if a turn has all of its words; those turns show it. ``fails``: raised instead."""

    def __init__(self, fails: LoupeError | None = None) -> None:
        self._fails = fails
        self.asked: list[tuple[str, tuple[Line, ...]]] = []

    def holds(self, statement: str, lines: Sequence[Line]) -> tuple[bool, Sequence[str]]:
        self.asked.append((statement, tuple(lines)))
        if self._fails:
            raise self._fails
        shown = [line.id for line in lines if _share(statement, line.text) == 1]
        return bool(shown), shown
