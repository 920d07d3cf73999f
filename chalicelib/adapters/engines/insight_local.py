"""The deeper reading in this process, from engines that are here anyway.

Approximate, and it says so: the feeling about a thing is the sentiment of the clause that names it, toxicity
is a word list, key phrases are counted. Pronouns are not followed, and there are no classes of one's own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.adapters.engines.insight_targets import (
    Place,
    Thing,
    clause_of,
    clauses,
    spoken,
    things,
)
from chalicelib.adapters.engines.summary_phrases import key_phrases
from chalicelib.adapters.engines.summary_sentences import sentences
from chalicelib.adapters.engines.toxic_words import toxicity
from chalicelib.domain.errors import EngineMissing, LanguageNotServed
from chalicelib.domain.insight import TARGET_KINDS, Feeling, Phrase, Toxicity
from chalicelib.domain.language import primary
from chalicelib.domain.transcript import Engine, Role, Turn
from chalicelib.ports.entities import EntityFinder, Mentions
from chalicelib.ports.insight import Classes, Feelings, Phrases
from chalicelib.ports.language import Failed, Guess, LanguageIdentifier, Mood, SentimentAnalyzer

VERSION = "1"
NO_CLASSES = (
    "classes of one's own need a classifier at Amazon Comprehend (LOUPE_INSIGHT=comprehend)"
)
NO_FEELING = ("DATE", "QUANTITY")
Moods = dict[str, Mood | Failed]


@dataclass(frozen=True, slots=True)
class _SpokenOf:
    """A thing with its name and the clause that it stands in."""

    thing: Thing
    name: str
    clause: str


class LocalInsight:
    """A ``TextInsight`` for English. ``identifier``: None where no language is identified."""

    def __init__(
        self,
        sentiment: SentimentAnalyzer,
        entities: EntityFinder,
        identifier: LanguageIdentifier | None = None,
    ) -> None:
        self._sentiment = sentiment
        self._entities = entities
        self._identifier = identifier
        told = (
            f"approximate: sentiment of clauses by {sentiment.engine.name}, toxicity by a word list"
        )
        self.engine = Engine("loupe-insight", VERSION, told)

    def feelings(self, texts: Sequence[str], language: str) -> Sequence[Feelings | Failed]:
        """Raises ``LanguageNotServed`` for any language but English."""
        _english("targeted sentiment", language)
        named = self._entities.find(texts, language)
        found = [
            each if isinstance(each, Failed) else _spoken_of(text, each)
            for text, each in zip(texts, named, strict=True)
        ]
        asked = [one.clause for each in found if not isinstance(each, Failed) for one in each]
        moods = self._moods(list(dict.fromkeys(asked)), language)
        return [each if isinstance(each, Failed) else _felt(each, moods) for each in found]

    def _moods(self, clauses: Sequence[str], language: str) -> Moods:
        if not clauses:
            return {}
        return dict(zip(clauses, self._sentiment.score(clauses, language), strict=True))

    def toxicity(self, texts: Sequence[str], language: str) -> Sequence[Toxicity | Failed]:
        """Raises ``LanguageNotServed`` for any language but English."""
        _english("toxicity", language)
        return [toxicity(text) for text in texts]

    def phrases(self, texts: Sequence[str], language: str) -> Sequence[Phrases | Failed]:
        """The weightiest phrases of all texts together, where they stand. Raises ``LanguageNotServed``."""
        _english("key phrases", language)
        found = key_phrases(sentences(_turns(texts)))
        return [[Phrase(*place) for place in _apart(spoken(found, text))] for text in texts]

    def languages(self, texts: Sequence[str]) -> Sequence[Guess | Failed]:
        """Raises ``EngineMissing`` where no language is identified."""
        if self._identifier is None:
            raise EngineMissing("language", "no language is identified (LOUPE_LANGUAGE_ID=none)")
        return self._identifier.identify(texts)

    def classes(self, text: str, language: str) -> Classes | Failed:
        """Raises ``EngineMissing``: nobody has trained a classifier here."""
        del text, language
        raise EngineMissing("classes", NO_CLASSES)


def _english(capability: str, language: str) -> None:
    if primary(language) != "en":
        reason = f"{capability} is read in English only, the conversation is in {language!r}"
        raise LanguageNotServed(capability, reason)


def _turns(texts: Sequence[str]) -> list[Turn]:
    role = Role.CUSTOMER
    return [Turn(str(n), role, role, 0, 0, text) for n, text in enumerate(texts)]


def _spoken_of(text: str, named: Mentions) -> list[_SpokenOf]:
    """Listed and recognised names before what only has an article; none over another."""
    said = sentences(_turns([text]))
    cut = clauses(said, text)
    known = [Thing(m.begin, m.end, m.kind if m.kind in TARGET_KINDS else "OTHER") for m in named]
    behind = [thing for sentence in said for thing in things(sentence, text)]
    taken: list[Thing] = []
    for each in (*known, *behind):
        at = bisect_left(taken, each.begin, key=lambda thing: thing.begin)
        free_before = at == 0 or taken[at - 1].end <= each.begin
        if free_before and (at == len(taken) or each.end <= taken[at].begin):
            taken.insert(at, each)
    placed = [(one, clause_of(one.begin, cut)) for one in taken if one.kind not in NO_FEELING]
    return [
        _SpokenOf(one, text[one.begin : one.end], text[place[0] : place[1]])
        for one, place in placed
        if place
    ]


def _felt(found: Sequence[_SpokenOf], moods: Moods) -> Feelings | Failed:
    out: list[Feeling] = []
    for each in found:
        mood = moods[each.clause]
        if isinstance(mood, Failed):
            return mood
        place, score = each.thing, round(mood.score, 6)
        out.append(Feeling(place.begin, place.end, each.name, place.kind, mood.label, score))
    return out


def _apart(places: Iterator[Place]) -> list[Place]:
    out: list[Place] = []
    for begin, end in sorted(places, key=lambda place: (place[0], -place[1])):
        if not out or begin >= out[-1][1]:
            out.append((begin, end))
    return out
