"""Hints that come in and facts that go out. Both carry ids and keys, never what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hint:
    """Look at this: a source object's key, a contact id, the name of an external job.

    ``reason`` is for the log and for one decision only: ``reconcile`` and ``retry`` ask for waiting
    work again. ``after``: the row version that was read when heavy work was asked for; as long as the
    row has it, the commit that waits for the work is still to come. ``sweep``: go on with these rules over
    the past. ``lake``: gather the rows of this day for the data lake.
    """

    key: str | None = None
    contact_id: str | None = None
    job: str | None = None
    reason: str = "event"
    after: int | None = None
    sweep: str | None = None
    lake: str | None = None

    def to_body(self) -> dict[str, str]:
        """The message body: only what is set."""
        pairs = {
            "key": self.key,
            "contactId": self.contact_id,
            "job": self.job,
            "reason": self.reason,
            "after": None if self.after is None else str(self.after),
            "sweep": self.sweep,
            "lake": self.lake,
        }
        return {name: value for name, value in pairs.items() if value}

    @classmethod
    def from_body(cls, body: Mapping[str, str]) -> Hint:
        return cls(
            key=body.get("key"),
            contact_id=body.get("contactId"),
            job=body.get("job"),
            reason=body.get("reason", "event"),
            after=int(body["after"]) if body.get("after", "").isdecimal() else None,
            sweep=body.get("sweep"),
            lake=body.get("lake"),
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened, published once under ``id`` after the commit that made it true.

    ``name`` is Loupe's own (``ContactAnalyzed``, ``ContactAnalysisFailed``, ``ContactDeleted``);
    ``detail_type`` is Contact Lens's where it has one.
    """

    id: str
    name: str
    detail_type: str
    contact_id: str
    detail: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
