"""One contact after the other: files in memory by key, and its entry in the manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from scripts.samples.audio import RATE, Samples, at_level, channel, wav
from scripts.samples.records import contact_record, media_key, record_key, times
from scripts.samples.script import Call, Cast, Chat, Contact, Voice
from scripts.samples.timeline import Span, Spoken, lay, overlaps, silences
from scripts.samples.transcripts import chat_transcript, duration_ms
from scripts.samples.voices import speak

COMMENT = "synthetic sample"
TAIL_MS = 800


@dataclass(frozen=True, slots=True)
class Made:
    """Files by object key, and what the manifest says of them."""

    files: Mapping[str, bytes]
    entry: Mapping[str, Any]


def made_call(cast: Cast, call: Call) -> Made:
    voices = {"AGENT": cast.voices[call.agent_voice], "CUSTOMER": cast.voices[call.customer_voice]}
    clips = [at_level(speak(voices[line.role], line.text), line.db) for line in call.lines]
    lengths = [len(clip) * 1000 // RATE for clip in clips]
    turns = lay(call.lines, lengths, _random(cast, call.name))
    audio = _recording(cast, call, turns, clips)
    key = media_key(cast, call, "CallRecordings", "wav")
    entry = {
        **voice_facts(call, turns),
        "engine": "flite",
        "voices": {role: _voice(voice) for role, voice in voices.items()},
    }
    return _with_record(cast, call, entry, (key, audio))


def made_chat(cast: Cast, chat: Chat) -> Made:
    key = media_key(cast, chat, "ChatTranscripts", "json")
    entry = {"durationMillis": duration_ms(chat), "engine": "written by hand"}
    return _with_record(cast, chat, entry, (key, pretty(chat_transcript(cast, chat))))


def voice_facts(call: Call, turns: list[Spoken]) -> dict[str, Any]:
    """What is exactly true of the recording."""
    return {
        "durationMillis": length_ms(turns),
        "disclosureSaid": call.disclosure,
        "transcript": [
            {
                "participantRole": t.role,
                "content": t.text,
                "beginOffsetMillis": t.begin_ms,
                "endOffsetMillis": t.end_ms,
            }
            for t in turns
        ],
        "silences": [_span(s) for s in silences(turns)],
        "overlaps": [_span(s) for s in overlaps(turns)],
    }


def length_ms(turns: list[Spoken]) -> int:
    return max(t.end_ms for t in turns) + TAIL_MS


def pretty(document: object) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _recording(cast: Cast, call: Call, turns: list[Spoken], clips: list[Samples]) -> bytes:
    left, right = (
        channel(
            [(t.begin_ms, clip) for t, clip in zip(turns, clips, strict=True) if t.role == role],
            length_ms(turns),
            _random(cast, f"{call.name}/{role}").getrandbits(32),
        )
        for role in ("CUSTOMER", "AGENT")
    )
    return wav(left, right, COMMENT)


def _random(cast: Cast, what: str) -> Random:
    return Random(f"{cast.seed}/{what}")  # noqa: S311 (the same pauses and noise, always)


def _with_record(
    cast: Cast, contact: Contact, entry: Mapping[str, Any], media: tuple[str, bytes]
) -> Made:
    key, body = media
    record = contact_record(cast, contact, times(contact, entry["durationMillis"]), key)
    line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    files = {key: body, record_key(cast, contact): line}
    return Made(
        files,
        {
            "name": contact.name,
            "about": contact.about,
            "synthetic": True,
            "contactId": cast.uuid(contact.name),
            "channel": "VOICE" if isinstance(contact, Call) else "CHAT",
            "agent": record["Agent"] and record["Agent"]["Username"],
            "queue": record["Queue"]["Name"],
            "files": [{"key": k, "sha256": sha256(b), "bytes": len(b)} for k, b in files.items()],
            **entry,
        },
    )


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _span(span: Span) -> dict[str, Any]:
    by = {} if span.by is None else {"by": span.by}
    length = span.end_ms - span.begin_ms
    return {
        "beginOffsetMillis": span.begin_ms,
        "endOffsetMillis": span.end_ms,
        "durationMillis": length,
        **by,
    }


def _voice(voice: Voice) -> dict[str, Any]:
    return {"voice": voice.voice, "stretch": voice.stretch, "pitchHertz": voice.pitch}


def every(cast: Cast, calls: tuple[Call, ...], chats: tuple[Chat, ...]) -> Iterator[Made]:
    yield from (made_call(cast, call) for call in calls)
    yield from (made_chat(cast, chat) for chat in chats)
