"""A summary by quotation: the sentences that stand nearest to the whole, without a model or an invention.

A sentence counts for the words it shares with the conversation (cosine of TF-IDF vectors against
their sum), for turns of phrase that state a problem, a result or a promise, and for who says it when. What
repeats a chosen sentence is passed over (maximal marginal relevance). Greetings and manners do not
count. It quotes speech as it was spoken: no rewording, no inference.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import product

from chalicelib.adapters.engines.summary_cues import CUES
from chalicelib.adapters.engines.summary_phrases import key_phrases
from chalicelib.adapters.engines.summary_sentences import Sentence, sentences
from chalicelib.adapters.engines.summary_words import MANNERS
from chalicelib.domain.errors import LanguageNotServed
from chalicelib.domain.language import primary
from chalicelib.domain.summary import KINDS, KeyHighlight, Summary, SummarySentence
from chalicelib.domain.transcript import Engine, Role, Turn

Vector = Mapping[str, float]
Scores = Mapping[int, float]

SENTENCES = 5
MOST_CUE = 1.6
LEAST_CUE = 0.35
LEAST_TERMS = 2
FULL_TERMS = 8
LONGEST_WORDS = 25
CUE_SHARE = 0.25
QUESTION = 0.5
EDGES, OPENING, OPENING_SHARE = 0.3, 0.5, 0.1
RELEVANCE = 0.7
NOTHING = (0.0, None)


class ExtractiveSummarizer:
    """A ``Summarizer`` for English."""

    engine = Engine(
        "extractive",
        "2",
        "quotes sentences by word statistics and English turns of phrase; no model",
    )

    def __init__(self, sentences: int = SENTENCES) -> None:
        self._sentences = sentences

    def summarise(self, turns: Sequence[Turn], language: str) -> Summary:
        """Raises ``LanguageNotServed`` for any language but English."""
        if primary(language) != "en":
            reason = f"summaries are written for English only, the conversation is in {language!r}"
            raise LanguageNotServed("summary", reason)
        said = sentences(turns)
        vectors = _vectors(said)
        scores = _scores(said, vectors)
        marked = _highlights(said, scores)
        chosen = _choose(scores, vectors, marked.values(), self._sentences)
        return Summary(
            self.engine,
            tuple(_highlight(kind, said[marked[kind]]) for kind in KINDS if kind in marked),
            tuple(SummarySentence(said[i].text, (said[i].turn_id,)) for i in chosen),
            key_phrases(said),
        )


def _highlight(kind: str, sentence: Sentence) -> KeyHighlight:
    return KeyHighlight(kind, sentence.turn_id, sentence.begin, sentence.end)


def _vectors(said: Sequence[Sentence]) -> list[Vector]:
    """TF-IDF of each sentence, of length 1; the sentences are the documents."""
    seen = Counter(term for sentence in said for term in set(sentence.terms))
    weight = {term: math.log(1 + len(said) / count) for term, count in seen.items()}
    return [_unit({t: n * weight[t] for t, n in Counter(s.terms).items()}) for s in said]


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(sum(x * x for x in vector.values()))
    return {term: x / length for term, x in vector.items()} if length else {}


def _cosine(a: Vector, b: Vector) -> float:
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return sum(x * long[term] for term, x in short.items() if term in long)


def _scores(said: Sequence[Sentence], vectors: Sequence[Vector]) -> Scores:
    """By index, for sentences that may be quoted."""
    whole: dict[str, float] = {}
    for vector in vectors:
        for term, x in vector.items():
            whole[term] = whole.get(term, 0.0) + x
    centre = _unit(whole)
    nearness = [_cosine(vector, centre) for vector in vectors]
    most = max(nearness, default=0.0) or 1.0
    return {
        i: _weight(sentence, nearness[i] / most)
        for i, sentence in enumerate(said)
        if len(sentence.terms) >= LEAST_TERMS and not MANNERS.search(sentence.plain)
    }


def _weight(sentence: Sentence, nearness: float) -> float:
    told = min(1.0, len(sentence.terms) / FULL_TERMS)
    brief = min(1.0, LONGEST_WORDS / max(1, len(sentence.words)))
    asked = QUESTION if _asks(sentence) and sentence.role is Role.AGENT else 1.0
    cue = max(_cue(kind, sentence) for kind in KINDS)
    return (nearness * told + CUE_SHARE * cue) * brief * asked * _place(sentence.at)


def _place(at: float) -> float:
    """Beginnings state the matter and ends what becomes of it; the middle is details."""
    return 1 + EDGES * abs(2 * at - 1) + OPENING * max(0.0, 1 - at / OPENING_SHARE)


def _asks(sentence: Sentence) -> bool:
    return sentence.text.endswith("?")


def _cue(kind: str, sentence: Sentence) -> float:
    """How surely a sentence states this, 0 for not at all. Issues come early, the others late."""
    found = sum(
        cue.weight
        for cue in CUES[kind]
        if cue.role is sentence.role and cue.pattern.search(sentence.plain)
    )
    if kind == "ISSUE":
        return min(found, MOST_CUE) * (1 - 0.5 * sentence.at)
    asked = QUESTION if _asks(sentence) else 1.0
    return min(found, MOST_CUE) * (0.5 + 0.5 * sentence.at) * asked


def _highlights(said: Sequence[Sentence], scores: Scores) -> dict[str, int]:
    """The index of the surest sentence of each kind, together as sure as can be: none is used twice,
    and none without a cue."""
    sure = [[*_sure(kind, said, scores), NOTHING] for kind in CUES]
    apart = (taken for taken in product(*sure) if _apart([i for _, i in taken]))
    best = max(apart, key=lambda taken: sum(how for how, _ in taken))
    return {kind: i for kind, (_, i) in zip(CUES, best, strict=True) if i is not None}


def _sure(kind: str, said: Sequence[Sentence], scores: Scores) -> list[tuple[float, int]]:
    """The surest sentences of a kind, each with how sure it is: as many as there are kinds will do."""
    cues = {i: _cue(kind, said[i]) for i in scores}
    rated = [(cue + 0.5 * scores[i], i) for i, cue in cues.items() if cue >= LEAST_CUE]
    return sorted(rated, key=lambda each: (-each[0], each[1]))[: len(CUES)]


def _apart(taken: Sequence[int | None]) -> bool:
    used = [i for i in taken if i is not None]
    return len(used) == len(set(used))


def _choose(
    scores: Scores, vectors: Sequence[Vector], marked: Collection[int], most: int
) -> list[int]:
    """Indices of the summary in time order: the highlights, then what adds most."""
    chosen = sorted(marked)[:most]
    left = [i for i in scores if i not in chosen]
    while left and len(chosen) < most:
        best = max(left, key=lambda i: (_gain(i, scores, vectors, chosen), -i))
        chosen.append(best)
        left.remove(best)
    return sorted(chosen)


def _gain(i: int, scores: Scores, vectors: Sequence[Vector], chosen: Sequence[int]) -> float:
    alike = max((_cosine(vectors[i], vectors[c]) for c in chosen), default=0.0)
    return RELEVANCE * scores[i] - (1 - RELEVANCE) * alike
