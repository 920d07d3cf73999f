"""How far reviewers agree beyond chance: Cohen's kappa for two, Krippendorff's alpha for any number.

    kappa = (po - pe) / (1 - pe)        po: share of equal pairs, pe: expected of the two's habits
    alpha = 1 - Do / De                 Do: observed, De: expected disagreement, nominal values

Both are 1 for full agreement and 0 for chance. Where everybody always says the same, chance explains all of
it and neither is defined: None, which is shown as such and never as 0 or 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

ROUNDS = 1000
LEAST = 10
"""Below so many units there is no interval: it would say more than is known."""
SHARE = 0.95
SEED = 20

Unit = tuple[str, ...]
Measure = Callable[[Mapping[Unit, int]], float | None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """``n``: the units it stands on. ``low`` to ``high``: a 95 % bootstrap interval. ``reason``: why the
    value, or its interval, is not there."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def kappa(pairs: Mapping[Unit, int]) -> float | None:
    """Cohen's kappa of two reviewers, from how often each pair of answers came (first, second)."""
    n = sum(pairs.values())
    if not n:
        return None
    first, second = _summed(pairs, 0), _summed(pairs, 1)
    same = sum(count for (one, two), count in pairs.items() if one == two)
    by_chance = sum(first[value] * second[value] for value in first)
    if by_chance == n * n:
        return None
    return (same / n - by_chance / n**2) / (1 - by_chance / n**2)


def alpha(units: Mapping[Unit, int]) -> float | None:
    """Krippendorff's alpha for nominal values, from how often each unit (its answers) came. Units with fewer
    than two answers say nothing about agreement and are left out."""
    values: Counter[str] = Counter()
    apart = 0.0
    for unit, count in units.items():
        if len(unit) < 2:
            continue
        told = Counter(unit)
        differing = len(unit) ** 2 - sum(each * each for each in told.values())
        apart += count * differing / (len(unit) - 1)
        for value, each in told.items():
            values[value] += each * count
    n = sum(values.values())
    expected = n * n - sum(each * each for each in values.values())
    if not expected:
        return None
    return 1 - (n - 1) * apart / expected


def measured(units: Iterable[Sequence[str]], measure: Measure) -> Agreement:
    """A measure of these units with its interval. Units with fewer than two answers do not count."""
    counted = Counter(tuple(unit) for unit in units if len(unit) > 1)
    n = sum(counted.values())
    value = measure(counted)
    if value is None:
        reason = "nobody has answered twice" if not n else "all answers are the same"
        return Agreement(n, reason=reason)
    if n < LEAST:
        return Agreement(n, value, reason=f"no interval below {LEAST} items")
    return Agreement(n, value, *_bootstrap(counted, measure))


def _bootstrap(counted: Mapping[Unit, int], measure: Measure) -> tuple[float, float]:
    """The percentile interval over units drawn again. Where a single unit differs a third of the rounds are
    undefined; they are left out."""
    random = Random(SEED)  # noqa: S311 - the same data give the same interval
    kinds, weights = list(counted), list(counted.values())
    n = sum(weights)
    drawn = (measure(Counter(random.choices(kinds, weights, k=n))) for _ in range(ROUNDS))
    values = sorted(value for value in drawn if value is not None)
    out = round((1 - SHARE) / 2 * (len(values) - 1))
    return values[out], values[len(values) - 1 - out]


def _summed(pairs: Mapping[Unit, int], side: int) -> Counter[Hashable]:
    total: Counter[Hashable] = Counter()
    for pair, count in pairs.items():
        total[pair[side]] += count
    return total
