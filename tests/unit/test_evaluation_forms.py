# ruff: noqa: E501
"""Evaluation forms as JSON: what is read, what is refused and where, and that nothing is lost."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.evaluation.form import (
    Automation,
    Figure,
    Form,
    Option,
    Question,
    QuestionType,
    Range,
    Scoring,
    Section,
    WhenCategory,
    WhenFigure,
)
from chalicelib.domain.rules.measures import METRICS
from chalicelib.formats import evaluation_form_writing, evaluation_forms, rules_file
from chalicelib.formats.artifact import dump, load
from chalicelib.formats.evaluation_forms import Limits
from tests.unit.evaluation_world import SAMPLE, document, section, yes_no

NUMBER = {"id": "n", "title": "n", "type": "NUMERIC", "min": 0, "max": 10}
CASE = {"category": "Refund request", "option": "yes"}


def changed(place: str, value: object) -> dict:
    """A small form with one value put at the pointer; ``...`` takes the member away."""
    told = document(
        section(
            "s", yes_no("q", automation={"cases": [dict(CASE)], "default": "no"}), dict(NUMBER)
        ),
        section("r", sections=[section("i", yes_no("p"))]),
    )
    *path, last = place.strip("/").split("/")
    at = told
    for name in path:
        at = at[int(name)] if isinstance(at, list) else at[name]
    key = int(last) if isinstance(at, list) else last
    if value is ...:
        del at[key]
    elif isinstance(at, list) and key == len(at):
        at.append(value)
    else:
        at[key] = value
    return told


Q = "/sections/0/questions/0"
N = "/sections/0/questions/1"
REFUSED = [
    ("a form has a title", "/title", ..., "", "title is missing"),
    ("a title is not blank", "/title", " ", "/title", "this is empty"),
    ("a form has sections", "/sections", [], "/sections", "the list is empty"),
    ("an unknown member is refused", "/owner", "me", "/owner", "there is no such member here"),
    ("an unknown scoring is refused", "/scoring", "STARS", "/scoring", "this is not one of"),
    ("weights count nothing by points", "/scoring", "POINTS", "/sections/0/weight", None),
    ("a section is not empty", "/sections/1/sections", ..., "/sections/1", "a section has questions or sections"),
    ("sections have two levels", "/sections/1/sections/0/sections", [section("d", yes_no("x"))], "/sections/1/sections/0/sections", "sections have at most 2 levels"),
    ("an id is there once", "/sections/1/id", "q", "/sections", "the id q is there 2 times"),
    ("an id fits into an address", f"{Q}/id", "a b", f"{Q}/id", "an id has letters, digits"),
    ("a weight is whole", f"{Q}/weight", 1.5, f"{Q}/weight", "this is not a whole number"),
    ("a weight is not negative", f"{Q}/weight", -1, f"{Q}/weight", "this number is not 0 to 100"),
    ("a question has a type", f"{Q}/type", ..., Q, "type is missing"),
    ("an unknown type is refused", f"{Q}/type", "MULTISELECT", f"{Q}/type", "this is not one of"),
    ("a choice has options", f"{Q}/options", ..., Q, "options is missing"),
    ("a choice has two options", f"{Q}/options", [{"id": "yes", "text": "Yes"}], f"{Q}/options", "there are at least 2 options"),
    ("a choice has at most 256 options", f"{Q}/options", [{"id": f"o{n}", "text": "x"} for n in range(257)], f"{Q}/options", "there are 257 entries"),
    ("options differ", f"{Q}/options/1/id", "yes", f"{Q}/options", "two options have the same id"),
    ("points are bounded", f"{Q}/options/0/points", 101, f"{Q}/options/0/points", "this number is not 0 to 100"),
    ("what fails has no points", f"{Q}/options/2/points", 1, f"{Q}/options/2/points", "an answer that fails has no points"),
    ("a truth is one", f"{Q}/notApplicable", "yes", f"{Q}/notApplicable", "this is not true or false"),
    ("a choice has no bounds", f"{Q}/min", 0, f"{Q}/min", "there is no such member here"),
    ("a number has bounds", f"{N}/max", ..., N, "max is missing"),
    ("bounds ascend", f"{N}/max", 0, f"{N}/max", "max is not above min"),
    ("a bound is a number", f"{N}/min", True, f"{N}/min", "this is not a number"),
    ("a bound is not endless", f"{N}/max", 10**400, f"{N}/max", "this number is not within"),
    ("ranges ascend", f"{N}/ranges", [{"upTo": 5}, {"upTo": 5}], f"{N}/ranges/1/upTo", "ranges ascend"),
    ("ranges begin at the minimum", f"{N}/ranges", [{"upTo": -1}, {"upTo": 10}], f"{N}/ranges/0/upTo", "ranges ascend"),
    ("ranges cover everything", f"{N}/ranges", [{"upTo": 5}], f"{N}/ranges/0", "the last range ends at max, 10"),
    ("a text has no automation", f"{N}", {"id": "n", "title": "n", "type": "TEXT", "automation": {}}, f"{N}/automation", "there is no such member here"),
    ("a case names category or metric", f"{Q}/automation/cases/0/metric", "duration", f"{Q}/automation/cases/0", "a case has category or metric"),
    ("a case chooses an option that is there", f"{Q}/automation/cases/0/option", "maybe", f"{Q}/automation/cases/0/option", "this is not one of fatal, no, yes"),
    ("so does the default", f"{Q}/automation/default", "maybe", f"{Q}/automation/default", "this is not one of"),
    ("automation has a case", f"{Q}/automation/cases", [], f"{Q}/automation/cases", "the list is empty"),
    ("a category is there or not", f"{Q}/automation/cases/0/condition", "MAYBE", f"{Q}/automation/cases/0/condition", "this is not one of"),
    ("a category is not compared", f"{Q}/automation/cases/0/atLeast", 1, f"{Q}/automation/cases/0/atLeast", "beside category there is no atLeast"),
    ("a metric is known", f"{Q}/automation/cases/0", {"metric": "charm", "atLeast": 1, "option": "yes"}, f"{Q}/automation/cases/0/metric", "this is not one of"),
    ("a metric is compared", f"{Q}/automation/cases/0", {"metric": "duration", "option": "yes"}, f"{Q}/automation/cases/0", "a metric is compared"),
    ("a metric is not present", f"{Q}/automation/cases/0", {"metric": "duration", "atLeast": 1, "condition": "PRESENT", "option": "yes"}, f"{Q}/automation/cases/0/condition", "beside metric there is no condition"),
    ("a metric's bounds ascend", f"{Q}/automation/cases/0", {"metric": "duration", "atLeast": 2, "atMost": 1, "option": "yes"}, f"{Q}/automation/cases/0/atMost", "atMost is below atLeast"),
    ("a metric of both sides has no role", f"{Q}/automation/cases/0", {"metric": "duration", "role": "AGENT", "atLeast": 1, "option": "yes"}, f"{Q}/automation/cases/0/role", "one figure for both sides"),
    ("a metric of each side needs a role", f"{N}/automation", {"metric": "patience"}, f"{N}/automation", "patience has a role"),
    ("a role is agent or customer", f"{N}/automation", {"metric": "patience", "role": "SYSTEM"}, f"{N}/automation/role", "this is not one of"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value", "pointer", "reason"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_is_wrong_is_refused_with_its_place(place, value, pointer, reason):
    told = changed(place, value)
    if reason is None:
        told["sections"][0]["weight"], reason = 2, "weights count nothing where scoring is POINTS"
    with pytest.raises(RuleRefused) as refused:
        evaluation_forms.read(told)
    assert (refused.value.code, refused.value.pointer) == ("form.schema", pointer)
    assert refused.value.reason.startswith(reason) or reason in refused.value.reason


BODIES = [
    ("no JSON", b"{", "form.json"),
    ("nothing", b"", "object.empty"),
    ("half a surrogate pair", b'{"title": "\\ud800"}', "form.json"),
    ("an endless number", b'{"title": "x", "sections": [1e999]}', "form.json"),
    ("a list", b"[]", "form.schema"),
]


@pytest.mark.parametrize(("body", "code"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES])
def test_a_file_that_is_no_form_is_refused(body, code):
    with pytest.raises(RuleRefused) as refused:
        evaluation_forms.load(body)
    assert refused.value.code in (code, "form." + code.partition(".")[2])


def test_a_form_is_not_larger_than_its_limits():
    many = [section(f"s{n}", *(yes_no(f"q{n}.{m}") for m in range(2))) for n in range(51)]
    with pytest.raises(RuleRefused, match="there are 102 questions, at most 100 are possible"):
        evaluation_forms.read(document(*many))
    deep = [
        section(f"s{n}", yes_no(f"q{n}"), sections=[section(f"i{n}", yes_no(f"p{n}"))])
        for n in range(3)
    ]
    with pytest.raises(RuleRefused, match="there are 6 sections, at most 5 are possible"):
        evaluation_forms.read(document(*deep), Limits(sections=5))
    assert evaluation_forms.read(document(*deep), Limits(sections=6, questions=6))


def test_a_written_form_reads_back_equal_and_so_does_a_kept_one():
    for told in (
        SAMPLE,
        changed("/description", "words"),
        changed(f"{N}/ranges", [{"upTo": 2.5, "points": 1}, {"upTo": 10}]),
    ):
        form = evaluation_forms.read(copy.deepcopy(told))
        assert evaluation_form_writing.document(form) == told | {"scoring": "WEIGHTS"}
        assert load(Form, dump(form)) == form


NAMES = st.text("abcxyz019._:-", min_size=1, max_size=12)
WORDS = st.text(min_size=1, max_size=20).filter(str.strip)
POINTS = st.integers(0, 100)
FIGURES = st.one_of(
    st.sampled_from([m for m in METRICS if not METRICS[m].by_role]).map(Figure),
    st.builds(
        Figure,
        st.sampled_from([m for m in METRICS if METRICS[m].by_role]),
        st.sampled_from(["AGENT", "CUSTOMER"]),
    ),
)
BOUNDS = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def choices(draw, question_id: str) -> Question:
    ids = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    options = tuple(
        Option(one, draw(WORDS), points, not points and draw(st.booleans()))
        for one in ids
        for points in [draw(POINTS)]
    )
    category = st.builds(WhenCategory, WORDS, st.sampled_from(ids), st.booleans())
    figure = st.builds(
        lambda f, o, a, b: WhenFigure(f, o, min(a, b), max(a, b)),
        FIGURES,
        st.sampled_from(ids),
        BOUNDS,
        BOUNDS,
    )
    cases = st.lists(st.one_of(category, figure), min_size=1, max_size=3).map(tuple)
    automation = draw(st.none() | st.builds(Automation, cases, st.none() | st.sampled_from(ids)))
    return Question(question_id, draw(WORDS), QuestionType.SINGLESELECT, draw(st.text(max_size=9)), draw(POINTS),
                    draw(st.booleans()), draw(st.booleans()), options, automation=automation)  # fmt: skip


@st.composite
def numbers(draw, question_id: str) -> Question:
    marks = sorted(draw(st.lists(BOUNDS, min_size=2, max_size=5, unique=True)))
    ranges = tuple(Range(mark, draw(POINTS)) for mark in marks[1:])
    automation = draw(st.none() | st.builds(Automation, figure=FIGURES))
    return Question(question_id, draw(WORDS), QuestionType.NUMERIC, minimum=marks[0], maximum=marks[-1],
                    ranges=draw(st.sampled_from([(), ranges])), automation=automation)  # fmt: skip


@st.composite
def forms(draw) -> Form:
    ids = iter(draw(st.lists(NAMES, min_size=12, max_size=12, unique=True)))
    text = Question(next(ids), draw(WORDS), QuestionType.TEXT, required=draw(st.booleans()))
    inner = Section(next(ids), draw(WORDS), questions=(draw(numbers(next(ids))), text))
    outer = Section(
        next(ids),
        draw(WORDS),
        draw(st.text(max_size=9)),
        draw(POINTS),
        (draw(choices(next(ids))),),
        (inner,),
    )
    return Form(draw(WORDS), (outer,), description=draw(st.text(max_size=9)))


@given(forms())
def test_any_form_that_is_written_reads_back_equal(form):
    body = json.dumps(evaluation_form_writing.document(form)).encode()
    assert evaluation_forms.load(body) == form
    assert load(Form, dump(form)) == form


def test_numbers_are_written_as_they_were_read():
    told = changed(f"{N}/ranges", [{"upTo": 2.5}, {"upTo": 10}])
    text = json.dumps(evaluation_form_writing.document(evaluation_forms.read(told)))
    assert '"min": 0, "max": 10' in text
    assert '"upTo": 2.5' in text


class TestTheFormThatShips:
    def test_it_asks_eight_questions_of_all_kinds_and_is_partly_automated(self):
        questions = list(evaluation_forms.sample().questions())
        assert len(questions) == 8
        assert {q.type for q in questions} == set(QuestionType)
        assert 0 < sum(1 for q in questions if q.automation) < 8
        assert evaluation_forms.sample().scoring is Scoring.WEIGHTS

    def test_its_categories_are_those_that_an_installation_begins_with(self):
        names = {rule.name for rule in rules_file.starter().rules}
        asked = {
            case.category
            for question in evaluation_forms.sample().questions()
            for case in (question.automation.cases if question.automation else ())
            if isinstance(case, WhenCategory)
        }
        assert asked
        assert asked <= names


def test_the_documentation_names_every_metric(request):
    text = (request.config.rootpath / "docs/evaluations.md").read_text(encoding="utf-8")
    for metric in METRICS.values():
        assert f"`{metric.name}`{'*' if metric.by_role else ''}" in text
