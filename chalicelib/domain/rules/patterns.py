"""Patterns in the words of a turn, and the phrases of an exact match.

A pattern is a sequence of parts, each with the distance that it may have from the one before it. Without
a proximity, neighbours are adjacent. Blank parts, which real rules hold, say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.rules.anchors import Anchor
from chalicelib.domain.rules.rule import AnyOf, Number, PatternPart, Plain, Proximity
from chalicelib.domain.rules.words import Spoken, Token, words

_BEGIN, _END = r"(?<!\d[.,])", r"(?![.,]?\d)"
WHOLE = re.compile(rf"{_BEGIN}\d+(?:,\d{{3}})*{_END}")
DECIMAL = re.compile(rf"{_BEGIN}\d+(?:,\d{{3}})*(?:\.\d+)?{_END}")

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words; ``open_end``: the last of them may go on."""

    words: tuple[str, ...]
    open_end: bool = False

    @property
    def anchor(self) -> Anchor:
        """All of its words; of an open end the longer of what is before it and what it begins with."""
        if not self.open_end:
            return Anchor(self.words)
        *closed, begun = self.words
        if len(closed) > 1 or (closed and len(begun) <= len(closed[0])):
            return Anchor(tuple(closed))
        return Anchor((begun,), prefix=True)

    def ends(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether the words stand at this place."""
        if len(self.words) == 1 and not self.open_end:
            return tokens[at].word == self.words[0]
        last = at + len(self.words) - 1
        if last >= len(tokens):
            return False
        head = self.words[:-1]
        if any(tokens[at + i].word != word for i, word in enumerate(head)):
            return False
        tail = tokens[last].word
        return tail.startswith(self.words[-1]) if self.open_end else tail == self.words[-1]


def phrase(text: str) -> Phrase | None:
    """The phrase that a PLAIN value means, None for one without words."""
    found = tuple(words(text))
    return Phrase(found, text.rstrip().endswith("*")) if found else None


@dataclass(frozen=True, slots=True)
class Element:
    """One part that must be there: a number or one of the phrases, at most ``gap`` words after the
    element before it."""

    phrases: tuple[Phrase, ...] = ()
    number: re.Pattern[str] | None = None
    gap: int = 0

    def lengths(self, text: str, tokens: Sequence[Token], at: int) -> Iterator[int]:
        """How many words it takes at this place, each possibility once, longest first."""
        if self.number:
            found = self.number.match(text, tokens[at].begin)
            ends = (i for i in range(at, len(tokens)) if found and tokens[i].end == found.end())
            last = next(ends, None)
            if last is not None:
                yield last - at + 1
            return
        for one in self.phrases:
            if one.ends(tokens, at):
                yield len(one.words)

    @property
    def anchors(self) -> frozenset[Anchor] | None:
        return frozenset(p.anchor for p in self.phrases) if self.phrases else None


@dataclass(frozen=True, slots=True)
class Pattern:
    """Elements in order; ``unless``: what may not follow the last one within its gap."""

    elements: tuple[Element, ...]
    unless: Element | None = None

    @property
    def anchors(self) -> frozenset[Anchor] | None:
        """One of these must be in the text; None: any text may match."""
        choices = [e.anchors for e in self.elements if e.anchors]
        return min(choices, key=_cost, default=None)

    def end(self, text: str, tokens: Sequence[Token], at: int, vain: set[Place]) -> int | None:
        """The index after the pattern's last word when it begins at this word.

        ``vain`` is one set for a text: what was tried in it without success. A wide proximity comes by
        the same places again and again.
        """
        return self._rest(text, tokens, (at, 0), vain)

    def _rest(
        self, text: str, tokens: Sequence[Token], place: Place, vain: set[Place]
    ) -> int | None:
        """Where it ends when this element follows here."""
        at, index = place
        if index == len(self.elements):
            return None if self._broken(text, tokens, at) else at
        if place in vain:
            return None
        element = self.elements[index]
        for start in range(at, min(at + (element.gap if index else 0) + 1, len(tokens))):
            for length in element.lengths(text, tokens, start):
                end = self._rest(text, tokens, (start + length, index + 1), vain)
                if end is not None:
                    return end
        vain.add(place)
        return None

    def _broken(self, text: str, tokens: Sequence[Token], at: int) -> bool:
        if self.unless is None:
            return False
        reach = range(at, min(at + self.unless.gap + 1, len(tokens)))
        return any(True for start in reach for _ in self.unless.lengths(text, tokens, start))


def _cost(anchors: frozenset[Anchor]) -> tuple[int, int]:
    return (len(anchors), -min(sum(map(len, a.words)) for a in anchors))


def pattern(parts: Sequence[PatternPart]) -> Pattern | None:
    """The pattern that these parts mean, None without words.

    Raises ``ValueError`` for a proximity that does not stand between two neighbours, and for a "not
    within" that does not end the pattern: which words it is about could be read in two ways.
    """
    elements: list[Element] = []
    near: Proximity | None = None
    unless: Element | None = None
    for part in parts:
        if isinstance(part, Proximity):
            if near or not elements or unless:
                raise ValueError("a proximity stands between two words or lists")
            near = part
            continue
        element = _element(part, near.distance if near else 0)
        if element is None:
            continue
        if unless:
            raise ValueError('"not within" is only possible between the last two parts')
        if near and not near.within:
            unless = element
        else:
            elements.append(element)
        near = None
    if near:
        raise ValueError("a proximity stands between two words or lists")
    return Pattern(tuple(elements), unless) if elements else None


def _element(part: PatternPart, gap: int) -> Element | None:
    if isinstance(part, Number):
        return Element(number=DECIMAL if part.decimal else WHOLE, gap=gap)
    plain = part.alternatives if isinstance(part, AnyOf) else (part,)
    texts = [p.text for p in plain if isinstance(p, Plain)]
    found = dict.fromkeys(p for p in map(phrase, texts) if p)
    longest_first = sorted(found, key=lambda p: len(p.words), reverse=True)
    return Element(tuple(longest_first), gap=gap) if found else None


@dataclass(frozen=True, slots=True)
class Finder:
    """All the patterns that one condition looks for; a word is evidence once."""

    patterns: tuple[Pattern, ...]
    anchors: frozenset[Anchor] | None

    def places(self, line: Spoken, begins: Callable[[int], bool] | None = None) -> Iterator[Place]:
        """Character offsets of what is found: leftmost, longest, without overlap.

        ``begins`` says of an offset whether something may begin there: what begins where it may not
        does not hide what follows it.
        """
        beyond = 0
        vain: list[set[Place]] = [set() for _ in self.patterns]
        for at, token in enumerate(line.tokens):
            if at < beyond or (begins and not begins(token.begin)):
                continue
            end = self._end(line, at, vain)
            if end is not None:
                yield token.begin, line.tokens[end - 1].end
                beyond = end

    def _end(self, line: Spoken, at: int, vain: Sequence[set[Place]]) -> int | None:
        ends = (
            one.end(line.text, line.tokens, at, tried)
            for one, tried in zip(self.patterns, vain, strict=True)
        )
        return max((end for end in ends if end is not None), default=None)


def exact_phrases(texts: Iterable[str]) -> frozenset[Anchor]:
    """The phrases of an exact match, where an asterisk is punctuation: all of it are anchors. Texts
    without words say nothing."""
    return frozenset(Anchor(found) for found in map(tuple, map(words, texts)) if found)


def pattern_finder(patterns: Iterable[Sequence[PatternPart]]) -> Finder:
    """Finds any of these patterns. Raises ``ValueError`` as ``pattern`` does."""
    made = tuple(filter(None, (pattern(parts) for parts in patterns)))
    anchors = [one.anchors for one in made]
    known = [a for a in anchors if a is not None]
    whole = frozenset().union(*known) if len(known) == len(anchors) else None
    return Finder(made, whole)
