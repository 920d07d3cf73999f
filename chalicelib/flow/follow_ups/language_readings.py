"""What a deeper reading finds in one conversation, put together turn by turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.insight import DIGITS, DocumentClass, Feeling, Phrase, Toxicity
from chalicelib.domain.language import words_in
from chalicelib.domain.transcript import Role, Transcript, Turn, TurnKind
from chalicelib.domain.word_offsets import masks_in
from chalicelib.ports.insight import TextInsight
from chalicelib.ports.language import Failed

READ = (Role.CUSTOMER, Role.AGENT, Role.UNKNOWN)
SURE_KIND = 0.5
LEAST_SHARE = 0.05
_ARTICLE = re.compile(r"(?:the|a|an|my|your|our|this|that|his|her|their)\s+", re.IGNORECASE)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Toxic:
    """A turn with its toxicity, and the kinds of abuse that are likely."""

    turn_id: str
    role: Role
    begin_ms: int
    score: float
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A key phrase as it was first said; ``count`` is how often."""

    text: str
    count: int
    begin_ms: int


@dataclass(slots=True)
class Reading:
    """``turns``: how many have words. ``missing`` says why a reading is not to be had, ``unread`` what could
    not be read of it."""

    language: str
    turns: int = 0
    feelings: list[Feeling] = field(default_factory=list)
    toxic: list[Toxic] = field(default_factory=list)
    phrases: list[Said] = field(default_factory=list)
    languages: Mapping[str, float] = field(default_factory=dict)
    classes: Sequence[DocumentClass] = ()
    missing: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def toxicity(self) -> list[float]:
        return [each.score for each in self.toxic]


def read(transcript: Transcript, insight: TextInsight) -> Reading:
    """Everything that the engine has for the conversation. Raises ``Unavailable``."""
    turns = [turn for turn in transcript.turns if _speaks(turn)]
    reading = Reading(transcript.language, len(turns))
    if turns:
        _read_turns(reading, turns, insight)
        _read_whole(reading, turns, insight)
    return reading


def _speaks(turn: Turn) -> bool:
    kinds = (TurnKind.UTTERANCE, TurnKind.MESSAGE)
    return turn.role in READ and turn.kind in kinds and bool(turn.text.strip())


def _read_turns(reading: Reading, turns: Sequence[Turn], insight: TextInsight) -> None:
    texts, language = [turn.text for turn in turns], reading.language
    toxicity = _had(reading, "toxicity", lambda: insight.toxicity(texts, language))
    reading.toxic = [_toxic(*pair) for pair in _paired(reading, "toxicity", turns, toxicity)]
    feelings = _had(reading, "targeted sentiment", lambda: insight.feelings(texts, language))
    for turn, found in _paired(reading, "targeted sentiment", turns, feelings):
        reading.feelings += _unmasked_feelings(turn, found)
    phrases = _had(reading, "key phrases", lambda: insight.phrases(texts, language))
    reading.phrases = _counted(_paired(reading, "key phrases", turns, phrases))


def _read_whole(reading: Reading, turns: Sequence[Turn], insight: TextInsight) -> None:
    """Languages are told by all that one side says, classes by all that is said."""
    sides = dict.fromkeys(turn.role for turn in turns)
    texts = ["\n".join(turn.text for turn in turns if turn.role is side) for side in sides]
    guesses = _had(reading, "language", lambda: insight.languages(texts)) or ()
    shares: dict[str, float] = {}
    weight = sum(map(words_in, texts)) or 1
    for text, guess in zip(texts, guesses, strict=bool(guesses)):
        if isinstance(guess, Failed):
            reading.unread["language"] = guess.reason
            continue
        for code, share in guess.shares.items():
            shares[code] = shares.get(code, 0.0) + share * words_in(text) / weight
    ranked = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
    reading.languages = {c: round(s, DIGITS) for c, s in ranked if s >= LEAST_SHARE}
    whole = "\n".join(turn.text for turn in turns)
    classes = _had(reading, "classes", lambda: insight.classes(whole, reading.language))
    if isinstance(classes, Failed):
        reading.unread["classes"] = classes.reason
    else:
        reading.classes = classes or ()


def _had(reading: Reading, what: str, ask: Callable[[], T]) -> T | None:
    """The answer; None where this engine has no such reading, which is noted."""
    try:
        return ask()
    except EngineMissing as missing:
        reading.missing[what] = missing.reason
        return None


def _paired(
    reading: Reading, what: str, turns: Sequence[Turn], results: Sequence[T | Failed] | None
) -> list[tuple[Turn, T]]:
    """Each turn with its result, without those that could not be read, which are counted."""
    if results is None:
        return []
    if len(results) != len(turns):
        raise Unavailable(f"{what} came back for {len(results)} of {len(turns)} texts")
    failed = [each.reason for each in results if isinstance(each, Failed)]
    if failed:
        reading.unread[what] = f"{len(failed)} of {len(turns)} turns: {failed[0]}"
    return [
        (turn, each)
        for turn, each in zip(turns, results, strict=True)
        if not isinstance(each, Failed)
    ]


def _toxic(turn: Turn, found: Toxicity) -> Toxic:
    kinds = sorted(found.labels, key=lambda kind: -found.labels[kind])
    likely = tuple(kind for kind in kinds if found.labels[kind] >= SURE_KIND)
    return Toxic(turn.id, turn.role, turn.begin_ms, found.score, likely)


def _unmasked_feelings(turn: Turn, found: Iterable[Feeling]) -> list[Feeling]:
    """Without what names a mask, by itself or by another place of it."""
    feelings = list(found)
    hidden = {each.name for each in feelings if _masked(turn, each)}
    return [each for each in feelings if each.name not in hidden]


def _masked(turn: Turn, found: Feeling | Phrase) -> bool:
    masks = masks_in(turn.text)
    return any(mask.begin < found.end and found.begin < mask.end for mask in masks)


def _counted(found: Iterable[tuple[Turn, Sequence[Phrase]]]) -> list[Said]:
    """Equal phrases together, articles and capitals aside; the most often said first."""
    said: dict[str, list[tuple[str, int]]] = {}
    for turn, text in _unmasked_phrases(found):
        bare = _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text
        said.setdefault(" ".join(bare.casefold().split()), []).append((bare, turn.begin_ms))
    counted = [Said(places[0][0], len(places), places[0][1]) for places in said.values()]
    return sorted(counted, key=lambda each: (-each.count, each.begin_ms))


def _unmasked_phrases(
    found: Iterable[tuple[Turn, Sequence[Phrase]]],
) -> Iterator[tuple[Turn, str]]:
    for turn, phrases in found:
        for each in phrases:
            if not _masked(turn, each):
                yield turn, turn.text[each.begin : each.end]
