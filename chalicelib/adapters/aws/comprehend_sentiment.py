"""Sentiment by Amazon Comprehend, in batches.

The service answers for the texts of a batch one by one: by their index, failures apart from results.
A text longer than the service takes is read in pieces, whose scores are averaged by length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws.comprehend_texts import API, call, pieces, size, spoken_language
from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.transcript import Engine, SentimentLabel
from chalicelib.ports.language import Failed, Mood

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh", "zh-TW")
BATCH = 25
MAX_BYTES = 5000
DIGITS = 6

_EMPTY = Mood(SentimentLabel.NEUTRAL, 0.0)
_NAMES = {label: label.value.capitalize() for label in SentimentLabel}


@dataclass(frozen=True, slots=True)
class _Scored:
    """What the service says of a piece of ``weight`` bytes."""

    label: SentimentLabel
    shares: Mapping[SentimentLabel, float]
    weight: int


class ComprehendSentiment:
    """A ``SentimentAnalyzer`` at the service: texts leave this process for the region of ``client``."""

    engine = Engine("Amazon Comprehend", API, "BatchDetectSentiment")

    def __init__(self, client: Any) -> None:  # noqa: ANN401
        self._client = client

    def score(self, texts: Sequence[str], language: str) -> Sequence[Mood | Failed]:
        """``score`` is the positive share less the negative one, ``confidence`` the label's share.
        Blank texts are NEUTRAL without being sent. Raises ``EngineMissing``, ``Unavailable``."""
        code = spoken_language(language, LANGUAGES)
        if code is None:
            reason = f"Amazon Comprehend has no sentiment for {language!r}"
            raise EngineMissing("sentiment", reason)
        parts = [list(pieces(text, MAX_BYTES)) if text.strip() else [] for text in texts]
        sent = [part for own in parts for part in own if part.strip()]
        answers = iter(self._all(sent, code))
        return [_merged([next(answers) for part in own if part.strip()]) for own in parts]

    def _all(self, texts: Sequence[str], code: str) -> Iterator[_Scored | Failed]:
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            found, errors = self._ask(batch, code)
            for index, text in enumerate(batch):
                yield found[index] if index in found else self._again(text, errors[index], code)

    def _again(self, text: str, error: str, code: str) -> _Scored | Failed:
        """What failed inside the service is asked once more, alone."""
        if not _internal(error):
            return Failed(f"Amazon Comprehend: {error}")
        found, errors = self._ask((text,), code)
        return found[0] if found else Failed(f"Amazon Comprehend: {errors[0]}")

    def _ask(self, batch: Sequence[str], code: str) -> tuple[dict[int, _Scored], dict[int, str]]:
        """Results and error codes by index. Raises ``Unavailable`` if a text has neither."""
        request = {"TextList": list(batch), "LanguageCode": code}
        answer = call(self._client.batch_detect_sentiment, "sentiment", request)
        found = {each["Index"]: _scored(each, batch) for each in answer["ResultList"]}
        errors = {each["Index"]: str(each.get("ErrorCode", "")) for each in answer["ErrorList"]}
        if {*found, *errors} != set(range(len(batch))):
            raise Unavailable("Comprehend: the answer is not about the texts that were sent")
        return found, errors


def _scored(result: Mapping[str, Any], batch: Sequence[str]) -> _Scored:
    index, given = result["Index"], result["SentimentScore"]
    weight = size(batch[index]) if 0 <= index < len(batch) else 0
    shares = {label: float(given[name]) for label, name in _NAMES.items()}
    return _Scored(SentimentLabel(result["Sentiment"]), shares, weight)


def _merged(parts: Sequence[_Scored | Failed]) -> Mood | Failed:
    """One text's answer: its only piece's, or the average of all; a piece that failed fails it."""
    scored = [part for part in parts if isinstance(part, _Scored)]
    failed = next((part for part in parts if isinstance(part, Failed)), None)
    if failed or not scored:
        return failed or _EMPTY
    weight = sum(part.weight for part in scored)
    sums = {n: sum(part.shares[n] * part.weight for part in scored) for n in _NAMES}
    shares = {n: round(total / weight, DIGITS) for n, total in sums.items()}
    label = scored[0].label if len(scored) == 1 else max(shares, key=shares.__getitem__)
    score = shares[SentimentLabel.POSITIVE] - shares[SentimentLabel.NEGATIVE]
    return Mood(label, round(score, DIGITS), shares[label])


def _internal(code: str) -> bool:
    """The service writes both ``InternalServerException`` and ``INTERNAL_SERVER_ERROR``."""
    return code.replace("_", "").lower().startswith("internalserver")
