"""Longest monologue, patience and questions: every rule and its edges."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.method import Method
from chalicelib.domain.questions import questions_in
from chalicelib.domain.transcript import Channel, Span
from chalicelib.domain.voice_metrics import characterise
from tests.unit.brute_force import brute_longest, brute_patience
from tests.unit.conversations import A, C, U, call, chat, said, span, wrote

METHOD = Method()


def figures(*turns, method=METHOD, **kw):
    return characterise(call(*turns, **kw), None, (C, A), method)


# Longest monologue


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], {}),
        ([said(A, (0, 1000), (2499, 3000))], {A: Span(0, 3000)}),
        ([said(A, (0, 1000), (2500, 3000))], {A: Span(0, 1000)}),
        (
            [said(A, (0, 1000), (1200, 9000)), said(C, (1050, 1150), text="mhm")],
            {A: Span(0, 9000), C: Span(1050, 1150)},
        ),
        (
            [said(A, (0, 1000), (1200, 9000)), said(C, (1050, 1150), text="wait")],
            {A: Span(1200, 9000), C: Span(1050, 1150)},
        ),
        (
            [said(A, (0, 1000), (1200, 9000)), said(C, (1300, 2000), text="wait")],
            {A: Span(0, 9000), C: Span(1300, 2000)},
        ),
        ([said(A, (0, 1000)), said(A, (1400, 2000))], {A: Span(0, 2000)}),
        ([said(A, (0, 1000)), said(A, (5000, 6000))], {A: Span(0, 1000)}),
        ([span(A, 100, 700)], {A: Span(100, 700)}),
        ([said(A, (0, 5000), (100, 200), (5100, 6000))], {A: Span(0, 6000)}),
    ],
    ids=[
        "nobody_spoke",
        "a_pause_shorter_than_talk_join_is_inside",
        "a_pause_of_talk_join_ends_it",
        "a_back_channel_of_the_other_side_does_not_break_it",
        "a_real_turn_between_two_words_breaks_it",
        "talk_of_the_other_side_over_the_last_word_does_not_break_it",
        "own_turns_close_together_are_one",
        "the_first_of_equals_counts",
        "a_turn_without_words_counts_whole",
        "a_word_inside_a_longer_one_does_not_end_it",
    ],
)
def test_the_longest_monologue(turns, expected):
    assert figures(*turns).longest_monologue == expected


WORDS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), min_size=1, max_size=5)
TURNS = st.lists(st.tuples(st.sampled_from([A, C]), WORDS, st.sampled_from(["mhm", "no"])))
COARSE = replace(METHOD, talk_join_ms=4)


def made(turns):
    return [
        replace(said(r, *sorted((b, b + n) for b, n in words), text=text), id=f"t-{i}")
        for i, (r, words, text) in enumerate(turns)
    ]


@given(TURNS)
def test_random_calls_agree_with_the_brute_force_oracle(turns):
    transcript = call(*made(turns))
    found = characterise(transcript, None, (C, A), COARSE)
    for role in (A, C):
        assert found.longest_monologue_ms.get(role) == brute_longest(transcript, role, COARSE)
        assert found.patience_ms.get(role) == brute_patience(transcript, role, COARSE)


# Patience


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], {}),
        ([span(A, 0, 1000), span(A, 2000, 3000)], {}),
        ([span(A, 0, 1000), span(C, 1400, 2000)], {C: 400}),
        ([span(A, 0, 1000), span(C, 900, 2000)], {C: 0}),
        ([span(A, 0, 1000), span(C, 1400, 2000), span(A, 2100, 3000), span(C, 3201, 4000)], {C: 301, A: 100}),
        ([span(A, 0, 9000), span(C, 3000, 3200, "mhm"), span(A, 9500, 9900)], {}),
        ([span(A, 0, 5000), span(A, 1000, 2000), span(C, 5600, 6000)], {C: 600}),
        ([span(A, 0, 1000), span(U, 1100, 1200), span(C, 1500, 2000)], {C: 500}),
    ],
    ids=[
        "nobody_spoke",
        "only_one_side_spoke",
        "the_wait_from_end_to_begin",
        "an_overlapping_begin_waits_0",
        "the_mean_is_rounded_half_away_from_zero",
        "a_back_channel_is_no_handover",
        "the_latest_end_of_the_other_side_counts",
        "an_unknown_speaker_is_passed_over",
    ],
)  # fmt: skip
def test_patience(turns, expected):
    assert figures(*turns).patience_ms == expected


def test_each_handover_names_its_turns():
    (first,) = figures(span(A, 0, 1000), span(C, 1400, 2000)).handovers
    assert (first.role, first.turn_id, first.after_turn_id) == (C, "CUSTOMER-1400", "AGENT-0")


# Questions


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("", "en-US", 0),
        ("How are you? I am fine.", "en-US", 1),
        ("Really?! Is it? Yes.", "en-US", 2),
        ("He asked \"why?\" and left.", "en-US", 1),
        ("See http://host/a?b=c for more.", "en-US", 0),
        ("Vraiment ?", "fr-FR", 1),
        ("本当ですか？", "ja-JP", 1),
        ("what is your number", "en-US", 1),
        ("okay so can you hear me", "en-GB", 1),
        ("can do", "en-US", 0),
        ("What is it.", "en-US", 0),
        ("was ist das", "de-DE", 0),
        ("okay", "en-US", 0),
        ("what was that what do you mean", "en-US", 1),
    ],
    ids=[
        "nothing_said",
        "a_sentence_with_a_mark",
        "marks_in_a_row_are_one_question",
        "a_mark_before_a_quote",
        "a_mark_inside_an_address_is_none",
        "a_mark_apart_from_its_word",
        "a_full_width_mark",
        "an_asking_word_without_punctuation",
        "an_auxiliary_before_its_subject_after_lead_ins",
        "an_auxiliary_without_subject",
        "punctuation_without_a_mark_decides",
        "other_languages_need_a_mark",
        "a_lead_in_alone",
        "an_opening_counts_once",
    ],
)  # fmt: skip
def test_questions_in_a_text(text, language, count):
    assert questions_in(text, language) == count


def test_a_call_counts_questions_a_minute_of_own_talk():
    asked = figures(
        span(A, 0, 30_000, "Who is it? And why?"),
        span(C, 40_000, 60_000, "Me."),
        span(A, 70_000, 90_000, "how so"),
    )
    assert asked.question_rate == {A: 3.6, C: 0.0}
    assert asked.questions == {"AGENT-0": 2, "AGENT-70000": 1}


def test_who_never_spoke_has_no_question_rate():
    assert figures(span(A, 0, 1000)).question_rate == {A: 0.0}


def test_a_chat_counts_questions_a_message():
    text = chat(wrote(A, 0, "Hi. Who is it?"), wrote(A, 10, "ok"), wrote(A, 20, "yes"))
    assert text.channel is Channel.CHAT
    assert characterise(text, None, (), METHOD).question_rate == {A: 0.33}


def test_of_a_mono_recording_nothing_of_this_is_known():
    mono = figures(span(U, 0, 1000, "who is it?"), flags=("mono",))
    assert (mono.longest_monologue, mono.patience_ms, mono.question_rate) == ({}, {}, {})
