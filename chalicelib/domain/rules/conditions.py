"""How each kind of condition on the words of a conversation is judged: one class a kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from chalicelib.domain.errors import (
    Declined,
    EngineMissing,
    IntegrityError,
    LoupeError,
    NotAnswered,
    Throttled,
    TooLong,
    Unavailable,
    Unfounded,
)
from chalicelib.domain.rules.anchors import Anchor
from chalicelib.domain.rules.finding import Finding, Look, Point, State, unknown
from chalicelib.domain.rules.patterns import Finder, exact_phrases, pattern_finder
from chalicelib.domain.rules.private import masked
from chalicelib.domain.rules.rule import (
    ANY,
    ExactMatch,
    PatternMatch,
    PersonalData,
    RegexMatch,
    Scope,
    SemanticMatch,
    SentimentState,
    Statement,
)
from chalicelib.domain.rules.subject import Line

MATCHING, READING, EXPRESSIONS = "semantic_match", "natural_language_match", "regular_expressions"
NO_LABELS = "no turn of this side has a sentiment label"


_CODES: tuple[tuple[type[LoupeError], str], ...] = (
    (EngineMissing, "ENGINE_MISSING"),
    (IntegrityError, "ENGINE_MISSING"),
    (Throttled, "QUOTA_EXCEEDED"),
    (Declined, "FAILED_SAFETY_GUIDELINES"),
    (Unfounded, "FAILED_SAFETY_GUIDELINES"),
    (TooLong, "INVALID_ANALYSIS_CONFIGURATION"),
)


def why(error: LoupeError) -> tuple[str, str]:
    """The reason for which an engine gave no answer, and its code."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "INTERNAL_ERROR")
    return (error.reason if isinstance(error, EngineMissing) else str(error)), code


def point(line: Line, begin: int, end: int) -> Point:
    return Point(line.id, begin, end, line.said_ms(begin), line.end_ms)


def settle(
    node: ExactMatch | PatternMatch | SemanticMatch | RegexMatch | PersonalData,
    look: Look,
    points: Sequence[Point],
    saw: str = "",
) -> Finding:
    """Met where there is a point; unknown where nobody of the side said anything."""
    if not points and not look.spoke(node.scope.role):
        side = "nobody" if node.scope.role in (None, ANY) else f"no {node.scope.role.lower()}"
        return unknown(node, f"{side} said anything")
    finding = Finding(node, State.MET if points else State.NOT_MET, tuple(points), saw)
    return finding.negated() if node.negate else finding


def within(look: Look, scope: Scope, points: Iterable[Point]) -> list[Point]:
    """The points that begin in the scope's window."""
    low, high = look.bounds(scope)
    return [one for one in points if low <= one.begin_ms < high]


@dataclass(frozen=True, slots=True)
class Said:
    """Words and phrases. They are anchors themselves: where those were said is all there is to find."""

    node: ExactMatch
    anchors: frozenset[Anchor]

    @property
    def decisive(self) -> bool:
        """Whether it is met as soon as its side says one of the anchors, and not before."""
        return not self.node.negate and not self.node.scope.window

    def judge(self, look: Look) -> Finding:
        return settle(self.node, look, list(islice(self._points(look), 1 if look.brief else None)))

    def _points(self, look: Look) -> Iterator[Point]:
        """Leftmost, longest, without overlap; what is not in scope does not hide what follows it."""
        low, high = look.bounds(self.node.scope)
        beyond = 0
        for at, length in self._places(look):
            if at < beyond:
                continue
            index = look.heard.line_of[at]
            line = look.subject.lines[index]
            tokens = look.spoken(index).tokens
            first = at - look.heard.first[index]
            found = point(line, tokens[first].begin, tokens[first + length - 1].end)
            if low <= found.begin_ms < high:
                yield found
                beyond = at + length

    def _places(self, look: Look) -> Sequence[tuple[int, int]]:
        """Where phrases of the condition's side begin, with their lengths in words: in order, of those
        that begin together the longest first."""
        heard, lines, role = look.heard, look.subject.lines, self.node.scope.role
        found = [
            (at, len(anchor.words))
            for anchor in self.anchors & heard.places.keys()
            for at in heard.places[anchor]
            if role in (None, ANY) or lines[heard.line_of[at]].role == role
        ]
        return sorted(found, key=lambda place: (place[0], -place[1]))


