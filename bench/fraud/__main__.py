"""How well the model of risk finds fraud in events that came later: ``python -m bench.fraud``.

AWS's generated account registrations, in the upload format of Fraud Detector (or any file in that format,
``--file``): trained on the first 70 % in time, asked about the last 30 %. The variables are the history of
each e-mail and address, as it was known just before the event, in three variants: with verdicts that are
known at once, with verdicts that are known a month later, and without verdicts in the variables at all.
Exit code 1 when the variant without any delay is below ``LEAST_AUC``.

The set is simulated: it proves that the plumbing holds, and says nothing of real fraud.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.fraud import quiet
from chalicelib.adapters.engines.risk_training import quality, train
from chalicelib.domain.risk.history import Happened, History, plain, repeating
from chalicelib.domain.risk.model import Example, RiskModel
from chalicelib.domain.risk.rules import weighed
from chalicelib.formats.fraud_events import read
from tests.shared_data import shared

LEAST_AUC = 0.97
TRAINED = 0.7
CAPACITIES = (0.01, 0.02, 0.05)
MONTH_MS = 30 * 24 * 3600 * 1000
VARIANTS: Mapping[str, int | None] = {
    "verdicts known at once": 0,
    "verdicts known after 30 days": MONTH_MS,
    "no verdicts in the variables": None,
}

Keep = Callable[[Happened], bool]


def examples(
    events: Sequence[Happened], keys: Sequence[str], others: Sequence[str], delay_ms: int | None
) -> list[Example]:
    """The events with their own columns and what was known before each."""
    told = History(keys, delay_ms).variables(events)
    return [
        Example(event.id, event.at_ms, {**_own(event, others), **known}, bool(event.fraud))
        for event, known in zip(events, told, strict=True)
    ]


def _own(event: Happened, others: Sequence[str]) -> dict[str, str]:
    return {name: event.values[name] for name in others if name in event.values}


def unseen(key: str, trained: Sequence[Happened]) -> Keep:
    """Whether a value of this column did not show in what was trained on."""
    known = {event.values.get(key) for event in trained}
    return lambda event: event.values.get(key) not in known


def line(name: str, shares: Sequence[float], frauds: Sequence[int]) -> str:
    """One row of the table; a part with one kind of verdict has no AUC."""
    count, found = len(frauds), sum(frauds)
    if not 0 < found < count:
        return f"{name} | {count} | {found} | n/a"
    told = quality(shares, frauds)
    ranked = sorted(zip(shares, frauds, strict=True), key=lambda pair: -pair[0])
    precise = []
    for capacity in CAPACITIES:
        top = ranked[: max(1, int(count * capacity))]
        hits = sum(fraud for _, fraud in top)
        precise.append(f"{hits / len(top):.3f} ({hits / found:.3f})")
    return (
        f"{name} | {count} | {found} ({found / count:.3%}) | {told.auc:.4f} | {told.brier:.4f}"
        f" | {told.ece:.4f} | {' | '.join(precise)}"
    )


def asked(model: RiskModel, later: Sequence[Example]) -> list[float]:
    """What the model, out of its stored form, says of each."""
    return [model.probability(model.row(example.variables)) for example in later]


def report(events: Sequence[Happened]) -> float:
    """Print the tables; the AUC of the first variant."""
    cut = int(len(events) * TRAINED)
    keys = repeating(events[:cut])
    others = plain(events[:cut], keys)
    print(f"{len(events)} events, trained on the first {cut}; history of {', '.join(keys)}")
    print(f"columns as they are: {', '.join(others) or 'none'}")
    caps = " | ".join(f"precision (recall) at {capacity:.0%}" for capacity in CAPACITIES)
    print(f"events asked about | count | fraud | AUC | Brier | ECE | {caps}")
    first = None
    for name, delay_ms in VARIANTS.items():
        begun = time.perf_counter()
        known = examples(events, keys, others, delay_ms)
        model = train(known[:cut])
        took = time.perf_counter() - begun
        later, rows = events[cut:], known[cut:]
        shares, frauds = asked(model, rows), [int(row.fraud) for row in rows]
        print(f"-- {name} ({took:.1f} s to train)")
        print(line("all of the later part", shares, frauds))
        for key in keys:
            fresh = list(map(unseen(key, events[:cut]), later))
            for word, wanted in (("not seen", True), ("seen", False)):
                part = [n for n, is_new in enumerate(fresh) if is_new is wanted]
                of_part = [shares[n] for n in part], [frauds[n] for n in part]
                print(line(f"{key} {word} in training", *of_part))
        if first is None:
            first = quality(shares, frauds).auc
            alone(keys, rows)
    rules(known[cut:])
    return first or 0.0


def alone(keys: Sequence[str], later: Sequence[Example]) -> None:
    """What a single count finds without any model: how seldom a value was seen before."""
    frauds = [int(example.fraud) for example in later]
    for key in keys:
        seldom = [1 / (1 + int(row.variables.get(f"{key}_seen", "0"))) for row in later]
        print(f"{key} seldom seen before, alone: AUC {quality(seldom, frauds).auc:.4f}")


def rules(later: Sequence[Example]) -> None:
    """The weights of the rules know contacts, and nothing of such a file."""
    scores = {weighed(example.variables)[0] for example in later}
    print(f"-- rules only: {len(scores)} different score(s) over {len(later)} events: no ranking")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fraud")
    parser.add_argument("--file", type=Path, help="a CSV in the upload format of Fraud Detector")
    chosen = parser.parse_args().file
    file = chosen or shared("fraud", "registration_first70pct.csv")
    events = [event for event in read(file.read_bytes()) if event.fraud is not None]
    auc = report(events)
    if not chosen:
        quiet.report()
        print(
            "The set is simulated by AWS: this proves the plumbing, not that real fraud is found."
        )
    return 0 if chosen or auc >= LEAST_AUC else 1


if __name__ == "__main__":
    sys.exit(main())
