"""Recordings to listen to: the copy in which personal data is silent, or the recording as it was made.

A copy is named for the recording's bytes and the stretches that are silenced: another recording or a
changed redaction is another copy, and one that is there is never stale. It is made when somebody asks.
"""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib import queries
from chalicelib.api import views
from chalicelib.api.call import Call, Reply
from chalicelib.api.models import Recording
from chalicelib.api.params import ContactId
from chalicelib.domain.analysis import Conversation
from chalicelib.domain.audio_redaction import CopyOrder, plain, silences
from chalicelib.domain.contact import ContactRow, Part, PartKind, PartState, Status
from chalicelib.domain.errors import Absent, Forbidden, NotFound
from chalicelib.domain.principal import UNREDACTED
from chalicelib.domain.transcript import Role
from chalicelib.formats import object_keys, wav
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.wav import WavInfo
from chalicelib.ports.services import Services
from chalicelib.stages.transcript import channel_roles

PLAY_S = 300


def get_recording(
    call: Call,
    *,
    contact_id: ContactId,
    redaction: Annotated[
        Literal["redacted", "none"],
        Query(description="`none` for the recording as it was made, which needs its permission."),
    ] = "redacted",
) -> Reply:
    """A signed URL of the recording, for at most 5 minutes. Personal data that was found in its text
    is silent in it, unless the recording is asked for as it was made."""
    row = queries.contact(call.services, call.principal, contact_id)
    original = redaction == "none"
    if original and not call.principal.may(UNREDACTED):
        raise Forbidden(UNREDACTED)
    part = queries.recording(row)
    if part is None:
        raise Absent(*_why_silent(row))
    info = _header(call.services, part)
    if original:
        url = call.services.sources.sign(part.key, expires_s=PLAY_S, content_type=queries.WAV)
    else:
        url = _copy(call, _order(call.services, row, part, info))
    recording = Recording(
        url=url,
        expires_at=views.iso(call.services.clock() + PLAY_S * 1000),
        content_type=queries.WAV,
        duration_millis=info.duration_ms,
        redaction="NONE" if original else "REDACTED",
    )
    return Reply(recording, stored=False)


def _header(services: Services, part: Part) -> WavInfo:
    try:
        return wav.parse(
            lambda start, length: services.sources.read(part.key, start=start, length=length),
            part.size,
            max_bytes=services.settings.max_audio_bytes,
            max_seconds=services.settings.max_audio_s,
        )
    except NotFound as missing:
        raise Absent("recording.gone", "The recording was removed.") from missing


def _copy(call: Call, order: CopyOrder) -> str:
    """A signed URL of the redacted copy. Raises ``Absent`` while there is none."""
    url = queries.redacted_recording(call.services, order.target_key, PLAY_S)
    if url is None and call.desk.copy(order):
        url = queries.redacted_recording(call.services, order.target_key, PLAY_S)
    if url is None:
        raise Absent("recording.pending", "The redacted copy is being made; ask again in a while.")
    return url


def _order(services: Services, row: ContactRow, part: Part, info: WavInfo) -> CopyOrder:
    spoken = _analysed(services, row, part)
    roles = _roles(services, row, info.channels)
    spans = silences(spoken.transcript, roles, info.duration_ms)
    mark = fingerprint({"etag": part.etag, "silences": plain(spans)})
    key = object_keys.redacted_audio_key(row.contact_id, mark)
    return CopyOrder(part.key, part.etag, key, spans)


def _analysed(services: Services, row: ContactRow, part: Part) -> Conversation:
    """The analysis of exactly this recording: another one's times would silence the wrong words."""
    analysis = queries.analysis(services, row)
    found = queries.spoken(analysis) if analysis else None
    if found is None or (found.source_key, found.source_etag) != (part.key, part.etag):
        if row.status is Status.IN_PROGRESS:
            raise Absent("recording.pending", "There is a redacted copy once this is analysed.")
        raise Absent(
            "recording.not_redacted", "This recording is not analysed: nothing is silenced."
        )
    if not queries.redactable(found):
        detail = "What is said in this recording is not known: nothing could be silenced."
        raise Absent("recording.not_redacted", detail)
    return found


def _roles(services: Services, row: ContactRow, channels: int) -> tuple[Role, ...]:
    """Whose voice each channel holds. A transcript that was brought does not tell, so that what it
    masks is silenced in all channels."""
    if any(p.kind is PartKind.TRANSCRIPT and not p.superseded for p in row.parts):
        return (Role.UNKNOWN,) * channels
    return channel_roles(services.settings, channels)


def _why_silent(row: ContactRow) -> tuple[str, str]:
    parts = [p for p in row.parts if p.kind is PartKind.RECORDING and not p.superseded]
    refusal = next((p.refusal for p in parts if p.refusal), None)
    if refusal:
        return "recording.refused", f"The recording was refused: {refusal.code}."
    if any(p.state is PartState.RELEASED for p in parts):
        return "recording.released", "The recording was removed; what was made of it stays."
    if parts:
        return "recording.gone", "The recording was removed."
    return "recording.none", "This contact has no recording."
