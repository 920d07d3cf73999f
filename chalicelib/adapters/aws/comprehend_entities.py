"""Entities by Amazon Comprehend, in batches; a longer text is read in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from chalicelib.adapters.aws.comprehend_batches import MAX_BYTES, Result, answers, place, understood
from chalicelib.adapters.aws.comprehend_texts import API, pieces, spoken_language
from chalicelib.domain.entities import TYPES
from chalicelib.domain.errors import LanguageNotServed
from chalicelib.domain.transcript import Engine
from chalicelib.ports.entities import Mention, Mentions
from chalicelib.ports.language import Failed

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh", "zh-TW")


class ComprehendEntities:
    """An ``EntityFinder`` at the service: texts leave this process for the region of ``client``."""

    engine = Engine("Amazon Comprehend", API, "BatchDetectEntities")

    def __init__(self, client: Any) -> None:  # noqa: ANN401
        self._client = client

    def types(self, language: str) -> tuple[str, ...]:
        return TYPES if spoken_language(language, LANGUAGES) else ()

    def find(self, texts: Sequence[str], language: str) -> Sequence[Mentions | Failed]:
        """Blank texts have none and are not sent; a piece that failed fails its text. Raises
        ``LanguageNotServed``, ``Unavailable``."""
        code = spoken_language(language, LANGUAGES)
        if code is None:
            raise LanguageNotServed("entities", f"Amazon Comprehend has none for {language!r}")
        parts = [list(pieces(text, MAX_BYTES)) for text in texts]
        sent = [part for own in parts for part in own if part.strip()]
        told = answers(self._client.batch_detect_entities, "entities", sent, code)
        return [_merged(own, told) for own in parts]


def _merged(parts: Sequence[str], told: Iterator[Result | Failed]) -> Mentions | Failed:
    """The answers about one text's pieces, on the offsets of the text."""
    out: list[Mention] = []
    failed: Failed | None = None
    at = 0
    for part in parts:
        answer = next(told) if part.strip() else {"Entities": []}
        found = understood(answer, partial(_mentions, part, at))
        if isinstance(found, Failed):
            failed = failed or found
        else:
            out += found
        at += len(part)
    return failed or _apart(out)


def _mentions(part: str, at: int, answer: Result) -> list[Mention]:
    return [_mention(part, at, each) for each in answer["Entities"]]


def _mention(part: str, at: int, each: Result) -> Mention:
    begin, end = place(each, part)
    kind = each["Type"] if each["Type"] in TYPES else "OTHER"
    return Mention(at + begin, at + end, kind, float(each["Score"]))


def _apart(found: Sequence[Mention]) -> Mentions:
    """In order; of findings that overlap, the first and longest."""
    out: list[Mention] = []
    for each in sorted(found, key=lambda m: (m.begin, -m.end)):
        if not out or each.begin >= out[-1].end:
            out.append(each)
    return out
