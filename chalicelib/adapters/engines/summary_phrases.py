"""Key phrases without a model: runs of telling words between the words that tell nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.adapters.engines.summary_sentences import Sentence, stem
from chalicelib.adapters.engines.summary_words import (
    COMMON_VERBS,
    EMPTY_NOUNS,
    FILLERS,
    MANNERS,
    STOP_WORDS,
)
from chalicelib.domain.summary import KeyPhrase

MOST = 8
LONGEST = 3
SHORTEST_WORD = 3
TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[^\s\w]")
SILENT = STOP_WORDS | FILLERS | COMMON_VERBS | EMPTY_NOUNS

Stems = tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """One phrase in all its forms; ``forms`` counts how it was written."""

    forms: Counter[str] = field(default_factory=Counter)
    turn_ids: dict[str, None] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return self.forms.total()


def key_phrases(sentences: Sequence[Sentence]) -> tuple[KeyPhrase, ...]:
    """The weightiest phrases: said more than once, or of more than one word."""
    found: dict[Stems, _Found] = {}
    for sentence in sentences:
        if MANNERS.search(sentence.plain):
            continue
        for run in _runs(sentence.plain):
            stems = [stem(word) for word in run]
            for begin, end in _phrases(len(run)):
                each = found.setdefault(tuple(stems[begin:end]), _Found())
                each.forms[" ".join(run[begin:end])] += 1
                each.turn_ids[sentence.turn_id] = None
    words = Counter({stems[0]: each.count for stems, each in found.items() if len(stems) == 1})
    ranked = sorted(
        (stems for stems in found if _tells(stems, found)),
        key=lambda stems: (-_weight(stems, found[stems].count, words), stems),
    )
    return tuple(_key_phrase(found[stems]) for stems in _distinct(ranked)[:MOST])


def _runs(plain: str) -> Iterator[list[str]]:
    run: list[str] = []
    for token in TOKEN.findall(plain):
        if _speaks(token):
            run.append(token)
        else:
            yield run
            run = []
    yield run


def _speaks(token: str) -> bool:
    return (
        len(token) >= SHORTEST_WORD
        and token[0].isalpha()
        and token not in SILENT
        and not token.endswith(("n't", "'m", "'ll", "'re", "'ve", "'d", "ly"))
    )


def _phrases(length: int) -> Iterator[tuple[int, int]]:
    """Where the phrases of a run of so many words begin and end."""
    for size in range(1, LONGEST + 1):
        for at in range(length - size + 1):
            yield at, at + size


def _tells(stems: Stems, found: dict[Stems, _Found]) -> bool:
    """A word must come again; of three words a phrase must too, or it is a chance meeting."""
    if len(set(stems)) < len(stems):
        return False
    return len(stems) == 2 or found[stems].count > 1


def _weight(stems: Stems, count: int, words: Counter[str]) -> float:
    """Said often, of words that are said often; longer phrases say more."""
    return count * (1 + 0.6 * (len(stems) - 1)) + 0.5 * sum(words[s] for s in stems) / len(stems)


def _distinct(ranked: Sequence[Stems]) -> list[Stems]:
    """Without phrases that only repeat words of a weightier one."""
    kept: list[Stems] = []
    said: set[str] = set()
    for stems in ranked:
        if not set(stems) & said:
            kept.append(stems)
            said.update(stems)
    return kept


def _key_phrase(found: _Found) -> KeyPhrase:
    text = min(found.forms, key=lambda form: (-found.forms[form], form.endswith("ed"), form))
    return KeyPhrase(text, found.count, tuple(found.turn_ids))
