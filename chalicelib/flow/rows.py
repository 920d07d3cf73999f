"""The rows that a look can end in. Version and times are put in by the commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.contact import (
    ContactRow,
    Made,
    Part,
    PartKind,
    PartState,
    Refusal,
    StageRun,
    Status,
    Waiting,
)
from chalicelib.flow.products import HeavyProduct, Slot
from chalicelib.flow.survey import Survey
from chalicelib.flow.table import Plan

PUBLICATION = "contact/publication"


@dataclass(frozen=True, slots=True)
class Product:
    """A finished heavy product, or the reason why it was skipped, with its slot and its note."""

    slot: Slot
    value: HeavyProduct | Refusal
    note: Waiting
    finished_ms: int | None = None


@dataclass
class Heavy:
    """How the heavy stages of a contact stand: by ``<conversation>/<stage>``."""

    products: dict[str, Product] = field(default_factory=dict)
    waits: dict[str, Waiting] = field(default_factory=dict)
    failure: Refusal | None = None
    failed_slot: str | None = None

    def made(
        self,
        slot: Slot,
        value: HeavyProduct | Refusal,
        note: Waiting,
        finished_ms: int | None,
    ) -> None:
        self.products[slot.name] = Product(slot, value, note, finished_ms)

    def failed(self, slot: Slot, refusal: Refusal, note: Waiting) -> None:
        self.waits[slot.name] = note
        if self.failure is None:
            self.failure, self.failed_slot = refusal, slot.name

    def runs(self) -> tuple[StageRun, ...]:
        """History lines of what is made, waits and failed."""
        done = [
            self._run(p.slot.name, p.note, "DONE", p.value, p.finished_ms)
            for p in self.products.values()
        ]
        open_ = [
            self._run(name, note, "FAILED", self.failure)
            if name == self.failed_slot
            else self._run(name, note, "WAITING", None)
            for name, note in self.waits.items()
        ]
        return tuple(done + open_)

    @staticmethod
    def _run(
        name: str,
        note: Waiting,
        state: str,
        value: HeavyProduct | Refusal | None,
        finished_ms: int | None = None,
    ) -> StageRun:
        conversation, stage = name.split("/")
        refused = value if isinstance(value, Refusal) else None
        made = None if isinstance(value, Refusal) or value is None else value
        return StageRun(
            stage=stage,
            conversation=conversation,
            state="SKIPPED" if refused and state == "DONE" else state,
            fingerprint=note.fingerprint,
            started_ms=note.since_ms,
            duration_ms=_took(note.since_ms, finished_ms),
            engine=made.engine if made else None,
            attempt=note.attempt,
            error=refused,
        )


def _took(since_ms: int, finished_ms: int | None) -> int | None:
    """From asking to finished; None for a product that was there before it was asked for."""
    if finished_ms is None or finished_ms < since_ms:
        return None
    return finished_ms - since_ms


def same(old: ContactRow | None, new: ContactRow) -> bool:
    """Whether a commit would change nothing but times. What was told is kept by the commit itself."""
    if old is None:
        return False
    level = {
        "version": old.version,
        "updated_ms": old.updated_ms,
        "first_seen_ms": old.first_seen_ms,
        "stages": old.stages,
        "analysed_ms": old.analysed_ms,
        "told": old.told,
        "counted": old.counted,
    }
    return old == replace(new, **level)  # type: ignore[arg-type]


def standing(row: ContactRow, parts: tuple[Part, ...]) -> ContactRow:
    """The publication stays in force, with the parts as they are now; nothing is waited for."""
    return replace(row, status=Status.COMPLETED, parts=parts, waiting={})


def retried(row: ContactRow) -> ContactRow:
    """The row as it counts for a retry: a failed stage gets its next attempt."""
    if row.status is not Status.FAILED or row.failed_stage is None:
        return row
    note = row.waiting.get(row.failed_stage)
    if note is None:
        return row
    again = replace(note, attempt=note.attempt + 1)
    return replace(row, waiting={**row.waiting, row.failed_stage: again})


def _blank(found: Survey, status: Status) -> ContactRow:
    return ContactRow(found.contact_id, 0, status, 0, parts=found.parts)


def in_progress(row: ContactRow | None, found: Survey, heavy: Heavy) -> ContactRow:
    """Work is under way; an earlier publication stays until the new one replaces it."""
    return replace(
        _blank(found, Status.IN_PROGRESS),
        recipe=row.recipe if row else {},
        publication=row.publication if row else None,
        waiting=heavy.waits,
        stages=heavy.runs(),
    )


def failed(row: ContactRow | None, found: Survey, heavy: Heavy) -> ContactRow:
    """A stage failed for good; what was published before of other bytes is withdrawn.

    The recipe stays: it names the products of the other conversation, whose source may be away by now.
    """
    return replace(
        _blank(found, Status.FAILED),
        recipe=row.recipe if row else {},
        waiting=heavy.waits,
        stages=heavy.runs(),
        failure=heavy.failure,
        failed_stage=heavy.failed_slot,
        first_seen_ms=row.first_seen_ms if row else 0,
    )


def quarantined(row: ContactRow | None, found: Survey) -> ContactRow:
    """Every source was refused; the parts say why. A deleted contact stays in view as refused."""
    return replace(_blank(found, Status.QUARANTINED), first_seen_ms=row.first_seen_ms if row else 0)


def deleted(row: ContactRow | None, found: Survey) -> ContactRow:
    """The tombstone, written even when there was no row: it stops a worker that still holds old bytes."""
    gone = tuple(_gone(part) for part in found.parts)
    return replace(
        _blank(found, Status.DELETED),
        parts=gone,
        tombstone="deleted",
        first_seen_ms=row.first_seen_ms if row else 0,
    )


def _gone(part: Part) -> Part:
    """A file of contact records may still be there: it is others' too."""
    if part.kind is PartKind.CONTACT_RECORD and part.state is PartState.PRESENT:
        return part
    return replace(part, state=PartState.GONE, refusal=None)


def publication_inputs(plans: Mapping[str, Plan], inputs: Mapping[str, str]) -> dict[str, str]:
    """What a publication stands on: the contact record and which conversations there are."""
    return {"record": inputs.get("record", ""), "conversations": " ".join(sorted(plans))}


def completed_recipe(
    plans: Mapping[str, Plan], inputs: Mapping[str, str], mark: str
) -> dict[str, Made]:
    """The fingerprints in force after a publication."""
    recipe = {
        f"{conversation}/{stage}": planned.made
        for conversation, one in plans.items()
        for stage, planned in one.items()
    }
    recipe[PUBLICATION] = Made(mark, 1, publication_inputs(plans, inputs))
    return recipe
