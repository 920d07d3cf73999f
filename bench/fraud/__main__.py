"""How well the model of risk finds fraud in events that came later: ``python -m bench.fraud``.

AWS's generated account registrations, in the upload format of Fraud Detector (or any file in that format,
``--file``): trained on the first 70 % in time, asked about the last 30 % (``local.evaluate_risk``). Exit code
1 when the AUC, with verdicts that are known at once, is below ``LEAST_AUC``.

The set is simulated: it proves that the plumbing holds, and says nothing of real fraud. What the rules alone
do is told by how often they look up at contacts that nobody calls fraud (``bench.fraud.quiet``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.fraud import quiet
from local.evaluate_risk import read, report
from tests.shared_data import shared

LEAST_AUC = 0.97
SIMULATED = "The set is simulated by AWS: this proves the plumbing, not that real fraud is found."


def line(name: str, found: Mapping[str, Any]) -> str:
    """One row of the table."""
    counts = f"{name} | {found['count']} | {found['frauds']}"
    if "auc" not in found:
        return f"{counts} | n/a"
    reviewed = [f"{each['precision']:.3f} ({each['recall']:.3f})" for each in found["reviewed"]]
    return (
        f"{counts} ({found['baseRate']:.2%}) | {found['auc']:.4f} | {found['brier']:.4f}"
        f" | {found['calibrationError']:.4f} | {' | '.join(reviewed)}"
    )


def show(told: Mapping[str, Any]) -> None:
    """The document as tables."""
    print(f"{told['withVerdict']} events with a verdict, trained on the first {told['trainedOn']}")
    print(f"history of {', '.join(told['history'])}; as they are: {told['columns'] or 'none'}")
    print("asked about | count | fraud | AUC | Brier | ECE | precision (recall) at 1 %, 2 %, 5 %")
    for name, found in told["verdictsInVariables"].items():
        print(f"-- verdicts in the variables: {name}")
        print(line("all of the later part", found["all"]))
        for part, figures in found["parts"].items():
            print(line(part, figures))
    for key, auc in told["seldomSeenAlone"].items():
        print(f"{key} seldom seen before, alone: AUC {auc:.4f}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fraud")
    parser.add_argument("--file", type=Path, help="a CSV in the upload format of Fraud Detector")
    chosen = parser.parse_args().file
    told = report(read(chosen or shared("fraud", "registration_first70pct.csv")))
    show(told)
    if chosen:
        return 0
    quiet.report()
    print(SIMULATED)
    auc = told["verdictsInVariables"]["known at once"]["all"]["auc"]
    return 0 if auc >= LEAST_AUC else 1


if __name__ == "__main__":
    sys.exit(main())
