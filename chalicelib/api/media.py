"""Waveforms, and the uploads that become recordings."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib import queries
from chalicelib.api import conversation_views, new_ids
from chalicelib.api.call import Call, Reply
from chalicelib.api.models import Waveform
from chalicelib.api.params import ContactId
from chalicelib.api.problems import Refusal
from chalicelib.api.seals import Seals
from chalicelib.api.upload_models import Upload, UploadDone, UploadRequest
from chalicelib.domain.errors import InputRefused, NotFound
from chalicelib.domain.events import Hint
from chalicelib.domain.transcript import Channel
from chalicelib.formats import object_keys
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.instants import iso
from chalicelib.stages.transcript import channel_roles

UPLOAD_S = 3600
KEY_BYTES = 1024


def get_waveform(
    call: Call,
    *,
    contact_id: ContactId,
    points: Annotated[int, Query(ge=50, le=4000, description="Peaks per channel, at most.")] = 1000,
) -> Waveform:
    """Peaks, loudness and speech of each channel of the recording."""
    row = queries.contact(call.services, call.principal, contact_id)
    spoken = queries.conversations(call.services, row, Channel.VOICE)[0]
    heard = queries.acoustics(call.services, spoken)
    roles = channel_roles(call.services.settings, len(heard.channels))
    return conversation_views.waveform(heard, roles, points)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an upload id stands for: who may put how many bytes under which key, until when."""

    key: str
    size: int
    expires_ms: int
    principal: str


def create_upload(call: Call, *, body: UploadRequest) -> Reply:
    """Announce a file; its bytes go to ``url`` with PUT before ``expiresAt``, then call complete."""
    if call.desk.upload_url is None:
        detail = "Put the object into the bucket of recordings; this installation takes no uploads."
        raise Refusal(501, "uploads.unavailable", detail)
    if body.size > call.services.settings.max_audio_bytes:
        detail = f"The limit is {call.services.settings.max_audio_bytes} bytes."
        raise Refusal(413, "upload.too_large", detail)
    key = _key(body.filename)
    expires_ms = new_ids.once(call, "upload", fingerprint([key, body.size]), UPLOAD_S * 1000)
    ticket = Ticket(key, body.size, expires_ms, call.principal.id)
    upload_id = call.desk.seals.seal(
        "upload", "", "", json.dumps(asdict(ticket), ensure_ascii=False)
    )
    url = call.desk.upload_url(upload_id)
    expires_at = iso(expires_ms)
    return Reply(Upload(upload_id=upload_id, url=url, expires_at=expires_at), 201, stored=False)


def _key(filename: str) -> str:
    """The object key of a file's name, which may be relative as Connect writes it."""
    key = object_keys.key_for_path(filename)
    if key.endswith("/") or len(key.encode()) > KEY_BYTES:
        detail = f"The name has to name a file, in at most {KEY_BYTES} bytes."
        raise InputRefused("upload.filename", detail)
    return key


def ticket_of(seals: Seals, upload_id: str) -> Ticket:
    """What was promised under this id. Raises ``BadRequest`` with code ``upload``."""
    return Ticket(**json.loads(seals.open("upload", "", "", upload_id)))


def complete_upload(
    call: Call, *, upload_id: Annotated[str, Path(description="The upload's id.")]
) -> UploadDone:
    """Say that the bytes are there; the contact is looked at. ``contactIds`` is empty at first."""
    ticket = ticket_of(call.desk.seals, upload_id)
    if ticket.principal != call.principal.id:
        raise NotFound
    key = call.desk.landed(upload_id) or ticket.key
    if call.services.sources.stat(key) is None:
        raise Refusal(409, "upload.missing", "No bytes were put under this upload yet.")
    call.services.queues.ingest.send(Hint(key=key, reason="upload").to_body())
    known = queries.owner(call.services, call.principal, key)
    return UploadDone(object_key=key, contact_ids=[known] if known else [])
