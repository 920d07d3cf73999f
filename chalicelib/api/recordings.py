"""Recordings to listen to: the copy in which personal data is silent, or the recording as it was made.

A copy is made when somebody asks; where originals are not stored it is there already.
"""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib import queries
from chalicelib.api.call import Call, Reply
from chalicelib.api.models import Recording
from chalicelib.api.params import ContactId
from chalicelib.domain.analysis import Conversation
from chalicelib.domain.audio_redaction import CopyOrder
from chalicelib.domain.audit import Act
from chalicelib.domain.contact import ContactRow, Part, PartKind, PartState, Status
from chalicelib.domain.errors import Absent, Forbidden, NotFound
from chalicelib.domain.principal import UNREDACTED
from chalicelib.formats.instants import iso
from chalicelib.formats.wav import WavInfo
from chalicelib.ports.services import Services
from chalicelib.stages import audio_copy

PLAY_S = 300
ONLY_REDACTED = (
    "recording.raw_not_stored",
    "The recording as it was made is not stored here; its redacted copy can be played.",
)


def get_recording(
    call: Call,
    *,
    contact_id: ContactId,
    redaction: Annotated[
        Literal["redacted", "none"],
        Query(description="`none` for the recording as it was made, which needs its permission."),
    ] = "redacted",
    reason: Annotated[
        str,
        Query(max_length=200, description="What it is listened to for; goes into the audit trail."),
    ] = "",
) -> Reply:
    """A signed URL of the recording, for at most 5 minutes. Personal data that was found in its text
    is silent in it, unless the recording is asked for as it was made. Who asked is written into the audit
    trail first."""
    row = queries.contact(call.services, call.principal, contact_id)
    original = redaction == "none"
    if original and not call.principal.may(UNREDACTED):
        raise Forbidden(UNREDACTED)
    part = queries.recording(row)
    kept = None if part else queries.kept_copy(row)
    if kept and original:
        raise Absent(*ONLY_REDACTED)
    url, info = _of_copy(call, kept) if kept else _of_recording(call, row, part, original)
    call.audit(Act.LISTEN_ORIGINAL if original else Act.LISTEN, row.contact_id, reason)
    recording = Recording(
        url=url,
        expires_at=iso(call.services.clock() + PLAY_S * 1000),
        content_type=queries.WAV,
        duration_millis=info.duration_ms,
        redaction="NONE" if original else "REDACTED",
    )
    return Reply(recording, stored=False)


def _of_recording(
    call: Call, row: ContactRow, part: Part | None, original: bool
) -> tuple[str, WavInfo]:
    if part is None:
        raise Absent(*_why_silent(row))
    info = _header(call.services, part)
    if original:
        url = call.services.sources.sign(part.key, expires_s=PLAY_S, content_type=queries.WAV)
        return url, info
    return _copy(call, _order(call.services, row, part, info)), info


def _of_copy(call: Call, key: str) -> tuple[str, WavInfo]:
    """The copy that stands for a recording which is not stored any more."""
    info = queries.redacted_header(call.services, key)
    url = queries.redacted_recording(call.services, key, PLAY_S)
    if info is None or url is None:
        raise Absent("recording.gone", "The redacted copy was removed.")
    return url, info


def _header(services: Services, part: Part) -> WavInfo:
    try:
        return audio_copy.header(services.sources, part.key, part.size, services.settings)
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
    spoken = _analysed(services, row, part).transcript
    return audio_copy.order(row.contact_id, part, row.parts, spoken, info, services.settings)


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
