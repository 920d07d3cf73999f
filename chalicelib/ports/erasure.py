"""Stores that may hold something of a contact beside those that the flow knows by their own ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.contact import Part, PartKind


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be removed: a contact under all its ids, the first its own, with the objects that it was
    made of, the names of its transcription jobs, the ids of rules' actions that were told of it, and the
    pseudonym of its customer. ``last``: it is gone over once more, long after it was erased."""

    contact_ids: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    jobs: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    last: bool = False

    @property
    def contact_id(self) -> str:
        return self.contact_ids[0]

    @property
    def names(self) -> frozenset[str]:
        """What a message that is about this contact alone may name it by."""
        own = (part.key for part in self.parts if part.kind is not PartKind.CONTACT_RECORD)
        return frozenset((*self.contact_ids, *own, *self.jobs))


class Holder(Protocol):
    """A store that removes what it holds of a contact, and can be asked again."""

    name: str

    def forget(self, subject: Subject) -> int | None:
        """How many things were removed; None where the store cannot be searched. Raises ``Unavailable``
        when something may be left."""
