"""How many requests one caller may send: a bucket of tokens each, filled steadily.

It keeps a script that went wrong from taking the machine; people and dashboards never meet it.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from chalicelib.api.problems import Refusal

BURST_S = 10
REMEMBERED = 1000


class RateLimit:
    """``per_minute`` requests of each caller, ten seconds' worth at once; 0 for no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_minute / 60
        self._most = max(1.0, self._per_s * BURST_S)
        self._clock = clock
        self._lock = Lock()
        self._callers: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """One request. Raises ``Refusal`` 429 that says when to come again."""
        if not self._per_s:
            return
        with self._lock:
            now = self._clock()
            left, since = self._callers.get(caller, (self._most, now))
            left = min(self._most, left + (now - since) * self._per_s)
            granted = left >= 1
            self._callers[caller] = (left - 1 if granted else left, now)
            self._callers.move_to_end(caller)
            if len(self._callers) > REMEMBERED:
                self._callers.popitem(last=False)
        if not granted:
            again = str(math.ceil((1 - left) / self._per_s))
            raise Refusal(429, "rate", "These are too many requests.", {"Retry-After": again})
