"""Which engine serves which follow-up. Adapters are imported where they are chosen."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.config import Settings
from chalicelib.domain.pseudonym import pseudonym
from chalicelib.ports.services import After
from chalicelib.ports.storage import ObjectStore


def local_after(settings: Settings, store: ObjectStore, key: bytes) -> After:
    """The engines on one machine; ``store`` keeps what they learn, ``key`` makes pseudonyms."""
    del settings, store
    return After(customers=lambda who: pseudonym(key, who))


def aws_after(settings: Settings, store: ObjectStore, key: Callable[[], bytes]) -> After:
    """The engines on AWS; ``key`` is asked for when a contact first names its customer."""
    del store
    customers = (lambda who: pseudonym(key(), who)) if settings.customer_secret else None
    return After(customers=customers)
