"""The bench's own arithmetic: ROUGE by hand, baselines of the same length."""

from __future__ import annotations

import pytest

from bench.summaries import highlights, rouge, sets
from bench.summaries.__main__ import lead, lead_3, random_n
from chalicelib.adapters.engines.summary_sentences import sentences
from chalicelib.domain.transcript import ANALYSED_ROLES, Role
from tests.shared_data import shared
from tests.unit.conversations import A, C, span


@pytest.mark.parametrize(
    ("made", "reference", "expected"),
    [
        pytest.param("the cat sat", "the cat sat", (1, 1, 1), id="the_same"),
        pytest.param("a b c d", "a c b d", (1, 0, 0.75), id="another_order"),
        pytest.param("a b", "a b c d", (2 / 3, 0.5, 2 / 3), id="a_part"),
        pytest.param("a a a", "a b", (0.4, 0, 0.4), id="repeating_a_word_does_not_pay"),
        pytest.param("x", "y", (0, 0, 0), id="nothing_in_common"),
        pytest.param("", "", (0, 0, 0), id="nothing_at_all"),
    ],
)
def test_rouge(made, reference, expected):
    found = rouge.scores(made.split(), reference.split())
    assert tuple(found[m] for m in rouge.MEASURES) == pytest.approx(expected)


def test_words_are_lower_case_and_keep_their_apostrophe():
    assert rouge.words("It’s 5 O'Clock, Dr.") == ["it's", "5", "o'clock", "dr"]


SAID = sentences(
    (span(A, 0, 1, "One ab. Two bc."), span(C, 2, 3, "Three cd. Four de. Five ef. Six fg."))
)


def test_baselines_have_the_length_they_are_given():
    assert lead(SAID, 5) == ["one", "ab", "two", "bc", "three"]
    assert [len(random_n(SAID, 5, seed)) for seed in range(9)] == [5] * 9
    assert len({tuple(random_n(SAID, 5, seed)) for seed in range(9)}) > 1
    assert lead_3(SAID) == ["one", "ab", "two", "bc", "three", "cd", "four", "de", "five", "ef"]


def test_a_section_ends_where_the_next_heading_begins():
    note = "PLAN\n\nrest\n\nREVIEW OF SYSTEMS\n\nno fever\nno cough\n\nRESULTS\n\nnone"
    assert sets.section(note, "REVIEW").strip() == "no fever\nno cough"
    assert sets.section(note, "HISTORY") == ""


NONE: frozenset[str] = frozenset()


def test_highlights_are_counted_by_the_turns_that_will_do():
    pairs = [
        (frozenset("ab"), "b"),
        (frozenset("ab"), "c"),
        (frozenset("a"), None),
        (NONE, "a"),
        (NONE, None),
    ]
    assert highlights.counts(pairs) == {
        "chats": 5, "labelled": 3, "marked": 3, "right": 1, "false": 1,
    }  # fmt: skip


def test_the_baseline_takes_the_edges_of_the_conversation():
    turns = (span(A, 0, 1), span(C, 2, 3), span(C, 4, 5), span(A, 6, 7))
    assert highlights.edges(turns) == {
        "ISSUE": "CUSTOMER-2", "OUTCOME": "AGENT-6", "ACTION_ITEM": "AGENT-6",
    }  # fmt: skip
    assert highlights.edges(()) == {}


def test_the_engine_and_the_labels_meet_in_a_turn():
    turns = (span(A, 0, 1, "How can I help?"), span(C, 2, 3, "I'm calling about a broken lamp."))
    chat = highlights.Chat(
        "c",
        turns,
        {"ISSUE": frozenset({"CUSTOMER-2"})} | dict.fromkeys(("OUTCOME", "ACTION_ITEM"), NONE),
    )
    found = highlights.compare([chat])
    assert found["ISSUE"]["loupe"]["right"] == 1
    assert found["OUTCOME"]["edges"]["false"] == 1


@pytest.mark.shared_data
def test_every_label_is_a_turn_of_its_chat_by_the_side_that_tells_it():
    known = highlights.chats(shared("chats_connect").parent)
    assert len(known) == 23
    for chat in known:
        roles = {turn.id: turn.role for turn in chat.turns}
        issue, rest = (
            chat.accepted["ISSUE"],
            chat.accepted["OUTCOME"] | chat.accepted["ACTION_ITEM"],
        )
        assert {roles[turn] for turn in issue} == {Role.CUSTOMER}
        assert {roles[turn] for turn in rest} <= set(ANALYSED_ROLES)
