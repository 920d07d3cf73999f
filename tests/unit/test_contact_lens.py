"""Reading Contact Lens files: what is kept, what is repaired, what is refused."""

from __future__ import annotations

import copy
import json

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import (
    Channel,
    Highlight,
    Participant,
    Redaction,
    Role,
    SentimentLabel,
    TurnGroup,
    TurnKind,
)
from chalicelib.formats import contact_lens
from chalicelib.formats.contact_lens_brought import KEPT
from tests.shared_data import shared

VOICE = {
    "Version": "1.1.0",
    "AccountId": "111122223333",
    "Channel": "VOICE",
    "LanguageCode": "en-US",
    "JobStatus": "COMPLETED",
    "ContentMetadata": {"Output": "Redacted"},
    "CustomerMetadata": {"ContactId": "c-1", "InstanceId": "i-1", "InputS3Uri": "s3://b/k"},
    "Participants": [
        {"ParticipantId": "u-1", "ParticipantRole": "CUSTOMER"},
        {"ParticipantId": "AGENT", "ParticipantRole": "AGENT"},
    ],
    "ConversationCharacteristics": {
        "TalkTime": {"DetailsByParticipant": {"AGENT": {"TotalTimeMillis": 900}}}
    },
    "Transcript": [
        {
            "Id": "b",
            "ParticipantId": "u-1",
            "BeginOffsetMillis": 1000,
            "EndOffsetMillis": 2500,
            "Content": "I am [NAME], cancel my plan.",
            "Sentiment": "NEGATIVE",
            "LoudnessScore": [70.5, None],
            "Redaction": {
                "RedactedTimestamps": [{"BeginOffsetMillis": 1100, "EndOffsetMillis": 1300}]
            },
            "IssuesDetected": [
                {
                    "CharacterOffsets": {"BeginOffsetChar": 13, "EndOffsetChar": 26},
                    "Text": "cancel my plan",
                }
            ],
        },
        {
            "Id": "a",
            "ParticipantId": "AGENT",
            "BeginOffsetMillis": 0,
            "EndOffsetMillis": 900,
            "Content": "Hello",
        },
    ],
}
CHAT = {
    "Version": "CHAT-2022-11-30",
    "Channel": "CHAT",
    "LanguageCode": "en-US",
    "Participants": [{"ParticipantId": "p-c"}, {"ParticipantId": "p-a", "DisplayName": "Jo"}],
    "ConversationCharacteristics": {
        "Sentiment": {
            "DetailsByTranscriptItemGroup": [
                {
                    "ParticipantRole": "CUSTOMER",
                    "ProgressiveScore": 0,
                    "Sentiment": "MIXED",
                    "TranscriptItems": [{"Id": "m1"}, {"Id": "m2"}],
                }
            ]
        },
        "ContactSummary": {
            "SummaryItemsDetected": [
                {
                    "IssuesDetected": [
                        {
                            "TranscriptItems": [
                                {
                                    "Id": "m1",
                                    "CharacterOffsets": {
                                        "BeginOffsetChar": 0,
                                        "EndOffsetChar": 900,
                                    },
                                },
                                {
                                    "Id": "m2",
                                    "CharacterOffsets": {
                                        "BeginOffsetChar": 800,
                                        "EndOffsetChar": 900,
                                    },
                                },
                                {"Id": "m2"},
                            ]
                        }
                    ]
                }
            ]
        },
    },
    "Transcript": [
        {
            "Id": "m2",
            "AbsoluteTime": "2024-05-01T10:00:02.500Z",
            "Type": "MESSAGE",
            "ContentType": "text/plain",
            "Content": "[PII] here",
            "ParticipantId": "p-c",
            "ParticipantRole": "CUSTOMER",
            "Redaction": {"CharacterOffsets": [{"BeginOffsetChar": 3, "EndOffsetChar": 9}]},
        },
        {
            "Id": "m1",
            "AbsoluteTime": "2024-05-01T12:00:00+02:00",
            "Type": "MESSAGE",
            "ContentType": "text/plain",
            "Content": "broken",
            "ParticipantId": "p-c",
            "ParticipantRole": "CUSTOMER",
        },
        {
            "Id": "e",
            "AbsoluteTime": "2024-05-01T10:00:09",
            "Type": "EVENT",
            "ContentType": "x.ended",
        },
        {
            "Id": "n",
            "AbsoluteTime": "2024-05-01T10:00:10",
            "Type": "NEW",
            "ParticipantRole": "OTHER",
        },
    ],
}


