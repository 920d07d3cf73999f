"""The audit trail: who did what to whose contact, each line sealed with the one before it.

A line holds ids only. Its seal is a keyed MAC over the line and the former seal, so a line that was altered,
removed from between, or swapped breaks the chain at a place that can be named. Lines cut off at the end are
found by a head: the last number and seal of a time, kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum


class Act(StrEnum):
    """What is written down."""

    LISTEN = "listen"
    LISTEN_ORIGINAL = "listen-original"
    EXPORT = "export"
    ERASE = "erase"
    HOLD = "hold"
    RULE = "rule-change"
    LABEL = "label"
    PEOPLE = "people-change"


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` counts from 1. ``who`` is a principal's id; ``subject`` a contact's, rule's or person's;
    ``reason`` what the caller said it was for."""

    number: int
    at_ms: int
    who: str
    role: str
    act: Act
    subject: str = ""
    reason: str = ""
    request_id: str = ""
    address: str = ""
    former: str = ""
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a time."""

    number: int
    seal: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``lines`` that were read; ``broken``: the number of the first that does not fit, and ``why``."""

    lines: int
    broken: int | None = None
    why: str = ""


def sealed(line: Line, key: bytes) -> Line:
    """The line with the seal that it has to have."""
    told = json.dumps({**asdict(line), "seal": ""}, sort_keys=True, ensure_ascii=False)
    mark = hmac.new(key, told.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return replace(line, seal=mark.hexdigest())


def verify(lines: Iterable[Line], heads: Iterable[Head], key: bytes) -> Verdict:
    """Walk the chain from its first line, and compare it with the heads."""
    former, count = "", 0
    known = {head.number: head.seal for head in heads}
    for count, line in enumerate(lines, start=1):
        if line.number != count:
            return Verdict(count - 1, count, f"a line of number {line.number} lies here")
        if line.former != former:
            return Verdict(count - 1, count, "it does not follow the line before it")
        if not hmac.compare_digest(sealed(line, key).seal, line.seal):
            return Verdict(count - 1, count, "it was altered")
        if known.get(count, line.seal) != line.seal:
            return Verdict(count - 1, count, "it is not the line that the head was taken of")
        former = line.seal
    longest = max(known, default=0)
    if longest > count:
        return Verdict(count, count + 1, f"lines up to {longest} were there once")
    return Verdict(count)
