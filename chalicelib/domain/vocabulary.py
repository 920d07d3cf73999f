"""The words of one's own trade: how they may be heard, and how they are to be written.

A spelling is compared word by word, without case, without the marks around a word, and with a hyphen
like a blank: ``data-dog's`` is ``Data Dog`` with an ending. An acronym (``A.W.S.``) is the same word with
its full stops, without them, or letter by letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chalicelib.domain.transcript import Word

Spelling = tuple[str, ...]

_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
_BETWEEN = re.compile(r"[-\s]+")


@dataclass(frozen=True, slots=True)
class Term:
    """``phrase`` and ``sounds_like`` as they are spoken, words with blanks between; "" for none."""

    phrase: str
    sounds_like: str = ""
    display: str = ""

    @property
    def written(self) -> str:
        """How the term is to be read in a transcript."""
        return self.display or self.phrase

    def spellings(self) -> Iterator[Spelling]:
        """What is to be written as ``written``. A phrase without a spelling of its own stays as it
        was heard, since its case may be that of a sentence's first word."""
        if self.sounds_like:
            yield spelled(self.sounds_like)
        if self.display:
            yield spelled(self.phrase)
            if _ACRONYM.fullmatch(self.phrase):
                yield tuple(self.phrase.replace(".", "").casefold())


@dataclass(frozen=True)
class Vocabulary:
    """Terms under the id that their content has; the empty one changes nothing."""

    id: str = ""
    terms: tuple[Term, ...] = ()

    @property
    def hot_words(self) -> str:
        """What a recogniser is told to expect; of a long list it hears the beginning only."""
        return ", ".join(dict.fromkeys(term.written for term in self.terms))

    def written(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words of one speaker, in time order, with every term as it is to be written."""
        if not self._by_spelling:
            return tuple(words)
        out: list[Word] = []
        heard = [_Heard.of(word) for word in words]
        at = 0
        while at < len(heard):
            count, display = self._term_at(heard, at)
            out += _rewritten(heard[at : at + count], display) if count else (words[at],)
            at += count or 1
        return tuple(out)

    @cached_property
    def _by_spelling(self) -> Mapping[Spelling, str]:
        """Of equal spellings the first counts."""
        every = [(s, term.written) for term in self.terms for s in term.spellings()]
        return dict(reversed(every))

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._by_spelling))

    def _term_at(self, heard: Sequence[_Heard], at: int) -> tuple[int, str]:
        """How many words from here are a term, the longest one, and how it is written."""
        found = (0, "")
        said: Spelling = ()
        for count, each in enumerate(heard[at : at + self._longest], start=1):
            said += each.spelling
            if said in self._by_spelling:
                found = (count, self._by_spelling[said])
            if each.ends:
                break
        return found


@dataclass(frozen=True, slots=True)
class _Heard:
    """A word as it is compared. ``ends``: a mark behind it, so that no term goes on."""

    word: Word
    lead: str
    spelling: Spelling
    tail: str

    @classmethod
    def of(cls, word: Word) -> _Heard:
        lead, core, tail = _unmarked(word.text)
        if tail.startswith(".") and _ACRONYM.fullmatch(core + "."):
            core, tail = core.replace(".", ""), tail[1:]
        return cls(word, lead, spelled(core), tail)

    @property
    def ends(self) -> bool:
        return bool(self.tail)


def spelled(text: str) -> Spelling:
    """The text as spellings are compared."""
    folded = unicodedata.normalize("NFC", text.casefold())
    parts = (part for part in _BETWEEN.split(folded) if part)
    return tuple(p.replace(".", "") if _ACRONYM.fullmatch(p) else p for p in parts)


def _unmarked(text: str) -> tuple[str, str, str]:
    """What stands before the word, the word, and what stands behind it: marks, an ``'s``."""
    inside = [n for n, c in enumerate(text) if unicodedata.category(c)[0] in "LMN"]
    begin, end = (inside[0], inside[-1] + 1) if inside else (len(text), len(text))
    if text[begin + 1 : end].casefold().endswith(("'s", "’s")):
        end -= 2
    return text[:begin], text[begin:end], text[end:]


def _rewritten(heard: Sequence[_Heard], display: str) -> Iterator[Word]:
    """The term in place of what was heard: word by word where it has as many, else as one."""
    shown = display.split()
    shown[0] = heard[0].lead + shown[0]
    shown[-1] += heard[-1].tail
    if len(shown) == len(heard):
        yield from (replace(h.word, text=text) for h, text in zip(heard, shown, strict=True))
        return
    sure = [h.word.confidence for h in heard if h.word.confidence is not None]
    yield Word(
        " ".join(shown),
        heard[0].word.begin_ms,
        max(h.word.end_ms for h in heard),
        min(sure, default=None),
    )
