"""Words without which conditions find nothing, and where they are said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.domain.rules.subject import Line
from chalicelib.domain.rules.words import BREAK, all_words


class Anchor(NamedTuple):
    """Words that follow each other, without which a text cannot match; ``prefix``: one word that begins
    so. A tuple, since its hash is asked for thousands of times a conversation."""

    words: tuple[str, ...]
    prefix: bool = False


_Keyed = tuple[int, list[str], Anchor]
"""Where the key stands in an anchor, its words in order, and the anchor."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where anchors were said: the words of all lines are numbered through, with a break after each line.

    ``line_of`` says of a word's number in which line it stands, ``first`` of a line's which word is its
    first; ``places`` holds the number of each anchor's first word, wherever it was said.
    """

    places: Mapping[Anchor, Sequence[int]]
    line_of: Sequence[int]
    first: Sequence[int]

    def lines(self, anchors: Iterable[Anchor]) -> set[int]:
        """The numbers of the lines that hold any of these."""
        return {self.line_of[at] for anchor in anchors for at in self.places.get(anchor, ())}


class AnchorIndex:
    """Finds anchors in lines, in all at once.

    An anchor is looked for where that word of it was said which the fewest anchors have, and only if the
    second rarest was said too: what is rare in rules is rare in conversations.
    """

    def __init__(self, anchors: Collection[Anchor]) -> None:
        self._keyed: defaultdict[str, dict[str, list[_Keyed]]] = defaultdict(dict)
        self._prefixes: defaultdict[int, dict[str, Anchor]] = defaultdict(dict)
        common = Counter(word for anchor in anchors for word in anchor.words)
        for anchor in anchors:
            if anchor.prefix:
                (word,) = anchor.words
                self._prefixes[len(word)][word] = anchor
                continue
            said = anchor.words
            rarest = sorted(set(said), key=lambda word: (common[word], -len(word), word))
            key, second = rarest[0], rarest[min(1, len(rarest) - 1)]
            keyed = (said.index(key), list(said), anchor)
            self._keyed[key].setdefault(second, []).append(keyed)

    def heard(self, lines: Sequence[Line]) -> Heard:
        said = all_words(line.text for line in lines)
        known = set(said)
        begun, keys = self._begun(known), self._possible(known)
        found: defaultdict[Anchor, list[int]] = defaultdict(list)
        for word, places in _places(said, begun.keys() | keys.keys()).items():
            for anchor in begun.get(word, ()):
                found[anchor] += places
            for offset, words, anchor in keys.get(word, ()):
                whole = _whole(said, places, offset, words)
                if whole:
                    found[anchor] = whole
        return Heard(found, *_lines(said))

    def _possible(self, known: set[str]) -> Mapping[str, Sequence[_Keyed]]:
        """By their key, the anchors of which the two rarest words were said somewhere."""
        found: dict[str, list[_Keyed]] = {}
        for word in known & self._keyed.keys():
            alike = self._keyed[word]
            some = [one for second in alike.keys() & known for one in alike[second]]
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


def _lines(said: Sequence[str]) -> tuple[Sequence[int], Sequence[int]]:
    """The number of the line of each word, and of the first word of each line."""
    numbers: list[int] = []
    first = [0]
    for number, end in enumerate([at for at, word in enumerate(said) if word == BREAK]):
        numbers += [number] * (end + 1 - len(numbers))
        first.append(end + 1)
    return numbers, first


def _places(said: Sequence[str], wanted: Collection[str]) -> Mapping[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(said):
        if word in wanted:
            places[word].append(at)
    return places


def _whole(said: Sequence[str], places: list[int], offset: int, words: Sequence[str]) -> list[int]:
    """Where all the words begin, of which the one at this offset stands at these places. A slice that
    would begin before the first word is shorter than they are."""
    if len(words) == 1:
        return places
    length = len(words)
    begins = [at - offset for at in places] if offset else places
    return [at for at in begins if said[at : at + length] == words]
