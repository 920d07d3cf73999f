"""Amazon Comprehend as far as Loupe asks it, behind ``aws_endpoint``: a service that knows a few words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.aws_endpoint import Service, asked

LANGUAGES = {"ich": "de", "und": "de", "quiero": "es", "por": "es", "the": "en", "my": "en"}
MOODS = {"good": "Positive", "love": "Positive", "bad": "Negative", "hate": "Negative"}
ENTITIES = {
    "CREDIT_DEBIT_NUMBER": r"\b(?:\d{4}[ \n]?){3}\d{4}\b",
    "EMAIL": r"\b[\w.]+@[\w.]+\w",
    "DATE_TIME": r"\btomorrow\b",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": r"\bDE\d{20}\b",
}


NAMED = {"PERSON": r"\bAda\b", "DATE": r"\btomorrow\b", "ORGANIZATION": r"\[NAME\]|\bAcme\b"}
Reading = Callable[[int, str], dict[str, Any]]


class Comprehend(Service):
    """``errors``: what the next batches say of the texts that hold a word, as error codes in order.
    ``shuffled``: results come in another order than the texts."""

    invalid = "InvalidRequestException"

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}
        self.shuffled = False
        super().__init__(
            "comprehend",
            {
                "BatchDetectSentiment": self._batch(_mood),
                "BatchDetectEntities": self._batch(_entities),
                "BatchDetectDominantLanguage": self._batch(_languages),
                "DetectPiiEntities": self._pii,
            },
        )

    def _batch(self, read: Reading) -> Callable[[dict[str, Any]], dict[str, Any]]:
        return lambda params: self._answered(params, read)

    def _answered(self, params: dict[str, Any], read: Reading) -> dict[str, Any]:
        texts = params["TextList"]
        self.requests.append(params)
        codes = {index: self._error(text) for index, text in enumerate(texts)}
        results = [read(i, text) for i, text in enumerate(texts) if codes[i] is None]
        errors = [
            {"Index": i, "ErrorCode": code, "ErrorMessage": f"cannot read {texts[i]}"}
            for i, code in codes.items()
            if code is not None
        ]
        return {"ResultList": results[::-1] if self.shuffled else results, "ErrorList": errors}

    def _error(self, text: str) -> str | None:
        codes = next((codes for word, codes in self.errors.items() if word in text), [])
        return codes.pop(0) if codes else None

    def _pii(self, params: dict[str, Any]) -> dict[str, Any]:
        text = params["Text"]
        self.requests.append(params)
        found = [
            {"Score": 0.99, "Type": kind, "BeginOffset": m.start(), "EndOffset": m.end()}
            for kind, pattern in ENTITIES.items()
            for m in re.finditer(pattern, text)
        ]
        return {"Entities": found}


def _mood(index: int, text: str) -> dict[str, Any]:
    """Each known word is a vote; half of both is MIXED."""
    votes = [mood for word in re.findall(r"\w+", text) if (mood := MOODS.get(word))]
    shares = {"Positive": 0.0, "Negative": 0.0, "Neutral": 0.0, "Mixed": 0.0}
    for vote in votes or ["Neutral"]:
        shares[vote] += 1 / (len(votes) or 1)
    if shares["Positive"] and shares["Positive"] == shares["Negative"]:
        shares = {"Positive": 0.25, "Negative": 0.25, "Neutral": 0.0, "Mixed": 0.5}
    label = max(shares, key=shares.__getitem__)
    return {"Index": index, "Sentiment": label.upper(), "SentimentScore": shares}


def _entities(index: int, text: str) -> dict[str, Any]:
    found = [
        {
            "Score": 0.9,
            "Type": kind,
            "BeginOffset": m.start(),
            "EndOffset": m.end(),
            "Text": m.group(),
        }
        for kind, pattern in NAMED.items()
        for m in re.finditer(pattern, text)
    ]
    return {"Index": index, "Entities": found}


def _languages(index: int, text: str) -> dict[str, Any]:
    """Each known word is a vote; without one it is hardly anything."""
    votes = [LANGUAGES[word] for word in re.findall(r"\w+", text.lower()) if word in LANGUAGES]
    shares = {code: votes.count(code) / len(votes) for code in votes} or {"eo": 0.1}
    return {
        "Index": index,
        "Languages": [{"LanguageCode": code, "Score": share} for code, share in shares.items()],
    }


@contextmanager
def comprehend(service: Comprehend) -> Iterator[Any]:
    """A real client of the service, while it is served."""
    with asked(service) as made:
        yield made
