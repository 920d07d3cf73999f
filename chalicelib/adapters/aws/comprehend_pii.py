"""Personal data found by Amazon Comprehend.

A conversation is sent as it reads, its turns joined by line breaks: an answer is understood by its
question, and one call serves many turns. Offsets are counted in characters (code points), as Python
counts them; a finding over several turns is one in each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws.comprehend_texts import API, call, pieces, size, spoken_language
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.redaction import PiiSpan, merge
from chalicelib.domain.transcript import Engine, Turn

LANGUAGES = ("en", "es")
MAX_BYTES = 100_000
BETWEEN = "\n"

RENAMED: Mapping[str, str] = {
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": "BANK_ACCOUNT_NUMBER",
    "SWIFT_CODE": "BANK_ROUTING",
}
"""Where the service is finer than the eleven names that a redacted transcript is read by."""
NOT_MASKED = frozenset(("AGE", "DATE_TIME", "URL"))
"""Found in every other sentence ("tomorrow", "two years"): masking them would mask the conversation."""


@dataclass(frozen=True, slots=True)
class _Part:
    """``turn.text[begin:end]``, which lies at ``at`` in the document."""

    turn: Turn
    begin: int
    end: int
    at: int


@dataclass(frozen=True, slots=True)
class _Document:
    """One text to send and where its parts come from."""

    text: str
    parts: tuple[_Part, ...]


class ComprehendPii:
    """A ``PiiDetector`` at the service: texts leave this process for the region of ``client``."""

    engine = Engine("Amazon Comprehend", API, "DetectPiiEntities")

    def __init__(self, client: Any) -> None:  # noqa: ANN401
        self._client = client

    def spans(self, turns: Sequence[Turn], language: str) -> Sequence[PiiSpan]:
        """Findings of all turns, in order, none overlapping another. A language that the service does
        not read is searched as English, which ``limits`` tells. Raises ``EngineMissing`` where a region
        lacks one, and ``Unavailable``."""
        code = spoken_language(language, LANGUAGES) or LANGUAGES[0]
        found = [span for doc in documents(turns) for span in self._found(doc, code)]
        by_turn: dict[str, list[PiiSpan]] = {turn.id: [] for turn in turns}
        for span in found:
            by_turn[span.turn_id].append(span)
        return [span for own in by_turn.values() for span in merge(own)]

    def limits(self, language: str) -> str:
        if spoken_language(language, LANGUAGES):
            return ""
        return f"Amazon Comprehend finds personal data in English and Spanish: {language} was read as English"

    def _found(self, document: _Document, code: str) -> Iterator[PiiSpan]:
        request = {"Text": document.text, "LanguageCode": code}
        answer = call(self._client.detect_pii_entities, "pii", request, ("Entities",))
        for each in answer["Entities"]:
            begin, end = each["BeginOffset"], each["EndOffset"]
            if not 0 <= begin < end <= len(document.text):
                raise Unavailable("Comprehend: a finding lies outside the text", retryable=False)
            if each["Type"] not in NOT_MASKED:
                entity = RENAMED.get(each["Type"], each["Type"])
                yield from _in_turns(document, (begin, end), entity, float(each["Score"]))


def documents(turns: Sequence[Turn], limit: int = MAX_BYTES) -> Iterator[_Document]:
    """The conversation in texts of at most ``limit`` bytes; only a longer turn is cut."""
    texts: list[str] = []
    parts: list[_Part] = []
    used = at = 0
    for turn, begin, text in _parts(turns, limit):
        more = size(text)
        if texts and used + len(BETWEEN) + more > limit:
            yield _Document(BETWEEN.join(texts), tuple(parts))
            texts, parts, used, at = [], [], 0, 0
        parts.append(_Part(turn, begin, begin + len(text), at))
        texts.append(text)
        used, at = used + more + len(BETWEEN), at + len(text) + len(BETWEEN)
    if texts:
        yield _Document(BETWEEN.join(texts), tuple(parts))


def _parts(turns: Sequence[Turn], limit: int) -> Iterator[tuple[Turn, int, str]]:
    for turn in turns:
        begin = 0
        for text in pieces(turn.text, limit) if turn.text.strip() else ():
            yield turn, begin, text
            begin += len(text)


def _in_turns(
    document: _Document, place: tuple[int, int], entity: str, score: float
) -> Iterator[PiiSpan]:
    """The finding in each turn that it touches."""
    for part in document.parts:
        size_ = part.end - part.begin
        begin, end = max(0, place[0] - part.at), min(size_, place[1] - part.at)
        if begin < end:
            shown = (part.begin + begin, part.begin + end)
            yield PiiSpan(part.turn.id, *shown, entity, ComprehendPii.engine.name, score)
