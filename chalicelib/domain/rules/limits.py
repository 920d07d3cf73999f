"""How large a rule may be. The defaults are what Contact Lens and Transcribe document for their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers of what a document, a rule or a condition may hold.

    ``depth`` counts groups and the conditions in them: a flat rule is two deep. ``attributes``,
    ``sentiments`` and ``interruptions`` are conditions of that kind in a rule, the others are operands
    of one condition. Nobody documents ``parts``, ``alternatives`` and ``distance`` of a pattern and how
    many ``targets`` a Call Analytics filter has; these only keep one rule from stopping all others.
    """

    document_bytes: int = 4 * MEGABYTE
    rules: int = 500
    name: int = 200
    depth: int = 5
    conditions: int = 50
    phrases: int = 100
    patterns: int = 100
    parts: int = 100
    alternatives: int = 500
    distance: int = 1000
    examples: int = 4
    agents: int = 100
    queues: int = 100
    attributes: int = 5
    sentiments: int = 5
    interruptions: int = 5
    category_rules: int = 20
    targets: int = 1000
    target: int = 2000
    range_ms: int = 14_400_000


DEFAULTS = Limits()

HIGHEST = 1_000_000_000
NONE = Limits(**{field.name: HIGHEST for field in fields(Limits)})
"""For what was accepted before and is only read again."""


def limits_of(given: Iterable[str]) -> Limits:
    """The defaults with ``name=number`` in place of some. Raises ``ValueError`` for anything else."""
    names = {field.name for field in fields(Limits)}
    chosen: dict[str, int] = {}
    for one in given:
        name, _, number = one.partition("=")
        if name not in names:
            raise ValueError(f"{name!r} is no limit; there are {', '.join(sorted(names))}")
        if not number.isdecimal() or not 1 <= int(number) <= HIGHEST:
            raise ValueError(f"{name} is a whole number from 1 to {HIGHEST}")
        chosen[name] = int(number)
    return replace(DEFAULTS, **chosen)
