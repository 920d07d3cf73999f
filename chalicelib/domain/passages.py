"""What of a contact can be searched: its turns as they are shown, without what is masked in them.

A masked span is no text: nothing is found in it and no phrase reaches over it, nor from one turn into
the next. ``matches`` says what a search means; an index that knows less or more is an aid.

A word is letters and digits, compared without case and diacritics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.transcript import Role, Turn, TurnKind

GAP = "\ue000"
"""Stands where nothing can be found, and between turns; no query holds it."""
OTHER = "OTHER"
SNIPPET_CHARS = 240
BEFORE_HIT = 80

_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_WORD = re.compile(f"{GAP}|[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
_QUOTES = str.maketrans("“”„«»", '"""""')

Span = tuple[int, int]
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A turn. ``role`` is AGENT, CUSTOMER or OTHER; ``hidden`` are the masked spans of ``text``."""

    segment_id: str
    channel: str
    role: str
    text: str
    hidden: tuple[Span, ...] = ()

    @property
    def searchable(self) -> str:
        """The text at the same offsets, with a gap where it is masked."""
        text = _PRIVATE.sub(" ", self.text)
        for begin, end in self.hidden:
            text = text[:begin] + (GAP + " " * (end - begin - 1))[: end - begin] + text[end:]
        return text


class WordMatch(StrEnum):
    """EXACT: all words as one phrase."""

    ANY = "ANY"
    ALL = "ALL"
    EXACT = "EXACT"


@dataclass(frozen=True, slots=True)
class Words:
    """``role``: who said it; None for anybody. All of the phrases, or any."""

    phrases: tuple[Phrase, ...]
    every: bool = True
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a turn: ``text`` begins at ``offset`` of it, ``ranges`` are of the piece."""

    segment_id: str
    channel: str
    role: str
    text: str
    offset: int
    ranges: tuple[Span, ...]


def words_of(text: str, match: WordMatch, role: str | None) -> Words:
    """What somebody typed: words, and phrases in quotes. Without a word in it there are no phrases."""
    if match is WordMatch.EXACT:
        terms = [text]
    else:
        terms = [quoted or bare for quoted, bare in _TERM.findall(text.translate(_QUOTES))]
    phrases = [tuple(word for word, _, _ in _words(_PRIVATE.sub(" ", term))) for term in terms]
    kept = tuple(dict.fromkeys(phrase for phrase in phrases if phrase))
    return Words(kept, match is not WordMatch.ANY, role)


def passages_of(analysis: ContactAnalysis) -> tuple[Passage, ...]:
    """The turns of a redacted analysis that hold text, in order."""
    return tuple(
        _passage(turn, conversation.channel.value)
        for conversation in analysis.conversations
        for turn in conversation.transcript.turns
        if turn.text and turn.kind in (TurnKind.UTTERANCE, TurnKind.MESSAGE)
    )


def _passage(turn: Turn, channel: str) -> Passage:
    role = turn.role.value if turn.role in (Role.AGENT, Role.CUSTOMER) else OTHER
    hidden = tuple((r.begin, r.end) for r in turn.redactions if r.begin < r.end)
    return Passage(turn.id, channel, role, turn.text, hidden)


def text_by_role(passages: Iterable[Passage], role: str) -> str:
    """What one side said, for an index of words."""
    return f"\n{GAP}\n".join(p.searchable for p in passages if p.role == role)


def matches(passages: Iterable[Passage], words: Words) -> bool:
    """Whether the phrases are there, each somewhere in what the role said."""
    missing = set(words.phrases)
    for passage in _heard(passages, words):
        missing -= {phrase for _, phrase in _found(passage, words.phrases)}
        if not missing or (not words.every and len(missing) < len(words.phrases)):
            return bool(words.phrases)
    return False


def snippets(passages: Iterable[Passage], words: Words, most: int) -> tuple[Snippet, ...]:
    """The first turns in which something was found."""
    made: list[Snippet] = []
    for passage in _heard(passages, words):
        found = _merged(span for span, _ in _found(passage, words.phrases))
        if found:
            made.append(_cut(passage, found))
        if len(made) == most:
            break
    return tuple(made)


def _heard(passages: Iterable[Passage], words: Words) -> Iterator[Passage]:
    return (p for p in passages if words.role in (None, p.role))


def _found(passage: Passage, phrases: Iterable[Phrase]) -> Iterator[tuple[Span, Phrase]]:
    said = _words(passage.searchable)
    places: dict[str, list[int]] = {}
    for number, (word, _, _) in enumerate(said):
        places.setdefault(word, []).append(number)
    for phrase in phrases:
        for first in places.get(phrase[0], ()):
            last = first + len(phrase)
            if tuple(word for word, _, _ in said[first:last]) == phrase:
                yield (said[first][1], said[last - 1][2]), phrase


def _words(text: str) -> list[tuple[str, int, int]]:
    return [(_folded(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return plain.lower()


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    out: list[Span] = []
    for begin, end in sorted(spans):
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((begin, end))
    return tuple(out)


def _cut(passage: Passage, found: tuple[Span, ...]) -> Snippet:
    start = 0
    if len(passage.text) > SNIPPET_CHARS:
        start = max(0, min(found[0][0] - BEFORE_HIT, len(passage.text) - SNIPPET_CHARS))
    text = passage.text[start : start + SNIPPET_CHARS]
    ranges = tuple(
        (b - start, min(e - start, len(text))) for b, e in found if b - start < len(text)
    )
    return Snippet(passage.segment_id, passage.channel, passage.role, text, start, ranges)
