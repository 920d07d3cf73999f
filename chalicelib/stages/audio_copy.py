"""Which redacted copy of a recording there should be: its name and what is silent in it.

A copy is named for the recording's bytes and the stretches that are silenced: another recording or a
changed redaction is another copy, and one that is there is never stale.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.config import Settings
from chalicelib.domain.audio_redaction import CopyOrder, plain, silences
from chalicelib.domain.contact import Part, PartKind
from chalicelib.domain.transcript import Role, Transcript
from chalicelib.formats import object_keys, wav
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.wav import WavInfo
from chalicelib.ports.storage import ObjectStore
from chalicelib.stages.transcript import channel_roles


def header(store: ObjectStore, key: str, size: int, settings: Settings) -> WavInfo:
    """What the recording's header says. Raises ``NotFound``, and ``InputRefused`` for no recording."""
    return wav.parse(
        lambda start, length: store.read(key, start=start, length=length),
        size,
        max_bytes=settings.max_audio_bytes,
        max_seconds=settings.max_audio_s,
    )


def order(
    contact_id: str,
    part: Part,
    parts: Iterable[Part],
    spoken: Transcript,
    info: WavInfo,
    settings: Settings,
) -> CopyOrder:
    """The copy of the recording ``part``, from the redacted transcript of exactly these bytes."""
    spans = silences(spoken, _roles(parts, info.channels, settings), info.duration_ms)
    mark = fingerprint({"etag": part.etag, "silences": plain(spans)})
    key = object_keys.redacted_audio_key(contact_id, mark)
    return CopyOrder(part.key, part.etag, key, spans)


def _roles(parts: Iterable[Part], channels: int, settings: Settings) -> tuple[Role, ...]:
    """Whose voice each channel holds. A transcript that was brought does not tell, so that what it
    masks is silenced in all channels."""
    if any(p.kind is PartKind.TRANSCRIPT and not p.superseded for p in parts):
        return (Role.UNKNOWN,) * channels
    return channel_roles(settings, channels)
