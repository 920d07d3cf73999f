"""Requests that may come twice and make nothing that could be found again: what was answered to the first.

A record holds a fingerprint of the request and a time, never what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.formats.artifact import dump, load
from chalicelib.ports import numbered
from chalicelib.ports.services import Services

PREFIX = "control/idempotency/"


@dataclass(frozen=True, slots=True)
class Once:
    """``request`` identifies what was asked, ``until_ms`` is how long the answer is good."""

    request: str
    until_ms: int


def first(services: Services, name: str, now: Once) -> Once:
    """What was kept under this name while it is good, else ``now``, which is kept."""
    key = f"{PREFIX}{name}.json"
    if numbered.put(services.redacted, key, dump(now)):
        return now
    kept = load(Once, services.redacted.read(key))
    if kept.until_ms > services.clock():
        return kept
    services.redacted.put(key, dump(now), content_type=numbered.JSON)
    return now