def changed(doc, path, value):
    """A copy with one place changed; ``...`` as value removes it."""
    doc = copy.deepcopy(doc)
    *steps, last = path
    place = doc
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return doc


def test_a_voice_file_gives_turns_in_time_order():
    t = contact_lens.read(VOICE)
    assert (t.channel, t.language, t.contact_id, t.instance_id) == (
        Channel.VOICE, "en-US", "c-1", "i-1",
    )  # fmt: skip
    assert [(x.id, x.role, x.begin_ms, x.end_ms, x.text) for x in t.turns] == [
        ("a", Role.AGENT, 0, 900, "Hello"),
        ("b", Role.CUSTOMER, 1000, 2500, "I am [NAME], cancel my plan."),
    ]
    assert t.participants == (Participant("u-1", Role.CUSTOMER), Participant("AGENT", Role.AGENT))
    assert t.flags == ("redacted",)
    assert (t.engine.name, t.engine.version) == ("Amazon Connect Contact Lens", "1.1.0")


def test_a_voice_file_keeps_what_it_published():
    t = contact_lens.read(VOICE)
    beside = {name: VOICE[name] for name in KEPT if name in VOICE}
    assert t.published == {**VOICE["ConversationCharacteristics"], **beside}
    assert [x.sentiment for x in t.turns] == [None, SentimentLabel.NEGATIVE]
    assert [x.loudness for x in t.turns] == [None, (70.5, None)]


def test_a_highlight_is_the_text_that_comes_with_it():
    (turn,) = [x for x in contact_lens.read(VOICE).turns if x.highlights]
    assert turn.highlights == (Highlight("ISSUE", 13, 27, "cancel my plan"),)
    assert turn.text[13:27] == "cancel my plan"


def test_a_highlight_whose_text_is_elsewhere_keeps_its_offsets():
    doc = changed(VOICE, ("Transcript", 0, "IssuesDetected", 0, "Text"), "something else")
    highlights = [h for x in contact_lens.read(doc).turns for h in x.highlights]
    assert highlights == [Highlight("ISSUE", 13, 26, "cancel my pla")]


@pytest.mark.parametrize(
    ("content", "times", "expected"),
    [
        ("I am [NAME].", [(1, 2)], [Redaction(5, 11, "NAME", 1, 2)]),
        ("[PII] [PII]", [(1, 2), (3, 4)], [Redaction(0, 5, "PII", 1, 2), Redaction(6, 11, "PII", 3, 4)]),
        ("I am Jo.", [(1, 2)], [Redaction(0, 0, "PII", 1, 2)]),
        (
            "[PII]!",
            [(1, 2), (3, 4)],
            [
                Redaction(0, 5, "PII"),
                Redaction(0, 0, "PII", 1, 2),
                Redaction(0, 0, "PII", 3, 4),
            ],
        ),
        ("nothing", [], []),
    ],
    ids=["entity_mask", "in_order", "raw_text_has_no_mask", "counts_differ", "no_redaction"],
)  # fmt: skip
def test_masks_of_a_call_have_their_times(content, times, expected):
    doc = changed(VOICE, ("Transcript", 0, "Content"), content)
    del doc["Transcript"][0]["IssuesDetected"]
    spans = [{"BeginOffsetMillis": b, "EndOffsetMillis": e} for b, e in times]
    doc["Transcript"][0]["Redaction"] = {"RedactedTimestamps": spans}
    assert list(contact_lens.read(doc).turns[1].redactions) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [("Redacted", (Redaction(5, 11, "NAME"),)), ("Raw", ())],
    ids=["of_a_redacted_file", "of_an_original_they_are_words"],
)
def test_masks_of_which_a_file_tells_no_place(output, expected):
    doc = changed(VOICE, ("ContentMetadata", "Output"), output)
    assert contact_lens.read(changed(doc, (*T0, "Redaction"), ...)).turns[1].redactions == expected


