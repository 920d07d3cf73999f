"""Characteristics of calls: every rule and its edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.interruptions import interruptions
from chalicelib.domain.method import Method
from chalicelib.domain.transcript import Span, TurnKind
from chalicelib.domain.voice_metrics import characterise, words_per_minute
from tests.unit.conversations import A, C, U, call, said, sound, span

METHOD = Method()
ROLES = (C, A)


def figures(transcript, acoustics=None, roles=ROLES, method=METHOD):
    return characterise(transcript, acoustics, roles, method)


# Total duration


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], 0),
        ([said(A, (5000, 6000))], 6000),
        ([said(A, (0, 9000)), said(C, (1000, 2000))], 9000),
        ([said(A, (0, 0))], 0),
    ],
    ids=[
        "nobody_spoke",
        "leading_silence_is_inside",
        "the_longest_end_counts_not_the_last_begin",
        "a_word_without_length",
    ],
)
def test_total_duration_is_the_end_of_the_last_turn(turns, expected):
    assert figures(call(*turns)).total_duration_ms == expected


# Talk time


@pytest.mark.parametrize(
    ("gap", "expected"),
    [(0, 2000), (1499, 3499), (1500, 2000), (2000, 2000)],
    ids=["touching", "one_below_is_joined", "exactly_the_setting_is_not", "far"],
)
def test_own_words_are_joined_over_gaps_shorter_than_the_setting(gap, expected):
    words = (0, 1000), (1000 + gap, 2000 + gap)
    assert figures(call(said(A, *words))).talk_time_ms[A] == expected


def test_the_sum_counts_overlap_twice_and_the_union_once():
    c = figures(call(said(A, (0, 10_000)), said(C, (4000, 12_000))))
    assert c.talk_time_ms == {A: 10_000, C: 8000}
    assert (c.talk_time_sum_ms, c.talk_time_union_ms) == (18_000, 12_000)


def test_overlapping_words_of_one_side_count_once():
    assert figures(call(said(A, (0, 5000), (1000, 4000)))).talk_time_ms[A] == 5000


def test_a_one_sided_call_has_both_roles_and_no_division_by_zero():
    c = figures(call(said(A, (0, 6000), text="one two three")))
    assert c.talk_time_ms == {A: 6000, C: 0}
    assert c.talk_speed_wpm == {A: 30, C: 0}
    assert c.talk_time_union_ms == 6000


def test_a_call_without_words_has_figures_of_zero():
    c = figures(call())
    assert c.talk_time_ms == {A: 0, C: 0}
    assert c.talk_speed_wpm == {A: 0, C: 0}
    assert (c.non_talk, c.interruptions, c.talk_time_union_ms, c.imported) == ((), (), 0, ())


def test_turns_stand_in_for_words_that_are_missing_and_that_is_said():
    c = figures(call(span(A, 0, 2000), span(C, 8000, 9000)))
    assert c.talk_time_ms == {A: 2000, C: 1000}
    assert c.non_talk == (Span(2000, 8000),)
    assert c.imported == ("turn_spans",)


def test_one_turn_without_words_among_others_counts_with_its_span():
    c = figures(call(said(A, (0, 1000)), span(A, 5000, 7000, "[PII]")))
    assert c.talk_time_ms[A] == 3000
    assert c.imported == ("turn_spans",)


def test_words_alone_need_no_mark():
    assert figures(call(said(A, (0, 1000)))).imported == ()


# Non-talk time


@pytest.mark.parametrize(
    ("gap", "found"),
    [(2999, False), (3000, False), (3001, True)],
    ids=["below", "exactly_three_seconds_is_not_longer", "above"],
)
def test_only_silence_longer_than_three_seconds_counts(gap, found):
    c = figures(call(said(A, (0, 1000)), said(C, (1000 + gap, 9000))))
    assert c.non_talk == ((Span(1000, 1000 + gap),) if found else ())
    assert c.non_talk_ms == (gap if found else 0)


@pytest.mark.parametrize(
    ("leading", "expected"), [(True, (Span(0, 4000),)), (False, ())], ids=["counted", "left_out"]
)
def test_silence_before_the_first_word_follows_its_setting(leading, expected):
    method = Method(non_talk_include_leading=leading)
    assert figures(call(said(A, (4000, 5000))), method=method).non_talk == expected


def test_trailing_silence_never_counts():
    recording = sound(([], []), ([], []), duration=60_000)
    assert figures(call(said(A, (0, 1000))), recording).non_talk == ()


def test_a_word_of_either_side_ends_a_silence():
    turns = said(A, (0, 1000)), said(C, (3000, 3100)), said(A, (6000, 7000))
    assert figures(call(*turns)).non_talk == ()


def test_a_long_word_under_short_ones_leaves_no_gap():
    assert figures(call(said(A, (0, 10_000)), said(C, (100, 200)))).non_talk == ()


@pytest.mark.parametrize(
    ("speech", "expected"),
    [
        ([], [(1000, 11_000)]),
        ([(900, 11_200)], []),
        ([(900, 1400)], [(1400, 11_000)]),
        ([(5000, 5600)], [(1000, 5000), (5600, 11_000)]),
        ([(3000, 5000)], [(5000, 11_000)]),
        ([(3500, 8500)], []),
        ([(20_000, 30_000)], [(1000, 11_000)]),
    ],
    ids=[
        "silence_in_the_sound_too",
        "recognition_dropped_all_of_it",
        "sound_that_outlasts_a_word_shortens_the_silence",
        "a_sound_in_the_middle_splits_it",
        "what_stays_on_one_side_is_long_enough",
        "what_stays_on_both_sides_is_too_short",
        "sound_after_the_last_word_changes_nothing",
    ],
)
def test_a_gap_between_words_is_silence_only_where_nothing_is_heard(speech, expected):
    transcript = call(said(A, (0, 1000)), said(C, (11_000, 12_000)))
    recording = sound(([], []), (speech, []))
    assert figures(transcript, recording).non_talk == tuple(Span(*s) for s in expected)


def test_a_recording_without_a_recognised_word_has_no_non_talk_time():
    assert figures(call(), sound(([(0, 5000)], []), ([], []))).non_talk == ()


# Interruptions


def overlap(ms: int, text: str = "but I want", begin: int = 10_000) -> list:
    return [said(C, (0, begin + ms)), said(A, (begin, begin + ms + 5000), text=text)]


@pytest.mark.parametrize(("ms", "found"), [(1999, 0), (2000, 1), (2001, 1)])
def test_an_interruption_overlaps_by_at_least_the_setting(ms, found):
    assert len(figures(call(*overlap(ms))).interruptions) == found


def test_an_interruption_names_who_whom_and_when():
    (found,) = figures(call(*overlap(2500))).interruptions
    assert (found.interrupter, found.begin_ms, found.end_ms) == (A, 10_000, 12_500)
    assert (found.turn_id, found.interrupted_turn_id) == ("AGENT-10000", "CUSTOMER-0")
    assert found.duration_ms == 2500


def test_an_interruption_ends_with_the_shorter_turn():
    (found,) = figures(call(said(C, (0, 60_000)), said(A, (1000, 4000)))).interruptions
    assert (found.begin_ms, found.end_ms) == (1000, 4000)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Yeah, okay. Right!", False),
        ("Okay.", False),
        ("Uh-huh", False),
        ("mm but that is wrong", False),
        ("Yeah no wait", False),
        ("okay but wait", True),
        ("no", True),
        ("", False),
        ("...", False),
    ],
)
def test_backchannel_is_no_interruption(text, counts):
    assert bool(figures(call(*overlap(3000, text))).interruptions) is counts


def test_the_backchannel_lists_are_settings():
    method = Method(interruption_backchannel_only=("genau",), interruption_backchannel_open=())
    assert figures(call(*overlap(3000, "Genau.")), method=method).interruptions == ()
    assert len(figures(call(*overlap(3000, "yeah")), method=method).interruptions) == 1


@pytest.mark.parametrize(
    "turns",
    [
        [said(C, (0, 9000)), said(C, (1000, 9000))],
        [said(C, (0, 9000)), said(A, (0, 9000))],
        [said(C, (0, 9000)), said(A, (9000, 12_000))],
        [said(C, (0, 9000)), said(U, (1000, 9000))],
    ],
    ids=["oneself", "beginning_together", "taking_over", "somebody_unknown"],
)
def test_it_is_no_interruption_to_speak_over(turns):
    assert interruptions(call(*turns), METHOD) == ()


def test_one_turn_interrupts_once_where_it_overlaps_the_most():
    first, second = said(C, (0, 5000)), said(C, (2000, 9000))
    turn = said(A, (2500, 9000))
    (found,) = interruptions(call(first, second, turn), METHOD)
    assert (found.interrupted_turn_id, found.duration_ms) == (second.id, 6500)


# Talk speed


@pytest.mark.parametrize(
    ("words", "ms", "expected"),
    [(0, 0, 0), (10, 0, 0), (0, 60_000, 0), (5, 60_000, 5), (1, 24_000, 3), (3, 40_000, 5)],
    ids=[
        "nothing", "no_talk_time", "no_words", "five_a_minute", "a_half_rounds_up", "four_and_a_half",
    ],
)  # fmt: skip
def test_talk_speed_is_words_by_minutes(words, ms, expected):
    assert words_per_minute(words, ms) == expected


def test_words_are_what_blanks_separate():
    c = figures(call(said(A, (0, 60_000), text="it's 20% off,  isn't it? ")))
    assert c.talk_speed_wpm[A] == 5


# Loudness


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (0, 999, (10.0,)),
        (0, 1000, (10.0, 20.0)),
        (1999, 2001, (20.0, 30.13)),
        (2500, 4100, (30.13, 0.0, 0.0)),
    ],
    ids=[
        "one_second", "an_end_on_the_full_second_touches_it", "two_seconds_touched", "past_the_end",
    ],
)  # fmt: skip
def test_loudness_has_one_value_per_second_touched(begin, end, expected):
    recording = sound(([], []), ([], [10.0, 20.0, 30.125]))
    turn = said(A, (begin, end))
    assert figures(call(turn), recording).loudness == {turn.id: expected}


def test_each_side_is_heard_on_its_own_channel():
    recording = sound(([], [1.0]), ([], [2.0]))
    turns = said(C, (0, 500)), said(A, (0, 500))
    loudness = figures(call(*turns), recording).loudness
    assert loudness == {"CUSTOMER-0": (1.0,), "AGENT-0": (2.0,)}
    swapped = figures(call(*turns), recording, (A, C)).loudness
    assert swapped == {"CUSTOMER-0": (2.0,), "AGENT-0": (1.0,)}


def test_somebody_without_a_channel_has_no_loudness():
    assert figures(call(said(U, (0, 500))), sound(([], [1.0]), ([], [2.0]))).loudness == {}


def test_imported_loudness_is_kept_only_where_nothing_was_heard():
    turn = span(A, 0, 500, loudness=(70.5, None))
    assert figures(call(turn)).loudness == {turn.id: (70.5, None)}
    assert "loudness" in figures(call(turn)).imported
    heard = figures(call(turn), sound(([], []), ([], [2.0])))
    assert heard.loudness == {turn.id: (2.0,)}
    assert "loudness" not in heard.imported


# Mono


@pytest.mark.parametrize("recording", [None, sound(([], [50.0] * 9))], ids=["imported", "heard"])
def test_a_mono_recording_has_only_what_needs_no_roles(recording):
    mono = call(said(U, (0, 1000)), said(U, (6000, 9000)), flags=("mono",))
    c = figures(mono, recording, (U,))
    assert (c.total_duration_ms, c.non_talk) == (9000, (Span(1000, 6000),))
    assert (c.talk_time_ms, c.talk_speed_wpm, c.interruptions) == ({}, {}, ())
    assert bool(c.loudness) is (recording is not None)


def test_separated_speakers_of_a_mono_recording_have_all_but_interruptions():
    turns = said(A, (0, 3000)), said(C, (500, 6000), text="not mine")
    c = figures(call(*turns, flags=("mono",)), sound(([], [50.0] * 9)), (U,))
    assert c.talk_time_ms == {A: 3000, C: 5500}
    assert c.interruptions is None
    assert c.loudness == {turns[0].id: (50.0,) * 4, turns[1].id: (50.0,) * 7}
    assert len(figures(call(*turns)).interruptions) == 1


@pytest.mark.parametrize(("roles", "flags"), [((U,), ()), ((), ("mono",))])
def test_a_silent_mono_recording_has_no_figures_per_role(roles, flags):
    assert figures(call(flags=flags), roles=roles).talk_time_ms == {}


def test_chat_items_are_not_speech():
    event = replace(span(A, 0, 9000), kind=TurnKind.EVENT)
    assert figures(call(event, said(C, (0, 1000)))).talk_time_ms == {A: 0, C: 1000}


# Published figures of an import without words

TREE = {
    "TalkTime": {
        "TotalTimeMillis": 3400,
        "DetailsByParticipant": {
            "AGENT": {"TotalTimeMillis": 1900},
            "CUSTOMER": {"TotalTimeMillis": 1500},
        },
    },
    "TalkSpeed": {"DetailsByParticipant": {"AGENT": {"AverageWordsPerMinute": 120}}},
    "NonTalkTime": {
        "TotalTimeMillis": 4000,
        "Instances": [{"BeginOffsetMillis": 3000, "EndOffsetMillis": 7000, "DurationMillis": 4000}],
    },
}
TURNS = (span(A, 0, 2000), span(C, 1800, 3400), span(A, 12_000, 12_100))


def test_published_figures_stand_in_where_there_are_no_words():
    c = figures(call(*TURNS, published=TREE))
    assert c.talk_time_ms == {A: 1900, C: 1500}
    assert c.talk_speed_wpm == {A: 120, C: 0}
    assert c.non_talk == (Span(3000, 7000),)
    assert (c.talk_time_sum_ms, c.talk_time_union_ms) == (3400, 3200)
    taken = {"talk_time_ms", "talk_time_sum_ms", "talk_time_union_ms", "talk_speed_wpm", "non_talk"}
    assert set(c.imported) == taken


def test_words_win_over_published_figures():
    c = figures(call(said(A, (0, 1000)), published=TREE))
    assert (c.talk_time_ms[A], c.non_talk, c.imported) == (1000, (), ())


def test_sound_wins_over_published_silence():
    c = figures(call(*TURNS, published=TREE), sound(([(3000, 8500)], []), ([], [])))
    assert c.non_talk == (Span(8500, 12_000),)


@pytest.mark.parametrize(
    "tree",
    [
        {"TalkTime": 1, "TalkSpeed": None, "NonTalkTime": []},
        {"TalkTime": {"DetailsByParticipant": {"AGENT": {"TotalTimeMillis": "1"}}}},
        {"TalkTime": {"DetailsByParticipant": {"AGENT": {"TotalTimeMillis": -1}}}},
        {"TalkTime": {"DetailsByParticipant": {"AGENT": {"TotalTimeMillis": True}}}},
        {"NonTalkTime": {"Instances": [{"BeginOffsetMillis": 5, "EndOffsetMillis": 1}]}},
        {"NonTalkTime": {"Instances": [{"BeginOffsetMillis": 5}]}},
    ],
)
def test_published_figures_of_another_shape_count_as_not_published(tree):
    c = figures(call(*TURNS, published=tree))
    assert c == figures(call(*TURNS))
    assert c.imported == ("turn_spans",)


def test_the_method_is_written_into_the_result():
    method = Method(non_talk_min_ms=5000)
    assert figures(call(), method=method).method["non_talk_min_ms"] == 5000
