"""What a kind of follow-up is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow, Publication
from chalicelib.domain.follow_up import Order, Result
from chalicelib.ports.services import Services


@dataclass(frozen=True)
class Desk:
    """``analysis`` is the committed one, redacted; ``published`` the row's publication."""

    services: Services
    order: Order
    row: ContactRow
    published: Publication
    analysis: ContactAnalysis


Runner = Callable[[Desk], Result]
