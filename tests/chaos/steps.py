"""Every call that a worker makes of a port is a numbered step at which something can go wrong.

The hook *is* the scheduler: it may end the process, refuse the call, lose its answer, or let the rest
of the world move on while this worker stands still. No threads, so every run can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from chalicelib.ports.services import Queues, Services

BEFORE, AFTER = "before", "after"
WRITES = frozenset(
    {
        *("put", "put_if_absent", "delete", "replace", "purge", "purge_under", "forget"),
        *("commit", "delivered", "publish", "send", "done", "start"),
    }
)

Hook = Callable[[int, str], None]
ELSEWHERE = "control/lake/"
"""The marks of the lake's days are no steps here: ``tests/unit/test_lake.py`` breaks off between them."""


class Crash(BaseException):
    """The process dies: ``except Exception`` must not see it."""


class Steps:
    """Counts the steps and calls ``hook`` before and after each of them.

    ``names`` holds what each step was, ``<port>.<method>``.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.hook: Hook | None = None
        self._quiet = 0

    def call(self, name: str, act: Callable[[], Any]) -> Any:
        if self._quiet:
            return act()
        number = len(self.names)
        self.names.append(name)
        self._tell(number, BEFORE)
        result = act()
        self._tell(number, AFTER)
        return result

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """What happens in here is not counted: it is the rest of the world."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def _tell(self, number: int, phase: str) -> None:
        if self.hook:
            self.hook(number, phase)


def is_write(name: str) -> bool:
    """Whether a call has an effect that outlives its answer."""
    return name.rpartition(".")[2] in WRITES


class Stepped:
    """A port whose every call is a step. An empty ``receive`` is none: nothing happened."""

    def __init__(self, port: Any, name: str, steps: Steps) -> None:
        self._port, self._name, self._steps = port, name, steps

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found
        if method == "receive":
            return self._receive
        name = f"{self._name}.{method}"

        def step(*given: Any, **named: Any) -> Any:
            if given and str(given[0]).startswith(ELSEWHERE):
                return found(*given, **named)
            return self._steps.call(name, lambda: found(*given, **named))

        return step

    def _receive(self, *given: Any, **named: Any) -> Any:
        taken = self._port.receive(*given, **named)
        if taken:
            self._steps.call(f"{self._name}.receive", lambda: None)
        return taken


def stepped(services: Services, steps: Steps) -> Services:
    """The same services, every port of them counted."""

    def of(name: str) -> Any:
        return Stepped(getattr(services, name), name, steps)

    names = ("ingest", "acoustics", "speech", "facts", "audio_redaction", "follow_ups", "lake")
    queues = {n: Stepped(getattr(services.queues, n), n, steps) for n in names}
    return replace(
        services,
        sources=of("sources"),
        raw=of("raw"),
        redacted=of("redacted"),
        contacts=of("contacts"),
        facts=Stepped(services.facts, "bus", steps),
        transcriber=of("transcriber"),
        queues=Queues(**queues),
    )
