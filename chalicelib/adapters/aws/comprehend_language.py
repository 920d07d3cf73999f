"""Languages told apart by Amazon Comprehend, in batches.

A longer text than the service takes is judged by its beginning: a language shows early.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.adapters.aws.comprehend_batches import MAX_BYTES, Result, answers, understood
from chalicelib.adapters.aws.comprehend_texts import API, pieces
from chalicelib.domain.transcript import Engine
from chalicelib.ports.language import Failed, Guess


class ComprehendLanguage:
    """A ``LanguageIdentifier`` at the service: texts leave this process for the region of ``client``."""

    engine = Engine("Amazon Comprehend", API, "BatchDetectDominantLanguage")

    def __init__(self, client: Any) -> None:  # noqa: ANN401
        self._client = client

    def identify(self, texts: Sequence[str]) -> Sequence[Guess | Failed]:
        """Blank texts have no shares and are not sent. Raises ``Unavailable``."""
        sent = [next(pieces(text.strip(), MAX_BYTES)) for text in texts if text.strip()]
        operation = self._client.batch_detect_dominant_language
        told = answers(operation, "language", sent)
        return [_guess(next(told)) if text.strip() else Guess({}) for text in texts]


def _guess(answer: Result | Failed) -> Guess | Failed:
    return understood(answer, _shares)


def _shares(result: Result) -> Guess:
    return Guess({each["LanguageCode"]: float(each["Score"]) for each in result["Languages"]})
