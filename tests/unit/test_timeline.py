"""Intervals, and turns made of words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.method import Method
from chalicelib.domain.timeline import (
    gaps,
    merge_intervals,
    turns_of_participants,
    union_ms,
)
from chalicelib.domain.transcript import Participant, Role, Span, Turn, Word

METHOD = Method(turn_gap_ms=1500, turn_handover_gap_ms=250)


def spans(*pairs: tuple[int, int]) -> tuple[Span, ...]:
    return tuple(Span(*pair) for pair in pairs)


def turns_of(words: dict[Role, list[Word]], method: Method) -> tuple[Turn, ...]:
    by_name = {Participant(role.value, role): spoken for role, spoken in words.items()}
    return turns_of_participants(by_name, method)


def said(*words: tuple[str, int, int]) -> list[Word]:
    return [Word(*word) for word in words]


@pytest.mark.parametrize(
    ("given_spans", "join_ms", "merged"),
    [
        pytest.param([], 0, [], id="nothing_gives_nothing"),
        pytest.param([(0, 10), (10, 20)], 0, [(0, 20)], id="touching_spans_merge"),
        pytest.param([(0, 10), (11, 20)], 0, [(0, 10), (11, 20)], id="spans_apart_stay_apart"),
        pytest.param([(5, 20), (0, 10)], 0, [(0, 20)], id="order_does_not_matter"),
        pytest.param([(0, 50), (10, 20)], 0, [(0, 50)], id="a_span_inside_another_vanishes"),
        pytest.param([(0, 10), (109, 120)], 100, [(0, 120)], id="a_smaller_gap_is_closed"),
        pytest.param([(0, 10), (110, 120)], 100, [(0, 10), (110, 120)], id="an_equal_gap_is_not"),
    ],
)
def test_merging_closes_gaps_smaller_than_the_join(
    given_spans: list[tuple[int, int]], join_ms: int, merged: list[tuple[int, int]]
) -> None:
    assert merge_intervals(spans(*given_spans), join_ms=join_ms) == spans(*merged)


moments = st.tuples(st.integers(0, 500), st.integers(0, 60)).map(lambda p: Span(p[0], p[0] + p[1]))


@given(st.lists(moments), st.integers(0, 40))
def test_merged_spans_cover_every_given_one_and_stand_apart(found: list[Span], join: int) -> None:
    merged = merge_intervals(found, join_ms=join)
    assert all(
        any(m.begin_ms <= s.begin_ms and s.end_ms <= m.end_ms for m in merged) for s in found
    )
    assert all(gap.duration_ms >= max(join, 1) for gap in gaps(merged))
    assert merge_intervals(merged, join_ms=join) == merged
    covered = {ms for s in found for ms in range(s.begin_ms, s.end_ms)}
    assert union_ms(found) == len(covered)


def test_gaps_lie_between_the_first_begin_and_the_last_end() -> None:
    assert gaps(spans((10, 20), (40, 50), (45, 60), (80, 90))) == spans((20, 40), (60, 80))


def test_gaps_of_nothing_are_none() -> None:
    assert gaps([]) == ()


def _texts(**sides: list[Word]) -> list[tuple[str, str]]:
    turns = turns_of({Role(side): words for side, words in sides.items()}, METHOD)
    return [(turn.role.value, turn.text) for turn in turns]


@pytest.mark.parametrize(
    ("agent", "customer", "turns"),
    [
        pytest.param([], [], [], id="silence_has_no_turns"),
        pytest.param(
            [("a", 0, 100), ("b", 1599, 1700)], [], [("AGENT", "a b")],
            id="a_pause_shorter_than_the_gap_is_one_turn",
        ),
        pytest.param(
            [("a", 0, 100), ("b", 1600, 1700)], [], [("AGENT", "a"), ("AGENT", "b")],
            id="a_pause_as_long_as_the_gap_ends_the_turn",
        ),
        pytest.param(
            [("a", 0, 100), ("b", 800, 900)], [("x", 200, 700)],
            [("AGENT", "a"), ("CUSTOMER", "x"), ("AGENT", "b")],
            id="an_answer_in_a_short_pause_ends_the_turn",
        ),
        pytest.param(
            [("a", 0, 400), ("b", 649, 900)], [("x", 410, 600)],
            [("AGENT", "a b"), ("CUSTOMER", "x")],
            id="a_back_channel_without_a_pause_ends_nothing",
        ),
        pytest.param(
            [("a", 0, 400), ("b", 650, 900)], [("x", 410, 600)],
            [("AGENT", "a"), ("CUSTOMER", "x"), ("AGENT", "b")],
            id="the_handover_gap_counts_from_its_value_on",
        ),
        pytest.param(
            [("a", 0, 400), ("b", 1000, 1200)],
            [("w", 0, 300), ("x", 300, 600), ("y", 600, 1100)],
            [("AGENT", "a"), ("CUSTOMER", "w x y"), ("AGENT", "b")],
            id="setting_in_together_and_going_on_is_a_handover",
        ),
        pytest.param(
            [("z", 0, 700), ("a", 700, 1000), ("b", 1400, 1600)],
            [("w", 100, 600), ("x", 600, 1100), ("y", 1100, 1700)],
            [("AGENT", "z a b"), ("CUSTOMER", "w x y")],
            id="speech_that_was_running_before_does_not_cut_the_other",
        ),
        pytest.param(
            [("a", 0, 1000), ("b", 1300, 1500)], [("x", 900, 1250)],
            [("AGENT", "a"), ("CUSTOMER", "x"), ("AGENT", "b")],
            id="setting_in_during_the_last_word_is_a_handover",
        ),
        pytest.param(
            [("b", 500, 600), ("a", 0, 100)], [], [("AGENT", "a b")],
            id="words_out_of_order_are_sorted",
        ),
    ],
)  # fmt: skip
def test_where_a_turn_ends(
    agent: list[tuple[str, int, int]],
    customer: list[tuple[str, int, int]],
    turns: list[tuple[str, str]],
) -> None:
    assert _texts(AGENT=said(*agent), CUSTOMER=said(*customer)) == turns


def test_a_turn_spans_its_words_and_keeps_them() -> None:
    words = said(("one", 10, 900), ("two", 20, 300))
    (turn,) = turns_of({Role.AGENT: words}, METHOD)
    assert (turn.begin_ms, turn.end_ms) == (10, 900)
    assert turn.words == tuple(words)
    assert (turn.participant_id, turn.id) == ("AGENT", "t-0001")


def test_ids_number_the_turns_in_time_order_whatever_side_comes_first() -> None:
    sides = {
        Role.CUSTOMER: said(("b", 3000, 3100)),
        Role.AGENT: said(("a", 0, 100), ("c", 6000, 6100)),
    }
    turns = turns_of(sides, METHOD)
    assert [(turn.id, turn.text) for turn in turns] == [
        ("t-0001", "a"),
        ("t-0002", "b"),
        ("t-0003", "c"),
    ]
    assert turns == turns_of(dict(reversed(sides.items())), METHOD)


def test_participants_of_unknown_role_are_told_apart() -> None:
    one, two = Participant("spk_0", Role.UNKNOWN), Participant("spk_1", Role.UNKNOWN)
    turns = turns_of_participants({one: said(("a", 0, 100)), two: said(("b", 200, 300))}, METHOD)
    assert [(turn.participant_id, turn.text) for turn in turns] == [("spk_0", "a"), ("spk_1", "b")]
