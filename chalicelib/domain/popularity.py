"""How well actions are taken for a reason, by counts that are drawn towards what is known beforehand.

Of four customers who were shown an action three took it; of a hundred another, thirty. Raw rates would
put the first above the second by far. Counts are therefore mixed with ``WEIGHT`` imagined trials at the
rate of the level above: a reason's rate leans on the action's over all reasons, that on ``PRIOR``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.next_action import NO_REASON, TAKEN, Interaction

PRIOR = 0.2
WEIGHT = 20.0


@dataclass(frozen=True, slots=True)
class Trial:
    """An action in one session, once: it was taken or not."""

    customer_ref: str
    session: str
    action: str
    reason: str
    taken: bool
    at_ms: int


def acceptance(taken: int, shown: int, expected: float = PRIOR, weight: float = WEIGHT) -> float:
    """The rate that ``taken`` of ``shown`` speak for, when ``expected`` was to be expected."""
    return (taken + weight * expected) / (shown + weight)


def trials(interactions: Iterable[Interaction]) -> list[Trial]:
    """One trial per customer, session and action, in the order in which they began."""
    found: dict[tuple[str, str, str], Trial] = {}
    for one in sorted(interactions, key=lambda i: (i.at_ms, i.id)):
        key = (one.customer_ref, one.session, one.action)
        before = found.get(key)
        taken = one.event in TAKEN
        if before is None:
            reason = one.reason or NO_REASON
            found[key] = Trial(*key, reason=reason, taken=taken, at_ms=one.at_ms)
        elif taken and not before.taken:
            found[key] = replace(before, taken=True)
    return list(found.values())


class Popularity:
    """Rates per reason and action.

    A log that tells nothing of actions that were shown in vain (all are taken) has no acceptance; there
    the rate is an action's share of all that is taken for the reason.
    """

    def __init__(self, known: Iterable[Trial]) -> None:
        self._shown: Counter[tuple[str, str]] = Counter()
        self._taken: Counter[tuple[str, str]] = Counter()
        for trial in known:
            for cell in ((trial.reason, trial.action), ("", trial.action)):
                self._shown[cell] += 1
                self._taken[cell] += trial.taken
        self._rates: dict[tuple[str, str], float] = {}
        self._by_share = self._shown == self._taken
        if self._by_share:
            self._actions = len({action for _, action in self._taken}) or 1
            self._of_reason: Counter[str] = Counter()
            for (reason, _), count in self._taken.items():
                self._of_reason[reason] += count

    def known(self, reason: str = "") -> bool:
        """Whether there is anything of this reason, or at all."""
        return any(here == reason for here, _ in self._shown)

    def rate(self, reason: str, action: str) -> float:
        """0 to 1, drawn towards the rate over all reasons."""
        cell = (reason or NO_REASON, action)
        if cell not in self._rates:
            self._rates[cell] = self._rate(*cell)
        return self._rates[cell]

    def _rate(self, reason: str, action: str) -> float:
        over_all, here = ("", action), (reason, action)
        if self._by_share:
            expected = 1 / self._actions
            total, of_reason = self._of_reason[""], self._of_reason[reason]
        else:
            expected, total, of_reason = PRIOR, self._shown[over_all], self._shown[here]
        general = acceptance(self._taken[over_all], total, expected)
        return acceptance(self._taken[here], of_reason, general)
