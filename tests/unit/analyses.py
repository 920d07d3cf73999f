"""Analysed contacts for tests of the writers: made by the real stages from small conversations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from jsonschema import Draft202012Validator

from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRecord, SkippedAnalysis
from chalicelib.domain.method import Method
from chalicelib.domain.rules.rule import CategoryMatch, PointOfInterest
from chalicelib.domain.speaker_roles import with_roles
from chalicelib.domain.transcript import (
    Channel,
    Highlight,
    Participant,
    Redaction,
    Role,
    Transcript,
    TurnKind,
)
from chalicelib.domain.voice_metrics import characterise
from chalicelib.formats import contact_lens
from chalicelib.stages import sentiment
from tests.fakes.language import FakeSentiment
from tests.unit.conversations import ENGINE, A, C, U, call, chat, event, said, sound, span, wrote

SCHEMAS = Path(contact_lens.__file__).with_name("schemas")
CONTACT = "0A1B2C3D-0000-4000-8000-00000000000A"
SKIPPED = (
    SkippedAnalysis("summary", "NOT_SUPPORTED", "no summaries yet"),
    SkippedAnalysis("categories", "QUOTA_EXCEEDED", "too many rules"),
    SkippedAnalysis("acoustics", "NO_AUDIO", "imported"),
)
RECORDING = sound(([(0, 4000)], [50.0, 51.25, 52.0, 0.0]), ([(3000, 9000)], [40.5] * 20))


def faults(schema: str, document: object) -> list[str]:
    """What the shipped schema has against the document."""
    rules = json.loads((SCHEMAS / schema).read_text())
    Draft202012Validator.check_schema(rules)
    found = Draft202012Validator(rules).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in found]


def conversation(transcript: Transcript, acoustics=None, roles=(C, A), **kw) -> Conversation:
    """The transcript with the products of the real stages; ``noise`` cannot be labelled."""
    figures = characterise(transcript, acoustics, roles, Method())
    mood = sentiment.make(transcript, FakeSentiment(unreadable="noise"))
    made = Conversation(
        channel=transcript.channel,
        source_key="connect/acme/CallRecordings/2024/05/01/x_20240501T10:00_UTC.wav",
        source_etag="e",
        transcript=transcript,
        characteristics=figures,
        sentiment=mood,
        categories=(),
        duration_ms=figures.total_duration_ms,
        engines={"transcript": transcript.engine, "sentiment": mood.engine},
        skipped=SKIPPED,
    )
    return replace(made, **kw)


def contact(*conversations: Conversation, record: ContactRecord | None = None) -> ContactAnalysis:
    return ContactAnalysis(CONTACT, conversations, record)


def match(turn_id: str) -> tuple[CategoryMatch, ...]:
    point = PointOfInterest(turn_id, 0, 4, 100, 200)
    return CategoryMatch("Refund", "r-1", 3, (point, point)), CategoryMatch("No greeting", "r-2", 1)


def voice_call() -> Conversation:
    """A call with silence, an interruption, a mask, highlights and categories."""
    turns = (
        said(C, (0, 900), (950, 9000), text="this is bad, I am [PII]"),
        said(A, (3000, 8000), text="but that is good"),
        said(A, (14_000, 15_000), text="noise"),
    )
    masked = replace(
        turns[0],
        redactions=(Redaction(18, 23, "PII", 8000, 9000),),
        highlights=(Highlight("ISSUE", 8, 11, "bad"), Highlight("OUTCOME", 0, 4, "this")),
    )
    return conversation(call(masked, *turns[1:]), RECORDING, categories=match(turns[0].id))


def mono_call() -> Conversation:
    turns = said(U, (0, 1000), text="good"), said(U, (6000, 7000), text="bad")
    transcript = replace(call(*turns, flags=("mono",)), participants=(Participant("SPEAKER", U),))
    return conversation(transcript, sound(([], [30.0] * 9)), (U,))


def separated_call() -> Conversation:
    """One channel whose two speakers the engine told apart."""
    turns = (
        said(U, (0, 3000), text="thanks for calling"),
        said(U, (1000, 5000), text="it is bad"),
    )
    voices = [replace(t, participant_id=f"spk_{n}") for n, t in enumerate(turns)]
    people = tuple(Participant(f"spk_{n}", U) for n in range(2))
    transcript = with_roles(replace(call(*voices, flags=("mono",)), participants=people))
    return conversation(transcript, sound(([], [30.0] * 9)), (U,))


def silent_call() -> Conversation:
    return conversation(call(), RECORDING)


def imported_call() -> Conversation:
    return conversation(call(span(A, 0, 2000, "good"), span(C, 6000, 7000, "bad")))


def full_chat() -> Conversation:
    customer = {"display_name": "Jo", "absolute_time": "2024-05-01T10:00:00.000Z"}
    items = (
        wrote(Role.SYSTEM, 0, "welcome", display_name="BOT", absolute_time="2024-05-01T10:00:00.000Z"),
        wrote(C, 1000, "it is bad [PII]", **{**customer, "absolute_time": "2024-05-01T10:00:01.000Z"}),
        replace(event(A, 2000), absolute_time="2024-05-01T10:00:02.000Z"),
        wrote(A, 5000, "good morning", display_name="Ann", absolute_time="2024-05-01T10:00:05.000Z"),
        wrote(C, 9000, "all good", **{**customer, "absolute_time": "2024-05-01T10:00:09.000Z"}),
        wrote(C, 9500, "", kind=TurnKind.ATTACHMENT, absolute_time="2024-05-01T10:00:09.500Z"),
        replace(event(U, 9900, "x.ended"), participant_id="", absolute_time="2024-05-01T10:00:09.900Z"),
    )  # fmt: skip
    items = (
        items[0],
        replace(
            items[1],
            redactions=(Redaction(10, 15, "PII"),),
            highlights=(Highlight("ISSUE", 6, 9, "bad"),),
        ),
        *items[2:],
    )
    people = (
        Participant("CUSTOMER", C, "Jo"),
        Participant("AGENT", A, "Ann"),
        Participant("SYSTEM", Role.SYSTEM, "BOT"),
    )
    transcript = Transcript(Channel.CHAT, "en-US", people, items, ENGINE)
    return conversation(transcript, categories=match(items[1].id))


def empty_chat() -> Conversation:
    return conversation(chat())


CONVERSATIONS = {
    "voice_call": voice_call,
    "mono_call": mono_call,
    "separated_call": separated_call,
    "silent_call": silent_call,
    "imported_call": imported_call,
    "full_chat": full_chat,
    "empty_chat": empty_chat,
}
RECORD = ContactRecord(
    contact_id=CONTACT,
    account_id="444455556666",
    instance_id="i-rec",
    customer_address="+14155550100",
    attributes={"tier": "gold"},
    media_keys=("k",),
)
