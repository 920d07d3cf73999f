"""Exact words and phrases in the turns of a conversation.

A phrase matches whole words in any case; punctuation between them and the form of apostrophes do not
count. Every match says where: ``turn.text[begin:end]`` reads as the phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from chalicelib.domain.redaction import PiiSpan, masks, shown_offsets, spans_by_turn
from chalicelib.domain.rules.rule import CategoryMatch, PointOfInterest, Rule, RuleSet
from chalicelib.domain.transcript import Transcript, Turn
from chalicelib.domain.word_offsets import spoken_within

_APOSTROPHES = str.maketrans("’‘ʼ＇`´", "''''''")
# Marks belong to the letter before them; scripts written without spaces have one word a character.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e00-\u0e7f"
)
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W{_UNSPACED}]"
_WORD = re.compile(rf"[{_UNSPACED}]|{_LETTER}(?:{_LETTER}|[{_MARKS}]|['’‘ʼ＇`´](?={_LETTER}))*")


class Token(NamedTuple):
    """A word of a text: how it is compared, and where it stands."""

    word: str
    begin: int
    end: int


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text, comparable regardless of case, width and apostrophe."""
    return tuple(Token(_plain(m[0]), m.start(), m.end()) for m in _WORD.finditer(text))


def evaluate(rules: RuleSet, transcript: Transcript) -> tuple[CategoryMatch, ...]:
    """The categories of a conversation with their points of interest, in the order of the rules.

    A negated rule matches where its side spoke and said none of its phrases.
    """
    turns = [(turn, tokens(turn.text)) for turn in transcript.analysed_turns()]
    due = (rule for rule in rules.rules if rule.channel in (None, transcript.channel))
    matches = (_evaluate(rule, turns) for rule in due)
    return tuple(match for match in matches if match)


def to_redacted(
    matches: Iterable[CategoryMatch],
    raw: Transcript,
    redacted: Transcript,
    spans: Sequence[PiiSpan],
) -> tuple[CategoryMatch, ...]:
    """The matches of ``raw`` with offsets into ``redacted``, which is ``redact(raw, spans)``.

    Offsets inside a mask are the mask's bounds. Raises ``ValueError`` for transcripts of different turns.
    """
    if [turn.id for turn in raw.turns] != [turn.id for turn in redacted.turns]:
        raise ValueError("the redacted transcript has other turns than the raw one")
    by_turn = spans_by_turn(raw, spans)
    masked = {turn.id: masks(turn, by_turn[turn.id]) for turn in raw.turns}

    def moved(point: PointOfInterest) -> PointOfInterest:
        begin, end = shown_offsets(masked[point.turn_id], point.begin, point.end)
        return replace(point, begin=begin, end=end)

    return tuple(replace(m, points=tuple(moved(p) for p in m.points)) for m in matches)


def _evaluate(rule: Rule, turns: Sequence[tuple[Turn, Sequence[Token]]]) -> CategoryMatch | None:
    scope = [(turn, words) for turn, words in turns if rule.role in (None, turn.role)]
    phrases = _by_first_word(rule.phrases)
    points = tuple(
        _point(turn, begin, end)
        for turn, words in scope
        for begin, end in _occurrences(words, phrases)
    )
    if rule.negate:
        points, matched = (), bool(scope) and not points
    else:
        matched = bool(points)
    return CategoryMatch(rule.name, rule.id, rule.version, points) if matched else None


def _by_first_word(phrases: Iterable[str]) -> Mapping[str, Sequence[tuple[str, ...]]]:
    """Phrases as words, by their first word, longest first."""
    found: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for phrase in phrases:
        words = tuple(token.word for token in tokens(phrase))
        if words:
            found[words[0]].append(words)
    for alternatives in found.values():
        alternatives.sort(key=len, reverse=True)
    return found


def _occurrences(
    words: Sequence[Token], phrases: Mapping[str, Sequence[tuple[str, ...]]]
) -> Iterator[tuple[int, int]]:
    """Leftmost, longest, without overlap: a word is evidence once for each rule."""
    at = 0
    while at < len(words):
        length = next(
            (
                len(phrase)
                for phrase in phrases.get(words[at].word, ())
                if tuple(token.word for token in words[at : at + len(phrase)]) == phrase
            ),
            0,
        )
        if length:
            yield words[at].begin, words[at + length - 1].end
        at += length or 1


def _point(turn: Turn, begin: int, end: int) -> PointOfInterest:
    spoken = spoken_within(turn, begin, end) or (turn.begin_ms, turn.end_ms)
    return PointOfInterest(turn.id, begin, end, *spoken)


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word.translate(_APOSTROPHES)).casefold()
