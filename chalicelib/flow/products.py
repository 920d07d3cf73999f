"""Products of heavy stages: there, failed, or asked for.

A product is an immutable object named by its fingerprint, so whoever makes it, and however often, it
is the same object. A failure is an object too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.contact import PartState, Refusal, Waiting
from chalicelib.domain.errors import EngineMissing, LanguageNotServed, NotFound
from chalicelib.domain.events import Hint
from chalicelib.domain.transcript import Role, Transcript
from chalicelib.flow.table import ACOUSTICS, LANGUAGE, SPEECH, Plan, Planned, Source
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import canonical, dump, fingerprint, load
from chalicelib.ports.services import Services
from chalicelib.ports.speech import JobState, SpeechJob
from chalicelib.ports.storage import ObjectStore
from chalicelib.stages import masking
from chalicelib.stages.language import Given
from chalicelib.stages.masking import Masked
from chalicelib.stages.transcript import channel_roles

SKIPPED = {
    "stage.skipped": EngineMissing.skip,
    "stage.skipped.language": LanguageNotServed.skip,
}
"""Failures that a contact is published without, by code, as the reason that its readers are told."""
HeavyProduct = Acoustics | Transcript | Masked


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one heavy product of one contact lies, or will lie.

    ``raw``: whether a transcript is kept as it was said, or masked among the redacted products.
    ``recorded``: the language that the contact record states.
    """

    contact_id: str
    source: Source
    planned: Planned
    raw: bool
    recorded: str = ""

    @property
    def stage(self) -> str:
        return self.planned.stage.name

    @property
    def name(self) -> str:
        return f"{self.source.name}/{self.stage}"

    @property
    def area(self) -> str:
        return "raw" if self.stage == "transcript" and self.raw else "redacted"

    @property
    def kind(self) -> type[Acoustics] | type[Transcript] | type[Masked]:
        if self.stage == "acoustics":
            return Acoustics
        return Transcript if self.raw else Masked

    def roles(self, services: Services) -> tuple[Role, ...]:
        """Who speaks on each channel of the recording."""
        return channel_roles(services.settings, 1 if "mono" in self.source.main.flags else 2)

    def key(self, *, failed: bool = False) -> str:
        mark = self.planned.made.fingerprint
        return object_keys.artifact_key(self.area, self.contact_id, self.stage, mark, failed=failed)

    def store(self, services: Services) -> ObjectStore:
        return services.raw if self.area == "raw" else services.redacted

    def language(self, services: Services) -> str:
        """What is spoken: as the contact record states it, else as it is assumed."""
        return self.recorded or services.settings.language

    def given(self, services: Services) -> Given:
        """What is known of the language of a transcript before anybody reads it."""
        heard = self.planned.stage.place == SPEECH
        return Given(self.recorded, services.settings.language, heard=heard)

    def job(self, services: Services, sample_rate: int = 8000) -> SpeechJob:
        """The job that makes this transcript; its name is a function of contact and fingerprint: two
        contacts may have the same bytes, and each waits for a result of its own."""
        part = self.source.main
        mark = fingerprint({"contact": self.contact_id, "product": self.planned.made.fingerprint})
        name = f"loupe-{mark}"
        return SpeechJob(
            name=name,
            source_key=part.key,
            source_etag=part.etag,
            roles=self.roles(services),
            sample_rate=sample_rate,
            language=self.language(services),
            result_key=object_keys.transcribe_result_key(self.contact_id, name),
            language_assumed=not self.recorded and services.settings.language_id != "none",
        )


def slot_of(services: Services, contact_id: str, source: Source, plan: Plan, stage: str) -> Slot:
    """Where the product of this stage lies, or will lie, as originals are stored or not."""
    recorded = plan[LANGUAGE].made.inputs.get(LANGUAGE, "")
    return Slot(contact_id, source, plan[stage], services.settings.keeps_raw, recorded)


