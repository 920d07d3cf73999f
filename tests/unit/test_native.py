"""Loupe's own document: complete, described by its schema, honest about what is absent."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from chalicelib.api.models import CharacteristicsInfo, Segment, SentimentInfo
from chalicelib.api.summary_models import SummaryInfo
from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.summary import GeneratedSummary, SummarySentence
from chalicelib.domain.transcript import Engine
from chalicelib.formats.native import UNSHOWN, document
from chalicelib.stages import summary
from tests.fakes.language import FakeSummarizer
from tests.unit.analyses import (
    CONTACT,
    CONVERSATIONS,
    RECORD,
    contact,
    faults,
    full_chat,
    imported_call,
    mono_call,
    separated_call,
    silent_call,
    voice_call,
)


def native(made, **kw):
    return document(contact(made, **kw))["conversations"][0]


@pytest.mark.parametrize("make", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_every_document_keeps_the_schema_and_is_json(make):
    shown = contact(make(), record=RECORD)
    made = document(shown, shown)
    assert faults("loupe-1.json", made) == []
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_a_contact_with_a_call_and_a_chat_has_both():
    made = document(contact(voice_call(), full_chat()))
    assert [c["channel"] for c in made["conversations"]] == ["VOICE", "CHAT"]
    assert (made["schema"], made["contactId"]) == ("loupe/1", CONTACT)


def test_the_reading_before_redaction_stands_beside_only_when_asked_for():
    shown = contact(voice_call())
    turns = tuple(replace(t, text="secret") for t in shown.conversations[0].transcript.turns)
    transcript = replace(shown.conversations[0].transcript, turns=turns)
    original = contact(replace(shown.conversations[0], transcript=transcript))
    assert "original" not in document(shown)
    both = document(shown, original)
    assert "secret" not in json.dumps(both["conversations"])
    assert both["original"]["conversations"][0]["segments"][0]["content"] == "secret"


def test_the_contact_record_comes_along_without_the_customers_address():
    record = document(contact(voice_call(), record=RECORD))["contactRecord"]
    assert (record["instanceId"], record["attributes"]) == ("i-rec", {"tier": "gold"})
    assert len(record) == len(fields(ContactRecord)) - len(UNSHOWN)
    assert "+14155550100" not in json.dumps(record)
    assert document(contact(voice_call()))["contactRecord"] is None


def test_a_call_has_its_figures():
    c = native(voice_call())["characteristics"]
    assert c["totalDurationMillis"] == 15_000
    assert c["talkTime"] == {
        "sumMillis": 15_000,
        "unionMillis": 10_000,
        "byParticipant": {"AGENT": 6000, "CUSTOMER": 9000},
    }
    assert c["nonTalkTime"]["totalMillis"] == 5000
    assert c["interruptions"][0]["segmentId"] == "AGENT-3000"
    assert c["talkSpeed"]["CUSTOMER"] == 40
    assert (c["responseTime"], c["agentGreetingMillis"]) == (None, None)
    assert c["longestMonologue"]["CUSTOMER"] == {"beginOffsetMillis": 0, "endOffsetMillis": 9000}
    assert c["patienceMillis"] == {"AGENT": 0}
    assert c["questionRate"] == {"AGENT": 0.0, "CUSTOMER": 0.0}


def test_figures_of_an_imported_source_stand_beside_ours():
    made = voice_call()
    published = {"TalkTime": {"TotalTimeMillis": 14_000}}
    beside = replace(made, transcript=replace(made.transcript, published=published))
    assert faults("loupe-1.json", document(contact(beside))) == []
    assert native(beside)["comparison"] == [
        {
            "metric": "talkTimeSum",
            "participantRole": None,
            "part": "",
            "ours": 15_000,
            "published": 14_000,
            "difference": 1000,
        }
    ]
    assert native(made)["comparison"] == []


def test_a_chat_has_its_figures():
    made = native(full_chat())
    c, s = made["characteristics"], made["sentiment"]
    assert c["agentGreetingMillis"] == 3000
    assert c["responseTime"]["AGENT"]["slowestSegmentIds"] == ["AGENT-5000"]
    assert (c["talkTime"], c["nonTalkTime"], c["interruptions"]) == (None, None, None)
    assert (c["longestMonologue"], c["patienceMillis"]) == (None, None)
    assert c["questionRate"] == {"AGENT": 0.0, "CUSTOMER": 0.0}
    assert (s["withAgent"], s["withoutAgent"]) == (5, -5)
    assert [g["segmentIds"] for g in s["groups"]][1] == ["AGENT-5000"]


def test_absent_is_null_and_measured_is_zero():
    mono, silent = (native(make())["characteristics"] for make in (mono_call, silent_call))
    assert (mono["talkTime"], mono["interruptions"], mono["talkSpeed"]) == (None, None, None)
    assert mono["nonTalkTime"]["totalMillis"] == 5000
    assert silent["talkTime"]["byParticipant"] == {"AGENT": 0, "CUSTOMER": 0}
    assert silent["interruptions"] == []


def test_separated_speakers_of_one_channel_have_roles_with_their_evidence_but_no_interruptions():
    made = native(separated_call())
    c = made["characteristics"]
    assert c["talkTime"]["byParticipant"] == {"AGENT": 3000, "CUSTOMER": 4000}
    assert c["interruptions"] is None
    assert made["speakers"] == {
        "voices": 2,
        "agent": "spk_0",
        "customer": "spk_1",
        "lead": 5,
        "margin": 3,
        "cues": [
            {
                "cue": cue,
                "speaker": "spk_0",
                "speaksFor": "AGENT",
                "points": points,
                "segmentId": "UNKNOWN-0",
            }
            for cue, points in (("speaks_first", 1), ("thanks_for_calling", 4))
        ],
    }
    assert native(mono_call())["speakers"] is None


def test_a_segment_has_its_words_mood_sound_and_categories():
    first, _, third = native(voice_call())["segments"]
    assert [w["endOffsetMillis"] for w in first["words"]] == [900, 9000]
    assert (first["sentiment"], first["score"]) == ("NEGATIVE", -1.0)
    assert first["loudness"][:2] == [50.0, 51.25]
    assert first["categories"] == ["Refund"]
    assert first["redactions"] == [{"begin": 18, "end": 23, "type": "PII"}]
    assert [h["text"] for h in first["highlights"]] == ["bad", "this"]
    assert (third["sentiment"], third["score"]) == (None, None)


def test_what_could_not_be_labelled_is_named():
    assert native(voice_call())["sentiment"]["unlabelled"] == {"AGENT-14000": "unreadable"}


@pytest.mark.parametrize("make", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_the_shapes_are_those_of_the_api(make):
    made = native(make())
    CharacteristicsInfo.model_validate(made["characteristics"])
    SentimentInfo.model_validate(made["sentiment"])
    assert keys_of(CharacteristicsInfo) == set(made["characteristics"])
    assert keys_of(SentimentInfo) <= set(made["sentiment"])
    for segment in made["segments"]:
        Segment.model_validate({**segment, "channel": made["channel"]})
        assert keys_of(Segment) - {"channel"} <= set(segment)


def keys_of(model):
    return {field.alias for field in model.model_fields.values()}


def summed_up(made):
    """The conversation with the summary that the real stage makes by the fake engine."""
    return replace(made, summary=summary.make(made.transcript, FakeSummarizer()))


def test_a_summary_is_quoted_with_its_places_and_its_engine():
    made = native(summed_up(imported_call()))["summary"]
    assert made == {
        "engine": {
            "name": "fake-summary",
            "version": "1",
            "detail": "quotes the customer's first turn",
        },
        "highlights": [
            {
                "kind": "ISSUE",
                "segmentId": "CUSTOMER-6000",
                "beginChar": 0,
                "endChar": 3,
                "text": "bad",
                "source": "computed",
            }
        ],
        "sentences": [{"text": "bad", "segmentIds": ["CUSTOMER-6000"]}],
        "keyPhrases": [{"text": "bad", "count": 1, "segmentIds": ["CUSTOMER-6000"]}],
        "generated": None,
    }
    SummaryInfo.model_validate(made)
    assert keys_of(SummaryInfo) == set(made)
    whole = document(contact(summed_up(imported_call())))
    assert faults("loupe-1.json", whole) == []
    assert whole["conversations"][0]["segments"][1]["highlights"] == [
        {"kind": "ISSUE", "begin": 0, "end": 3, "text": "bad"}
    ]


def test_what_a_model_wrote_stands_beside_with_its_evidence_and_its_engine():
    claims = (SummarySentence("It was bad.", ("CUSTOMER-6000",)),)
    spoken = summed_up(imported_call())
    generated = GeneratedSummary(Engine("Some model", "m-1", "how"), claims)
    made = replace(spoken, summary=replace(spoken.summary, generated=generated))
    shown = native(made)["summary"]
    assert shown["generated"] == {
        "engine": {"name": "Some model", "version": "m-1", "detail": "how"},
        "text": "It was bad.",
        "sentences": [{"text": "It was bad.", "segmentIds": ["CUSTOMER-6000"]}],
    }
    assert SummaryInfo.model_validate(shown).generated
    assert faults("loupe-1.json", document(contact(made))) == []


def test_highlights_of_the_source_say_so():
    made = native(summed_up(voice_call()))["summary"]["highlights"]
    assert [(h["text"], h["source"]) for h in made] == [("bad", "imported"), ("this", "imported")]


def test_what_only_rules_ask_of_a_record_stays_inside():
    record = ContactRecord("c", segment_attributes={"Card": ("4000 1234",)}, tags={"a": "b"})
    shown = document(contact(voice_call(), record=record))["contactRecord"]
    assert not {"segmentAttributes", "tags", "aiAgents", "hierarchy"} & shown.keys()
    assert "4000" not in json.dumps(shown)
