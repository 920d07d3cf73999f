"""What lies under a contact that was erased goes, whoever still writes it and whenever.

Nothing here asks what a thing is for: an erased contact has none. What another contact has in the same
object stays.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.contact import ContactRecord, ContactRow, PartKind
from chalicelib.domain.erasure import Erasure
from chalicelib.domain.errors import NotFound, VersionMoved
from chalicelib.domain.events import Hint
from chalicelib.flow import erasure_ledger, outputs
from chalicelib.formats import contact_record, object_keys, record_lines
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Commit, ObjectStore, Stat
from chalicelib.stages import intake


def settle(services: Services, row: ContactRow, key: str | None) -> bool:
    """Remove what came for an erased contact after all, products or the hinted object; whether something
    was there."""
    ids = (row.contact_id,)
    gone = purge_source(services, ids, key) if key else 0
    gone += purge_files(services, ids)
    gone += purge_products(services.raw, "raw", ids) + purge_products(
        services.redacted, "redacted", ids
    )
    if gone:
        _count(services, row.contact_id, gone)
    return bool(gone)


def _count(services: Services, contact_id: str, gone: int) -> None:
    def counted(entry: Erasure) -> Erasure:
        return replace(entry, late=entry.late + gone)

    try:
        erasure_ledger.note(services, erasure_ledger.contact_entry(services, contact_id), counted)
    except NotFound:  # a part of another contact's erasure
        return


def purge_products(store: ObjectStore, area: str, contact_ids: tuple[str, ...]) -> int:
    """Everything that was made of the contact, but the notes of Contact Lens files: those hold keys made of
    id and time, and whoever still writes such a file finds by them what to remove."""
    gone = 0
    for contact_id in contact_ids:
        prefix = object_keys.artifact_prefix(area, contact_id)
        gone += store.purge_under(prefix, but=f"{prefix}{outputs.NOTES}/")
        beside = (
            object_keys.transcribe_prefix if area == "raw" else object_keys.redacted_audio_prefix
        )
        gone += store.purge_under(beside(contact_id))
    return gone


def purge_files(services: Services, contact_ids: tuple[str, ...]) -> int:
    """Files for readers of Contact Lens, by the notes of every key that one was ever written under."""
    return sum(
        store.purge(key)
        for contact_id in contact_ids
        for area, store in (("raw", services.raw), ("redacted", services.redacted))
        for key in outputs.noted_keys(store, contact_id, area)
    )


def purge_source(services: Services, contact_ids: tuple[str, ...], key: str) -> int:
    """A source object with all its versions. Of a file of contact records only the contact's own lines go,
    and of an object that is another contact's by now only what it was before."""
    stat = services.sources.stat(key)
    if stat is None:
        return services.sources.purge(key)
    try:
        found = intake.inspect(services.sources, stat, services.settings, services.clock())
    except NotFound:
        return services.sources.purge(key)
    if found.part.kind is PartKind.CONTACT_RECORD and not found.part.refusal:
        return _cut(services, frozenset(contact_ids), stat)
    others = bool(found.content_ids) and set(contact_ids).isdisjoint(found.content_ids)
    return services.sources.purge(key, former=others)


def _cut(services: Services, contact_ids: frozenset[str], stat: Stat) -> int:
    """Raises ``VersionMoved`` when the file was replaced meanwhile."""
    try:
        body = services.sources.read(stat.key)
    except NotFound as gone:
        raise VersionMoved("a file of contact records went while it was read") from gone
    _media(services, contact_ids, contact_record.read(body).records)
    left = record_lines.without(body, contact_ids)
    if left is None:
        return services.sources.purge(stat.key)
    if left == body:
        return services.sources.purge(stat.key, former=True)
    if not services.sources.replace(stat.key, left, etag=stat.etag):
        raise VersionMoved("a file of contact records was replaced while it was rewritten")
    services.queues.ingest.send(Hint(key=stat.key).to_body())
    return 1 + services.sources.purge(stat.key, former=True)


def _media(
    services: Services, contact_ids: frozenset[str], records: tuple[ContactRecord, ...]
) -> None:
    """Media that the contact's records name is the contact's: what is known of it under its key goes, and
    so does what comes."""
    named = (key for one in records if one.contact_id in contact_ids for key in one.media_keys)
    for key in dict.fromkeys(named):
        guess = object_keys.provisional_id(key)
        nameless = object_keys.contact_id_in(key) is None
        if nameless and services.contacts.owner_of(key) in (None, guess):
            erasure_ledger.ask(services, guess, by="loupe", reason="named-by-erased")
            owner = next(iter(sorted(contact_ids)))
            services.contacts.commit(Commit(rows=(), owners={key: owner}))
