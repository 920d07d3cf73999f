"""Loops that outlive what goes wrong in them: a full disk now is no reason to stand still later."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from chalicelib.domain.errors import told

log = logging.getLogger("loupe.loop")

LONGEST_PAUSE_S = 60.0


def keep_going(name: str, act: Callable[[], object], stop: Event, *, pause_s: float = 0) -> None:
    """Call ``act`` until ``stop`` is set, ``pause_s`` after each time it went well.

    After a failure it waits 1 s, then twice as long each time, one minute at most.
    """
    failures = 0
    while not stop.is_set():
        if attempt(name, act):
            failures = 0
            stop.wait(pause_s)
        else:
            stop.wait(min(LONGEST_PAUSE_S, 2.0**failures))
            failures = min(failures + 1, 10)


def attempt(name: str, act: Callable[[], object]) -> bool:
    """Whether ``act`` went well; if not, that is logged."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 the thread must live
        log.warning("%s: %s", name, told(error))
        return False
    return True
