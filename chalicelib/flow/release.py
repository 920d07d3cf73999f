"""Where originals are not stored: sources go once everything that is shown was made of them.

A part is committed as released *before* its object is removed, so that its going is never taken for a
deletion, and whoever dies in between leaves a difference that a sweep sees. A recording goes when its
redacted copy is there; one whose words nobody knows stays, because nothing in it could be silenced.
All parts of a conversation go together: the older of two must not come to count when the later is away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRow, Part, PartKind, PartState, Status
from chalicelib.domain.errors import NotFound
from chalicelib.domain.transcript import Channel
from chalicelib.flow import products
from chalicelib.flow.survey import Survey, channel_of, used
from chalicelib.flow.table import Plan, Source
from chalicelib.ports.services import Services
from chalicelib.stages import audio_copy
from chalicelib.stages.masking import Masked

MEDIA = (PartKind.RECORDING, PartKind.CHAT, PartKind.TRANSCRIPT)


def released(
    services: Services,
    row: ContactRow,
    found: Survey,
    plans: Mapping[str, Plan],
    former: ContactAnalysis | None,
) -> tuple[Part, ...]:
    """The parts as they count from now on; asks for redacted copies that are missing."""
    if services.settings.keeps_raw or former is None:
        return found.parts
    going: dict[Channel, str] = {}
    for source in found.sources:
        if any(_goes(part, source.channel) for part in found.parts):
            copy = _copy(services, row, found, source, former)
            if copy is not None and _kept_masked(services, found, source, plans):
                going[source.channel] = copy
    return tuple(_released(part, going) for part in found.parts)


def settle(services: Services, row: ContactRow | None) -> bool:
    """Remove the objects of released parts that are still there; whether one was."""
    if services.settings.keeps_raw or row is None or row.publication is None:
        return False
    removed = [_removed(services, part) for part in row.parts if _is_released(part)]
    return any(removed)


def outstanding(row: ContactRow) -> bool:
    """Whether an original is there that should be gone."""
    if row.status is not Status.COMPLETED or row.publication is None:
        return False
    unheard = {
        skip.conversation for skip in row.publication.skipped if skip.capability == "transcript"
    }
    return any(
        _goes(part, channel)
        for part in row.parts
        for channel in row.publication.channels
        if channel.lower() not in unheard
    )


def _goes(part: Part, channel: Channel) -> bool:
    return (
        part.kind in MEDIA
        and part.state is PartState.PRESENT
        and part.refusal is None
        and channel_of(part) is channel
    )


def _kept_masked(
    services: Services, found: Survey, source: Source, plans: Mapping[str, Plan]
) -> bool:
    """Whether its words are kept in their masked form, from which all else can be made again."""
    plan = plans[source.name]
    slot = products.slot_of(services, found.contact_id, source, plan, "transcript")
    return isinstance(products.fetch(services, slot), Masked)


def _copy(
    services: Services, row: ContactRow, found: Survey, source: Source, former: ContactAnalysis
) -> str | None:
    """The key of the redacted copy, empty where none is needed; None while the parts have to stay."""
    parts = [part for part in (source.audio, source.text) if part]
    said = _conversation(former, source)
    if said is None or not all(used(row, part) for part in parts):
        return None
    if source.audio is None:
        return ""
    if source.audio.state is PartState.RELEASED:
        return source.audio.copy_key
    return _made(services, found, source.audio, said)


def _conversation(former: ContactAnalysis, source: Source) -> Conversation | None:
    """The conversation, if it is of these bytes and its words are known."""
    for one in former.conversations:
        same = (one.source_key, one.source_etag) == (source.main.key, source.main.etag)
        if one.channel is source.channel and same:
            unheard = any(skip.capability == "transcript" for skip in one.skipped)
            return None if unheard else one
    return None


def _made(services: Services, found: Survey, part: Part, said: Conversation) -> str | None:
    try:
        info = audio_copy.header(services.sources, part.key, part.size, services.settings)
    except NotFound:
        return None
    order = audio_copy.order(
        found.contact_id, part, found.parts, said.transcript, info, services.settings
    )
    if services.redacted.stat(order.target_key):
        return order.target_key
    body = {**order.to_body(), "contactId": found.contact_id}
    services.queues.audio_redaction.send(body)
    return None


def _released(part: Part, going: Mapping[Channel, str]) -> Part:
    copy = next((going[channel] for channel in going if _goes(part, channel)), None)
    if copy is None:
        return part
    plays = part.kind is PartKind.RECORDING and not part.superseded
    return replace(part, state=PartState.RELEASED, copy_key=copy if plays else "")


def _is_released(part: Part) -> bool:
    return part.kind in MEDIA and part.state is PartState.RELEASED


def _removed(services: Services, part: Part) -> bool:
    there = services.sources.stat(part.key)
    if there is None or (there.etag, there.modified_ms) != (part.etag, part.modified_ms):
        return False
    services.sources.delete(part.key, etag=part.etag)
    return True
