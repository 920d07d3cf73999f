"""What the check of generated summaries lets through and stops: ``python -m bench.claims``.

Needs the shared data (``LOUPE_SHARED_DATA``). There is no set of generated summaries with their evidence,
so sentences that people said stand in for claims: each with the turn that it was said in, with another
turn of the conversation, and with a number changed. Quotations share their turn's words, which rewording
does less: the first figure is the best case, the others tell what a wrong citation or number meets. Last,
how many turns of people who spoke to no program are taken for words to one.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.summaries import sets
from chalicelib.adapters.engines.summary_sentences import sentences
from chalicelib.domain.claims import doubt, to_a_program
from chalicelib.domain.summary import SummarySentence
from chalicelib.domain.transcript import Role, Turn
from chalicelib.formats import connect_chat

SEED = 1
LEAST_WORDS = 3
LAST_DIGIT = re.compile(r"\d(?=\D*$)")


def conversations(folder: Path) -> Iterator[tuple[str, tuple[Turn, ...]]]:
    yield from (("aci", one.turns) for one in sets.aci(folder))
    yield from (("primock57", one.turns) for one in sets.primock(folder))
    for path in sorted((folder / "chats_connect" / "connect").rglob("*.json")):
        yield "chats", connect_chat.read(path.read_bytes()).analysed_turns()


def typed(folder: Path) -> Iterator[Turn]:
    """Turns that customers typed."""
    for path in sorted((folder / "multidogo_customer_turns").rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for text in texts(json.loads(line)):
                yield Turn("t", "c", Role.CUSTOMER, 0, 0, text)


def texts(tree: object) -> Iterator[str]:
    """Everything under the key ``text`` or ``utterance``."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in ("text", "utterance") and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(tree, list):
        for each in tree:
            yield from texts(each)


def claims(turns: tuple[Turn, ...], dice: random.Random) -> Iterator[tuple[str, SummarySentence]]:
    """Each sentence of three words and more: as it was said, cited wrongly, and with another number."""
    for said in sentences(turns):
        if len(said.words) < LEAST_WORDS:
            continue
        own = SummarySentence(said.text, (said.turn_id,))
        yield "its own turn", own
        others = [turn.id for turn in turns if turn.id != said.turn_id]
        if others:
            yield "another turn", replace(own, turn_ids=(dice.choice(others),))
        if LAST_DIGIT.search(said.text):
            changed = LAST_DIGIT.sub(lambda m: str((int(m[0]) + 1) % 10), said.text)
            yield "another number", replace(own, text=changed)


def main() -> int:
    folder = Path(os.environ.get("LOUPE_SHARED_DATA", "../shared/data"))
    if not folder.is_dir():
        print(f"shared data not found at {folder}: set LOUPE_SHARED_DATA", file=sys.stderr)
        return 2
    dice, asked, believed, why = random.Random(SEED), Counter(), Counter(), Counter()
    flagged, turns_seen, began = Counter(), Counter(), time.process_time()
    for name, turns in conversations(folder):
        by_id = {turn.id: turn for turn in turns}
        for kind, claim in claims(turns, dice):
            told = doubt(claim, by_id)
            asked[kind] += 1
            believed[kind] += told is None
            if kind == "its own turn" and told:
                why[told] += 1
        turns_seen[name] += len(turns)
        flagged[name] += sum(map(to_a_program, turns))
    took = time.process_time() - began
    for turn in typed(folder):
        turns_seen["multidogo"] += 1
        flagged["multidogo"] += to_a_program(turn)
    shares = {kind: f"{believed[kind]} of {asked[kind]}" for kind in asked}
    alarms = {name: f"{flagged[name]} of {turns_seen[name]}" for name in turns_seen}
    each = round(1000 * took / asked.total(), 3)
    found = {"believed with": shares, "why not": dict(why), "taken for words to a program": alarms}
    print(json.dumps({**found, "ms a claim": each}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
