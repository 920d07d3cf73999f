"""Loops that outlive what goes wrong in them: a full disk now is no reason to stand still later."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from threading import Event

from chalicelib.domain.errors import LoupeError

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


def told(error: Exception) -> str:
    """What may be logged: Loupe's own words, else type and place, since messages quote content."""
    if isinstance(error, LoupeError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"unexpected {type(error).__name__}{place}"
