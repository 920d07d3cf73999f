"""From a hint to contacts: which contact does this object, job or id concern?

An owner once committed answers for a key ever after, unless it is only the key's provisional contact;
before that the content decides, then the key.
A file of contact records belongs to nobody alone (``SHARED``): its content is asked every time.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.events import Hint
from chalicelib.formats import object_keys
from chalicelib.ports.services import Services
from chalicelib.stages import intake

JOB = "job:"
SHARED = "*"
RECORDS = "contact-records/"


@dataclass(frozen=True, slots=True)
class Concern:
    """A contact to look at, with a source key that it may not know yet, or the key of a product."""

    contact_id: str
    key: str | None = None
    product: str | None = None


def identify(services: Services, hint: Hint) -> tuple[Concern, ...]:
    """The contacts that a hint is about; none when it says nothing to us."""
    if hint.contact_id:
        return (Concern(hint.contact_id, hint.key),)
    if hint.job:
        owner = services.contacts.owner_of(JOB + hint.job)
        return (Concern(owner),) if owner else ()
    if hint.key:
        return _of_key(services, hint.key)
    return ()


def _of_key(services: Services, key: str) -> tuple[Concern, ...]:
    made_for = object_keys.contact_of_artifact(key)
    if made_for:
        return (Concern(made_for, product=key),)
    owner = services.contacts.owner_of(key)
    if owner and owner not in (SHARED, object_keys.provisional_id(key)):
        return (Concern(owner, key),)
    stat = services.sources.stat(key)
    if stat is None:
        return _of_missing(key)
    found = intake.inspect(services.sources, stat, services.settings, services.clock())
    ids = found.content_ids or (_by_name(key),)
    return tuple(Concern(contact_id, key) for contact_id in ids)


def _of_missing(key: str) -> tuple[Concern, ...]:
    if RECORDS in key:
        return ()
    return (Concern(_by_name(key), key),)


def _by_name(key: str) -> str:
    return object_keys.contact_id_in(key) or object_keys.provisional_id(key)
