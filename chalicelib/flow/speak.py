"""The speech queue's work: transcribe the recording that a contact waits for."""

from __future__ import annotations

from chalicelib.domain.contact import Refusal
from chalicelib.domain.errors import EngineMissing, InputRefused, IntegrityError, NotFound
from chalicelib.domain.events import Hint
from chalicelib.flow import products
from chalicelib.flow.advance import advance
from chalicelib.flow.converge import slots_of
from chalicelib.flow.survey import survey
from chalicelib.ports.services import Services
from chalicelib.ports.speech import JobState


def speak(services: Services, hint: Hint) -> None:
    """Start (or run) the transcription that this contact wants now, if it still wants one.

    The message is a hint: what is wanted is read from the row and the objects. Raises ``Unavailable``
    to be tried again.
    """
    if hint.contact_id is None:
        return
    row = services.contacts.get(hint.contact_id)
    found = survey(services, hint.contact_id, row, [])
    for slot in slots_of(services, row, found):
        if slot.stage == "transcript" and row and slot.name in row.waiting:
            _make(services, slot)
    advance(services, Hint(contact_id=hint.contact_id))


def _make(services: Services, slot: products.Slot) -> None:
    if products.fetch(services, slot) is not None:
        return
    job = slot.job(services)
    try:
        state = services.transcriber.look(job)
        if state.state == "ABSENT":
            state = services.transcriber.start(job)
    except NotFound:
        return  # another object lies there by now; the look that follows wants another product
    except EngineMissing as missing:
        state = JobState("FAILED", failure=Refusal(products.SKIPPED, missing.reason))
    except InputRefused as refused:
        state = JobState("FAILED", failure=Refusal(refused.code, refused.detail))
    except IntegrityError as changed:
        state = JobState("FAILED", failure=Refusal("engine.integrity", str(changed)))
    products.settle(services, slot, state)


def give_up(services: Services, hint: Hint, detail: str) -> None:
    """Record that the transcription of a contact failed too often, so that it is seen and not stuck."""
    if hint.contact_id is None:
        return
    row = services.contacts.get(hint.contact_id)
    found = survey(services, hint.contact_id, row, [])
    for slot in slots_of(services, row, found):
        if row and slot.name in row.waiting and products.fetch(services, slot) is None:
            products.keep_failure(services, slot, Refusal("stage.failed", detail))
    advance(services, Hint(contact_id=hint.contact_id))