@dataclass(frozen=True, slots=True)
class Patterned:
    """Patterns of words."""

    node: PatternMatch
    finder: Finder

    @property
    def anchors(self) -> frozenset[Anchor] | None:
        return self.finder.anchors

    def judge(self, look: Look) -> Finding:
        wanted, spoken = self.node.language, look.subject.language
        if wanted and not f"{spoken}-".lower().startswith(f"{wanted}-".lower()):
            return unknown(self.node, f"the pattern is for {wanted}, this is {spoken}")
        only = None if self.anchors is None else look.heard.lines(self.anchors)
        found = (
            point(line, *place)
            for i, line in look.lines(self.node.scope, only)
            for place in self._places(look, i, line)
        )
        return settle(self.node, look, list(islice(found, 1 if look.brief else None)))

    def _places(self, look: Look, index: int, line: Line) -> Iterator[tuple[int, int]]:
        if self.node.scope.window is None:
            return self.finder.places(look.spoken(index))
        low, high = look.bounds(self.node.scope)
        return self.finder.places(
            look.spoken(index), lambda offset: low <= line.said_ms(offset) < high
        )


@dataclass(frozen=True, slots=True)
class Meant:
    """Semantic match: the saw of a miss is the nearest turn's similarity."""

    node: SemanticMatch
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        meaning = look.tools.meaning
        if meaning is None:
            return look.lacks(self.node, MATCHING, "no engine for sentence vectors is installed")
        low, high = look.bounds(self.node.scope)
        lines = [ln for _, ln in look.lines(self.node.scope) if low <= ln.begin_ms < high]
        try:
            scores = meaning.likeness(self.node.examples, [line.text for line in lines])
        except (EngineMissing, IntegrityError, Unavailable) as error:
            return look.lacks(self.node, MATCHING, *why(error))
        needed = meaning.threshold if self.node.threshold is None else self.node.threshold
        near = [
            point(line, 0, len(line.text))
            for line, score in zip(lines, scores, strict=True)
            if score >= needed
        ]
        saw = f"nearest {max(scores):.2f} of {needed:.2f} needed" if len(scores) else ""
        return settle(self.node, look, near, saw)


@dataclass(frozen=True, slots=True)
class Stated:
    """A sentence that a language model judges. It gets no personal data that was found."""

    node: Statement
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        reader = look.tools.reader
        if reader is None:
            return look.lacks(self.node, READING, "no language model is configured")
        if "pii" in look.subject.missing:
            return unknown(self.node, look.subject.missing["pii"])
        lines = [masked(line) for line in look.subject.lines]
        try:
            holds, turn_ids = reader.holds(self.node.text, lines)
        except (EngineMissing, Unavailable, NotAnswered) as error:
            return look.lacks(self.node, READING, *why(error))
        shown = [
            point(line, 0, len(line.text)) for line in look.subject.lines if line.id in turn_ids
        ]
        finding = Finding(self.node, State.MET if holds else State.NOT_MET, tuple(shown))
        return finding.negated() if self.node.negate else finding


@dataclass(frozen=True, slots=True)
class Expressed:
    """Regular expressions."""

    node: RegexMatch
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        expressions = look.tools.expressions
        if expressions is None:
            return look.lacks(self.node, EXPRESSIONS, "RE2 is not installed")
        found = (
            point(line, *place)
            for _, line in look.lines(self.node.scope)
            for pattern in self.node.patterns
            for place in expressions.find(pattern, line.text)
        )
        return settle(self.node, look, within(look, self.node.scope, found))


@dataclass(frozen=True, slots=True)
class Private:
    """Personal data that was said."""

    node: PersonalData
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        if "pii" in look.subject.missing:
            return unknown(self.node, look.subject.missing["pii"])
        found = (
            point(line, begin, end)
            for _, line in look.lines(self.node.scope)
            for entity, begin, end in line.entities
            if not self.node.entities or entity in self.node.entities
        )
        return settle(self.node, look, within(look, self.node.scope, found))


@dataclass(frozen=True, slots=True)
class Felt:
    """Sentiment labels of turns, any of them or a share."""

    node: SentimentState
    anchors: None = None

    def judge(self, look: Look) -> Finding:
        node = self.node
        labelled = [line for _, line in look.lines(node.scope) if line.label]
        if not labelled:
            return unknown(node, look.subject.missing.get("sentiment", NO_LABELS))
        low, high = look.bounds(node.scope)
        inside = [line for line in labelled if low <= line.begin_ms < high]
        alike = [line for line in inside if line.label is node.label]
        enough = bool(alike) and len(alike) / len(inside) >= (node.share or 0)
        points = tuple(point(line, 0, len(line.text)) for line in alike)
        saw = f"{len(alike)} of {len(inside)} turns {node.label}"
        finding = Finding(node, State.MET if enough else State.NOT_MET, points, saw)
        return finding.negated() if node.negate else finding


def said(node: ExactMatch) -> Said:
    return Said(node, exact_phrases(node.phrases))


def patterned(node: PatternMatch) -> Patterned:
    """Raises ``ValueError`` for a pattern that can be read in two ways."""
    return Patterned(node, pattern_finder(node.patterns))
