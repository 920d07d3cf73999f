"""Sentence vectors by all-MiniLM-L6-v2, int8, on onnxruntime: texts of like meaning lie close.

A vector is the mean over the text's tokens, of length 1, so that a dot product of two is their cosine.
The model reads 128 tokens and no further. Model and vocabulary are checked by their pins and loaded
with the first texts, not before, and once for all in this process that want vectors. Texts go in
batches of like length, so that little is padding; a text's vector does not depend on its company.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.adapters.engines.weights import checked, pinned
from chalicelib.domain.errors import EngineMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import BertWordPieceTokenizer

    Vectors = NDArray[np.float32]

VERSION = "all-MiniLM-L6-v2-int8"
WIDTH = 384
TOKENS = 128
BATCH = 16
LETTERS = 4096
"""More letters than 128 tokens need in any text that is read; the tokenizer's time grows with them."""


_LOADING = threading.Lock()


class MiniLm:
    """The model for one user of it. ``threads``: of one inference; ``capability``: who wants vectors, for
    the reason when they cannot be had."""

    def __init__(self, threads: int = 1, capability: str = "vectors") -> None:
        self._threads = threads
        self._capability = capability

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row of 384 numbers per text, in order. Raises ``EngineMissing``, ``IntegrityError``."""
        session, tokenizer = self._loaded()
        import numpy as np  # noqa: PLC0415 - only what asks for vectors loads it

        found = np.zeros((len(texts), WIDTH), np.float32)
        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(texts), BATCH):
            rows = by_length[start : start + BATCH]
            encoded = tokenizer.encode_batch([texts[row][:LETTERS] for row in rows])
            found[rows] = _embed(session, [each.ids for each in encoded])
        return found

    def check(self) -> None:
        """Load the model. Raises ``EngineMissing``, ``IntegrityError``."""
        self._loaded()

    def _loaded(self) -> tuple[InferenceSession, BertWordPieceTokenizer]:
        with _LOADING:
            return self._model

    @cached_property
    def _model(self) -> tuple[InferenceSession, BertWordPieceTokenizer]:
        model = checked("minilm", self._capability) / "model.onnx"
        vocabulary = checked("minilm-vocabulary", self._capability) / "minilm_vocab.txt"
        try:
            return _load(model, vocabulary, self._threads)
        except ImportError as error:
            raise EngineMissing(self._capability, f"{error.name} is not installed") from error


@lru_cache(maxsize=2)
def _load(
    model: Path, vocabulary: Path, threads: int
) -> tuple[InferenceSession, BertWordPieceTokenizer]:
    from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415
    from tokenizers import BertWordPieceTokenizer  # noqa: PLC0415

    tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
    tokenizer.enable_truncation(TOKENS)
    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return session, tokenizer


def sha256() -> str:
    """The pinned hash of the model, which names it in results."""
    return pinned()["minilm"]["files"]["model.onnx"]["sha256"]


def _embed(session: InferenceSession, batch: Sequence[Sequence[int]]) -> Vectors:
    import numpy as np  # noqa: PLC0415

    ids = np.zeros((len(batch), max(map(len, batch))), np.int64)
    mask = np.zeros_like(ids)
    for row, tokens in enumerate(batch):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    hidden: Vectors = session.run(None, inputs)[0]
    mean = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    unit: Vectors = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
    return unit
