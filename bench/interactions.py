"""An interaction log of the shape that public recommendation sets have, made up from a seed.

Customers have tastes: each belongs to a group that likes a part of the actions. ``strength`` is how often
they follow their taste; else they take what is popular for the reason of the moment. With 0 nobody has a
taste, and popularity is all that there is to know. Written in Personalize's interactions format::

    python -m bench.interactions --seed 7 > interactions.csv
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.next_action import Interaction

BEGIN_MS = 1_767_225_600_000  # 2026-01-01
DAYS = 90
DAY_MS = 86_400_000
COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "REASON")


@dataclass(frozen=True, slots=True)
class Planted:
    customers: int = 1500
    actions: int = 200
    tastes: int = 8
    reasons: int = 5
    each: int = 20
    strength: float = 0.6
    seed: int = 7


def interactions(planted: Planted) -> list[Interaction]:
    """The log in the order of time."""
    draw = random.Random(planted.seed)
    names = [f"action-{n:03d}" for n in range(planted.actions)]
    of_taste = [_skewed(draw, names[n :: planted.tastes]) for n in range(planted.tastes)]
    of_reason = [_skewed(draw, names) for _ in range(planted.reasons)]
    found = [
        one
        for who in range(planted.customers)
        for one in _of_customer(draw, who, planted, of_taste, of_reason)
    ]
    return sorted(found, key=lambda one: (one.at_ms, one.id))


Skewed = tuple[Sequence[str], Sequence[float]]


def _skewed(draw: random.Random, names: Sequence[str]) -> Skewed:
    """The names in an order of their own, each later one liked less (Zipf)."""
    order = draw.sample(names, len(names))
    return order, [1 / (place + 3) for place in range(len(order))]


def _of_customer(
    draw: random.Random,
    who: int,
    planted: Planted,
    of_taste: Sequence[Skewed],
    of_reason: Sequence[Skewed],
) -> Iterator[Interaction]:
    taste, had = draw.randrange(planted.tastes), set[str]()
    for number in range(draw.randint(planted.each // 2, planted.each * 3 // 2)):
        reason = draw.randrange(planted.reasons)
        follows = draw.random() < planted.strength
        names, weights = of_taste[taste] if follows else of_reason[reason]
        action = draw.choices(names, weights)[0]
        at_ms = BEGIN_MS + draw.randrange(DAYS * DAY_MS // 1000) * 1000
        if action in had:
            continue
        had.add(action)
        yield Interaction(
            f"{who}-{number}",
            f"user-{who:05d}",
            f"contact-{who}-{number}",
            action,
            "accepted",
            at_ms,
            f"reason-{reason}",
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.interactions", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--customers", type=int, default=1500)
    parser.add_argument("--strength", type=float, default=0.6, help="0: no taste")
    given = parser.parse_args()
    planted = Planted(given.customers, strength=given.strength, seed=given.seed)
    out = csv.writer(sys.stdout)
    out.writerow(COLUMNS)
    for one in interactions(planted):
        out.writerow((one.customer_ref, one.action, one.at_ms // 1000, one.event, one.reason))


if __name__ == "__main__":
    main()
