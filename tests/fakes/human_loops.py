"""People who answer when a test says so, for the port."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import Engine
from chalicelib.ports.review import (
    LONGEST_CONTENT,
    LONGEST_NAME,
    NAME,
    Loop,
    LoopAnswer,
    LoopState,
)


class FakeLoops:
    """``HumanLoops`` in memory. ``asked`` holds the content of every loop."""

    engine = Engine("fake people", "1")

    def __init__(self) -> None:
        self.asked: dict[str, Mapping[str, str | list[str]]] = {}
        self._loops: dict[str, Loop] = {}

    def start(self, name: str, content: Mapping[str, str | list[str]]) -> bool:
        if len(name) > LONGEST_NAME or not re.fullmatch(NAME, name):
            raise InputRefused("review.loop", "no name of a loop")
        if len(json.dumps(content, ensure_ascii=False)) > LONGEST_CONTENT:
            raise InputRefused("review.loop", "too long")
        if name in self._loops:
            return False
        self.asked[name], self._loops[name] = content, Loop(LoopState.RUNNING)
        return True

    def look(self, name: str) -> Loop:
        return self._loops.get(name, Loop(LoopState.ABSENT))

    def stop(self, name: str) -> None:
        if self.look(name).state is LoopState.RUNNING:
            self._loops[name] = Loop(LoopState.STOPPED)

    def delete(self, name: str) -> None:
        self._loops.pop(name, None)

    def complete(self, name: str, *answers: tuple[str, str]) -> None:
        """The workers have answered: (worker, value)."""
        told = tuple(LoopAnswer(worker, value, 1_780_000_000_000) for worker, value in answers)
        self._loops[name] = Loop(LoopState.DONE, told)

    def fail(self, name: str, code: str) -> None:
        self._loops[name] = Loop(LoopState.FAILED, failure=code)
