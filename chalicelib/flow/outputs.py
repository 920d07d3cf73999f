"""Contact Lens files for programs that read Contact Lens today: they say what the row says.

A file is no product. Its readers know no row, so it may not outlive what it tells: a look ends only when
the files are those of the committed publication, and none where nothing is published. A look that
changed a file reads the row once more, because the row may have moved on while it wrote.

Keys begin with the day, so a contact's files cannot be listed. Each key is noted among the contact's
products before its file is written; notes are numbered, immutable and stay, so that also a worker that
wakes after a deletion removes what it has written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from chalicelib.config import Settings
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRow, Publication, SkippedAnalysis
from chalicelib.domain.errors import NotFound
from chalicelib.flow import rows
from chalicelib.formats import contact_lens_writer, object_keys
from chalicelib.formats.artifact import canonical, dump, load
from chalicelib.ports import numbered
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore

AREAS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "redacted": ("redacted",),
    "both": ("redacted", "raw"),
}
NOTES = "outputs"
JSON = "application/json"


def settle(services: Services, row: ContactRow | None) -> bool:
    """Bring the files of a contact to what its row says; whether one was written or removed.

    Contacts that this one took parts from are looked at too: nobody may hint at them again.
    """
    off = services.settings.contact_lens_output == "none"
    areas: tuple[str, ...] = object_keys.AREAS
    if off and row and row.publication:  # what is there stays, but for originals nobody may have
        areas = () if services.settings.keeps_raw else ("raw",)
    if row is None or not areas:
        return False
    concerned = [row] if off else [row, *_provisional(services, row)]
    changed = [_bring(services, each, area) for each in concerned for area in areas]
    return any(changed)


def keep_original(services: Services, analysis: ContactAnalysis, mark: str) -> None:
    """Keep the analysis as it was said, beside the transcripts, where files are to be made of it."""
    if "raw" in AREAS[services.settings.contact_lens_output]:
        key = _original_key(analysis.contact_id, mark)
        services.raw.put_if_absent(key, dump(analysis), content_type=JSON)


def noted(settings: Settings, contact_id: str, published: Publication) -> Publication:
    """The publication, which says so where no file can be named after its contact."""
    if not AREAS[settings.contact_lens_output] or _is_uuid(contact_id):
        return published
    skip = SkippedAnalysis(
        "contact_lens_output", "CONTACT_ID", "Contact Lens's keys are made of a UUID"
    )
    return replace(published, skipped=(*published.skipped, skip))


def key_of(area: str, contact_id: str, conversation: Conversation, published: Publication) -> str:
    """Contact Lens's own key, of the time of disconnecting, below ``<area>/contact-lens/``."""
    own = contact_lens_writer.analysis_key(
        contact_id,
        conversation.channel,
        published.disconnect_ms,
        redacted=area == "redacted",
    )
    return f"{area}/contact-lens/{own}"


def _is_uuid(contact_id: str) -> bool:
    return object_keys.contact_id_in(contact_id) == contact_id


def _original_key(contact_id: str, mark: str) -> str:
    return object_keys.artifact_key("raw", contact_id, "analysis", mark)


def _provisional(services: Services, row: ContactRow) -> Iterator[ContactRow]:
    """Contacts under which parts were known before it was known whose they are."""
    unnamed = (part.key for part in row.parts if object_keys.contact_id_in(part.key) is None)
    for guess in sorted({object_keys.provisional_id(key) for key in unnamed} - {row.contact_id}):
        if rival := services.contacts.get(guess):
            yield rival


def _bring(services: Services, row: ContactRow, area: str) -> bool:
    store = services.raw if area == "raw" else services.redacted
    wanted = _wanted(services, store, row, area)
    known = list(noted_keys(store, row.contact_id, area))
    changed = False
    for key, body in wanted.items():
        if key not in known:
            _note(store, row.contact_id, area, key)
        changed |= _written(store, key, body)
    for key in known:
        if key not in wanted and store.stat(key):
            store.delete(key)
            changed = True
    return changed


def _wanted(services: Services, store: ObjectStore, row: ContactRow, area: str) -> dict[str, bytes]:
    """The files of the publication in force, by key."""
    published = row.publication
    if (
        area not in AREAS[services.settings.contact_lens_output]
        or published is None
        or not published.analysis_key
        or not _is_uuid(row.contact_id)
    ):
        return {}
    mark = row.recipe[rows.PUBLICATION].fingerprint
    original = _original_key(row.contact_id, mark)
    key = published.analysis_key if area == "redacted" else original
    if store.stat(key) is None:
        return {}  # published before originals were to be kept
    analysis = load(ContactAnalysis, store.read(key))
    return {
        key_of(area, row.contact_id, each, published): canonical(
            contact_lens_writer.write(
                analysis,
                each,
                redacted=area == "redacted",
                bucket=services.settings.sources_bucket,
            )
        )
        for each in analysis.conversations
    }


def _written(store: ObjectStore, key: str, body: bytes) -> bool:
    """Write what is not there yet: readers are told of every write."""
    try:
        if store.read(key) == body:
            return False
    except NotFound:
        pass
    store.put(key, body, content_type=JSON)
    return True


def _note_key(contact_id: str, area: str, number: int) -> str:
    """Names of notes count from 0."""
    return object_keys.artifact_key(area, contact_id, NOTES, f"{number - 1:04d}")


def noted_keys(store: ObjectStore, contact_id: str, area: str) -> Iterator[str]:
    """Every key that a file of the contact was ever written under."""
    for body in numbered.bodies(store, partial(_note_key, contact_id, area)):
        yield json.loads(body)["key"]


def _note(store: ObjectStore, contact_id: str, area: str, key: str) -> None:
    """Note a key under the next free number; it may be noted twice, never not at all."""
    numbered.append(store, partial(_note_key, contact_id, area), canonical({"key": key}))
