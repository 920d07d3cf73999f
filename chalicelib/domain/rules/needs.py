"""What rules need beyond the words and figures of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from chalicelib.domain.rules.rule import (
    Condition,
    RegexMatch,
    Rule,
    SemanticMatch,
    Statement,
    conditions_of,
)


class Need(StrEnum):
    """``THRESHOLD``: that of the installation, where an example of what is meant has none of its own."""

    MEANING = "MEANING"
    THRESHOLD = "THRESHOLD"
    READER = "READER"
    EXPRESSIONS = "EXPRESSIONS"


def needs(rules: Iterable[Rule]) -> frozenset[Need]:
    """Everything that a condition of these rules asks for."""
    return frozenset(
        need for rule in rules for node in conditions_of(rule.when) for need in _of(node)
    )


def _of(node: Condition) -> Iterator[Need]:
    match node:
        case SemanticMatch():
            yield Need.MEANING
            if node.threshold is None:
                yield Need.THRESHOLD
        case Statement():
            yield Need.READER
        case RegexMatch():
            yield Need.EXPRESSIONS
