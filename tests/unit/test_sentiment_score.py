"""Streak weights, quarters, progress, shift: the numbers behind a label."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import EngineMissing, Unavailable
from chalicelib.domain.label_units import texts_to_label
from chalicelib.domain.sentiment import Quarter, Shift, TurnSentiment
from chalicelib.domain.sentiment_score import (
    progressive_scores,
    quarter_of,
    quarter_spans,
    score,
    weigh,
)
from chalicelib.domain.sentiment_summary import sentiment_of
from chalicelib.domain.transcript import ANALYSED_ROLES, Engine, Role, SentimentLabel, TurnGroup
from chalicelib.formats import call_analytics, contact_lens
from chalicelib.stages import sentiment as stage
from tests.fakes.language import FakeSentiment
from tests.shared_data import shared
from tests.unit.conversations import (
    ENGINE,
    MIX,
    NEG,
    NEU,
    POS,
    A,
    C,
    U,
    call,
    chat,
    event,
    said,
    span,
    wrote,
)

ASKED = Engine("asked", "1")


# The score


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], 0),
        ([POS], 5),
        ([NEG], -5),
        ([NEU], 0),
        ([MIX, MIX], 0),
        ([NEU, NEG, POS, POS, POS], 3.125),
        ([NEG, NEG], -5),
        ([POS, NEU, POS], 10 / 3),
        ([POS, MIX, POS], 10 / 3),
        ([POS, POS, NEG], 2.5),
        ([NEU, NEU, POS], 5 / 3),
    ],
    ids=[
        "nothing", "positive", "negative", "neutral", "mixed_counts_nothing", "the_documented_customer",
        "a_streak_alone_is_no_more_than_its_label", "neutral_ends_a_streak", "mixed_ends_a_streak",
        "the_second_in_a_row_weighs_two", "neutral_never_weighs_more",
    ],
)  # fmt: skip
def test_streak_weighted_score(labels, expected):
    assert score(labels) == pytest.approx(expected, abs=1e-12)


def test_weights_follow_streaks():
    weights = [w.weight for w in weigh([POS, POS, POS, NEU, NEU, NEG, NEG, POS])]
    assert weights == [1, 2, 3, 1, 1, 1, 2, 1]


@given(st.lists(st.sampled_from(SentimentLabel)))
def test_scores_stay_between_minus_and_plus_five_and_mirror(labels):
    swap = {POS: NEG, NEG: POS}
    assert -5 <= score(labels) <= 5
    assert score([swap.get(label, label) for label in labels]) == -score(labels)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], []),
        ([NEG, NEG], [-5 / 3, -3.75]),
        ([POS], [5 / 3]),
        ([NEG, NEG, NEG, NEU], [-5 / 3, -3.75, -5, -25 / 6]),
        ([NEU, POS, POS, POS, NEU, NEU, NEU], [0, 5 / 3, 3.75, 5, 25 / 6, 3, 0]),
    ],
    ids=["nothing", "padded_with_neutral", "one", "streaks_count_over_the_chat", "fades_out"],
)
def test_progress_is_the_score_of_the_last_three(labels, expected):
    assert progressive_scores(labels) == pytest.approx(expected, abs=1e-12)


# Quarters


def test_quarters_are_cut_at_whole_milliseconds():
    bounds = [(q.begin_ms, q.end_ms) for q in quarter_spans(29_710)]
    assert bounds == [(0, 7427), (7427, 14_855), (14_855, 22_282), (22_282, 29_710)]


@pytest.mark.parametrize(
    ("at", "length", "quarter"),
    [(0, 100, 0), (24, 100, 0), (25, 100, 1), (99, 100, 3), (100, 100, 3), (0, 0, 0), (7427, 29_710, 0)],
)  # fmt: skip
def test_a_moment_lies_in_one_quarter(at, length, quarter):
    assert quarter_of(at, length) == quarter


def labelled(*turns):
    return sentiment_of(call(*turns), {}, ASKED)


def test_quarters_are_the_participants_own():
    s = labelled(span(A, 0, 4000, sentiment=POS), span(C, 0, 8000, sentiment=NEG))
    assert [q.end_ms for q in s.quarters[A]] == [1000, 2000, 3000, 4000]
    assert [q.end_ms for q in s.quarters[C]] == [2000, 4000, 6000, 8000]


def test_a_turn_counts_whole_in_the_quarter_of_its_begin_and_empty_quarters_are_zero():
    s = labelled(span(C, 100, 7900, sentiment=NEG), span(C, 7900, 8000, sentiment=POS))
    assert [q.score for q in s.quarters[C]] == [-5, 0, 0, 5]
    assert s.shift[C] == Shift(-5, 5)


def test_streaks_run_through_the_call_but_start_again_in_each_quarter():
    turns = [span(C, at, at + 10, sentiment=POS) for at in (0, 10, 90)]
    turns.append(span(C, 95, 100, sentiment=NEG))
    s = labelled(*turns)
    assert s.overall[C] == 3.6  # (5 + 10 + 15 - 5) / 7
    assert [q.score for q in s.quarters[C]] == [5, 0, 0, 0]


def test_voice_scores_have_one_decimal_rounded_half_away_from_zero():
    turns = [span(C, at, at + 10, sentiment=label) for at, label in
             zip(range(0, 40, 10), [NEU, NEU, NEU, NEG], strict=True)]  # fmt: skip
    assert labelled(*turns).overall[C] == -1.3


def test_turns_of_the_other_side_do_not_break_a_streak():
    turns = [
        span(C, 0, 1, sentiment=NEG),
        span(A, 2, 3, sentiment=POS),
        span(C, 4, 5, sentiment=NEG),
    ]
    turns.append(span(C, 6, 7, sentiment=NEU))
    assert labelled(*turns).overall == {C: -3.8, A: 5}


def test_who_never_spoke_has_no_scores():
    s = labelled(span(A, 0, 1, sentiment=POS))
    assert (set(s.overall), set(s.quarters), set(s.shift)) == ({A}, {A}, {A})


def test_a_turn_without_length_at_the_start_needs_no_division():
    assert labelled(span(C, 0, 0, sentiment=NEG)).quarters[C][0] == Quarter(0, 0, -5)


def test_no_turns_give_no_scores():
    s = labelled()
    assert (s.turns, s.overall, s.engine) == ((), {}, ASKED)


# Chat


def group(role, *ids, label):
    return TurnGroup(role, tuple(f"{role}-{i}" for i in ids), label)


def chat_mood(items, groups):
    return sentiment_of(chat(*items, groups=tuple(groups)), {}, ASKED)


def test_chat_scores_are_not_rounded():
    items = [wrote(C, 0), wrote(C, 1), wrote(C, 2)]
    s = chat_mood(items, [group(C, 0, label=NEU), group(C, 1, label=NEU), group(C, 2, label=POS)])
    assert s.overall[C] == 5 / 3
    assert s.groups[2].progressive == 5 / 3
    assert s.quarters == {}


def test_each_message_shows_the_label_of_its_group():
    s = chat_mood([wrote(C, 0), wrote(C, 1)], [group(C, 0, 1, label=NEG)])
    assert [(t.turn_id, t.label) for t in s.turns] == [("CUSTOMER-0", NEG), ("CUSTOMER-1", NEG)]


ITEMS = [wrote(C, 0), event(A, 400), wrote(C, 500), wrote(A, 600), wrote(C, 1000), event(C, 1200)]
GROUPS = [
    group(C, 0, label=NEG),
    group(C, 500, label=NEU),
    group(A, 600, label=POS),
    group(C, 1000, label=POS),
]


def test_scores_with_and_without_the_agent():
    s = chat_mood(ITEMS, GROUPS)
    assert (s.without_agent, s.with_agent) == (-5, 2.5)
    assert s.overall == {C: 0, A: 5}


def test_shift_is_by_quarters_of_the_chat_and_with_the_agent_from_joining_on():
    s = chat_mood(ITEMS, GROUPS)
    assert s.shift == {C: Shift(-5, 5), A: Shift(0, 0)}
    assert s.with_agent_shift == Shift(0, 5)


@pytest.mark.parametrize(
    ("items", "groups", "with_agent", "without_agent"),
    [
        ([wrote(C, 0)], [group(C, 0, label=NEG)], None, -5),
        ([wrote(C, 0), wrote(A, 5), wrote(C, 9)], [group(C, 0, label=NEG), group(C, 9, label=POS)], 5, -5),
        ([event(A, 1), wrote(C, 1)], [group(C, 1, label=POS)], 5, None),
        ([event(A, 0), wrote(A, 1)], [group(A, 1, label=POS)], None, None),
        ([], [], None, None),
    ],
    ids=[
        "no_agent_came", "the_first_message_stands_for_joining", "a_message_at_the_moment_of_joining",
        "silent_customer", "empty",
    ],
)  # fmt: skip
def test_an_interaction_without_groups_is_left_out(items, groups, with_agent, without_agent):
    s = chat_mood(items, groups)
    assert (s.with_agent, s.without_agent) == (with_agent, without_agent)
    assert (s.with_agent_shift is None) is (with_agent is None)


def test_a_published_group_without_its_message_counts_but_belongs_to_no_time():
    s = chat_mood([event(A, 0), wrote(C, 1)], [group(C, 1, label=POS), group(C, 99, label=NEG)])
    assert s.overall[C] == 0
    assert s.with_agent == 5
    assert s.shift[C] == Shift(0, 5)


# What is asked for, and who is named for it


def test_voice_asks_for_every_utterance_and_chat_for_joined_groups():
    assert [u.text for u in texts_to_label(call(span(A, 0, 1, "hi"), span(U, 2, 3, "who")))] == [
        "hi",
        "who",
    ]
    units = texts_to_label(chat(wrote(C, 0, "one"), wrote(C, 1, "two"), wrote(A, 2, "three")))
    assert [(u.id, u.text) for u in units] == [("CUSTOMER-0", "one\ntwo"), ("AGENT-2", "three")]


def test_nothing_said_is_neutral_without_asking():
    s = stage.make(call(span(A, 0, 1, "  ")), FakeSentiment())
    assert [t.label for t in s.turns] == [NEU]


def test_imported_labels_stay_and_only_the_rest_is_asked_for():
    engine = FakeSentiment()
    s = stage.make(call(span(A, 0, 1, "good", sentiment=NEG), span(A, 2, 3, "good")), engine)
    assert [t.label for t in s.turns] == [NEG, POS]
    assert engine.batches == [("good",)]
    assert s.engine.name == "fake-sentiment"
    assert s.engine.detail.endswith("1 of 2 labels as imported from test")


def test_a_source_that_brought_all_labels_is_named_as_their_maker():
    engine = FakeSentiment()
    s = stage.make(call(span(A, 0, 1, "x", sentiment=NEG), span(A, 2, 3, " ")), engine)
    assert s.engine == ENGINE
    assert engine.batches == []


def test_imported_group_labels_stay():
    s = stage.make(chat(wrote(C, 0, "good"), groups=(group(C, 0, label=NEG),)), FakeSentiment())
    assert (s.groups[0].label, s.engine) == (NEG, ENGINE)


def test_unknown_speakers_have_labels_but_no_scores():
    s = stage.make(call(span(U, 0, 1, "bad"), flags=("mono",)), FakeSentiment())
    assert s.turns == (TurnSentiment("UNKNOWN-0", NEG, -1.0, 1.0),)
    assert (s.overall, s.quarters, s.shift) == ({}, {}, {})


def test_a_text_that_cannot_be_read_is_named_and_the_others_are_scored():
    turns = span(C, 0, 1, "good"), span(C, 2, 3, "noise"), span(C, 4, 9, "good")
    s = stage.make(call(*turns), FakeSentiment(unreadable="noise"))
    assert s.unlabelled == {"CUSTOMER-2": "unreadable"}
    assert [t.turn_id for t in s.turns] == ["CUSTOMER-0", "CUSTOMER-4"]
    assert s.overall[C] == 5


def test_all_messages_of_an_unreadable_group_are_named():
    items = wrote(C, 0, "noise"), wrote(C, 1, "x"), wrote(A, 2, "good")
    s = stage.make(chat(*items), FakeSentiment(unreadable="noise"))
    assert set(s.unlabelled) == {"CUSTOMER-0", "CUSTOMER-1"}
    assert set(s.overall) == {A}
    assert [g.role for g in s.groups] == [A]


def test_a_long_conversation_goes_to_the_engine_at_once():
    engine = FakeSentiment()
    turns = [span(A, n, n + 1, f"good {n}") for n in range(60)]
    s = stage.make(call(*turns), engine)
    assert [len(batch) for batch in engine.batches] == [60]
    assert [t.turn_id for t in s.turns] == [t.id for t in turns]


def test_an_engine_that_loses_texts_is_no_engine():
    class Lossy(FakeSentiment):
        def score(self, texts, language):
            return super().score(texts, language)[1:]

    with pytest.raises(Unavailable):
        stage.make(call(span(A, 0, 1, "good")), Lossy())


def test_a_language_that_the_engine_does_not_read_is_not_labelled():
    with pytest.raises(EngineMissing):
        stage.make(replace(call(span(A, 0, 1, "gut")), language="de-DE"), FakeSentiment())


# Published examples


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["voice_v1.1.0.json", "voice_2022-11-30_raw.json"])
def test_the_documented_call_has_the_published_scores(name):
    doc = json.loads(shared("contact_lens", name).read_text())
    want = doc["ConversationCharacteristics"]["Sentiment"]
    s = sentiment_of(contact_lens.read(doc), {}, ASKED)
    assert s.overall == want["OverallSentiment"]
    ours = {
        role: [(q.begin_ms, q.end_ms, q.score) for q in four] for role, four in s.quarters.items()
    }
    published = {
        role: [(q["BeginOffsetMillis"], q["EndOffsetMillis"], q["Score"]) for q in four]
        for role, four in want["SentimentByPeriod"]["QUARTER"].items()
    }
    assert ours == published


@pytest.mark.shared_data
def test_the_documented_chat_has_the_published_scores():
    doc = json.loads(shared("contact_lens", "chat_complete.json").read_text())
    want = doc["ConversationCharacteristics"]["Sentiment"]
    s = sentiment_of(contact_lens.read(doc), {}, ASKED)
    groups = want["DetailsByTranscriptItemGroup"]
    assert len(groups) == 26
    assert [g.progressive for g in s.groups] == pytest.approx(
        [g["ProgressiveScore"] for g in groups], abs=1e-9
    )
    published = want["OverallSentiment"]["DetailsByParticipantRole"]
    assert {role: s.overall[Role(role)] for role in published} == pytest.approx(published, abs=1e-9)
    assert (s.with_agent, s.without_agent) == (0, None)


@pytest.mark.shared_data
def test_four_of_six_published_shifts_agree_with_loupes_own_definition():
    doc = json.loads(shared("contact_lens", "chat_complete.json").read_text())
    s = sentiment_of(contact_lens.read(doc), {}, ASKED)
    assert s.shift == {A: Shift(0, 2.5), C: Shift(-3.75, 3.0)}
    assert s.with_agent_shift == Shift(-3, 3.0)


@pytest.mark.shared_data
def test_the_real_call_is_within_the_known_tolerances():
    path = shared("aws_reference_output", "transcribe_call_analytics_card1_49turns.json")
    doc = json.loads(path.read_text())
    want = doc["ConversationCharacteristics"]["Sentiment"]
    s = sentiment_of(call_analytics.read(doc), {}, ASKED)
    assert s.overall[C] == want["OverallSentiment"]["CUSTOMER"] == 0.2
    for role in ANALYSED_ROLES:
        assert s.overall[role] == pytest.approx(want["OverallSentiment"][role], abs=0.5)
        published = want["SentimentByPeriod"]["QUARTER"][role]
        ours = s.quarters[role]
        assert [(q.begin_ms, q.end_ms) for q in ours] == [
            (q["BeginOffsetMillis"], q["EndOffsetMillis"]) for q in published
        ]
        scores, wanted = [q.score for q in ours], [q["Score"] for q in published]
        assert scores == pytest.approx(wanted, abs=1.5)
        assert ranks(scores) == ranks(wanted)
        assert [(x > 0) - (x < 0) for x in scores] == [(x > 0) - (x < 0) for x in wanted]


def ranks(values):
    return [sorted(values).index(value) for value in values]


def test_words_do_not_matter_to_labels():
    assert labelled(said(A, (0, 5), (6, 9), label=POS)).overall == {A: 5}
