"""The speech queue's work: transcribe the recording that a contact waits for."""

from __future__ import annotations

from chalicelib.domain.contact import ContactRow, Refusal
from chalicelib.domain.erasure import is_erased
from chalicelib.domain.errors import (
    EngineMissing,
    InputRefused,
    IntegrityError,
    NotFound,
    Unavailable,
)
from chalicelib.domain.events import Hint
from chalicelib.flow import products
from chalicelib.flow.advance import advance
from chalicelib.flow.converge import slots_of
from chalicelib.flow.survey import survey
from chalicelib.ports.services import Services
from chalicelib.ports.speech import JobState


def speak(services: Services, hint: Hint) -> None:
    """Start (or run) the transcription that this contact wants now, if it still wants one.

    The message is a hint: what is wanted is planned anew from the row and the objects, so that it may
    overtake the commit that waits for it. Raises ``Unavailable`` to be tried again, also when only
    that commit can tell what is wanted.
    """
    if hint.contact_id is None:
        return
    row = services.contacts.get(hint.contact_id)
    wanted = [] if is_erased(row) else _wanted(services, hint, row)
    for slot in wanted:
        _make(services, slot)
    version = row.version if row else 0
    if not wanted and hint.after is not None and version <= hint.after:
        raise Unavailable("the commit that waits for this work is still to come")
    advance(services, Hint(contact_id=hint.contact_id))


def _wanted(services: Services, hint: Hint, row: ContactRow | None) -> list[products.Slot]:
    """Transcripts that are due and that nobody has made."""
    found = survey(services, hint.contact_id or "", row, [hint.key] if hint.key else [])
    return [
        slot
        for slot in slots_of(services, row, found)
        if slot.stage == "transcript"
        and slot.planned.due
        and products.fetch(services, slot) is None
    ]


def _make(services: Services, slot: products.Slot) -> None:
    """The product, unless the recording is replaced meanwhile: it would be of other bytes."""
    part = slot.source.main
    before = services.sources.stat(part.key)
    if before is None or before.etag != part.etag:
        return
    state = _heard(services, slot)
    if state and services.sources.stat(part.key) == before:
        products.settle(services, slot, state)


def _heard(services: Services, slot: products.Slot) -> JobState | None:
    job = slot.job(services)
    try:
        state = services.transcriber.look(job)
        return services.transcriber.start(job) if state.state == "ABSENT" else state
    except NotFound:
        return None  # another object lies there by now; the look that follows wants another product
    except EngineMissing as missing:
        return JobState("FAILED", failure=products.without(missing))
    except InputRefused as refused:
        return JobState("FAILED", failure=Refusal(refused.code, refused.detail))
    except IntegrityError as changed:
        return JobState("FAILED", failure=Refusal("engine.integrity", str(changed)))


def give_up(services: Services, hint: Hint, detail: str) -> None:
    """Record that the transcription of a contact failed too often, so that it is seen and not stuck."""
    if hint.contact_id is None:
        return
    row = services.contacts.get(hint.contact_id)
    for slot in [] if is_erased(row) else _wanted(services, hint, row):
        products.keep_failure(services, slot, Refusal("stage.failed", detail))
    advance(services, Hint(contact_id=hint.contact_id))
