"""Writing Contact Lens files: what readers of Contact Lens find in what Loupe writes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from chalicelib import __version__
from chalicelib.domain.contact import SkippedAnalysis
from chalicelib.domain.summary import GeneratedSummary, SummarySentence
from chalicelib.domain.transcript import Channel, Engine
from chalicelib.formats import contact_lens
from chalicelib.formats.contact_lens_writer import analysis_key, write
from chalicelib.stages import summary
from tests.fakes.language import FakeSummarizer
from tests.shared_data import shared
from tests.unit.analyses import (
    CONTACT,
    CONVERSATIONS,
    RECORD,
    contact,
    conversation,
    faults,
    full_chat,
    imported_call,
    mono_call,
    separated_call,
    silent_call,
    voice_call,
)

SCHEMA = {
    Channel.VOICE: "contact-lens-voice-1.1.0.json",
    Channel.CHAT: "contact-lens-chat-2022-11-30.json",
}


def written(made, *, redacted=True, **kw):
    return write(contact(made, record=kw.pop("record", None)), made, redacted=redacted, **kw)


@pytest.mark.parametrize("redacted", [True, False], ids=["redacted", "raw"])
@pytest.mark.parametrize("make", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_every_document_keeps_the_schema_and_is_json(make, redacted):
    made = make()
    document = written(made, redacted=redacted, record=RECORD)
    assert faults(SCHEMA[made.channel], document) == []
    assert json.loads(json.dumps(document, allow_nan=False)) == document


@pytest.mark.parametrize("make", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_what_was_written_reads_back_and_writes_the_same(make):
    made = make()
    first = written(made)
    back = contact_lens.read(first)
    assert [(t.id, t.role, t.begin_ms, t.end_ms, t.text, t.kind) for t in back.turns] == [
        (t.id, t.role, t.begin_ms, t.end_ms, t.text, t.kind) for t in made.transcript.turns
    ]
    labels = {mood.turn_id: mood.label for mood in made.sentiment.turns}
    if made.channel is Channel.VOICE:
        assert [t.sentiment for t in back.turns] == [labels.get(t.id) for t in back.turns]
        loudness = made.characteristics.loudness
        assert [t.loudness for t in back.turns] == [loudness.get(t.id, ()) for t in back.turns]
    else:
        published = {(g.role, g.turn_ids, g.sentiment) for g in back.groups}
        assert published == {(g.role, g.turn_ids, g.label) for g in made.sentiment.groups}
    assert [t.highlights for t in back.turns] == [t.highlights for t in made.transcript.turns]
    assert [t.redactions for t in back.turns] == [t.redactions for t in made.transcript.turns]
    assert back.published == first["ConversationCharacteristics"]
    assert back.engine.name == "Loupe"
    assert (back.contact_id, back.language) == (CONTACT, "en-US")


# Calls


def test_a_call_has_its_figures_in_contact_lens_words():
    c = written(voice_call())["ConversationCharacteristics"]
    assert c["TotalConversationDurationMillis"] == 15_000
    assert c["NonTalkTime"] == {
        "TotalTimeMillis": 5000,
        "Instances": [
            {"BeginOffsetMillis": 9000, "EndOffsetMillis": 14_000, "DurationMillis": 5000}
        ],
    }
    assert c["Interruptions"] == {
        "InterruptionsByInterrupter": {
            "AGENT": [{"BeginOffsetMillis": 3000, "EndOffsetMillis": 8000, "DurationMillis": 5000}]
        },
        "TotalCount": 1,
        "TotalTimeMillis": 5000,
    }
    assert c["TalkTime"] == {
        "TotalTimeMillis": 15_000,
        "DetailsByParticipant": {
            "AGENT": {"TotalTimeMillis": 6000},
            "CUSTOMER": {"TotalTimeMillis": 9000},
        },
    }
    assert c["TalkSpeed"]["DetailsByParticipant"]["CUSTOMER"] == {"AverageWordsPerMinute": 40}
    assert c["Sentiment"]["OverallSentiment"] == {"CUSTOMER": -5, "AGENT": 5}
    assert [q["Score"] for q in c["Sentiment"]["SentimentByPeriod"]["QUARTER"]["CUSTOMER"]] == [
        -5, 0, 0, 0,
    ]  # fmt: skip


def test_whole_scores_are_written_as_integers():
    text = json.dumps(written(voice_call())["ConversationCharacteristics"])
    assert not re.search(r"\d\.0\b", text)


def test_a_turn_of_a_call_has_all_that_readers_demand():
    first, second, third = written(voice_call())["Transcript"]
    assert first == {
        "Id": "CUSTOMER-0",
        "ParticipantId": "CUSTOMER",
        "BeginOffsetMillis": 0,
        "EndOffsetMillis": 9000,
        "Content": "this is bad, I am [PII]",
        "Sentiment": "NEGATIVE",
        "LoudnessScore": [50.0, 51.25, 52.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        "Redaction": {"RedactedTimestamps": [{"BeginOffsetMillis": 8000, "EndOffsetMillis": 9000}]},
        "IssuesDetected": [
            {"CharacterOffsets": {"BeginOffsetChar": 8, "EndOffsetChar": 11}, "Text": "bad"}
        ],
        "OutcomesDetected": [
            {"CharacterOffsets": {"BeginOffsetChar": 0, "EndOffsetChar": 4}, "Text": "this"}
        ],
    }
    assert second["LoudnessScore"] == [40.5] * 6
    assert "Redaction" not in second
    assert "Sentiment" not in third


def test_a_turn_without_a_label_is_named_beside():
    assert written(voice_call())["Loupe"]["UnlabelledTurns"] == {"AGENT-14000": "unreadable"}


def test_participants_of_a_call_are_named_by_their_role():
    assert written(imported_call())["Participants"] == [
        {"ParticipantId": "AGENT", "ParticipantRole": "AGENT"},
        {"ParticipantId": "CUSTOMER", "ParticipantRole": "CUSTOMER"},
    ]


def test_categories_of_a_call_point_to_times():
    assert written(voice_call())["Categories"] == {
        "MatchedCategories": ["Refund", "No greeting"],
        "MatchedDetails": {
            "Refund": {
                "PointsOfInterest": [{"BeginOffsetMillis": 100, "EndOffsetMillis": 200}] * 2
            },
            "No greeting": {"PointsOfInterest": []},
        },
    }


@pytest.mark.parametrize("make", [mono_call, silent_call], ids=["mono", "silent"])
def test_both_roles_are_there_even_without_figures(make):
    c = written(make())["ConversationCharacteristics"]
    assert {k: v["TotalTimeMillis"] for k, v in c["TalkTime"]["DetailsByParticipant"].items()} == {
        "AGENT": 0,
        "CUSTOMER": 0,
    }
    assert set(c["TalkSpeed"]["DetailsByParticipant"]) == {"AGENT", "CUSTOMER"}
    assert c["Sentiment"] == {"OverallSentiment": {}, "SentimentByPeriod": {"QUARTER": {}}}


def test_separated_speakers_have_both_roles_and_their_labels():
    document = written(separated_call())
    assert [p["ParticipantRole"] for p in document["Participants"]] == ["AGENT", "CUSTOMER"]
    assert document["Loupe"]["Speakers"] == {
        "Voices": 2, "Lead": 5, "Margin": 3, "Agent": "spk_0", "Customer": "spk_1",
    }  # fmt: skip
    assert document["ConversationCharacteristics"]["Interruptions"]["TotalCount"] == 0
    assert "Speakers" not in written(mono_call())["Loupe"]


def test_a_mono_call_names_its_one_speaker():
    document = written(mono_call())
    assert document["Participants"] == [{"ParticipantId": "SPEAKER", "ParticipantRole": "UNKNOWN"}]
    assert [t["Sentiment"] for t in document["Transcript"]] == ["POSITIVE", "NEGATIVE"]


def test_a_call_without_sound_has_empty_loudness():
    assert [t["LoudnessScore"] for t in written(imported_call())["Transcript"]] == [[], []]


# Chats


def test_a_chat_has_its_figures_in_contact_lens_words():
    c = written(full_chat())["ConversationCharacteristics"]
    assert c["ResponseTime"] == {
        "AgentGreetingTimeMillis": 3000,
        "DetailsByParticipantRole": {
            "AGENT": {
                "Average": {"ValueMillis": 4000},
                "Maximum": {"ValueMillis": 4000, "TranscriptItems": [{"Id": "AGENT-5000"}]},
            },
            "CUSTOMER": {
                "Average": {"ValueMillis": 4000},
                "Maximum": {"ValueMillis": 4000, "TranscriptItems": [{"Id": "CUSTOMER-9000"}]},
            },
        },
    }
    sentiment = c["Sentiment"]
    assert sentiment["OverallSentiment"] == {
        "DetailsByInteraction": {
            "DetailsByParticipantRole": {"CUSTOMER": {"WithAgent": 5, "WithoutAgent": -5}}
        },
        "DetailsByParticipantRole": {"CUSTOMER": 0, "AGENT": 5},
    }
    assert sentiment["SentimentShift"]["DetailsByParticipantRole"]["CUSTOMER"] == {
        "BeginScore": -5,
        "EndScore": 5,
    }
    assert c["ContactSummary"]["SummaryItemsDetected"][0]["IssuesDetected"] == [
        {
            "TranscriptItems": [
                {
                    "Id": "CUSTOMER-1000",
                    "CharacterOffsets": {"BeginOffsetChar": 6, "EndOffsetChar": 9},
                }
            ]
        }
    ]


def test_groups_of_the_agent_come_first():
    groups = written(full_chat())["ConversationCharacteristics"]["Sentiment"]
    roles = [g["ParticipantRole"] for g in groups["DetailsByTranscriptItemGroup"]]
    assert roles == ["AGENT", "CUSTOMER", "CUSTOMER"]


def test_items_of_a_chat_have_only_the_keys_they_have():
    *_, attachment, ended = written(full_chat())["Transcript"]
    assert set(ended) == {"AbsoluteTime", "ContentType", "Id", "Type"}
    assert (attachment["Type"], "Content" in attachment) == ("ATTACHMENT", False)


@pytest.mark.parametrize(
    ("redacted", "names"), [(True, ["[PII]", "[PII]", "BOT"]), (False, ["Jo", "Ann", "BOT"])]
)
def test_names_of_persons_are_masked_in_a_redacted_chat(redacted, names):
    document = written(full_chat(), redacted=redacted)
    assert [p["DisplayName"] for p in document["Participants"]] == names
    shown = {t["DisplayName"] for t in document["Transcript"] if "DisplayName" in t}
    assert shown == set(names)


def test_categories_and_masks_of_a_chat_point_to_characters():
    document = written(full_chat())
    (point, _) = document["Categories"]["MatchedDetails"]["Refund"]["PointsOfInterest"]
    offsets = {"BeginOffsetChar": 0, "EndOffsetChar": 4}
    assert point == {"TranscriptItems": [{"Id": "CUSTOMER-1000", "CharacterOffsets": offsets}]}
    masked = document["Transcript"][1]
    assert masked["Redaction"]["CharacterOffsets"] == [{"BeginOffsetChar": 10, "EndOffsetChar": 15}]
    assert masked["Content"][10:15] == "[PII]"


# The summary


def summed_up(made):
    """The conversation with the summary that the real stage makes by the fake engine."""
    return replace(made, summary=summary.make(made.transcript, FakeSummarizer()))


def test_a_call_has_its_summary_and_its_highlights_in_the_turns():
    document = written(summed_up(imported_call()))
    characteristics = document["ConversationCharacteristics"]
    assert characteristics["ContactSummary"] == {"PostContactSummary": {"Content": "bad"}}
    assert document["Transcript"][1]["IssuesDetected"] == [
        {"CharacterOffsets": {"BeginOffsetChar": 0, "EndOffsetChar": 3}, "Text": "bad"}
    ]
    assert faults(SCHEMA[Channel.VOICE], document) == []


def test_a_chat_has_its_summary_and_the_items_that_the_source_detected():
    document = written(summed_up(full_chat()))
    summed = document["ConversationCharacteristics"]["ContactSummary"]
    assert summed["PostContactSummary"] == {"Content": "it is bad [PII]"}
    (items,) = summed["SummaryItemsDetected"]
    assert items["OutcomesDetected"] == items["ActionItemsDetected"] == []
    (found,) = items["IssuesDetected"][0]["TranscriptItems"]
    assert found["CharacterOffsets"] == {"BeginOffsetChar": 6, "EndOffsetChar": 9}
    assert faults(SCHEMA[Channel.CHAT], document) == []


@pytest.mark.parametrize("make", [imported_call, full_chat], ids=["call", "chat"])
def test_what_a_model_wrote_is_the_content_and_its_engine_is_named(make):
    spoken = summed_up(make())
    engine, turn = Engine("Some model", "m-1", "how"), spoken.transcript.turns[0].id
    claims = (SummarySentence("It was bad.", (turn,)), SummarySentence("It ended.", (turn,)))
    summed = replace(spoken.summary, generated=GeneratedSummary(engine, claims))
    engines = {**spoken.engines, "generated_summary": engine}
    document = written(replace(spoken, summary=summed, engines=engines))
    content = document["ConversationCharacteristics"]["ContactSummary"]["PostContactSummary"]
    assert content == {"Content": "It was bad. It ended."}
    assert document["Loupe"]["Engines"]["generated_summary"]["Version"] == "m-1"
    assert faults(SCHEMA[spoken.channel], document) == []


def test_a_model_that_wrote_nothing_leaves_the_quoted_content_and_is_told_as_loupes_own():
    skip = SkippedAnalysis("generated_summary", "QUOTA_EXCEEDED", "HTTP 429", "voice")
    document = written(replace(summed_up(imported_call()), skipped=(skip,)))
    content = document["ConversationCharacteristics"]["ContactSummary"]["PostContactSummary"]
    assert content == {"Content": "bad"}
    assert document["JobDetails"]["SkippedAnalysis"] == []
    assert document["Loupe"]["Skipped"] == [
        {"Capability": "generated_summary", "Reason": "QUOTA_EXCEEDED", "Detail": "HTTP 429"}
    ]


def test_highlights_of_a_summary_read_back():
    made = summed_up(imported_call())
    back = contact_lens.read(written(made))
    assert [h.text for turn in back.turns for h in turn.highlights] == ["bad"]


def test_a_summary_that_is_skipped_says_why_in_contact_lens_words():
    alone = SkippedAnalysis("summary", "INSUFFICIENT_CONVERSATION_CONTENT", "one side")
    document = written(replace(imported_call(), skipped=(alone,)))
    assert document["JobDetails"]["SkippedAnalysis"] == [
        {"Feature": "POST_CONTACT_SUMMARY", "ReasonCode": "INSUFFICIENT_CONVERSATION_CONTENT"}
    ]
    assert "ContactSummary" not in document["ConversationCharacteristics"]


# The envelope


@pytest.mark.parametrize(
    ("kw", "expected"),
    [
        ({}, ("", "", "")),
        ({"account_id": "1", "instance_id": "i", "bucket": "b"}, ("1", "i", "s3://b/")),
        ({"account_id": "1", "instance_id": "i", "record": RECORD}, ("444455556666", "i-rec", "")),
    ],
    ids=["nothing_known", "as_told", "the_contact_record_knows_better"],
)
def test_whose_contact_it_is(kw, expected):
    document = written(voice_call(), **kw)
    metadata = document["CustomerMetadata"]
    account, instance, prefix = expected
    assert (document["AccountId"], metadata["InstanceId"]) == (account, instance)
    assert metadata["InputS3Uri"] == f"{prefix}{voice_call().source_key}"
    assert metadata["ContactId"] == CONTACT


@pytest.mark.parametrize(("mask", "mode"), [("[PII]", "PII"), ("[SSN]", "ENTITY_TYPE")])
def test_a_redacted_document_says_how_it_masks(mask, mode):
    made = voice_call()
    text = made.transcript.turns[0].text.replace("[PII]", mask)
    turns = (replace(made.transcript.turns[0], text=text), *made.transcript.turns[1:])
    document = written(replace(made, transcript=replace(made.transcript, turns=turns)))
    assert document["ContentMetadata"] == {
        "Output": "Redacted",
        "RedactionTypes": ["PII"],
        "RedactionTypesMetadata": {"PII": {"RedactionMaskMode": mode}},
    }


def test_a_raw_document_says_so():
    assert written(voice_call(), redacted=False)["ContentMetadata"] == {"Output": "Raw"}


def test_what_was_skipped_has_contact_lens_names_where_it_has_them():
    document = written(voice_call())
    assert document["JobDetails"]["SkippedAnalysis"] == [
        {"Feature": "POST_CONTACT_SUMMARY", "ReasonCode": "INVALID_ANALYSIS_CONFIGURATION"},
        {"Feature": "CATEGORIZATION", "ReasonCode": "QUOTA_EXCEEDED"},
    ]
    capabilities = [s["Capability"] for s in document["Loupe"]["Skipped"]]
    assert capabilities == ["summary", "categories", "acoustics"]


def test_all_that_is_loupes_own_stands_under_one_key():
    document = written(voice_call())
    own = document["Loupe"]
    assert own["Version"] == __version__
    assert own["Method"]["non_talk_min_ms"] == 3000
    assert own["Engines"]["sentiment"]["Name"] == "fake-sentiment"
    assert own["Rules"]["Refund"] == {"RuleId": "r-1", "Version": 3}
    assert own["TalkTimeUnionMillis"] == 10_000
    assert set(own["SentimentShift"]) == {"CUSTOMER", "AGENT"}
    documented = {
        "Version", "AccountId", "Channel", "ContentMetadata", "JobStatus", "JobDetails",
        "LanguageCode", "Participants", "Categories", "ConversationCharacteristics",
        "CustomerMetadata", "Transcript",
    }  # fmt: skip
    assert set(document) - documented == {"Loupe"}


@pytest.mark.parametrize(
    ("channel", "redacted", "expected"),
    [
        (Channel.VOICE, False, "Analysis/Voice/2024/05/01/{}_analysis_2024-05-01T23:59:59Z.json"),
        (
            Channel.CHAT,
            True,
            "Analysis/Chat/Redacted/2024/05/01/{}_analysis_redacted_2024-05-01T23:59:59Z.json",
        ),
    ],
)
def test_the_key_is_the_one_that_contact_lens_uses(channel, redacted, expected):
    key = analysis_key(CONTACT, channel, 1_714_607_999_999, redacted=redacted)
    assert key == expected.format(CONTACT.lower())


def test_the_key_of_a_call_is_the_one_that_public_readers_parse():
    pattern = (
        r"Analysis/Voice/\d{4}/\d\d/\d\d/[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}"
        r"_analysis_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.json"
    )
    assert re.fullmatch(pattern, analysis_key(CONTACT, Channel.VOICE, 0))


# The documented files


@pytest.mark.shared_data
def test_the_documented_chat_comes_out_with_its_own_figures():
    doc = json.loads(shared("contact_lens", "chat_complete.json").read_text())
    made = conversation(contact_lens.read(doc))
    got = written(made)["ConversationCharacteristics"]
    want = doc["ConversationCharacteristics"]
    assert got["ResponseTime"] == want["ResponseTime"]
    assert (
        got["Sentiment"]["DetailsByTranscriptItemGroup"]
        == want["Sentiment"]["DetailsByTranscriptItemGroup"]
    )
    assert got["Sentiment"]["OverallSentiment"] == want["Sentiment"]["OverallSentiment"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("voice_v1.1.0.json", Channel.VOICE),
        ("chat_complete.json", Channel.CHAT),
        ("chat_raw.json", Channel.CHAT),
        ("chat_redacted.json", Channel.CHAT),
    ],
)
def test_the_shipped_schemas_accept_the_documented_files(name, channel):
    assert faults(SCHEMA[channel], json.loads(shared("contact_lens", name).read_text())) == []


@pytest.mark.shared_data
def test_the_documented_call_comes_out_with_its_own_figures():
    doc = json.loads(shared("contact_lens", "voice_v1.1.0.json").read_text())
    got = written(conversation(contact_lens.read(doc)))["ConversationCharacteristics"]
    want = doc["ConversationCharacteristics"]
    for figure in (
        "TotalConversationDurationMillis",
        "NonTalkTime",
        "TalkSpeed",
        "TalkTime",
        "Sentiment",
    ):
        assert got[figure] == want[figure]