def test_turns_that_begin_at_once_keep_the_order_of_their_file():
    longer = changed(VOICE, (*T0, "BeginOffsetMillis"), 0)
    assert [x.id for x in contact_lens.read(longer).turns] == ["b", "a"]


def test_times_that_are_wrapped_in_one_more_list_are_read():
    times = [[{"BeginOffsetMillis": 1100, "EndOffsetMillis": 1300}]]
    doc = changed(VOICE, ("Transcript", 0, "Redaction", "RedactedTimestamps"), times)
    assert contact_lens.read(doc).turns[1].redactions == (Redaction(5, 11, "NAME", 1100, 1300),)


def test_repeated_ids_are_replaced_and_that_is_flagged():
    t = contact_lens.read(changed(VOICE, ("Transcript", 0, "Id"), "a"))
    assert [x.id for x in t.turns] == ["t-0001", "t-0002"]
    assert "ids_replaced" in t.flags


@pytest.mark.parametrize(
    ("who", "role"),
    [("CUSTOMER", Role.CUSTOMER), ("u-1", Role.CUSTOMER), ("u-9", Role.UNKNOWN)],
    ids=["by_its_name", "by_the_list", "not_listed"],
)
def test_the_role_of_a_turn(who, role):
    doc = changed(VOICE, ("Transcript", 0, "ParticipantId"), who)
    assert contact_lens.read(doc).turns[1].role is role


def test_a_chat_gives_items_in_time_order_from_its_first():
    t = contact_lens.read(CHAT)
    assert [(x.id, x.begin_ms, x.kind) for x in t.turns] == [
        ("m1", 0, TurnKind.MESSAGE),
        ("m2", 2500, TurnKind.MESSAGE),
        ("e", 9000, TurnKind.EVENT),
        ("n", 10_000, TurnKind.EVENT),
    ]
    assert [x.role for x in t.turns] == [Role.CUSTOMER, Role.CUSTOMER, Role.UNKNOWN, Role.UNKNOWN]
    assert t.turns[0].absolute_time == "2024-05-01T12:00:00+02:00"


def test_a_chat_keeps_its_published_groups_and_highlights():
    t = contact_lens.read(CHAT)
    assert t.groups == (TurnGroup(Role.CUSTOMER, ("m1", "m2"), SentimentLabel.MIXED),)
    assert t.turns[0].highlights == (Highlight("ISSUE", 0, 6, "broken"),)
    assert t.turns[1].highlights == ()


def test_masks_of_a_chat_are_found_in_its_text():
    assert contact_lens.read(CHAT).turns[1].redactions == (Redaction(0, 5, "PII"),)


def test_roles_that_a_redacted_chat_leaves_out_come_from_its_items():
    roles = [p.role for p in contact_lens.read(CHAT).participants]
    assert roles == [Role.CUSTOMER, Role.UNKNOWN]


@pytest.mark.parametrize("path", [("Sentiment",), ("Sentiment", "DetailsByTranscriptItemGroup")])
def test_a_chat_without_published_groups_has_none(path):
    doc = changed(CHAT, ("ConversationCharacteristics", *path), ...)
    assert contact_lens.read(doc).groups is None


def test_an_empty_chat_is_read():
    t = contact_lens.read(changed(CHAT, ("Transcript",), []))
    assert (t.turns, t.participants[0].role) == ((), Role.UNKNOWN)


