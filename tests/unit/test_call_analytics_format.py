"""Call Analytics output becomes turns as AWS cut them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.transcript import Participant, Role, SentimentLabel, Word
from chalicelib.formats import call_analytics
from tests.shared_data import shared

UNGROUPED = {"BeginOffsetMillis": 1, "EndOffsetMillis": 2}


def word(text: str, begin: int, end: int, **more: Any) -> dict[str, Any]:
    return {
        "Type": "pronunciation",
        "Content": text,
        "Confidence": 0.9,
        "BeginOffsetMillis": begin,
        "EndOffsetMillis": end,
        **more,
    }


def mark(text: str) -> dict[str, Any]:
    return {"Type": "punctuation", "Content": text, "Confidence": 0.0}


def turn(**changes: Any) -> dict[str, Any]:
    made = {
        "Id": "turn-1",
        "ParticipantRole": "AGENT",
        "BeginOffsetMillis": 100,
        "EndOffsetMillis": 2000,
        "Content": "This is [PII], hello.",
        "Sentiment": "POSITIVE",
        "LoudnessScores": [70.5, None],
        "Items": [
            word("This", 100, 300),
            word("is", 300, 500),
            word(
                "[PII]",
                600,
                900,
                Redaction=[{"Confidence": 0.99, "Type": "NAME", "Category": "PII"}],
            ),
            mark(","),
            word("hello", 1500, 2000),
            mark("."),
        ],
        "Redaction": {"RedactedTimestamps": [[{"BeginOffsetMillis": 600, "EndOffsetMillis": 900}]]},
    }
    return {name: value for name, value in (made | changes).items() if value is not ...}


def analysis(*turns: Any, **changes: Any) -> dict[str, Any]:
    made = {
        "JobStatus": "COMPLETED",
        "JobName": "some-job",
        "LanguageCode": "en-US",
        "AccountId": "111122223333",
        "Participants": [{"ParticipantRole": "AGENT"}, {"ParticipantRole": "CUSTOMER"}],
        "ContentMetadata": {"Output": "Redacted", "RedactionTypes": ["PII"]},
        "Categories": {"MatchedCategories": ["Greeting"], "MatchedDetails": {}},
        "ConversationCharacteristics": {"TotalConversationDurationMillis": 2000},
        "Transcript": list(turns),
    }
    return {name: value for name, value in (made | changes).items() if value is not ...}


def test_a_turn_keeps_what_aws_computed_for_it() -> None:
    (found,) = call_analytics.read(analysis(turn())).turns
    assert (found.id, found.role, found.begin_ms, found.end_ms) == ("turn-1", Role.AGENT, 100, 2000)
    assert found.text == "This is [PII], hello."
    assert found.sentiment is SentimentLabel.POSITIVE
    assert found.loudness == (70.5, None)


def test_marks_join_the_word_before_them() -> None:
    words = call_analytics.read(analysis(turn())).turns[0].words
    assert [w.text for w in words] == ["This", "is", "[PII],", "hello."]
    assert words[0] == Word("This", 100, 300, 0.9)


def test_a_mask_knows_its_place_its_entity_and_its_time() -> None:
    (found,) = call_analytics.read(analysis(turn())).turns
    (mask,) = found.redactions
    assert found.text[mask.begin : mask.end] == "[PII]"
    assert (mask.entity, mask.begin_ms, mask.end_ms) == ("NAME", 600, 900)


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        pytest.param({"Items": ...}, (600, 900), id="the_turns_own_times_where_there_are_no_items"),
        pytest.param({"Items": ..., "Redaction": ...}, (None, None), id="none_where_nobody_knows"),
        pytest.param(
            {"Items": ..., "Content": "[PII] and [NAME]"}, (None, None), id="none_where_counts_differ"
        ),
        pytest.param(
            {"Items": ..., "Redaction": {"RedactedTimestamps": [UNGROUPED]}},
            (1, 2),
            id="times_that_are_not_grouped",
        ),
    ],
)  # fmt: skip
def test_where_a_masks_time_comes_from(changes: dict[str, Any], times: tuple[Any, Any]) -> None:
    mask = call_analytics.read(analysis(turn(**changes))).turns[0].redactions[0]
    assert (mask.begin_ms, mask.end_ms) == times
    assert mask.entity == "PII"


def test_highlights_name_their_kind_and_quote_their_turn() -> None:
    offsets = [{"CharacterOffsets": {"Begin": 0, "End": 4}}]
    changes = {
        "IssuesDetected": offsets,
        "OutcomesDetected": offsets,
        "ActionItemsDetected": offsets,
    }
    found = call_analytics.read(analysis(turn(**changes))).turns[0].highlights
    assert [(h.kind, h.text) for h in found] == [
        ("ISSUE", "This"),
        ("OUTCOME", "This"),
        ("ACTION_ITEM", "This"),
    ]


def test_a_highlight_that_ends_behind_its_turn_ends_with_it() -> None:
    offsets = [{"CharacterOffsets": {"Begin": 15, "End": 500}}]
    (found,) = call_analytics.read(analysis(turn(IssuesDetected=offsets))).turns
    (highlight,) = found.highlights
    assert highlight.text == found.text[highlight.begin : highlight.end] == "hello."


def test_published_numbers_stay_as_they_were_written() -> None:
    transcript = call_analytics.read(analysis(turn(), SessionId="s-1", CustomerMetadata={"a": "b"}))
    assert transcript.published == {
        "AccountId": "111122223333",
        "TotalConversationDurationMillis": 2000,
        "Categories": {"MatchedCategories": ["Greeting"], "MatchedDetails": {}},
        "ContentMetadata": {"Output": "Redacted", "RedactionTypes": ["PII"]},
        "CustomerMetadata": {"a": "b"},
        "JobName": "some-job",
        "SessionId": "s-1",
    }
    assert transcript.contact_id is None


def test_turns_are_in_time_order() -> None:
    later = turn(
        Id="turn-2", ParticipantRole="CUSTOMER", BeginOffsetMillis=3000, EndOffsetMillis=4000
    )
    found = call_analytics.read(analysis(later, turn())).turns
    assert [t.id for t in found] == ["turn-1", "turn-2"]


def test_participants_are_those_listed_and_those_who_speak() -> None:
    transcript = call_analytics.read(analysis(turn(), Participants=...))
    assert transcript.participants == (Participant("AGENT", Role.AGENT),)
    listed = call_analytics.read(analysis(turn()))
    assert [p.role for p in listed.participants] == [Role.AGENT, Role.CUSTOMER]


@pytest.mark.parametrize(
    ("doc", "flags"),
    [
        pytest.param(analysis(turn()), ("redacted",), id="a_redacted_output"),
        pytest.param(analysis(turn(), ContentMetadata=...), ("redacted",), id="masks_in_the_text"),
        pytest.param(
            analysis(
                turn(Content="Hello.", Items=..., Redaction=...), ContentMetadata={"Output": "Raw"}
            ),
            ("no_words",),
            id="turns_without_items",
        ),
        pytest.param(analysis(ContentMetadata=...), (), id="a_call_without_speech"),
    ],
)
def test_limits_of_the_input_are_flagged(doc: dict[str, Any], flags: tuple[str, ...]) -> None:
    assert call_analytics.read(doc).flags == flags


def test_what_may_be_missing_may_be_missing() -> None:
    names = ("Id", "Sentiment", "LoudnessScores", "Items", "Redaction")
    (found,) = call_analytics.read(analysis(turn(**dict.fromkeys(names, ...)))).turns
    assert found.id == "t-0001"
    assert (found.sentiment, found.loudness, found.words) == (None, None, ())


def _offsets(begin: Any, end: Any) -> dict[str, Any]:
    return turn(IssuesDetected=[{"CharacterOffsets": {"Begin": begin, "End": end}}])


@pytest.mark.parametrize(
    "doc",
    [
        pytest.param([], id="a_document_that_is_a_list"),
        pytest.param(analysis(JobStatus="FAILED"), id="a_failed_job"),
        pytest.param(analysis(Transcript=...), id="no_transcript"),
        pytest.param(analysis(LanguageCode=...), id="no_language"),
        pytest.param(
            analysis(Participants=[{"ParticipantRole": "ROBOT"}]), id="an_unknown_participant"
        ),
        pytest.param(analysis(ContentMetadata=[]), id="metadata_of_another_type"),
        pytest.param(analysis(ConversationCharacteristics=3), id="characteristics_of_another_type"),
        pytest.param(analysis("turn"), id="a_turn_of_another_type"),
        pytest.param(analysis(turn(), turn()), id="two_turns_of_one_id"),
        pytest.param(analysis(turn(ParticipantRole=...)), id="a_turn_without_a_role"),
        pytest.param(analysis(turn(ParticipantRole="ROBOT")), id="a_turn_of_an_unknown_role"),
        pytest.param(analysis(turn(Content=...)), id="a_turn_without_content"),
        pytest.param(analysis(turn(BeginOffsetMillis=...)), id="a_turn_without_a_begin"),
        pytest.param(analysis(turn(EndOffsetMillis=50)), id="a_turn_that_ends_before_it_begins"),
        pytest.param(analysis(turn(EndOffsetMillis=10**12)), id="a_turn_longer_than_any_call"),
        pytest.param(analysis(turn(Sentiment="FURIOUS")), id="an_unknown_sentiment"),
        pytest.param(analysis(turn(LoudnessScores=["loud"])), id="loudness_that_is_no_number"),
        pytest.param(analysis(turn(Items=[1])), id="an_item_of_another_type"),
        pytest.param(
            analysis(turn(Items=[word("a", 5, 1)])), id="a_word_that_ends_before_it_begins"
        ),
        pytest.param(
            analysis(turn(Items=[word("a", 1, 5, Confidence=7)])), id="too_much_confidence"
        ),
        pytest.param(analysis(_offsets("0", 4)), id="offsets_that_are_strings"),
        pytest.param(analysis(_offsets(4, 0)), id="offsets_the_wrong_way_round"),
        pytest.param(analysis(turn(IssuesDetected=[{}])), id="a_highlight_without_offsets"),
    ],
)
def test_what_is_not_an_analysis_is_refused(doc: Any) -> None:
    with pytest.raises(InputRefused) as caught:
        call_analytics.read(doc)
    assert caught.value.code == "transcript.schema"
    assert "hello" not in caught.value.detail


@pytest.mark.shared_data
def test_the_real_output_of_a_bank_call_reads_whole() -> None:
    path = shared("aws_reference_output", "transcribe_call_analytics_card1_49turns.json")
    doc = json.loads(path.read_text("utf-8"))
    transcript = call_analytics.read(doc)
    assert len(transcript.turns) == 49
    assert sum(len(t.words) for t in transcript.turns) == 685
    assert sum(len(t.redactions) for t in transcript.turns) == 27
    assert all(r.begin_ms is not None for t in transcript.turns for r in t.redactions)
    assert [h.text for t in transcript.turns for h in t.highlights] == ["cancel my card"]
    assert all(" ".join(w.text for w in t.words) == t.text for t in transcript.turns)
    assert all(t.sentiment and t.loudness for t in transcript.turns)
    assert transcript.published["NonTalkTime"]["TotalTimeMillis"] == 7690
    assert max(t.end_ms for t in transcript.turns) == 279_060
