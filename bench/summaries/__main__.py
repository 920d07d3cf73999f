"""The extractive summary against written notes, next to lead and random: ``python -m bench.summaries``.

Needs the shared data (``LOUPE_SHARED_DATA``). Notes are reworded by their writers, so that quotation
scores low in absolute terms: what counts is the distance to the baselines, which get the very words that
the summary has. ``lead-n`` is the beginning of the conversation and ``random-n`` random sentences in order,
both cut to the summary's length; ``lead-3`` is the first three sentences of each side, whatever their
length. The bar: in no set and no measure below ``lead-3`` or ``random-n``; ``lead-n`` is shown beside. Exit
code 1 when missed. Highlights are counted against labelled turns (``highlights``), without a bar.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path

from bench.summaries import highlights, rouge, sets
from chalicelib.adapters.engines.extractive_summary import ExtractiveSummarizer
from chalicelib.adapters.engines.summary_sentences import Sentence, sentences
from chalicelib.domain.transcript import ANALYSED_ROLES

SEEDS = range(20)
RIVALS = ("lead-n", "lead-3", "random-n")
BAR = ("lead-3", "random-n")


def lead(said: Iterable[Sentence], length: int) -> list[str]:
    return [word for one in said for word in rouge.words(one.text)][:length]


def lead_3(said: tuple[Sentence, ...]) -> list[str]:
    first = {id(s) for role in ANALYSED_ROLES for s in [s for s in said if s.role is role][:3]}
    return [word for s in said if id(s) in first for word in rouge.words(s.text)]


def random_n(said: tuple[Sentence, ...], length: int, seed: int) -> list[str]:
    """Sentences drawn until they have the length, cut to it, in the order of the conversation."""
    order = list(range(len(said)))
    random.Random(seed).shuffle(order)
    drawn: dict[int, list[str]] = {}
    for i in order:
        room = length - sum(map(len, drawn.values()))
        if room <= 0:
            break
        drawn[i] = rouge.words(said[i].text)[:room]
    return [word for i in sorted(drawn) for word in drawn[i]]


def compare(dialogues: Iterable[sets.Dialogue], most: int) -> dict:
    engine = ExtractiveSummarizer(most)
    rows: list[dict[str, dict[str, float]]] = []
    lengths = []
    for one in dialogues:
        said = sentences(one.turns)
        made = rouge.words(engine.summarise(one.turns, "en").text)
        reference = rouge.words(one.reference)
        n = len(made)
        drawn = [rouge.scores(random_n(said, n, seed), reference) for seed in SEEDS]
        rows.append(
            {
                "loupe": rouge.scores(made, reference),
                "lead-n": rouge.scores(lead(said, n), reference),
                "lead-3": rouge.scores(lead_3(said), reference),
                "random-n": {m: statistics.mean(d[m] for d in drawn) for m in rouge.MEASURES},
            }
        )
        lengths.append(n)
    found = {
        name: {m: round(statistics.mean(row[name][m] for row in rows), 4) for m in rouge.MEASURES}
        for name in ("loupe", *RIVALS)
    }
    return {
        "dialogues": len(rows),
        "words": round(statistics.mean(lengths)),
        "scores": found,
        "held": all(found["loupe"][m] >= found[r][m] for r in BAR for m in rouge.MEASURES),
    }


def readable(name: str, found: dict) -> str:
    lines = [f"{name}: {found['dialogues']} dialogues, {found['words']} words a summary"]
    lines += [
        f"  {system:<9}" + "".join(f"  {m} {value:.4f}" for m, value in scores.items())
        for system, scores in found["scores"].items()
    ]
    return "\n".join([*lines, f"  {'held' if found['held'] else 'MISSED'}"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.summaries", description=__doc__)
    parser.add_argument("--sentences", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    given = parser.parse_args()
    where = os.environ.get("LOUPE_SHARED_DATA")
    if not where:
        parser.error("LOUPE_SHARED_DATA is not set")
    folder = Path(where)
    found = {
        "aci, whole note": compare(sets.aci(folder), given.sentences),
        "aci, history": compare(sets.aci(folder, heading="HISTORY OF PRESENT"), given.sentences),
        "aci, assessment": compare(sets.aci(folder, heading="ASSESSMENT"), given.sentences),
        "primock57, note": compare(sets.primock(folder), given.sentences),
    }
    marked = highlights.measure(folder)
    if given.json:
        print(json.dumps({**found, "highlights": marked}, indent=2))
    else:
        print("\n".join(readable(name, each) for name, each in found.items()))
        print(highlights.readable(marked))
    return 0 if all(each["held"] for each in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
