"""The transcript of a text that was brought: a chat, or the output of another transcription.

Recordings are transcribed by the port ``Transcriber`` on their own queue.
"""

from __future__ import annotations

from chalicelib.config import Settings
from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import Channel, Engine, Participant, Role, Transcript
from chalicelib.formats import (
    call_analytics,
    connect_chat,
    contact_lens,
    json_guard,
    transcribe,
)


def channel_roles(settings: Settings, channels: int) -> tuple[Role, ...]:
    """Which participant each channel of a recording holds; a mono recording holds an unknown mix."""
    if channels != 2:
        return (Role.UNKNOWN,)
    pair = (Role.CUSTOMER, Role.AGENT)
    return pair if settings.customer_channel == 0 else (Role.AGENT, Role.CUSTOMER)


def read(how: str, body: bytes, settings: Settings) -> Transcript:
    """The transcript in ``body``; ``how`` is the part's format.

    Raises ``InputRefused`` for anything that is not a document of that format.
    """
    if how == "connect-chat":
        return connect_chat.read(body)
    document = json_guard.parse(body, area="transcript").value
    if not isinstance(document, dict):
        raise InputRefused("transcript.schema", "the document is not a JSON object")
    if how == "transcribe":
        return transcribe.read(document, roles=channel_roles(settings, 2), method=settings.method)
    if how == "call-analytics":
        return call_analytics.read(document)
    if how == "contact-lens":
        return contact_lens.read(document)
    raise InputRefused("object.unknown", f"no reader for the format {how!r}")


def without_words(
    language: str, roles: tuple[Role, ...], flags: tuple[str, ...] = ()
) -> Transcript:
    """The transcript of a recording that no engine here can recognise: nobody said anything known."""
    return Transcript(
        channel=Channel.VOICE,
        language=language,
        participants=tuple(
            Participant("SPEAKER" if role is Role.UNKNOWN else role, role) for role in roles
        ),
        turns=(),
        engine=Engine("none", "", "no speech engine for this recording"),
        flags=flags,
    )
