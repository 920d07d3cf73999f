"""The bench's own arithmetic: ROUGE by hand, baselines of the same length."""

from __future__ import annotations

import pytest

from bench.summaries import rouge, sets
from bench.summaries.__main__ import lead, lead_3, random_n
from chalicelib.adapters.engines.summary_sentences import sentences
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
