"""Foreign analyses read and written as Contact Lens files: what is lost or changed has a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.config import Settings
from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.explain.contact import comparison
from chalicelib.domain.explain.explanation import Metric
from chalicelib.domain.rules.rule import RuleSet
from chalicelib.domain.transcript import Role, Transcript
from chalicelib.formats import call_analytics, contact_lens, transcribe
from chalicelib.formats.contact_lens_writer import write
from chalicelib.stages.conversation import Material, analyse
from tests.fakes.language import fake_readers
from tests.shared_data import shared

pytestmark = pytest.mark.shared_data

COMPUTED = "the source's own number: Loupe's is computed, and `comparison` has the difference"
PLACES = "the places behind a number that is computed"
UNEQUAL = "the document lacks an item that its own numbers count"
ELSEWHERE = (
    "offsets of another text than the one they come with: masks are found in the text instead"
)
CUT = "the span reaches beyond its text and is cut to it"
CORRECTED = "the span is one character short of the text that comes with it"
ONE_ID = "one placeholder for all turns: they are numbered, to be told apart"
OTHER_ROLE = "a shift of SYSTEM: only the customer and the agent are analysed"
ABSENT = "a highlight of an item that the document does not hold"
NOTHING = "an empty list: nothing was masked"
WORDS = "the format has no words: their times and confidences stay in Loupe's own document"
JOB = "the format has no place for the job's name"
SAID = "the same is said by the turns, or by `ContentMetadata`"
AS_NOW = "written in the version in force"

SUMMED = "ConversationCharacteristics.ContactSummary.SummaryItemsDetected.[].IssuesDetected.[]"
MARKED = f"{SUMMED}.TranscriptItems.[]"
WAITS = "ConversationCharacteristics.ResponseTime.DetailsByParticipantRole"
SHIFT = "ConversationCharacteristics.Sentiment.SentimentShift"
WITH_AGENT = f"{SHIFT}.DetailsByInteraction.DetailsByParticipantRole.CUSTOMER.WithAgent"
INTERRUPTIONS = "ConversationCharacteristics.Interruptions"
INTERRUPTED = f"{INTERRUPTIONS}.InterruptionsByInterrupter"
MASKS = "Transcript.[].Redaction.CharacterOffsets.[]"
TALK = "ConversationCharacteristics.TalkTime"
MOOD = "ConversationCharacteristics.Sentiment"
INSTANCE = ("BeginOffsetMillis", "DurationMillis", "EndOffsetMillis")

CALL = {
    "Transcript.[].Id": ONE_ID,
    "Transcript.[].OutcomesDetected.[].CharacterOffsets.EndOffsetChar": CORRECTED,
}
NEW_CALL = {
    **CALL,
    f"{INTERRUPTIONS}.TotalCount": COMPUTED,
    f"{INTERRUPTIONS}.TotalTimeMillis": PLACES,
    **{f"{INTERRUPTED}.{r}.[].{key}": PLACES for r in ("AGENT", "CUSTOMER") for key in INSTANCE},
}
CHAT = {
    f"{WITH_AGENT}.EndScore": COMPUTED,
    f"{SHIFT}.DetailsByParticipantRole.CUSTOMER.EndScore": COMPUTED,
    f"{MASKS}.BeginOffsetChar": ELSEWHERE,
    f"{MASKS}.EndOffsetChar": ELSEWHERE,
}
OF_SYSTEM = {
    f"{SHIFT}.DetailsByParticipantRole.SYSTEM.{end}": OTHER_ROLE
    for end in ("BeginScore", "EndScore")
}
TOO_LONG = {f"{MARKED}.CharacterOffsets.EndOffsetChar": CUT}
OF_NOBODY = {
    f"{MARKED}.Id": ABSENT,
    f"{MARKED}.CharacterOffsets.BeginOffsetChar": ABSENT,
    f"{MARKED}.CharacterOffsets.EndOffsetChar": ABSENT,
}
HALF = {
    f"{WAITS}.AGENT.Average.ValueMillis": UNEQUAL,
    f"{WAITS}.CUSTOMER.Average.ValueMillis": UNEQUAL,
    f"{WAITS}.CUSTOMER.Maximum.ValueMillis": UNEQUAL,
    f"{WAITS}.CUSTOMER.Maximum.TranscriptItems.[].Id": UNEQUAL,
}
CALL_ANALYTICS = {
    "JobName": JOB,
    "Transcript.[].Redaction.RedactedTimestamps": NOTHING,
    **{
        f"Transcript.[].Items.[].{key}": WORDS
        for key in ("Type", "Content", "Confidence", "BeginOffsetMillis", "EndOffsetMillis")
    },
    "Transcript.[].Items.[].Redaction.[].Confidence": WORDS,
    f"{INTERRUPTIONS}.TotalCount": COMPUTED,
    f"{INTERRUPTIONS}.TotalTimeMillis": PLACES,
    **{f"{INTERRUPTED}.AGENT.[].{key}": PLACES for key in INSTANCE},
    f"{MOOD}.OverallSentiment.AGENT": COMPUTED,
    f"{MOOD}.SentimentByPeriod.QUARTER.AGENT.[].Score": COMPUTED,
    f"{MOOD}.SentimentByPeriod.QUARTER.CUSTOMER.[].Score": COMPUTED,
    "ConversationCharacteristics.TalkSpeed.DetailsByParticipant.CUSTOMER.AverageWordsPerMinute": COMPUTED,
    f"{TALK}.DetailsByParticipant.AGENT.TotalTimeMillis": COMPUTED,
    f"{TALK}.DetailsByParticipant.CUSTOMER.TotalTimeMillis": COMPUTED,
    f"{TALK}.TotalTimeMillis": COMPUTED,
}
ITEM = ("start_time", "end_time", "type", "alternatives.[].confidence", "alternatives.[].content")
STANDARD = {
    "jobName": JOB,
    "accountId": SAID,
    "status": SAID,
    "results.transcripts.[].transcript": SAID,
    **{f"results.items.[].{key}": WORDS for key in ITEM},
}
CHANNEL = "results.channel_labels.channels.[]"
TWO_CHANNELS = {
    **STANDARD,
    "results.items.[].channel_label": SAID,
    "results.channel_labels.number_of_channels": SAID,
    f"{CHANNEL}.channel_label": SAID,
    f"{CHANNEL}.items.[].channel_label": SAID,
    f"{CHANNEL}.items.[].language_code": SAID,
    **{f"{CHANNEL}.items.[].{key}": WORDS for key in ITEM},
}
MARKS = {
    **STANDARD,
    "isRedacted": SAID,
    **{
        f"results.items.[].alternatives.[].redactions.[].{key}": WORDS
        for key in ("confidence", "type", "category")
    },
}


def made(transcript: Transcript, *, redacted: bool) -> Conversation:
    """What the stages make of an import when no rule is in force and nothing more is found to mask."""
    readings = analyse(
        Material(transcript.channel, "connect/x.json", "e", transcript),
        settings=Settings(),
        rules=RuleSet("none", ()),
        readers=fake_readers(),
    )
    return readings.redacted if redacted else readings.original


def exported(transcript: Transcript, *, redacted: bool) -> dict[str, Any]:
    conversation = made(transcript, redacted=redacted)
    contact = ContactAnalysis(transcript.contact_id or "c-1", (conversation,))
    return json.loads(json.dumps(write(contact, conversation, redacted=redacted)))


def leaves(tree: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple, object]]:
    steps = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    found = False
    for step, below in steps:
        found = True
        yield from leaves(below, (*path, step))
    if not found:
        yield path, tree


def lost(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """The paths of ``before``, places in lists left out, that ``after`` has not or has otherwise."""
    there = dict(leaves(aligned(after)))
    return {
        ".".join("[]" if isinstance(step, int) else step for step in path)
        for path, value in leaves(aligned(before))
        if there.get(path, lost) != value
    }


def aligned(document: dict[str, Any]) -> dict[str, Any]:
    """Turns in time order and participants by their id, which is how they are compared."""
    if "Transcript" not in document:
        return document
    return {
        **document,
        "Participants": {p["ParticipantId"]: p for p in document["Participants"]},
        "Transcript": sorted(
            document["Transcript"],
            key=lambda t: (t.get("BeginOffsetMillis", 0), t.get("AbsoluteTime", "")),
        ),
    }


@pytest.mark.parametrize(
    ("name", "redacted", "reasons"),
    [
        pytest.param(
            "voice_v1.1.0.json",
            False,
            NEW_CALL,
            id="a_call",
        ),
        pytest.param(
            "voice_2022-11-30_raw.json",
            False,
            {**CALL, "Version": AS_NOW},
            id="a_call_of_the_former_version",
        ),
        pytest.param(
            "chat_complete.json", False, {**CHAT, **OF_SYSTEM, **TOO_LONG}, id="a_whole_chat"
        ),
        pytest.param(
            "chat_raw.json", False, {**CHAT, **OF_SYSTEM, **TOO_LONG, **HALF}, id="a_chat"
        ),
        pytest.param(
            "chat_redacted.json", True, {**CHAT, **OF_NOBODY, **HALF}, id="a_redacted_chat"
        ),
    ],
)
def test_a_contact_lens_file_comes_out_but_for_what_has_a_reason(name, redacted, reasons):
    document = json.loads(shared("contact_lens", name).read_text())
    assert lost(document, exported(contact_lens.read(document), redacted=redacted)) == set(reasons)


def renamed(document: dict[str, Any]) -> dict[str, Any]:
    """A Call Analytics document under the names that Contact Lens has for the same."""
    turns = []
    for turn in document["Transcript"]:
        times = [t for group in turn["Redaction"]["RedactedTimestamps"] for t in group]
        new = {
            **turn,
            "ParticipantId": turn["ParticipantRole"],
            "LoudnessScore": turn["LoudnessScores"],
            "Redaction": {"RedactedTimestamps": times},
            **{
                name: [_spelled(each) for each in turn[name]] for name in HIGHLIGHTS if name in turn
            },
        }
        turns.append(
            {k: v for k, v in new.items() if k not in ("ParticipantRole", "LoudnessScores")}
        )
    people = [{**p, "ParticipantId": p["ParticipantRole"]} for p in document["Participants"]]
    return {**document, "Transcript": turns, "Participants": people}


HIGHLIGHTS = ("IssuesDetected", "OutcomesDetected", "ActionItemsDetected")


def _spelled(highlight: dict[str, Any]) -> dict[str, Any]:
    at = highlight["CharacterOffsets"]
    return {"CharacterOffsets": {"BeginOffsetChar": at["Begin"], "EndOffsetChar": at["End"]}}


def test_a_call_analytics_document_comes_out_but_for_what_has_a_reason():
    name = "transcribe_call_analytics_card1_49turns.json"
    document = json.loads(shared("aws_reference_output", name).read_text())
    got = exported(call_analytics.read(document), redacted=True)
    assert lost(renamed(document), got) == set(CALL_ANALYTICS)


def test_every_number_that_is_computed_anew_is_compared_with_the_sources():
    name = "transcribe_call_analytics_card1_49turns.json"
    document = json.loads(shared("aws_reference_output", name).read_text())
    found = comparison(made(call_analytics.read(document), redacted=True))
    different = {(e.metric, e.role) for e in found if e.difference}
    assert different >= {
        (Metric.INTERRUPTIONS, None),
        (Metric.SENTIMENT, Role.AGENT),
        (Metric.SENTIMENT_QUARTER, Role.AGENT),
        (Metric.SENTIMENT_QUARTER, Role.CUSTOMER),
        (Metric.TALK_SPEED, Role.CUSTOMER),
        (Metric.TALK_TIME, Role.AGENT),
        (Metric.TALK_TIME, Role.CUSTOMER),
        (Metric.TALK_TIME_SUM, None),
    }


@pytest.mark.parametrize(
    ("name", "redacted", "reasons"),
    [
        pytest.param(
            "transcribe_standard_two_channels.json", False, TWO_CHANNELS, id="two_channels"
        ),
        pytest.param("pii_batch_redacted.json", True, MARKS, id="redacted"),
        pytest.param(
            "pii_batch_unredacted.json", False, {**STANDARD, "isRedacted": SAID}, id="an_original"
        ),
    ],
)
def test_a_standard_transcript_comes_out_but_for_what_has_a_reason(name, redacted, reasons):
    document = json.loads(shared("transcribe", name).read_text())
    method = Settings().method
    transcript = transcribe.read(document, roles=(Role.CUSTOMER, Role.AGENT), method=method)
    got = exported(transcript, redacted=redacted)
    assert lost(document, got) == set(reasons)
    assert got["AccountId"] == document["accountId"]
    assert got["ContentMetadata"]["Output"] == ("Redacted" if redacted else "Raw")
    said = [i["alternatives"][0]["content"] for i in document["results"]["items"]]
    assert " ".join(t["Content"] for t in got["Transcript"]) == spoken(said)


def spoken(words: list[str]) -> str:
    return " ".join(words).replace(" .", ".").replace(" ,", ",").replace(" ?", "?")
