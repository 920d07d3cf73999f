"""Words without which conditions find nothing, and where they are said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from chalicelib.domain.rules.subject import Line
from chalicelib.domain.rules.words import BREAK, all_words


class Anchor(NamedTuple):
    """Words that follow each other, without which a text cannot match; ``prefix``: one word that begins
    so. A tuple, since its hash is asked for thousands of times a conversation."""

    words: tuple[str, ...]
    prefix: bool = False


_Longer = tuple[int, list[str], Anchor]
"""An anchor of several words: where in it the pair stands by which it is looked for, and its words."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where anchors were said: the words of all lines are numbered through, with a break after each line.

    ``line_of`` says of a word's number in which line it stands, ``first`` of a line's which word is its
    first; ``places`` holds the number of each anchor's first word, wherever it was said. Where no anchor can
    have been said, words are not numbered.
    """

    places: Mapping[Anchor, Sequence[int]]
    line_of: Sequence[int]
    first: Sequence[int]

    def lines(self, anchors: Iterable[Anchor]) -> set[int]:
        """The numbers of the lines that hold any of these."""
        return {self.line_of[at] for anchor in anchors for at in self.places.get(anchor, ())}


class AnchorIndex:
    """Finds anchors in lines, in all at once.

    An anchor of several words is looked for where those two neighbours of it stand which the fewest
    anchors have: what is rare in rules is rare in conversations. So a place where words stand is looked at
    once, however many anchors have one of them.
    """

    def __init__(self, anchors: Collection[Anchor]) -> None:
        self._single: dict[str, Anchor] = {}
        self._prefixes: defaultdict[int, dict[str, Anchor]] = defaultdict(dict)
        self._pairs: defaultdict[str, dict[str, list[_Longer]]] = defaultdict(dict)
        words = Counter(word for anchor in anchors for word in anchor.words)
        pairs = Counter(pair for anchor in anchors for pair in pairwise(anchor.words))

        def rarity(place: tuple[int, tuple[str, str]]) -> tuple[int, tuple[int, int]]:
            pair = place[1]
            return pairs[pair], min((words[word], -len(word)) for word in pair)

        for anchor in anchors:
            said = anchor.words
            if anchor.prefix:
                self._prefixes[len(said[0])][said[0]] = anchor
            elif len(said) == 1:
                self._single[said[0]] = anchor
            else:
                at, (word, follower) = min(enumerate(pairwise(said)), key=rarity)
                self._pairs[word].setdefault(follower, []).append((at, list(said), anchor))

    def heard(self, lines: Sequence[Line]) -> Heard:
        said = all_words(line.text for line in lines)
        known = set(said)
        alone, pairs = self._alone(known), self._possible(known)
        if not alone and not pairs:
            return Heard({}, (), ())
        found: defaultdict[Anchor, list[int]] = defaultdict(list)
        places = _places(said, alone.keys() | pairs.keys() | {BREAK})
        for word, some in alone.items():
            for anchor in some:
                found[anchor] += places[word]
        for word, followers in pairs.items():
            for at in places[word]:
                for offset, words, anchor in followers.get(said[at + 1], ()):
                    if _stands(said, at - offset, words):
                        found[anchor].append(at - offset)
        return Heard(found, *_lines(places.get(BREAK, ())))

    def _alone(self, known: set[str]) -> Mapping[str, Sequence[Anchor]]:
        """By the words that were said, the anchors that one word makes true."""
        found = self._begun(known)
        for word in known & self._single.keys():
            found.setdefault(word, []).append(self._single[word])
        return found

    def _possible(self, known: set[str]) -> Mapping[str, Mapping[str, Sequence[_Longer]]]:
        """The pairs of which the first word was said, and the second of one of them."""
        begun = known & self._pairs.keys()
        return {
            word: self._pairs[word] for word in begun if not known.isdisjoint(self._pairs[word])
        }

    def _begun(self, known: Iterable[str]) -> dict[str, list[Anchor]]:
        """The prefixes that words begin with, of those that have some."""
        found: dict[str, list[Anchor]] = {}
        for length, some in self._prefixes.items():
            for word in known:
                if word[:length] in some:
                    found.setdefault(word, []).append(some[word[:length]])
        return found


def _lines(ends: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """The number of the line of each word, and of the first word of each line, by where lines end."""
    first = [0, *(end + 1 for end in ends)]
    line_of: list[int] = []
    for number, end in enumerate(ends):
        line_of += [number] * (end + 1 - first[number])
    return line_of, first


def _places(said: Sequence[str], wanted: Collection[str]) -> Mapping[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(said):
        if word in wanted:
            places[word].append(at)
    return places


def _stands(said: Sequence[str], at: int, words: Sequence[str]) -> bool:
    """Whether the words, of which a pair was found, stand here. A slice that would begin before the first
    word is shorter than they are."""
    return len(words) == 2 or said[at : at + len(words)] == words
