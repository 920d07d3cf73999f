"""How follow-ups stand, for those who ask."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.follow_up import FollowUp
from chalicelib.flow.follow_ups import notes
from chalicelib.ports.services import Services


def of_contact(services: Services, contact_id: str) -> list[FollowUp]:
    """Everything that was ordered for a contact, the latest first."""
    return notes.of_contact(services.redacted, contact_id)


def one(services: Services, contact_id: str, order_id: str) -> FollowUp:
    """Raises ``NotFound``."""
    return notes.stands(services.redacted, contact_id, order_id)


def newest(services: Services, since_ms: int) -> Iterator[tuple[str, str]]:
    """(contact id, order id) of orders since then, the latest first."""
    return notes.newest(services.redacted, since_ms, services.clock())
