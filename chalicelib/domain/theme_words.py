"""What a theme is called: class-based TF-IDF over words and pairs of words.

A theme is one class. A term weighs its share of the theme's contacts times ``log(1 + A / f)``, where ``f``
counts the contacts of all themes that have it and ``A`` is the mean number of contacts in a theme: a word
that is everywhere names nothing. A contact counts once for a term, however often it says it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from chalicelib.domain.word_offsets import MASK

TERMS = 6
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SHORTEST = 3
PAIR_SHARE = 0.6
"""A pair stands for a word that is in the theme hardly without it."""

_STOPPED = """
about above actually after again all almost already alright also always and another any anything are
around ask asked asking assist away back because been before being between both bring but bye call
called calling calls came can cannot chat come comes coming could day did didn does doesn doing don
done down each either else even ever every everything few find fine first for found from further
gave get gets getting give given gives giving goes going gone gonna good got gotta great guess had
has have having hello help helped helping her here hers hey him his hold hope hoping how however
into isn issue its just keep keeps kind knew know known last least leave let like likes little
long look looked looking looks lot made make makes making many may maybe mean mine more most much
must need needed needs never new next nice not nothing now okay off often once one only other our
out over own per perhaps person please possible problem put quite rather really reason right said
same saw say saying says see seem seems seen several shall she should since some somebody someone
something sometimes soon sorry sort still stuff such sure take takes taking talk tell than thank
thanks that the their them then there these they thing things think this those though through time
told too took tried tries try trying two under until upon use used using very wait want wanted wants
was way well went were weren what whatever when where whether which while who whole whose why will
with within without won wonder wondering would wouldn yeah yep yes yet you your yours yourself
"""
STOP_WORDS = frozenset(_STOPPED.split())


def words(text: str) -> tuple[str, ...]:
    """Every word in lower case, without what hangs on an apostrophe (``I'm``, ``card's``)."""
    return tuple(re.split("['’]", found)[0].lower() for found in WORD.findall(without_masks(text)))


def without_masks(text: str) -> str:
    """The text without ``[NAME]`` and the like."""
    return MASK.sub(" ", text).strip()


def content_words(text: str) -> tuple[str, ...]:
    """Words that carry meaning: no stop words of English, none of one or two letters."""
    return tuple(word for word in words(text) if _telling(word))


def _telling(word: str) -> bool:
    return len(word) >= SHORTEST and word not in STOP_WORDS


def terms(texts: Iterable[str]) -> frozenset[str]:
    """Words and pairs of neighbours in one contact's texts."""
    found: set[str] = set()
    for text in texts:
        said = words(text)
        found.update(filter(_telling, said))
        pairs = (pair for pair in pairwise(said) if all(map(_telling, pair)))
        found.update(" ".join(pair) for pair in pairs if len(set(pair)) == 2)
    return frozenset(found)


def labels(themes: Sequence[Sequence[Sequence[str]]]) -> list[tuple[str, ...]]:
    """The weightiest terms of each theme; a theme is its contacts' texts."""
    counts = [Counter(t for texts in contacts for t in terms(texts)) for contacts in themes]
    everywhere = sum(counts, Counter[str]())
    mean = sum(map(len, themes)) / max(1, len(themes))
    return [_weightiest(count, everywhere, mean) for count in counts]


def _weightiest(count: Counter[str], everywhere: Counter[str], mean: float) -> tuple[str, ...]:
    def weight(term: str) -> float:
        return count[term] * math.log1p(mean / everywhere[term])

    shared = [term for term in count if count[term] > 1] or list(count)
    ranked = sorted(shared, key=lambda term: (-weight(term), term))
    chosen: list[str] = []
    for term in ranked:
        if not _said_by(term, chosen, count):
            chosen = [c for c in chosen if not _said_by(c, [term], count)] + [term]
        if len(chosen) == TERMS:
            break
    return tuple(chosen)


def _said_by(term: str, chosen: Iterable[str], count: Counter[str]) -> bool:
    """Whether one of the chosen pairs says the word, or one of the chosen words the pair."""
    mine = set(term.split())
    for other in chosen:
        theirs = set(other.split())
        if mine < theirs and count[other] >= PAIR_SHARE * count[term]:
            return True
        if theirs < mine and count[term] < PAIR_SHARE * count[other]:
            return True
    return False
