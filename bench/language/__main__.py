"""How much text a language needs: ``python -m bench.language``.

Typed English turns of other people's chats, joined and cut to so many words: how often the engine is
believed, and how often it is believed wrongly. Exit code 1 when it is believed wrongly at all from
``LEAST_WORDS`` words on.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence

from chalicelib.adapters.engines.langid import LangId
from chalicelib.domain.language import LEAST_WORDS, believed, words_in
from chalicelib.ports.language import Guess
from tests.shared_data import shared

WORDS = (1, 2, 3, 4, 6, 8, 12, 24)


def turns() -> Iterator[str]:
    """The messages of the chats, and the typed turns of every tenth customer of MultiDoGO."""
    for file in sorted(shared("chats_connect", "connect").rglob("*.json")):
        items = json.loads(file.read_text("utf-8"))["Transcript"]
        yield from (item["Content"] for item in items if item.get("Type") == "MESSAGE")
    for file in sorted(shared("multidogo_customer_turns").glob("*.jsonl")):
        lines = file.read_text("utf-8").splitlines()
        for line in lines[::10]:
            yield from (turn["text"] for turn in json.loads(line)["turns"])


def cut(texts: Sequence[str], count: int) -> Iterator[str]:
    """Texts of exactly so many words, turns joined where they are shorter."""
    words: list[str] = []
    for text in texts:
        words += text.split()
        if len(words) >= count:
            yield " ".join(words[:count])
            words = []


def main() -> int:
    engine = LangId()
    said = list(turns())
    engine.identify([said[0]])
    bad = 0
    print("words | texts | believed | believed wrongly | ms a text")
    for count in WORDS:
        texts = list(cut(said, count))
        begun = time.perf_counter()
        guesses = engine.identify(texts)
        took = (time.perf_counter() - begun) * 1000 / len(texts)
        found = [
            believed(guess.shares, max(words_in(text), LEAST_WORDS))
            for text, guess in zip(texts, guesses, strict=True)
            if isinstance(guess, Guess)
        ]
        known = [each[0] for each in found if each]
        wrong = sum(code != "en" for code in known)
        bad += wrong if count >= LEAST_WORDS else 0
        print(
            f"{count:5} | {len(texts):5} | {len(known) / len(texts):8.3f} | {wrong:5} | {took:.3f}"
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
