"""The acoustics queue's work on one machine: the same measuring as in the Lambda, on the local store."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.config import Settings
from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.contact import Refusal
from chalicelib.domain.errors import InputRefused, NotFound
from chalicelib.domain.events import Hint
from chalicelib.flow import advance
from chalicelib.formats.artifact import canonical, dump
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore
from functions.acoustics.measure import measure
from functions.recording import Limits, Recording


def measure_object(store: ObjectStore, key: str, settings: Settings) -> Acoustics:
    """Measure a recording. Raises ``InputRefused`` and ``NotFound``."""
    found = store.stat(key)
    if found is None:
        raise NotFound(key)
    with store.open(key) as file:
        limits = Limits(settings.max_audio_bytes, settings.max_audio_s)
        return measure(file, Recording(file, found.size).header(limits))


def work(services: Services, body: Mapping[str, str]) -> None:
    """One message of the acoustics queue; the product is written once, whoever is first."""
    key, artifact = body["key"], body["artifactKey"]
    found = services.sources.stat(key)
    if found and found.etag == body["etag"] and services.redacted.stat(artifact) is None:
        try:
            product = measure_object(services.sources, key, services.settings)
        except InputRefused as refused:
            fail(services, body, Refusal(refused.code, refused.detail))
            return
        if services.sources.stat(key) == found:  # else it may be of the bytes that came meanwhile
            services.redacted.put_if_absent(
                artifact, dump(product), content_type="application/json"
            )
    advance(services, Hint(contact_id=body["contactId"]))


def fail(services: Services, body: Mapping[str, str], why: Refusal) -> None:
    """Record that this recording could not be measured, so that the contact shows it."""
    services.redacted.put_if_absent(
        body["artifactKey"].removesuffix(".json") + ".failed.json",
        canonical({"code": why.code, "detail": why.detail}),
        content_type="application/json",
    )
    advance(services, Hint(contact_id=body["contactId"]))
