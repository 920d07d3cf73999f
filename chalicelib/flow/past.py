"""What rules see of contacts that were published: kept beside the analysis, or made from it."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRecord, ContactRow
from chalicelib.domain.errors import NotFound
from chalicelib.domain.rules.gather import subject_of
from chalicelib.domain.rules.subject import Subject, Subjects
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import dump, load
from chalicelib.ports.services import Services
from chalicelib.ports.storage import ObjectStore

STAGE = "subject"


def keep_subjects(
    services: Services, contact_id: str, mark: str, subjects: Iterable[Subject]
) -> None:
    """Keep what this publication's rules were judged on. It holds what was said, so it lies with the raw
    products."""
    store, area = _place(services)
    key = object_keys.artifact_key(area, contact_id, STAGE, mark)
    body = dump(Subjects(tuple(subjects)))
    store.put_if_absent(key, body, content_type="application/json")


def _place(services: Services) -> tuple[ObjectStore, str]:
    """Where subjects lie: with what was said, or, where that is never stored, with what is shown."""
    if services.settings.keeps_raw:
        return services.raw, "raw"
    return services.redacted, "redacted"


def subjects_of(services: Services, row: ContactRow) -> tuple[Subject, ...]:
    """The conversations as rules see them. Contacts that were published before subjects were kept are read
    from their redacted analysis; of others nothing is left."""
    told = row.publication
    if told is None or not told.analysis_key:
        return ()
    mark = told.analysis_key.rpartition("/")[2].removesuffix(".json")
    store, area = _place(services)
    key = object_keys.artifact_key(area, row.contact_id, STAGE, mark)
    try:
        return load(Subjects, store.read(key)).subjects
    except NotFound:
        return _from_analysis(services, told.analysis_key)


def _from_analysis(services: Services, key: str) -> tuple[Subject, ...]:
    try:
        analysis = load(ContactAnalysis, services.redacted.read(key))
    except NotFound:
        return ()
    return tuple(shown_subject(one, analysis.record) for one in analysis.conversations)


def shown_subject(conversation: Conversation, record: ContactRecord | None) -> Subject:
    """What rules see of a conversation as it is shown: masks in place of what was masked."""
    return subject_of(
        conversation.transcript,
        conversation.duration_ms,
        conversation.characteristics,
        conversation.sentiment,
        record=record,
        skipped=conversation.skipped,
    )
