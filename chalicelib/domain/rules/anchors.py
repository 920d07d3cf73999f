"""Words without which conditions find nothing, and where they are said."""

from __future__ import annotations

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


_Keyed = tuple[int, list[str], frozenset[str], Anchor]
"""Where the key stands in an anchor, its words in order and as a set, and the anchor."""


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
            said = anchor.words
            self._keyed[key].append((said.index(key), list(said), frozenset(said), anchor))

    def hits(self, lines: Sequence[Line]) -> Mapping[Anchor, Sequence[int]]:
        """The lines, by number, that hold each anchor."""
        said = all_words(line.text for line in lines)
        known = set(said)
        begun, keys = self._begun(known), self._possible(known)
        line_of = _lines(said)
        found: defaultdict[Anchor, list[int]] = defaultdict(list)
        for word, places in _places(said, begun.keys() | keys.keys()).items():
            for anchor in begun.get(word, ()):
                found[anchor] += [line_of[at] for at in places]
            for offset, words, _, anchor in keys.get(word, ()):
                whole = _whole(said, places, offset, words)
                if whole:
                    found[anchor] = [line_of[at] for at in whole]
        return found

    def _possible(self, known: set[str]) -> Mapping[str, Sequence[_Keyed]]:
        """By their key, the anchors of which every word was said somewhere."""
        found: dict[str, list[_Keyed]] = {}
        for word in known & self._keyed.keys():
            some = [one for one in self._keyed[word] if one[2] <= known]
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


def _lines(said: Sequence[str]) -> Sequence[int]:
    """The number of the line of each word."""
    numbers: list[int] = []
    for number, end in enumerate([at for at, word in enumerate(said) if word == BREAK]):
        numbers += [number] * (end + 1 - len(numbers))
    return numbers


def _places(said: Sequence[str], wanted: Collection[str]) -> Mapping[str, Sequence[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(said):
        if word in wanted:
            places[word].append(at)
    return places


def _whole(
    said: Sequence[str], places: Sequence[int], offset: int, words: Sequence[str]
) -> Sequence[int]:
    """Those of the places around which all the words stand. A slice that would begin before the first
    word is shorter than they are."""
    if len(words) == 1:
        return places
    low, high = -offset, len(words) - offset
    return [at for at in places if said[at + low : at + high] == words]
