"""Looking at the objects of a contact, after its row was read: what is there now?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.contact import ContactRecord, ContactRow, Part, PartKind, PartState
from chalicelib.domain.errors import VersionMoved
from chalicelib.domain.transcript import Channel
from chalicelib.flow.table import Source, input_id
from chalicelib.formats import contact_record, object_keys
from chalicelib.formats.artifact import dump, fingerprint
from chalicelib.ports.services import Services
from chalicelib.ports.storage import Stat
from chalicelib.stages import intake

TEXT_KINDS = (PartKind.CHAT, PartKind.TRANSCRIPT)


@dataclass(frozen=True, slots=True)
class Survey:
    """The parts as they are now, and what conversations can be made of them.

    ``record`` is the latest contact record among the present parts.
    """

    contact_id: str
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    record: ContactRecord | None = None

    @property
    def refused(self) -> tuple[Part, ...]:
        return tuple(p for p in self.parts if p.refusal and p.state is PartState.PRESENT)

    @property
    def only_record(self) -> bool:
        """Whether a contact record is all that ever was there."""
        kinds = {p.kind for p in self.parts}
        return kinds == {PartKind.CONTACT_RECORD} and any(_usable(p) for p in self.parts)


def survey(
    services: Services,
    contact_id: str,
    row: ContactRow | None,
    keys: Iterable[str],
    *,
    afresh: bool = False,
) -> Survey:
    """Stat every known and hinted key; inspect what is new or changed (``afresh``: everything).

    Media that the contact record names belongs to the contact too, once it is there.
    """
    known = {part.key: part for part in row.parts} if row else {}

    def parts_of(wanted: Iterable[str]) -> list[Part]:
        looks = (
            _look(services, contact_id, row, key, None if afresh else known.get(key))
            for key in dict.fromkeys(wanted)
        )
        return [part for part in looks if part]

    parts = parts_of([*known, *keys])
    record = _latest_record(services, contact_id, parts)
    named = record.media_keys if record else ()
    new = [key for key in named if key not in known and services.sources.stat(key)]
    judged = _supersede(
        [*parts, *(p for p in parts_of(new) if p.key not in {q.key for q in parts})],
        there_first=services.settings.keeps_raw,
    )
    return Survey(contact_id, judged, _sources(judged), record)


def _look(
    services: Services, contact_id: str, row: ContactRow | None, key: str, known: Part | None
) -> Part | None:
    stat = services.sources.stat(key)
    if stat is None:
        return _away(services, row, key)
    if known and known.etag == stat.etag and known.state is PartState.PRESENT:
        return known
    leaving = _leaving(services, row, stat)
    if leaving:
        return leaving
    now = services.clock()
    found = intake.inspect(services.sources, stat, services.settings, now)
    unchanged(services, stat)
    if found.part.kind is PartKind.CONTACT_RECORD and not found.part.refusal:
        return found.part if contact_id in found.content_ids else None
    if found.content_ids and contact_id == object_keys.provisional_id(key):
        return None  # the contact that its content names has it
    return intake.identity(found.part, found.content_ids, contact_id, now)


def _leaving(services: Services, row: ContactRow | None, stat: Stat) -> Part | None:
    """The part whose release is committed while its object is still there, or the same bytes again.

    Bytes that are put again count from then on as later, and that is committed before they are removed:
    else a worker that saw others in between could still publish those.
    """
    if services.settings.keeps_raw or row is None or row.publication is None:
        return None
    before = next((p for p in row.parts if p.key == stat.key), None)
    if before is None or before.state is not PartState.RELEASED or before.etag != stat.etag:
        return None
    again = before.modified_ms != stat.modified_ms
    uncopied = before.kind is PartKind.RECORDING and not (before.copy_key or before.superseded)
    if before.kind is PartKind.CONTACT_RECORD or uncopied or (again and before.superseded):
        return None
    return replace(before, modified_ms=stat.modified_ms)


def unchanged(services: Services, stat: Stat) -> None:
    """Raise ``VersionMoved`` if the object was replaced while it was read: what was read may be of
    other bytes than its etag says, and products are named by the etag."""
    if services.sources.stat(stat.key) != stat:
        raise VersionMoved("an object was replaced while it was read")


def _away(services: Services, row: ContactRow | None, key: str) -> Part:
    """The object is not there: released when its products are kept, else gone. Where Loupe itself
    removes originals, that they went tells nothing."""
    before = next((p for p in row.parts if p.key == key), None) if row else None
    if before is None:
        return Part(key, "", PartKind.UNKNOWN, "", 0, 0, state=PartState.GONE)
    if before.state is not PartState.PRESENT:
        return before
    settings = services.settings
    keep = settings.source_gone == "keep" or not settings.keeps_raw
    state = PartState.RELEASED if keep and used(row, before) else PartState.GONE
    return replace(before, state=state, refusal=None)


def used(row: ContactRow | None, part: Part) -> bool:
    """Whether the publication was made from it. A record is one of many inputs: it counts as used."""
    if not (row and row.publication and row.publication.analysis_key):
        return False
    if part.kind is PartKind.CONTACT_RECORD:
        return part.refusal is None
    inputs = (made.inputs.values() for made in row.recipe.values())
    return not part.superseded and any(input_id(part) in values for values in inputs)


def _usable(part: Part) -> bool:
    return part.state is not PartState.GONE and part.refusal is None


def _group(part: Part) -> str:
    """Parts of one group compete: only one of them counts."""
    if part.kind is PartKind.CONTACT_RECORD:
        return part.key
    return f"{part.kind}/{channel_of(part)}"


def _supersede(parts: list[Part], *, there_first: bool) -> tuple[Part, ...]:
    """Of several objects of one kind the latest counts; the others are other versions or copies.

    ``there_first``: before that those that are there, which tells nothing where Loupe removes them.
    """

    def rank(part: Part) -> tuple[bool, int, str, str]:
        there = not there_first or part.state is PartState.PRESENT
        return (there, part.modified_ms, part.etag, part.key)

    best: dict[str, Part] = {}
    for part in parts:
        if _usable(part):
            rival = best.get(_group(part))
            best[_group(part)] = part if rival is None else max(part, rival, key=rank)
    return tuple(
        replace(part, superseded=_usable(part) and best[_group(part)].key != part.key)
        for part in sorted(parts, key=lambda p: p.key)
    )


def channel_of(part: Part) -> Channel:
    """The conversation that a part belongs to."""
    if part.kind is PartKind.CHAT or "channel:chat" in part.flags:
        return Channel.CHAT
    return Channel.VOICE


def _sources(parts: tuple[Part, ...]) -> tuple[Source, ...]:
    live = [p for p in parts if _usable(p) and not p.superseded]
    audio = next((p for p in live if p.kind is PartKind.RECORDING), None)
    texts = {channel_of(p): p for p in live if p.kind in TEXT_KINDS}
    out = []
    if audio or Channel.VOICE in texts:
        out.append(Source(Channel.VOICE, audio, texts.get(Channel.VOICE)))
    if Channel.CHAT in texts:
        out.append(Source(Channel.CHAT, None, texts[Channel.CHAT]))
    return tuple(out)


def _latest_record(
    services: Services, contact_id: str, parts: Iterable[Part]
) -> ContactRecord | None:
    records: list[ContactRecord] = []
    for part in parts:
        present = part.state is PartState.PRESENT
        if part.kind is PartKind.CONTACT_RECORD and present and part.refusal is None:
            records += contact_record.read(services.sources.read(part.key)).records
    return contact_record.latest(records, contact_id)


def record_id(record: ContactRecord | None) -> str:
    """The identity of a record's content: redelivery of the same record changes nothing."""
    return fingerprint(dump(record).decode()) if record else ""
