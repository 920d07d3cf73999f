"""Products of heavy stages: there, failed, or asked for.

A product is an immutable object named by its fingerprint, so whoever makes it, and however often, it
is the same object. A failure is an object too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.contact import Refusal, Waiting
from chalicelib.domain.errors import EngineMissing, LanguageNotServed, NotFound
from chalicelib.domain.events import Hint
from chalicelib.domain.transcript import Transcript
from chalicelib.flow.table import ACOUSTICS, LANGUAGE, SPEECH, Planned, Source
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import canonical, dump, fingerprint, load
from chalicelib.ports.services import Services
from chalicelib.ports.speech import JobState, SpeechJob
from chalicelib.ports.storage import ObjectStore
from chalicelib.stages.transcript import channel_roles

SKIPPED = {
    "stage.skipped": EngineMissing.skip,
    "stage.skipped.language": LanguageNotServed.skip,
}
"""Failures that a contact is published without, by code, as the reason that its readers are told."""
KINDS: dict[str, type[Acoustics] | type[Transcript]] = {
    "acoustics": Acoustics,
    "transcript": Transcript,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one heavy product of one contact lies, or will lie."""

    contact_id: str
    source: Source
    planned: Planned

    @property
    def stage(self) -> str:
        return self.planned.stage.name

    @property
    def name(self) -> str:
        return f"{self.source.name}/{self.stage}"

    @property
    def area(self) -> str:
        return "raw" if self.stage == "transcript" else "redacted"

    def key(self, *, failed: bool = False) -> str:
        mark = self.planned.made.fingerprint
        return object_keys.artifact_key(self.area, self.contact_id, self.stage, mark, failed=failed)

    def store(self, services: Services) -> ObjectStore:
        return services.raw if self.area == "raw" else services.redacted

    def language(self, services: Services) -> str:
        """What is spoken: as the contact record states it, else as it is assumed."""
        return self.planned.made.inputs.get(LANGUAGE) or services.settings.language

    def job(self, services: Services, sample_rate: int = 8000) -> SpeechJob:
        """The job that makes this transcript; its name is a function of contact and fingerprint: two
        contacts may have the same bytes, and each waits for a result of its own."""
        part = self.source.main
        channels = 1 if "mono" in part.flags else 2
        mark = fingerprint({"contact": self.contact_id, "product": self.planned.made.fingerprint})
        name = f"loupe-{mark}"
        return SpeechJob(
            name=name,
            source_key=part.key,
            source_etag=part.etag,
            roles=channel_roles(services.settings, channels),
            sample_rate=sample_rate,
            language=self.language(services),
            result_key=object_keys.transcribe_result_key(self.contact_id, name),
            language_assumed=LANGUAGE not in self.planned.made.inputs
            and services.settings.language_id != "none",
        )


def fetch(services: Services, slot: Slot) -> Acoustics | Transcript | Refusal | None:
    """The product, or why it could not be made, or None while nobody has made it."""
    store = slot.store(services)
    try:
        return load(KINDS[slot.stage], store.read(slot.key()))
    except NotFound:
        pass
    try:
        told = json.loads(store.read(slot.key(failed=True)))
        return Refusal(told["code"], told["detail"])
    except NotFound:
        return None


def finished_ms(services: Services, slot: Slot) -> int | None:
    """When the product was written, by the store's clock."""
    written = slot.store(services).stat(slot.key())
    return written.modified_ms if written else None


def keep(services: Services, slot: Slot, product: Acoustics | Transcript) -> None:
    """Write a product; a second writer of the same product changes nothing."""
    slot.store(services).put_if_absent(slot.key(), dump(product), content_type="application/json")


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


def settle(services: Services, slot: Slot, state: JobState) -> Transcript | Refusal | None:
    """Keep what a transcription job has come to; None while it runs."""
    if state.state == "DONE" and state.transcript:
        keep(services, slot, state.transcript)
        return state.transcript
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
