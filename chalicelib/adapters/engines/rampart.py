"""Rampart, a small model that labels names, addresses and personal numbers token by token.

Weights by National Design Studio (CC-BY-4.0), read from the package that carries them without
importing it. The model knows no card and no SSN and cuts long numbers anywhere: who uses it must decide
the type of a number some other way. It reads text as it is typed: a number said in words escapes it.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.adapters.engines.weights import checked
from chalicelib.domain.errors import EngineMissing
from chalicelib.domain.transcript import Engine

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import onnxruntime as ort
    from tokenizers import Encoding, Tokenizer

    Floats = npt.NDArray[np.float32]

CAPABILITY = "pii"
_WINDOW, _STRIDE = 512, 64
_BATCH_TOKENS = 2048
_OUTSIDE, _FLOOR = 0, 0.05


class Token(NamedTuple):
    """``text[begin:end]`` is part of a ``label`` with this probability of being anything at all."""

    begin: int
    end: int
    label: str
    score: float


class Rampart:
    """The model, loaded with the first text. ``threads``: cores that one batch may use."""

    engine = Engine("rampart", "q4")

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads

    def check(self) -> None:
        """Raise ``EngineMissing`` or ``IntegrityError`` where the model cannot be loaded here."""
        checked("rampart", CAPABILITY)
        for library in ("onnxruntime", "tokenizers"):
            if importlib.util.find_spec(library) is None:
                raise EngineMissing(CAPABILITY, f"{library} is not installed")

    def label(self, texts: Sequence[str]) -> list[list[Token]]:
        """The tokens of each text that may be something, in order, the unlikely ones among them.

        Raises ``EngineMissing``, ``IntegrityError``.
        """
        self.check()
        windows = [
            (index, window)
            for index, whole in enumerate(self._tokenizer.encode(text) for text in texts)
            for window in (whole, *whole.overflowing)
        ]
        tokens: list[dict[tuple[int, int], Token]] = [{} for _ in texts]
        for batch in _batches(windows):
            for (index, window), found in zip(batch, self._run(batch), strict=True):
                for token in _tokens(window, found):
                    tokens[index].setdefault((token.begin, token.end), token)
        return [sorted(own.values()) for own in tokens]

    def _run(self, batch: Sequence[tuple[int, Encoding]]) -> Iterator[list[tuple[str, float]]]:
        """For every token of each window the likeliest label, and whether it has any."""
        import numpy as np  # noqa: PLC0415

        ids = np.zeros((len(batch), max(len(w.ids) for _, w in batch)), np.int64)
        mask = np.zeros_like(ids)
        for row, (_, window) in enumerate(batch):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        chances = _softmax(self._session.run(None, fed)[0])
        best = chances[..., 1:].argmax(-1) + 1
        for row, (_, window) in enumerate(batch):
            size = len(window.ids)
            something = 1 - chances[row, :size, _OUTSIDE]
            yield [
                (self._labels[i], p)
                for i, p in zip(best[row, :size].tolist(), something.tolist(), strict=True)
            ]

    @cached_property
    def _session(self) -> ort.InferenceSession:
        import onnxruntime as ort  # noqa: PLC0415 - a quarter of a second that imports need not pay

        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        model = checked("rampart", CAPABILITY) / "onnx" / "model_q4.onnx"
        return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer  # noqa: PLC0415

        tokenizer = Tokenizer.from_file(str(checked("rampart", CAPABILITY) / "tokenizer.json"))
        tokenizer.enable_truncation(_WINDOW, stride=_STRIDE)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _labels(self) -> dict[int, str]:
        """The type of each class without its B- or I-: neighbours of one type are one piece anyway."""
        config = json.loads((checked("rampart", CAPABILITY) / "config.json").read_text("utf-8"))
        return {int(i): name.partition("-")[2] for i, name in config["id2label"].items()}


def _batches(
    windows: Sequence[tuple[int, Encoding]],
) -> Iterator[list[tuple[int, Encoding]]]:
    """Windows of like length together, so that little is padding; no batch larger than its budget."""
    batch: list[tuple[int, Encoding]] = []
    for item in sorted(windows, key=lambda w: len(w[1].ids)):
        if batch and (len(batch) + 1) * len(item[1].ids) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _softmax(logits: Floats) -> Floats:
    import numpy as np  # noqa: PLC0415

    raised: Floats = np.exp(logits - logits.max(-1, keepdims=True))
    raised /= raised.sum(-1, keepdims=True)
    return raised


def _tokens(window: Encoding, found: Sequence[tuple[str, float]]) -> Iterator[Token]:
    """The tokens of a window that may be something; what belongs to no text, as [CLS], is left out."""
    for (begin, end), (label, score) in zip(window.offsets, found, strict=True):
        if score >= _FLOOR and begin < end:
            yield Token(begin, end, label, score)
