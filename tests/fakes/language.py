"""Engines for reading text that know exactly what a test tells them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chalicelib.domain.errors import LanguageNotServed
from chalicelib.domain.redaction import PiiSpan
from chalicelib.domain.summary import KeyHighlight, KeyPhrase, Summary, SummarySentence
from chalicelib.domain.transcript import Engine, Role, SentimentLabel, Turn
from chalicelib.ports.entities import EntityFinder, Mention, Mentions
from chalicelib.ports.generation import LanguageModel
from chalicelib.ports.language import (
    Failed,
    Guess,
    LanguageIdentifier,
    Mood,
    PiiDetector,
    SentimentAnalyzer,
)
from chalicelib.ports.services import Readers
from chalicelib.ports.summary import Summarizer

POINTS = {SentimentLabel.POSITIVE: 1.0, SentimentLabel.NEGATIVE: -1.0}


class FakeIdentifier:
    """Says that a text is in the language whose word of ``words`` it holds, else English. Texts with
    ``unreadable`` fail. ``asked`` keeps the texts."""

    engine = Engine("fake-language", "1", "tells languages by the words of a test")

    def __init__(self, words: Mapping[str, str] | None = None, *, unreadable: str = "") -> None:
        self._words = dict(words or {})
        self._unreadable = unreadable
        self.asked: list[str] = []

    def identify(self, texts: Sequence[str]) -> Sequence[Guess | Failed]:
        self.asked += texts
        return [self._guess(text) for text in texts]

    def _guess(self, text: str) -> Guess | Failed:
        if self._unreadable and self._unreadable in text:
            return Failed("unreadable")
        return Guess({next((c for w, c in self._words.items() if w in text), "en"): 1.0})


class FakeSentiment:
    """Labels a text by the first of ``words`` that it holds, else NEUTRAL. Texts with ``unreadable``
    fail. ``batches`` keeps what was asked for."""

    engine = Engine("fake-sentiment", "1", "labels by the words of a test")

    def __init__(
        self,
        words: Mapping[str, SentimentLabel] | None = None,
        *,
        unreadable: str = "",
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        given = {"good": SentimentLabel.POSITIVE, "bad": SentimentLabel.NEGATIVE}
        self._words = given if words is None else words
        self._unreadable = unreadable
        self._languages = languages
        self.batches: list[tuple[str, ...]] = []

    def score(self, texts: Sequence[str], language: str) -> Sequence[Mood | Failed]:
        if language.partition("-")[0] not in self._languages:
            raise LanguageNotServed("sentiment", f"no sentiment for {language}")
        self.batches.append(tuple(texts))
        return [self._mood(text) for text in texts]

    def _mood(self, text: str) -> Mood | Failed:
        if self._unreadable and self._unreadable in text:
            return Failed("unreadable")
        found = (label for word, label in self._words.items() if word in text)
        label = next(found, SentimentLabel.NEUTRAL)
        return Mood(label, POINTS.get(label, 0.0), 1.0)


class FakePiiDetector:
    """Finds the literal texts it was given, each with its entity."""

    engine = Engine("fake-pii", "1", "finds what a test names")

    def __init__(self, entities: Mapping[str, str] | None = None) -> None:
        self._entities = dict(entities or {})

    def spans(self, turns: Sequence[Turn], language: str) -> Sequence[PiiSpan]:
        return [
            PiiSpan(turn.id, match.start(), match.end(), self._entities[match.group()], "fake")
            for turn in turns
            for match in self._pattern().finditer(turn.text)
        ]

    def limits(self, language: str) -> str:
        return "" if language.partition("-")[0] == "en" else f"words of {language}"

    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._entities, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


class FakeEntities:
    """Finds the literal texts it was given, each with its type. Texts with ``unreadable`` fail."""

    engine = Engine("fake-entities", "1", "finds what a test names")

    def __init__(self, kinds: Mapping[str, str] | None = None, *, unreadable: str = "") -> None:
        self._kinds = dict(kinds or {"tomorrow": "DATE"})
        self._unreadable = unreadable
        self.asked: list[str] = []

    def types(self, language: str) -> tuple[str, ...]:
        return (
            tuple(dict.fromkeys(self._kinds.values())) if language.partition("-")[0] == "en" else ()
        )

    def find(self, texts: Sequence[str], language: str) -> Sequence[Mentions | Failed]:
        self.asked += texts
        return [self._found(text) for text in texts]

    def _found(self, text: str) -> Mentions | Failed:
        if self._unreadable and self._unreadable in text:
            return Failed("unreadable")
        pattern = "|".join(map(re.escape, self._kinds))
        return [
            Mention(m.start(), m.end(), self._kinds[m.group()]) for m in re.finditer(pattern, text)
        ]


class FakeSummarizer:
    """Quotes the customer's first turn, whole, as issue and summary. ``asked`` counts."""

    engine = Engine("fake-summary", "1", "quotes the customer's first turn")

    def __init__(self, *, languages: tuple[str, ...] = ("en",)) -> None:
        self._languages = languages
        self.asked = 0

    def summarise(self, turns: Sequence[Turn], language: str) -> Summary:
        if language.partition("-")[0] not in self._languages:
            raise LanguageNotServed("summary", f"no summary for {language}")
        self.asked += 1
        first = next((t for t in turns if t.role is Role.CUSTOMER and t.text.strip()), None)
        if first is None:
            return Summary(self.engine)
        text = first.text.strip()
        begin = first.text.index(text)
        return Summary(
            self.engine,
            (KeyHighlight("ISSUE", first.id, begin, begin + len(text)),),
            (SummarySentence(text, (first.id,)),),
            (KeyPhrase(text.split()[0].lower(), 1, (first.id,)),),
        )


def fake_readers(
    *,
    identifier: LanguageIdentifier | None = None,
    sentiment: SentimentAnalyzer | None = None,
    pii: PiiDetector | None = None,
    summarizer: Summarizer | None = None,
    entities: EntityFinder | None = None,
    model: LanguageModel | None = None,
) -> Readers:
    """Fakes for every engine that reads text, but those that are given."""
    return Readers(
        identifier or FakeIdentifier(),
        sentiment or FakeSentiment(),
        pii or FakePiiDetector(),
        summarizer or FakeSummarizer(),
        entities or FakeEntities(),
        model,
    )
