"""The deeper reading by Amazon Comprehend: targeted sentiment, key phrases, toxicity, languages, and a
classifier of one's own.

A text that is longer than an operation takes is read in pieces, on the text's own offsets; a piece that
failed fails its text. Targeted sentiment and toxicity know English alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from chalicelib.adapters.aws import comprehend_classes, comprehend_toxicity
from chalicelib.adapters.aws.comprehend_batches import (
    MAX_BYTES,
    Operation,
    Result,
    answers,
    place,
    understood,
)
from chalicelib.adapters.aws.comprehend_language import ComprehendLanguage
from chalicelib.adapters.aws.comprehend_sentiment import LANGUAGES
from chalicelib.adapters.aws.comprehend_texts import API, pieces, spoken_language
from chalicelib.domain.errors import EngineMissing, LanguageNotServed
from chalicelib.domain.insight import TARGET_KINDS, Feeling, Phrase, Toxicity
from chalicelib.domain.transcript import Engine, SentimentLabel
from chalicelib.ports.insight import Classes, Feelings, Phrases
from chalicelib.ports.language import Failed, Guess

NO_CLASSIFIER = "LOUPE_COMPREHEND_CLASSIFIER names no endpoint of a classifier"
Found = TypeVar("Found", Feeling, Phrase)
Read = Callable[[str, int, Result], list[Found]]


class ComprehendInsight:
    """A ``TextInsight`` at the service: texts leave this process for the region of ``client``.

    ``classifier``: ARN of the endpoint of a custom classifier, empty for none.
    """

    engine = Engine(
        "Amazon Comprehend",
        API,
        "targeted sentiment, toxicity, key phrases, language, custom classes",
    )

    def __init__(self, client: Any, classifier: str = "") -> None:  # noqa: ANN401
        self._client = client
        self._classifier = classifier
        self._language = ComprehendLanguage(client)

    def feelings(self, texts: Sequence[str], language: str) -> Sequence[Feelings | Failed]:
        """Raises ``LanguageNotServed`` for any language but English."""
        code = _served("targeted sentiment", language, ("en",))
        operation = self._client.batch_detect_targeted_sentiment
        return _read(texts, operation, "targeted sentiment", code, _feelings)

    def toxicity(self, texts: Sequence[str], language: str) -> Sequence[Toxicity | Failed]:
        """Raises ``LanguageNotServed`` for any language but English."""
        code = _served("toxicity", language, ("en",))
        return comprehend_toxicity.read(self._client.detect_toxic_content, texts, code)

    def phrases(self, texts: Sequence[str], language: str) -> Sequence[Phrases | Failed]:
        """In the languages of the service's sentiment. Raises ``LanguageNotServed``."""
        code = _served("key phrases", language, LANGUAGES)
        return _read(texts, self._client.batch_detect_key_phrases, "key phrases", code, _phrases)

    def languages(self, texts: Sequence[str]) -> Sequence[Guess | Failed]:
        """By the beginning of each text."""
        return self._language.identify(texts)

    def classes(self, text: str, language: str) -> Classes | Failed:
        """In whatever language the classifier was trained. Raises ``EngineMissing`` without one."""
        del language
        if not self._classifier:
            raise EngineMissing("classes", NO_CLASSIFIER)
        return comprehend_classes.read(self._client.classify_document, self._classifier, text)


def _served(capability: str, language: str, served: Sequence[str]) -> str:
    code = spoken_language(language, served)
    if code is None:
        raise LanguageNotServed(capability, f"Amazon Comprehend has none for {language!r}")
    return code


def _read(
    texts: Sequence[str], operation: Operation, capability: str, code: str, read: Read[Found]
) -> list[Sequence[Found] | Failed]:
    """What was found in each text, in order and apart; blank pieces are not sent."""
    parts = [list(pieces(text, MAX_BYTES)) for text in texts]
    sent = [part for own in parts for part in own if part.strip()]
    told = answers(operation, capability, sent, code)
    return [_merged(own, told, read) for own in parts]


def _merged(
    parts: Sequence[str], told: Iterator[Result | Failed], read: Read[Found]
) -> Sequence[Found] | Failed:
    out: list[Found] = []
    failed: Failed | None = None
    at = 0
    for part in parts:
        found = understood(next(told), partial(read, part, at)) if part.strip() else []
        if isinstance(found, Failed):
            failed = failed or found
        else:
            out += found
        at += len(part)
    return failed or _apart(out)


def _apart(found: Sequence[Found]) -> list[Found]:
    """In order; of findings that overlap, the first and longest."""
    out: list[Found] = []
    for each in sorted(found, key=lambda one: (one.begin, -one.end)):
        if not out or each.begin >= out[-1].end:
            out.append(each)
    return out


def _phrases(part: str, at: int, answer: Result) -> list[Phrase]:
    return [
        Phrase(at + begin, at + end, float(each["Score"]))
        for each in answer["KeyPhrases"]
        for begin, end in [place(each, part)]
    ]


def _feelings(part: str, at: int, answer: Result) -> list[Feeling]:
    """Mentions of the same thing go by the name that the service thinks best."""
    return [
        _feeling(part, at, each, name)
        for entity in answer["Entities"]
        for name in [_name(entity, part)]
        for each in entity["Mentions"]
    ]


def _name(entity: Result, part: str) -> str:
    mentions = entity["Mentions"]
    best = (entity.get("DescriptiveMentionIndex") or [0])[0]
    begin, end = place(mentions[best if 0 <= best < len(mentions) else 0], part)
    return part[begin:end]


def _feeling(part: str, at: int, each: Result, name: str) -> Feeling:
    begin, end = place(each, part)
    kind = each["Type"] if each["Type"] in TARGET_KINDS else "OTHER"
    said = each["MentionSentiment"]
    shares = said["SentimentScore"]
    score = round(float(shares["Positive"]) - float(shares["Negative"]), 6)
    return Feeling(at + begin, at + end, name, kind, SentimentLabel(said["Sentiment"]), score)
