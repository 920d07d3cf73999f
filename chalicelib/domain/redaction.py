"""Personal data in turns and the masking of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PiiSpan:
    """A finding in the *raw* text of a turn, in Contact Lens's entity names
    (``CREDIT_DEBIT_NUMBER``, ``PHONE``, ``EMAIL``, ``BANK_ACCOUNT_NUMBER``, ``SSN``, ``PIN`` ...)."""

    turn_id: str
    begin: int
    end: int
    entity: str
    detector: str
    score: float = 1.0
