"""Numbers that were said before, so that repeating them tells what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_ECHO, _BLOCK, _PAIR = 4, 3, 2
_TURNS = 3


@dataclass(frozen=True, slots=True)
class Memory:
    """``said``: personal numbers with their entity; ``recent``: those of the last turns, newest last.

    ``harmless``: numbers of orders, flights and the like. ``sums``: money, times, quantities.
    """

    said: Mapping[str, str] = field(default_factory=dict)
    recent: tuple[Mapping[str, str], ...] = ()
    harmless: frozenset[str] = frozenset()
    sums: frozenset[str] = frozenset()

    def after(
        self, personal: Mapping[str, str], harmless: Iterable[str], sums: Iterable[str]
    ) -> Memory:
        """The memory with a turn's numbers."""
        return Memory(
            {**self.said, **personal},
            (*self.recent, personal)[-_TURNS:],
            self.harmless.union(digits for digits in harmless if len(digits) >= _ECHO),
            self.sums.union(digits for digits in sums if len(digits) >= _BLOCK),
        )

    def personal(self, digits: str, *, brief: bool = False) -> str | None:
        """The entity that these digits are part of. Few digits only echo what has just been said; two
        only its begin or end, in a turn that says little more (``brief``)."""
        if len(digits) >= _ECHO:
            return next((entity for known, entity in self.said.items() if digits in known), None)
        just_said = [one for turn in reversed(self.recent) for one in turn.items()]
        if len(digits) == _BLOCK:
            return next((e for known, e in just_said if digits in known != digits), None)
        ends = (e for known, e in just_said if known.startswith(digits) or known.endswith(digits))
        return next(ends, None) if brief and len(digits) == _PAIR else None

    def is_ordinary(self, digits: str) -> bool:
        """Whether they were a harmless number, or part of one, or a sum, and never personal."""
        if any(digits in known for known in self.said):
            return False
        part = len(digits) >= _ECHO and any(digits in known for known in self.harmless)
        return part or digits in self.sums
