"""Entities in typed English turns, to be read by a person: ``python -m bench.entities [--show]``.

Nobody has labelled these turns, so this counts and times, and shows what a person can judge.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict

from bench.language.__main__ import turns
from chalicelib.adapters.engines.entity_finder import LocalEntities
from chalicelib.adapters.engines.rampart import Rampart
from chalicelib.ports.language import Failed


def main() -> int:
    said = list(turns())
    for name, finder in (
        ("forms", LocalEntities()),
        ("forms, places", LocalEntities(None, Rampart())),
    ):
        finder.find(said[:5], "en-US")
        begun = time.perf_counter()
        results = finder.find(said, "en-US")
        took = (time.perf_counter() - begun) * 1000 / len(said)
        found: dict[str, list[str]] = defaultdict(list)
        for text, result in zip(said, results, strict=True):
            for m in result if not isinstance(result, Failed) else ():
                found[m.kind].append(text[m.begin : m.end])
        counts = ", ".join(f"{kind} {len(texts)}" for kind, texts in sorted(found.items()))
        print(f"{name}: {len(said)} turns, {took:.2f} ms a turn: {counts}")
    if "--show" in sys.argv[1:]:
        for kind, texts in sorted(found.items()):
            print(kind, texts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
