"""Sentiment by meaning and words: a linear head over MiniLM's sentence vector and VADER's scores.

The vector knows that "nobody ever called me back" is a complaint; VADER knows words, emphasis and
emoji. A multinomial logistic regression weighs them, with a few figures of the surface; at run time
that is one dot product. The head ships beside the pins and is checked like every model; where it comes
from and what it cannot do stands in docs/models/sentiment.md.

English only, never MIXED. The vector reads the first 128 tokens of a text, VADER all of it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from chalicelib.adapters.engines.minilm import MiniLm
from chalicelib.adapters.engines.vader import VaderSentiment
from chalicelib.adapters.engines.weights import checked, pinned
from chalicelib.domain.errors import EngineMissing, LanguageNotServed
from chalicelib.domain.language import primary
from chalicelib.domain.transcript import Engine, SentimentLabel
from chalicelib.ports.language import Failed, Mood

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

CAPABILITY = "sentiment"
HEAD, HEAD_FILE = "sentiment-head", "sentiment_head.json"
NEEDED = ("numpy", "onnxruntime", "tokenizers")
LABELS = (SentimentLabel.NEGATIVE, SentimentLabel.NEUTRAL, SentimentLabel.POSITIVE)
POLARITY = ("compound", "pos", "neg", "neu")
MARKS_COUNTED, WORDS_COUNTED = 4, 60


class MiniLmSentiment:
    """A ``SentimentAnalyzer`` for English. ``threads``: of one inference."""

    engine = Engine(
        "minilm-sentiment",
        f"1-{pinned()[HEAD]['files'][HEAD_FILE]['sha256'][:8]}",
        "linear head over MiniLM and VADER for English; not Amazon Comprehend",
    )

    def __init__(self, threads: int = 1) -> None:
        self._model = MiniLm(threads, CAPABILITY)
        self._words = VaderSentiment()
        self._loading = threading.Lock()

    def score(self, texts: Sequence[str], language: str) -> Sequence[Mood | Failed]:
        """One ``Mood`` per text: ``confidence`` is the label's probability, ``score`` the probability
        of POSITIVE less that of NEGATIVE. Raises ``LanguageNotServed`` for any language but English, and
        where model or libraries are not there."""
        if primary(language) != "en":
            reason = f"the sentiment head reads English only, the conversation is in {language!r}"
            raise LanguageNotServed(CAPABILITY, reason)
        spoken = [row for row, text in enumerate(texts) if text.strip()]
        moods = [Mood(SentimentLabel.NEUTRAL, 0.0) for _ in texts]
        if spoken:
            found = self.probabilities([texts[row] for row in spoken]).tolist()
            for row, shares in zip(spoken, found, strict=True):
                moods[row] = _mood(shares)
        return moods

    def features(self, texts: Sequence[str]) -> Matrix:
        """What the head weighs, one row per text: vector, VADER's scores, surface."""
        vectors = self._model.vectors(texts)
        import numpy as np  # noqa: PLC0415 - only what reads text loads it

        words = [self._words.polarity(text) for text in texts]
        told = [
            [*(scores[name] for name in POLARITY), *_surface(text)]
            for scores, text in zip(words, texts, strict=True)
        ]
        return np.hstack([vectors.astype(np.float64), np.array(told, np.float64)])

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """The share of each of ``LABELS``, one row per text."""
        rows = self.features(texts)
        import numpy as np  # noqa: PLC0415

        with self._loading:
            weights, bias = self._head
        # Row by row: a product of matrices may round a row differently with its company.
        logits = np.array([(weights * row).sum(axis=1) + bias for row in rows])
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        total: Matrix = shares / shares.sum(axis=1, keepdims=True)
        return total

    @cached_property
    def _head(self) -> tuple[Matrix, Matrix]:
        import numpy as np  # noqa: PLC0415

        head = json.loads((checked(HEAD, CAPABILITY) / HEAD_FILE).read_text("utf-8"))
        return np.array(head["weights"], np.float64), np.array(head["bias"], np.float64)


def check() -> None:
    """Raise ``EngineMissing`` or ``IntegrityError`` where this engine could not answer; loads nothing."""
    for library in NEEDED:
        if find_spec(library) is None:
            raise EngineMissing(CAPABILITY, f"{library} is not installed")
    for model in ("minilm", "minilm-vocabulary", HEAD):
        checked(model, CAPABILITY)


def _mood(shares: Sequence[float]) -> Mood:
    best = max(range(len(LABELS)), key=shares.__getitem__)
    negative, _, positive = shares
    return Mood(LABELS[best], positive - negative, shares[best])


def _surface(text: str) -> tuple[float, ...]:
    """Counts of "!" and "?", length, and the share of digits; bounded, so that no text outweighs all."""
    return (
        min(text.count("!"), MARKS_COUNTED) / MARKS_COUNTED,
        min(text.count("?"), MARKS_COUNTED) / MARKS_COUNTED,
        min(len(text.split()), WORDS_COUNTED) / WORDS_COUNTED,
        sum(map(str.isdigit, text)) / max(len(text), 1),
    )
