"""Contact Lens files out and in again: what the format carries survives, whatever the conversation."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chalicelib.domain.analysis import Conversation
from chalicelib.domain.brought import brought
from chalicelib.domain.rules.rule import CategoryMatch, PointOfInterest
from chalicelib.domain.transcript import (
    Channel,
    Highlight,
    Participant,
    Role,
    Transcript,
    Turn,
    TurnKind,
)
from chalicelib.domain.word_offsets import masks_in
from chalicelib.formats import contact_lens
from chalicelib.formats.contact_lens_writer import write
from tests.shared_data import shared
from tests.unit.analyses import CONVERSATIONS, RECORD, SCHEMAS, contact, conversation
from tests.unit.conversations import ENGINE, A, C, call, sound

VALID = {
    channel: Draft202012Validator(json.loads((SCHEMAS / name).read_text()))
    for channel, name in (
        (Channel.VOICE, "contact-lens-voice-1.1.0.json"),
        (Channel.CHAT, "contact-lens-chat-2022-11-30.json"),
    )
}
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
WORDS = ("good", "bad", "noise", "parrot", "ünï", "\N{PARROT}", "[PII]", "[CREDIT_DEBIT_NUMBER]")
KINDS = ("ISSUE", "OUTCOME", "ACTION_ITEM")

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


def exported(made: Conversation, *, redacted: bool) -> dict:
    return write(contact(made, record=RECORD), made, redacted=redacted)


def again(made: Conversation, document: dict) -> Conversation:
    """What is made of the file by somebody who has none of the rules."""
    back = contact_lens.read(json.loads(json.dumps(document)))
    return conversation(back, brought=brought(back), source_key=made.source_key)


def carried(document: dict) -> dict:
    """All but Loupe's own key, which also names the engines: there the file itself is one."""
    return {name: value for name, value in document.items() if name != "Loupe"}


@st.composite
def marked(draw, turn: Turn) -> Turn:
    """The turn with its masks known as such, timed or not, and with highlights."""
    timed = draw(st.booleans())
    masks = tuple(
        replace(mask, begin_ms=turn.begin_ms, end_ms=turn.end_ms) if timed else mask
        for mask in masks_in(turn.text)
    )
    places = draw(
        st.lists(st.tuples(st.sampled_from(KINDS), *[st.integers(0, len(turn.text))] * 2))
    )
    highlights = tuple(
        Highlight(kind, begin, end, turn.text[begin:end])
        for kind, begin, end in places
        if begin < end
    )
    return replace(turn, redactions=masks, highlights=highlights)


def points(turns: list[Turn]) -> tuple[CategoryMatch, ...]:
    found = tuple(PointOfInterest(t.id, 0, 1, t.begin_ms, t.end_ms) for t in turns[:2])
    return (CategoryMatch("First words", "r-1", 1, found), CategoryMatch("Absent", "r-2", 1, ()))


@st.composite
def calls(draw) -> Conversation:
    """Turns of both sides that may overlap, with sound or without."""
    turns, at = [], 0
    for number in range(draw(st.integers(0, 6))):
        at += draw(st.integers(0, 4000))
        role, lasts = draw(st.sampled_from((A, C))), draw(st.integers(1, 6000))
        turn = Turn(f"t{number}", role.value, role, at, at + lasts, draw(texts))
        turns.append(draw(marked(turn)))
    loudness = draw(st.lists(st.floats(0, 100).map(lambda x: round(x, 2)), max_size=30))
    heard = sound(([], loudness), ([(0, 900)], loudness), duration=40_000)
    return conversation(
        call(*turns), draw(st.sampled_from((None, heard))), categories=points(turns)
    )


@st.composite
def chats(draw) -> Conversation:
    """Messages and events of three parties, some in the same millisecond."""
    people = tuple(Participant(f"p-{r}", r, str(r).title()) for r in (C, A, Role.SYSTEM))
    items, at = [], 0
    for number in range(draw(st.integers(0, 8))):
        who = draw(st.sampled_from(people))
        said = draw(st.booleans())
        item = Turn(
            f"m{number}",
            who.id,
            who.role,
            at,
            at,
            draw(texts) if said else "",
            kind=TurnKind.MESSAGE if said else TurnKind.EVENT,
            content_type="text/plain" if said else "application/x.joined",
            absolute_time=(START + timedelta(milliseconds=at)).isoformat(timespec="milliseconds"),
            display_name=who.display_name,
        )
        items.append(draw(marked(item)))
        at += draw(st.integers(0, 90_000))
    transcript = Transcript(Channel.CHAT, "en-US", people, tuple(items), ENGINE)
    return conversation(transcript, categories=points(items))


def survives(made: Conversation, *, redacted: bool) -> None:
    first = exported(made, redacted=redacted)
    VALID[made.channel].validate(first)
    second = exported(again(made, first), redacted=redacted)
    assert carried(second) == carried(first)


@pytest.mark.parametrize("redacted", [True, False], ids=["redacted", "raw"])
@pytest.mark.parametrize("make", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_a_file_that_is_read_is_written_the_same(make, redacted):
    survives(make(), redacted=redacted)


@settings(max_examples=40, deadline=None)
@given(made=calls(), redacted=st.booleans())
def test_any_call_survives_its_file(made, redacted):
    survives(made, redacted=redacted)


@settings(max_examples=40, deadline=None)
@given(made=chats(), redacted=st.booleans())
def test_any_chat_survives_its_file(made, redacted):
    survives(made, redacted=redacted)


# The documented files


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "redacted"),
    [
        ("voice_v1.1.0.json", False),
        ("voice_2022-11-30_raw.json", False),
        ("chat_complete.json", False),
        ("chat_raw.json", False),
        ("chat_redacted.json", True),
    ],
)
def test_a_documented_file_survives_what_is_made_of_it(name, redacted):
    document = json.loads(shared("contact_lens", name).read_text())
    transcript = contact_lens.read(document)
    survives(conversation(transcript, brought=brought(transcript)), redacted=redacted)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["voice_v1.1.0.json", "voice_2022-11-30_raw.json"])
def test_the_turns_of_a_documented_call_come_out_as_they_were(name):
    document = json.loads(shared("contact_lens", name).read_text())
    got = exported(conversation(contact_lens.read(document)), redacted=False)["Transcript"]
    want = sorted(document["Transcript"], key=lambda t: t["BeginOffsetMillis"])
    for mine, theirs in zip(got, want, strict=True):
        repaired = {
            "Id",
            "OutcomesDetected",
        }  # one id for all turns, a span that cuts its last letter
        assert {k: v for k, v in mine.items() if k not in repaired} == {
            k: v for k, v in theirs.items() if k not in repaired
        }
        assert len(mine.get("OutcomesDetected", [])) == len(theirs.get("OutcomesDetected", []))


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["chat_complete.json", "chat_raw.json"])
def test_the_items_of_a_documented_chat_come_out_as_they_were(name):
    """Offsets of an original's masks are left out: they are counted in another text than its own."""
    document = json.loads(shared("contact_lens", name).read_text())
    got = exported(conversation(contact_lens.read(document)), redacted=False)["Transcript"]
    want = [{k: v for k, v in t.items() if k != "Redaction"} for t in document["Transcript"]]
    assert got == want
