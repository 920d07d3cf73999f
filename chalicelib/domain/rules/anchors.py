"""Words without which conditions find nothing, and where they are said."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.rules.subject import Line
from chalicelib.domain.rules.words import BREAK, all_words


@dataclass(frozen=True, slots=True)
class Anchor:
    """Words that follow each other, without which a text cannot match; ``prefix``: one word that begins
    so."""

    words: tuple[str, ...]
    prefix: bool = False


_Keyed = tuple[int, list[str], Anchor]
"""Where the key stands in an anchor, its words, and the anchor."""


class AnchorIndex:
    """Finds anchors in lines, in all at once.

    An anchor is looked for where that word of it was said which the fewest anchors have: what is rare in
    rules is rare in conversations.
    """

    def __init__(self, anchors: Collection[Anchor]) -> None:
        self._keyed: defaultdict[str, list[_Keyed]] = defaultdict(list)
        self._prefixes: defaultdict[int, dict[str, Anchor]] = defaultdict(dict)
        common = Counter(word for anchor in anchors for word in anchor.words)
        for anchor in anchors:
            if anchor.prefix:
                (word,) = anchor.words
                self._prefixes[len(word)][word] = anchor
                continue
            key = min(anchor.words, key=lambda word: (common[word], -len(word), word))
            self._keyed[key].append((anchor.words.index(key), list(anchor.words), anchor))

    def hits(self, lines: Sequence[Line]) -> Mapping[Anchor, Sequence[int]]:
        """The lines, by number, that hold each anchor."""
        said = all_words(line.text for line in lines)
        known = set(said)
        begun, keys = self._begun(known), self._possible(known)
        wanted = begun.keys() | keys.keys()
        ends = [at for at, word in enumerate(said) if word == BREAK]
        found: defaultdict[Anchor, list[int]] = defaultdict(list)
        for at in [at for at, word in enumerate(said) if word in wanted]:
            number = bisect_left(ends, at)
            for anchor in begun.get(said[at], ()):
                found[anchor].append(number)
            for offset, words, anchor in keys.get(said[at], ()):
                if said[max(at - offset, 0) : at - offset + len(words)] == words:
                    found[anchor].append(number)
        return found

    def _possible(self, known: set[str]) -> Mapping[str, Sequence[_Keyed]]:
        """By their key, the anchors of which every word was said somewhere."""
        found: dict[str, list[_Keyed]] = {}
        for word in known & self._keyed.keys():
            some = [one for one in self._keyed[word] if known.issuperset(one[1])]
            if some:
                found[word] = some
        return found

    def _begun(self, known: Iterable[str]) -> Mapping[str, Sequence[Anchor]]:
        """The prefixes that words begin with, of those that have some."""
        found: dict[str, list[Anchor]] = {}
        for length, some in self._prefixes.items():
            for word in known:
                if word[:length] in some:
                    found.setdefault(word, []).append(some[word[:length]])
        return found