T0 = ("Transcript", 0)


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        ([], "Channel"),
        ({}, "Channel"),
        (changed(VOICE, ("Channel",), "TASK"), "Channel"),
        (changed(VOICE, ("Version",), "9.9"), "Version"),
        (changed(CHAT, ("Version",), "1.1.0"), "Version"),
        (changed(VOICE, ("LanguageCode",), ...), "LanguageCode"),
        (changed(VOICE, ("Participants",), {}), "Participants"),
        (changed(VOICE, ("Transcript",), None), "Transcript"),
        (changed(VOICE, (*T0, "BeginOffsetMillis"), "0"), "Transcript.0.BeginOffsetMillis"),
        (changed(VOICE, (*T0, "BeginOffsetMillis"), -1), "Transcript.0.BeginOffsetMillis"),
        (changed(VOICE, (*T0, "BeginOffsetMillis"), True), "Transcript.0.BeginOffsetMillis"),
        (changed(VOICE, (*T0, "BeginOffsetMillis"), 2501), "ends before it begins"),
        (changed(VOICE, (*T0, "EndOffsetMillis"), 10**12), "Transcript.0.EndOffsetMillis"),
        (changed(VOICE, (*T0, "Sentiment"), "ANGRY"), "Transcript.0.Sentiment"),
        (changed(VOICE, (*T0, "Content"), ...), "Transcript.0.Content"),
        (changed(VOICE, (*T0, "LoudnessScore"), ["loud"]), "Transcript.0.LoudnessScore"),
        (changed(VOICE, ("ConversationCharacteristics",), ...), "ConversationCharacteristics"),
        (
            changed(VOICE, ("ConversationCharacteristics", "TalkTime"), 3),
            "ConversationCharacteristics.TalkTime",
        ),
        (changed(CHAT, (*T0, "AbsoluteTime"), "noon"), "Transcript.0.AbsoluteTime"),
        (
            changed(CHAT, (*T0, "AbsoluteTime"), "0001-01-01T00:00:00+23:00"),
            "Transcript.0.AbsoluteTime",
        ),
        (changed(CHAT, (*T0, "Id"), ...), "Transcript.0.Id"),
    ],
)
def test_what_is_not_such_a_file_is_refused_with_the_place(doc, told):
    with pytest.raises(InputRefused) as refused:
        contact_lens.read(doc)
    assert refused.value.code == "contact_lens.schema"
    assert told in refused.value.detail


def test_a_refusal_never_quotes_what_was_said():
    doc = changed(VOICE, (*T0, "Content"), {"secret": "my card is 4111"})
    with pytest.raises(InputRefused) as refused:
        contact_lens.read(changed(doc, (*T0, "Sentiment"), "secret mood"))
    assert "secret" not in refused.value.detail


def test_many_faults_are_counted():
    doc = changed(VOICE, ("Transcript",), [{} for _ in range(5)])
    with pytest.raises(InputRefused, match="and 22 more"):
        contact_lens.read(doc)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "turns", "flags"),
    [
        ("voice_v1.1.0.json", 10, ("ids_replaced",)),
        ("voice_2022-11-30_raw.json", 10, ("ids_replaced",)),
        ("chat_complete.json", 36, ()),
        ("chat_raw.json", 35, ()),
        ("chat_redacted.json", 35, ("redacted",)),
    ],
)
def test_the_documented_files_are_read(name, turns, flags):
    t = contact_lens.read(json.loads(shared("contact_lens", name).read_text()))
    assert (len(t.turns), t.flags) == (turns, flags)
    assert all(x.text[h.begin : h.end] == h.text for x in t.turns for h in x.highlights)
    masked = [x.text[r.begin : r.end] for x in t.turns for r in x.redactions if r.end]
    assert set(masked) <= {"[PII]"}
    assert bool(masked) is ("redacted" in flags)
