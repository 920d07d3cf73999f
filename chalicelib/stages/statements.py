"""Sentences in rules, judged by a language model.

The model gets the sentence and the turns, masked before they come here, as data; its answer is a truth
value and ids of turns that exist, so that the worst that a turn can talk it into is a wrong answer to this
one question. The same question about the same text is asked once in a process.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from typing import Any

from chalicelib.domain.errors import TooLong, Unfounded
from chalicelib.domain.rules.subject import Line
from chalicelib.formats import statement_prompt
from chalicelib.ports.generation import LanguageModel

KEPT = 1024

Answer = tuple[bool, tuple[str, ...]]


class ModelReader:
    """``Reader``. ``max_chars``: the most of a conversation that the model is given."""

    def __init__(self, model: LanguageModel, max_chars: int) -> None:
        self._model = model
        self._max_chars = max_chars
        self._known: dict[str, Answer] = {}
        self._writing = threading.Lock()

    def holds(self, statement: str, lines: Sequence[Line]) -> Answer:
        """See ``Reader``. Raises ``NotAnswered``, ``Unavailable``, ``EngineMissing``."""
        turns = statement_prompt.numbered(lines)
        size = sum(len(turn.text) for turn in turns.values())
        if size > self._max_chars:
            raise TooLong(
                f"the conversation has {size} characters, LOUPE_MODEL_MAX_CHARS is {self._max_chars}"
            )
        question = statement_prompt.data(statement, turns)
        key = _hash(question)
        known = self._known.get(key)
        holds, cited = known or self._kept(key, self._asked(question))
        return holds, tuple(turns[each].id for each in cited)

    def _asked(self, question: dict[str, Any]) -> Answer:
        answer = self._model.answer(
            statement_prompt.INSTRUCTIONS, question, statement_prompt.SCHEMA
        )
        cited = tuple(dict.fromkeys(answer["turns"]))
        if not set(cited) <= {turn["id"] for turn in question["turns"]}:
            raise Unfounded("the answer cites a turn that does not exist")
        return bool(answer["holds"]), cited

    def _kept(self, key: str, answer: Answer) -> Answer:
        with self._writing:
            while len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[key] = answer
        return answer


def _hash(question: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
