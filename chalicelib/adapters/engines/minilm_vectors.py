"""``SentenceVectors`` by MiniLM: its numbers, rounded to one signed byte each."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from chalicelib.adapters.engines.minilm import VERSION, MiniLm, sha256
from chalicelib.adapters.engines.weights import checked
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.transcript import Engine
from chalicelib.domain.vectors import Vector

CAPABILITY = "vectors"
NEEDED = ("numpy", "onnxruntime", "tokenizers")
LARGEST = 127


class MiniLmVectors:
    """``threads``: of one inference. Reads the first 128 tokens of a text; trained on English."""

    engine = Engine("minilm", f"{VERSION}-{sha256()[:8]}", "sentence vectors, trained on English")

    def __init__(self, threads: int = 1) -> None:
        self._model = MiniLm(threads, CAPABILITY)

    def vectors(self, texts: Sequence[str]) -> Sequence[Vector]:
        """See ``SentenceVectors``."""
        found = self._model.vectors(texts)
        import numpy as np  # noqa: PLC0415 - only what asks for vectors loads it

        scales = np.abs(found).max(axis=1, keepdims=True) / LARGEST
        rounded = np.rint(found / scales).astype(np.int8)
        return [
            Vector(row.tobytes(), scale)
            for row, scale in zip(rounded, scales[:, 0].tolist(), strict=True)
        ]

    def check(self) -> None:
        """Whether model and libraries are there; loads neither."""
        for library in NEEDED:
            if find_spec(library) is None:
                raise EngineMissing(CAPABILITY, f"{library} is not installed")
        for model in ("minilm", "minilm-vocabulary"):
            checked(model, CAPABILITY)


class NoVectors:
    """``LOUPE_VECTORS=none``: what needs vectors says that there are none."""

    engine = Engine("none", "")

    def vectors(self, texts: Sequence[str]) -> Sequence[Vector]:  # noqa: ARG002 - the port's
        """Raises ``EngineMissing``."""
        raise EngineMissing(CAPABILITY, SWITCHED_OFF)

    def check(self) -> None:
        """Raises ``EngineMissing``."""
        raise EngineMissing(CAPABILITY, SWITCHED_OFF)


SWITCHED_OFF = (
    "sentence vectors are switched off (LOUPE_VECTORS=none, the default on AWS, "
    "whose package has no onnxruntime)"
)
