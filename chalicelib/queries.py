"""The read side: what the API asks of the stores. Every answer holds visible contacts only.

An invisible contact raises the same ``NotFound`` as an unknown one. The API reads contact rows through
this module alone, so that a read without a principal cannot be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.domain.acoustics import Acoustics
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRow, Part, PartKind, PartState, Refusal, Status
from chalicelib.domain.errors import Absent, NotFound, Unavailable
from chalicelib.domain.principal import Principal, PrincipalRole, visible
from chalicelib.domain.transcript import Channel
from chalicelib.formats import object_keys, wav
from chalicelib.formats.artifact import fingerprint, load
from chalicelib.formats.wav import WavInfo
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Changes, ContactQuery, Page

SYNTHETIC_LOOK = 100
MARK_DIGITS = 16
_MARK = re.compile(r"[0-9a-f]{8,64}")
WAV = "audio/wav"


def contact(services: Services, principal: Principal, contact_id: str) -> ContactRow:
    """The row. Raises ``NotFound`` for unknown, deleted and invisible contacts alike."""
    row = services.contacts.get(contact_id)
    if row is None or row.status is Status.DELETED or not visible(principal, row):
        raise NotFound
    return row


def sees(services: Services, principal: Principal, contact_id: str) -> bool:
    """Whether the contact is there for this principal."""
    try:
        contact(services, principal, contact_id)
    except NotFound:
        return False
    return True


def contacts(
    services: Services, principal: Principal, query: ContactQuery, *, cursor: str | None, limit: int
) -> Page:
    """A page of visible contacts, newest first."""
    narrowed = _narrowed(principal, query)
    if narrowed is None:
        return Page(())
    page = services.contacts.find(narrowed, cursor=cursor, limit=limit)
    return replace(page, rows=tuple(row for row in page.rows if visible(principal, row)))


def _narrowed(principal: Principal, query: ContactQuery) -> ContactQuery | None:
    """The query within the principal's scope, so that pages are full; None when nothing is left."""
    if principal.role is PrincipalRole.ADMIN:
        return query
    if principal.role is PrincipalRole.SUPERVISOR:
        queues = tuple(sorted(principal.queues.intersection(query.queue_ids or principal.queues)))
        return replace(query, queue_ids=queues) if queues else None
    own = principal.agent_id
    if own is None or (query.agent_ids and own not in query.agent_ids):
        return None
    return replace(query, agent_ids=(own,))


def changes(services: Services, principal: Principal, cursor: str | None, limit: int) -> Changes:
    """What was committed after ``cursor``, of visible contacts."""
    found = services.contacts.changes(cursor=cursor, limit=limit)
    return replace(found, rows=tuple(row for row in found.rows if visible(principal, row)))


def busy(services: Services, principal: Principal) -> bool:
    """Whether a visible contact is being worked on."""
    return any(visible(principal, row) for row in services.contacts.unfinished())


def analysis(services: Services, row: ContactRow) -> ContactAnalysis | None:
    """The analysis that the publication names; None when there is none.

    Raises ``Unavailable`` when the row names an object that is not there.
    """
    key = row.publication.analysis_key if row.publication else ""
    if not key:
        return None
    try:
        return load(ContactAnalysis, services.redacted.read(key))
    except NotFound as missing:
        raise Unavailable("the stored analysis cannot be found", retryable=False) from missing


def analysed(services: Services, row: ContactRow) -> ContactAnalysis:
    """As ``analysis``. Raises ``Absent`` when there is none."""
    found = analysis(services, row)
    if found is None:
        raise Absent("analysis.none", "This contact is not analysed.")
    return found


def versions(services: Services, row: ContactRow) -> list[tuple[str, int]]:
    """Everything that was published of a contact, newest first: its mark, and when."""
    prefix = f"{object_keys.artifact_prefix('redacted', row.contact_id)}analysis/"
    found = [stat for stat in services.redacted.list(prefix) if not _failed(stat.key)]
    found.sort(key=lambda stat: (-stat.modified_ms, stat.key))
    return [(stat.key.rpartition("/")[2].removesuffix(".json"), stat.modified_ms) for stat in found]


def _failed(key: str) -> bool:
    return key.endswith(".failed.json")


def analysis_version(services: Services, row: ContactRow, mark: str) -> ContactAnalysis:
    """What was published under this mark. Raises ``Absent``."""
    key = object_keys.artifact_key("redacted", row.contact_id, "analysis", mark)
    try:
        if _MARK.fullmatch(mark):
            return load(ContactAnalysis, services.redacted.read(key))
    except NotFound:
        pass
    raise Absent("analysis.version", "Nothing was published of this contact under this id.")


def counted(services: Services, first_ms: int | None, last_ms: int | None) -> int:
    """How many contacts ended in these days (UTC), counted by whole days. Only for who sees them all."""
    days = services.contacts.rollups(
        "D", "ALL", "*", first=_day(first_ms, "0"), last=_day(last_ms, "9")
    )
    return sum(counters.get("n", 0) for counters in days.values())


def _day(at_ms: int | None, unbounded: str) -> str:
    if at_ms is None:
        return unbounded
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")


