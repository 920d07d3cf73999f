# ruff: noqa: E501
"""The score of an evaluation, as a table of the formula in docs/evaluations.md."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.evaluation.answer import Answer
from chalicelib.domain.evaluation.scoring import Scored, score
from tests.unit.evaluation_world import answer, answers, form, section, yes_no


def points(question_id: str, *worth: int, **members):
    """A question with an option ``o<points>`` for each number."""
    options = [{"id": f"o{n}", "text": str(n), "points": n} for n in worth]
    told = {"id": question_id, "title": question_id, "type": "SINGLESELECT", "options": options}
    return {**told, "notApplicable": True, **members}


def number(question_id: str, **members):
    ranges = [
        {"upTo": 5, "points": 4},
        {"upTo": 7.5, "points": 2},
        {"upTo": 10, "automaticFail": True},
    ]
    told = {"id": question_id, "title": question_id, "type": "NUMERIC", "min": 0, "max": 10}
    return {**told, "ranges": ranges, "notApplicable": True, **members}


TEXT = {"id": "t", "title": "t", "type": "TEXT"}
ONE = (section("s", points("a", 10, 4, 0)),)
TWO = (
    section("s", points("a", 10, 0, weight=3), points("b", 10, 0)),
    section("r", points("c", 10, 5)),
)
TWO_POINTS = (
    section("s", points("a", 10, 0), points("b", 10, 0)),
    section("r", points("c", 10, 5)),
)
NESTED = (
    section("s", points("a", 4, 1), sections=[section("i", points("b", 2, 0), weight=3)], weight=2),
    section("r", points("c", 1, 0)),
)  # fmt: skip
OPTIONAL = (section("s", points("a", 1, 0), points("b", 1, 0, required=False)),)
GATE = (section("s", points("a", 10, 0), {**yes_no("g"), "options": [
    {"id": "fine", "text": "Fine"}, {"id": "fatal", "text": "Not", "automaticFail": True}]}),)  # fmt: skip

S, OPEN, N = Scored.SCORED, Scored.INCOMPLETE, Scored.NOT_SCORED
CASES = [
    ("the best answer gives 100", ONE, "WEIGHTS", {"a": "o10"}, S, 100.0),
    ("points are relative to the best answer", ONE, "WEIGHTS", {"a": "o4"}, S, 40.0),
    ("no points give 0, which is a score", ONE, "WEIGHTS", {"a": "o0"}, S, 0.0),
    ("questions weigh in their section and sections in the form", TWO, "WEIGHTS", {"a": "o10", "b": "o0", "c": "o5"}, S, 62.5),
    ("points add up whatever the section", TWO_POINTS, "POINTS", {"a": "o10", "b": "o0", "c": "o5"}, S, 50.0),
    ("what does not apply leaves its section's weights", TWO, "WEIGHTS", {"a": "n/a", "b": "o0", "c": "o5"}, S, 25.0),
    ("a section that does not apply leaves the form's weights", TWO, "WEIGHTS", {"a": "o10", "b": "o0", "c": "n/a"}, S, 75.0),
    ("what does not apply leaves the possible points", TWO_POINTS, "POINTS", {"a": "o10", "b": "o0", "c": "n/a"}, S, 50.0),
    ("where nothing applies there is no score", ONE, "WEIGHTS", {"a": "n/a"}, N, None),
    ("where nothing applies there is no score by points either", ONE, "POINTS", {"a": "n/a"}, N, None),
    ("a form that is not scored has no score", ONE, "NONE", {"a": "o10"}, N, None),
    ("a missing answer leaves no score", TWO, "WEIGHTS", {"a": "o10", "b": "o0"}, OPEN, None),
    ("without any answer there is no score", TWO, "WEIGHTS", {}, OPEN, None),
    ("an open question that need not be answered counts nowhere", OPTIONAL, "WEIGHTS", {"a": "o1"}, S, 100.0),
    ("and counts once it is answered", OPTIONAL, "WEIGHTS", {"a": "o1", "b": "o0"}, S, 50.0),
    ("an inner section weighs like a question", NESTED, "WEIGHTS", {"a": "o1", "b": "o2", "c": "o0"}, S, 54.17),
    ("an inner section's points count in the outer", NESTED[1:] + NESTED[:1], "WEIGHTS", {"a": "o4", "b": "o0", "c": "o1"}, S, 50.0),
    ("thirds are rounded to two decimals", (section("s", points("a", 3, 1)),), "WEIGHTS", {"a": "o1"}, S, 33.33),
    ("halves are rounded up", (section("s", points("a", 32, 1)),), "WEIGHTS", {"a": "o1"}, S, 3.13),
    ("a number is worth its range", (section("s", number("n")),), "WEIGHTS", {"n": 2.5}, S, 100.0),
    ("a range ends with its bound", (section("s", number("n")),), "WEIGHTS", {"n": 5}, S, 100.0),
    ("the next range begins above it", (section("s", number("n")),), "WEIGHTS", {"n": 5.01}, S, 50.0),
    ("a number may fail the form", (section("s", number("n"), points("a", 1, 0)),), "WEIGHTS", {"n": 9, "a": "o1"}, S, 0.0),
    ("an option may fail the form", (section("s", yes_no("y"), points("a", 9, 0)),), "WEIGHTS", {"y": "fatal", "a": "o9"}, S, 0.0),
    ("an option may fail the form by points", (section("s", yes_no("y"), points("a", 9, 0)),), "POINTS", {"y": "fatal", "a": "o9"}, S, 0.0),
    ("a fail of an incomplete evaluation is no score yet", (section("s", yes_no("y"), points("a", 9, 0)),), "WEIGHTS", {"y": "fatal"}, OPEN, None),
    ("a question without points counts nowhere", GATE, "WEIGHTS", {"a": "o0", "g": "fine"}, S, 0.0),
    ("but it can fail the form", GATE, "WEIGHTS", {"a": "o10", "g": "fatal"}, S, 0.0),
    ("a text is not scored", (section("s", TEXT, points("a", 1, 0)),), "WEIGHTS", {"a": "o1"}, S, 100.0),
    ("a form of texts has no score", (section("s", TEXT),), "WEIGHTS", {}, N, None),
    ("weight 0 counts nowhere", (section("s", points("a", 1, 0, weight=0), points("b", 1, 0)),), "WEIGHTS", {"a": "o0", "b": "o1"}, S, 100.0),
    ("weight 0 everywhere is no score", (section("s", points("a", 1, 0, weight=0)),), "WEIGHTS", {"a": "o1"}, N, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sections", "scoring", "told", "status", "percent"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)  # fmt: skip
def test_score(sections, scoring, told, status, percent):
    if scoring != "WEIGHTS":
        sections = tuple(without_weights(one) for one in sections)
    found = score(form(*sections, scoring=scoring), answers(**told))
    assert (found.status, found.percent) == (status, percent)


def without_weights(one):
    questions = [{k: v for k, v in q.items() if k != "weight"} for q in one.get("questions", [])]
    return {**one, "questions": questions}


def test_a_score_tells_its_parts():
    told = form(*NESTED)
    found = score(told, answers(a="o1", b="n/a", c="o0"))
    parts = {name: (item.percent, item.points, item.possible) for name, item in found.items.items()}
    assert parts == {
        "s": (25.0, 1, 4),
        "a": (25.0, 1, 4),
        "i": (None, 0, 0),
        "b": (None, 0, 0),
        "r": (0.0, 0, 1),
        "c": (0.0, 0, 1),
    }
    assert found.items["b"].not_applicable
    assert found.items["i"].not_applicable
    assert not found.items["s"].not_applicable


def test_a_fail_is_told_with_its_question_and_marks_its_sections():
    found = score(form(section("s", yes_no("y"), yes_no("z")), section("r", yes_no("x"))), answers(y="fatal", z="yes", x="yes"))  # fmt: skip
    assert found.automatic_fails == ("y",)
    assert [found.items[name].automatic_fail for name in ("s", "y", "z", "r")] == [True, True, False, False]  # fmt: skip
    assert found.items["s"].percent == 50.0


def test_what_is_missing_is_told_in_the_order_of_the_form():
    found = score(form(*NESTED), {"b": answer("b", "o2")})
    assert found.missing == ("a", "c")


def test_a_blank_text_and_a_note_alone_are_no_answer():
    needed = form(section("s", {**TEXT, "required": True}))
    assert score(needed, {"t": Answer("t", text="  ")}).status is Scored.INCOMPLETE
    assert score(needed, {"t": Answer("t", notes="look again")}).missing == ("t",)
    assert score(needed, {"t": Answer("t", text="well done")}).status is Scored.NOT_SCORED


CHOICES = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 20), st.sampled_from(["o20", "o7", "o0", "n/a"])), min_size=1, max_size=5)  # fmt: skip


@given(CHOICES)
def test_the_order_of_questions_does_not_change_the_score(chosen):
    questions = [
        points(f"q{n}", 20, 7, 0, weight=weight) for n, (weight, _, _) in enumerate(chosen)
    ]
    told = {f"q{n}": answer(f"q{n}", option) for n, (_, _, option) in enumerate(chosen)}
    found = {score(form(section("s", *order)), told).percent for order in permutations(questions)}
    assert len(found) == 1
    (percent,) = found
    assert percent is None or 0 <= percent <= 100


@given(CHOICES)
def test_equal_weights_of_equal_questions_are_points(chosen):
    questions = [points(f"q{n}", 20, 7, 0) for n in range(len(chosen))]
    told = {f"q{n}": answer(f"q{n}", option) for n, (_, _, option) in enumerate(chosen)}
    one = form(section("s", *questions))
    other = form(section("s", *questions), scoring="POINTS")
    assert score(one, told).percent == score(other, told).percent
