"""A language model that says what a test tells it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import LoupeError
from chalicelib.domain.transcript import Engine
from chalicelib.formats import model_text


class FakeModel:
    """Gives the answers in order, the last one again and again; errors are raised. ``asked`` holds
    instructions and data of each question."""

    engine = Engine("fake-model", "1", "says what a test tells it")

    def __init__(self, *answers: object) -> None:
        self._answers = deque(answers)
        self.asked: list[tuple[str, Any]] = []

    def answer(
        self, instructions: str, data: object, schema: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        self.asked.append((instructions, data))
        said = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        if isinstance(said, LoupeError):
            raise said
        if isinstance(said, str):
            return model_text.parsed(said, schema)
        return model_text.checked(said, schema)


def sentence(text: str, *turns: str) -> dict[str, Any]:
    """One sentence of an answer."""
    return {"text": text, "turns": list(turns)}


def summary(*sentences: dict[str, Any]) -> dict[str, Any]:
    """An answer to the question for a summary."""
    return {"sentences": list(sentences)}
