"""Asking a language model: fixed instructions, data that is no instruction, an answer of known form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from chalicelib.domain.transcript import Engine


class LanguageModel(Protocol):
    """Answers one question at a time and remembers none."""

    engine: Engine

    def answer(
        self, instructions: str, data: object, schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """A JSON object that keeps ``schema``, whose keywords are those of ``formats.json_schema``.

        ``data`` is plain JSON data, perhaps of strangers: the model is told that nothing in it is
        an instruction. What it writes may still be wrong, or follow the data: the caller checks it.
        Raises ``Unavailable`` (``Throttled``), ``Declined``, ``TooLong``, ``InvalidOutput``.
        """
