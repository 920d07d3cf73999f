"""One new rule of words over a stored past: ``python -m bench.rules_backtest [--contacts 100000]``.

Contacts of 40 turns lie in a data folder as the flow leaves them (``--data`` keeps it for the next time);
making them is not timed. The rule is tried on all of them by the code of ``loupe rules backtest``, in one
process and in as many as there are cores. The bar: 120 s for 100,000 contacts on 2 cores, and peak memory
that does not grow with the past: at most 50 MB above that of a tenth of it. Exit code 1 when missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from bench.rules_backtest.history import APART_MS, FIRST_MS, history
from chalicelib.bootstrap import local_services
from chalicelib.config import Settings
from chalicelib.domain.rules.rule import ExactMatch, Rule, Scope
from local.rules_backtest import Wanted, run

BAR_S, BAR_CONTACTS, BAR_MB = 120, 100_000, 50
RULE = Rule("refund", "Refund", 1, ExactMatch(("refund now", "refund"), Scope("CUSTOMER")))


def peak_mb() -> float:
    """The largest resident set so far of this process, and of its largest child."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


def cpu_s() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def measure(folder: Path, wanted: Wanted, workers: int) -> dict[str, float]:
    services = local_services(folder, Settings())
    began, used = time.perf_counter(), cpu_s()
    told = run(services, folder, wanted, workers=workers)
    figures = {
        "workers": workers,
        "contacts": told.contacts,
        "matched": told.matched,
        "seconds": round(time.perf_counter() - began, 1),
        "cpuSeconds": round(cpu_s() - used, 1),
        "peakMegabytes": round(peak_mb()),
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(figures), flush=True)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=BAR_CONTACTS)
    parser.add_argument("--data", type=Path, help="folder of the past (default: a temporary one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = history(options.data or Path(temporary), options.contacts)
        tenth = Wanted(RULE, until_ms=FIRST_MS + APART_MS * (options.contacts // 10))
        runs = [measure(folder, tenth, 1), measure(folder, Wanted(RULE), 1)]
        runs.append(measure(folder, Wanted(RULE), os.cpu_count() or 1))
    small, alone, together = runs
    quick = together["seconds"] <= BAR_S * options.contacts / BAR_CONTACTS
    flat = alone["peakMegabytes"] - small["peakMegabytes"] <= BAR_MB
    print(json.dumps({"withinTime": quick, "boundedMemory": flat}))
    return 0 if quick and flat else 1


if __name__ == "__main__":
    sys.exit(main())