def fetch(services: Services, slot: Slot) -> HeavyProduct | Refusal | None:
    """The product, or why it could not be made, or None while nobody has made it."""
    made = _stored(services, slot) or _other_mode(services, slot)
    if made:
        return made
    try:
        told = json.loads(slot.store(services).read(slot.key(failed=True)))
        return Refusal(told["code"], told["detail"])
    except NotFound:
        return None


def _stored(services: Services, slot: Slot) -> HeavyProduct | None:
    try:
        return load(slot.kind, slot.store(services).read(slot.key()))
    except NotFound:
        return None


def _other_mode(services: Services, slot: Slot) -> HeavyProduct | None:
    """A transcript from before ``LOUPE_RAW`` was changed: masked now, or masked for good."""
    released = slot.source.main.state is PartState.RELEASED
    if slot.stage != "transcript" or (slot.raw and not released):
        return None
    found = _stored(services, replace(slot, raw=not slot.raw))
    return keep(services, slot, found) if isinstance(found, Transcript) else found


def finished_ms(services: Services, slot: Slot) -> int | None:
    """When the product was written, by the store's clock."""
    written = slot.store(services).stat(slot.key())
    return written.modified_ms if written else None


def keep(services: Services, slot: Slot, transcript: Transcript) -> Transcript | Masked:
    """Write a transcript, masked where originals are not stored; what was written.

    A second writer of the same product changes nothing.
    """
    product = transcript if slot.raw else _masked(services, slot, transcript)
    slot.store(services).put_if_absent(slot.key(), dump(product), content_type="application/json")
    return product


def _masked(services: Services, slot: Slot, raw: Transcript) -> Masked:
    return masking.make(
        raw,
        slot.roles(services),
        services.settings,
        given=slot.given(services),
        readers=services.readers,
    )


def keep_failure(services: Services, slot: Slot, refusal: Refusal) -> None:
    """Write that a stage failed for good, with its reason."""
    body = canonical({"code": refusal.code, "detail": refusal.detail})
    slot.store(services).put_if_absent(slot.key(failed=True), body, content_type="application/json")


def request(services: Services, slot: Slot, version: int) -> None:
    """Ask for a heavy product; asking twice makes it once. ``version``: the row's, as it was read."""
    part = slot.source.main
    if slot.planned.stage.place == ACOUSTICS:
        services.queues.acoustics.send(
            {
                "contactId": slot.contact_id,
                "bucket": services.settings.sources_bucket,
                "key": part.key,
                "etag": part.etag,
                "artifactBucket": services.settings.redacted_bucket,
                "artifactKey": slot.key(),
            }
        )
    elif slot.planned.stage.place == SPEECH:
        hint = Hint(key=part.key, contact_id=slot.contact_id, reason="speech", after=version)
        services.queues.speech.send(hint.to_body())


def without(missing: EngineMissing) -> Refusal:
    """The failure of a product that cannot be made here."""
    code = next(code for code, reason in SKIPPED.items() if reason == missing.skip)
    return Refusal(code, missing.reason)


def settle(services: Services, slot: Slot, state: JobState) -> Transcript | Masked | Refusal | None:
    """Keep what a transcription job has come to; None while it runs.

    A service has written its output by then: where originals are not stored, it is deleted.
    """
    if state.state == "DONE" and state.transcript:
        kept = keep(services, slot, state.transcript)
        if not slot.raw:
            services.transcriber.forget(slot.job(services))
        return kept
    if state.state == "FAILED" and state.failure:
        keep_failure(services, slot, state.failure)
        return state.failure
    return None


def note_of(services: Services, slot: Slot, before: Waiting | None) -> Waiting:
    """The row's note of a product that was asked for; the clock runs from the first asking."""
    mark = slot.planned.made.fingerprint
    if before and before.fingerprint == mark:
        return before
    job = slot.job(services).name if slot.planned.stage.place == SPEECH else ""
    return Waiting(mark, services.clock(), slot.planned.made.attempt, job)