def conversations(
    services: Services, row: ContactRow, channel: Channel | None = None
) -> tuple[Conversation, ...]:
    """The conversations of a contact, of one channel or all. Raises ``Absent`` when there are none."""
    return of_channel(analysed(services, row), channel)


def of_channel(found: ContactAnalysis, channel: Channel | None) -> tuple[Conversation, ...]:
    """As ``conversations``, of an analysis at hand."""
    chosen = tuple(c for c in found.conversations if channel in (None, c.channel))
    if not chosen:
        raise Absent("conversation.none", "This contact has no analysed conversation of this kind.")
    return chosen


def spoken(found: ContactAnalysis) -> Conversation | None:
    """The voice conversation of an analysis, if there is one."""
    return next((c for c in found.conversations if c.channel is Channel.VOICE), None)


def redactable(conversation: Conversation) -> bool:
    """Whether anybody looked for personal data in what was said: only then can it be silenced."""
    return not {"transcript", "pii"}.intersection(s.capability for s in conversation.skipped)


def acoustics(services: Services, conversation: Conversation) -> Acoustics:
    """What the recording sounds like. Raises ``Absent`` when the conversation has no audio."""
    if conversation.acoustics_key is None:
        raise Absent("acoustics.none", "This conversation has no recording to measure.")
    try:
        return load(Acoustics, services.redacted.read(conversation.acoustics_key))
    except NotFound as missing:
        raise Unavailable("the stored acoustics cannot be found", retryable=False) from missing


def recording(row: ContactRow) -> Part | None:
    """The recording that can be played: present, accepted, not superseded."""
    return next((part for part in row.parts if _plays(part)), None)


def kept_copy(row: ContactRow) -> str | None:
    """The key of the redacted copy that stands for a recording which is no longer stored."""
    copies = (p.copy_key for p in row.parts if p.state is PartState.RELEASED and not p.superseded)
    return next((key for key in copies if key), None)


def _plays(part: Part) -> bool:
    return (
        part.kind is PartKind.RECORDING
        and part.state is PartState.PRESENT
        and not part.superseded
        and part.refusal is None
    )


def redacted_recording(services: Services, key: str, expires_s: int) -> str | None:
    """A signed URL of a redacted copy; None while it is not there."""
    if services.redacted.stat(key) is None:
        return None
    return services.redacted.sign(key, expires_s=expires_s, content_type=WAV)


def redacted_header(services: Services, key: str) -> WavInfo | None:
    """What the header of a redacted copy says; None while it is not there."""
    store, settings = services.redacted, services.settings
    found = store.stat(key)
    if found is None:
        return None
    try:
        return wav.parse(
            lambda start, length: store.read(key, start=start, length=length),
            found.size,
            max_bytes=settings.max_audio_bytes,
            max_seconds=settings.max_audio_s,
        )
    except NotFound:
        return None


def owner(services: Services, principal: Principal, key: str) -> str | None:
    """The visible contact that an object belongs to, once that is known."""
    contact_id = services.contacts.owner_of(key)
    row = services.contacts.get(contact_id) if contact_id else None
    return row.contact_id if row and visible(principal, row) else None


def synthetic(services: Services, principal: Principal) -> bool:
    """Whether sample contacts are among the newest 100."""
    page = contacts(services, principal, ContactQuery(), cursor=None, limit=SYNTHETIC_LOOK)
    return any(row.publication is not None and row.publication.synthetic for row in page.rows)


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused object, or a stage that failed for good (then ``key`` is empty)."""

    id: str
    contact_id: str
    key: str
    refusal: Refusal


def quarantine(
    services: Services, principal: Principal, *, cursor: str | None, limit: int
) -> tuple[tuple[Refused, ...], str | None]:
    """What was refused or failed, contact by contact, newest first, and where to go on."""
    page = contacts(services, principal, ContactQuery(refused=True), cursor=cursor, limit=limit)
    return tuple(item for row in page.rows for item in refused_of(row)), page.cursor


def refused_of(row: ContactRow) -> Iterator[Refused]:
    """The refused parts of a contact and the failure of one of its stages. A time that was not noted
    is when the contact was first seen."""
    for key, refusal in (*((p.key, p.refusal) for p in row.refused_parts), ("", row.failure)):
        if refusal:
            since = refusal.first_seen_ms or row.first_seen_ms or row.updated_ms
            told = replace(refusal, first_seen_ms=since)
            yield Refused(_mark(row.contact_id, key), row.contact_id, key, told)


def _mark(contact_id: str, key: str) -> str:
    return f"{contact_id}.{fingerprint(key)[:MARK_DIGITS]}"


def refused(services: Services, principal: Principal, mark: str) -> Refused:
    """The quarantine entry with this id. Raises ``NotFound``."""
    row = contact(services, principal, mark.rpartition(".")[0])
    for item in refused_of(row):
        if item.id == mark:
            return item
    raise NotFound


def erasable(services: Services, principal: Principal, contact_id: str) -> ContactRow:
    """The row of a contact that may be erased, a deleted one too: products of it may be left. Raises
    ``NotFound`` for unknown and invisible contacts alike."""
    row = services.contacts.get(contact_id)
    if row is None or not visible(principal, row):
        raise NotFound
    return row
