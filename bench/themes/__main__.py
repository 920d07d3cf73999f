"""Themes against intents that people labelled: ``python -m bench.themes``.

Needs the shared data (``LOUPE_SHARED_DATA``). Sentence vectors against TF-IDF in the same run, both
grouped by the engine of the themes with nothing left out: once with the number of groups that it
chooses, once with the number of intents. The bar: in every set, by both counts, normalised mutual
information at least ``MARGIN`` above the baseline's. Purity is shown beside; it grows with the number of
groups. Then what users see: the share that is in some theme, and how pure those are; of queries out
of scope, the share that is in none. Exit code 1 when missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.themes import measures, sets, tfidf
from chalicelib.adapters.engines.minilm_vectors import MiniLmVectors
from chalicelib.adapters.engines.spherical_kmeans import SphericalKMeans
from chalicelib.domain.vectors import Vector

MARGIN = 0.05
Embed = Callable[[Sequence[str]], Sequence[Vector]]
Found = dict[str, float]


def per_item(items: Sequence[sets.Item], embed: Embed) -> list[tuple[Vector, ...]]:
    found = iter(embed([text for item in items for text in item.texts]))
    return [tuple(next(found) for _ in item.texts) for item in items]


def groups(vectors: Sequence[Sequence[Vector]], engine: SphericalKMeans) -> list[int]:
    """The group of each item, -1 for none."""
    of = [-1] * len(vectors)
    for number, cluster in enumerate(engine.clusters(vectors)):
        for member in cluster.members:
            of[member.item] = number
    return of


def agreement(intents: Sequence[str], of: Sequence[int]) -> Found:
    return {
        "groups": len({*of} - {-1}),
        "purity": round(measures.purity(intents, of), 3),
        "nmi": round(measures.nmi(intents, of), 3),
    }


def compare(items: Sequence[sets.Item], minilm: Embed) -> dict:
    known = [item for item in items if item.intent is not None]
    intents = [item.intent or "" for item in known]
    begun = time.perf_counter()
    own = per_item(items, minilm)
    seconds = time.perf_counter() - begun
    known_own = [v for v, item in zip(own, items, strict=True) if item.intent is not None]
    rival = per_item(known, tfidf.vectors)
    everything = {"chosen": 0, "as intents": len(set(intents))}
    scores = {
        f"{name}, {how}": agreement(intents, groups(vectors, SphericalKMeans(-1, count)))
        for how, count in everything.items()
        for name, vectors in (("minilm", known_own), ("tf-idf", rival))
    }
    held = all(
        scores[f"minilm, {how}"]["nmi"] >= scores[f"tf-idf, {how}"]["nmi"] + MARGIN
        for how in everything
    )
    begun = time.perf_counter()
    shown = groups(own, SphericalKMeans())
    grouped = time.perf_counter() - begun
    return {
        "items": len(known),
        "intents": everything["as intents"],
        "vectorsSeconds": round(seconds, 1),
        "groupingSeconds": round(grouped, 1),
        "scores": scores,
        "shown": as_shown(items, shown),
        "held": held,
    }


def as_shown(items: Sequence[sets.Item], of: Sequence[int]) -> Found:
    inside = [(i.intent, g) for i, g in zip(items, of, strict=True) if i.intent and g >= 0]
    known = sum(item.intent is not None for item in items)
    found = {"assigned": round(len(inside) / known, 3), **agreement(*zip(*inside, strict=True))}
    strange = [g for item, g in zip(items, of, strict=True) if item.intent is None]
    if strange:
        found["outOfScopeUnassigned"] = round(sum(g < 0 for g in strange) / len(strange), 3)
    return found


def readable(name: str, found: dict) -> str:
    lines = [
        f"{name}: {found['items']} contacts, {found['intents']} intents",
        f"  vectors {found['vectorsSeconds']} s, grouping {found['groupingSeconds']} s",
    ]
    rows = {**found["scores"], "themes as shown": found["shown"]}
    for system, values in rows.items():
        told = "".join(f"  {key} {value}" for key, value in values.items())
        lines.append(f"  {system:<19}{told}")
    return "\n".join([*lines, f"  {'held' if found['held'] else 'MISSED'}"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.themes", description=__doc__)
    parser.add_argument("--most", type=int, default=2000, help="items of each set (2000)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    given = parser.parse_args()
    where = os.environ.get("LOUPE_SHARED_DATA")
    if not where:
        parser.error("LOUPE_SHARED_DATA is not set")
    embed = MiniLmVectors(threads=os.cpu_count() or 1).vectors
    found = {
        of.__name__: compare(of(Path(where), given.most), embed)
        for of in (sets.banking77, sets.clinc150, sets.natcs, sets.multidogo)
    }
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(readable(name, each) for name, each in found.items()))
    return 0 if all(each["held"] for each in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
