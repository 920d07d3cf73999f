# ruff: noqa: E501
"""What may happen to an evaluation when, and whose answers stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.errors import InputRefused, StateRefused
from chalicelib.domain.evaluation.answer import (
    AUTOMATION,
    Answer,
    AnswerRefused,
    Automated,
    Evidence,
)
from chalicelib.domain.evaluation.evaluation import (
    STEPS,
    Evaluation,
    Event,
    State,
    Step,
    answered,
    moved,
)
from chalicelib.domain.evaluation.scoring import Scored, score
from chalicelib.domain.evaluation.versions import FormRecord, activated, deactivated, saved
from tests.unit.evaluation_world import form, section, yes_no

TEXT = {"id": "t", "title": "t", "type": "TEXT"}
NUMBER = {"id": "n", "title": "n", "type": "NUMERIC", "min": 0, "max": 10, "required": False}
FORM = form(section("s", yes_no("auto"), yes_no("own"), {**yes_no("always"), "notApplicable": False, "required": False}, NUMBER, TEXT))  # fmt: skip
SAID = Automated(Answer("auto", option_id="yes"), (Evidence("Billing dispute", present=True),))
DRAFT = Evaluation(
    id="e", contact_id="c", form_id="f", form_version=1, agent_id="agent-1", agent_name="Ada",
    evaluator="sam", created_ms=1, score=score(FORM, {}), automated={"auto": SAID},
)  # fmt: skip
BEGUN = answered(DRAFT, FORM, (), "sam", 1)
READY = answered(BEGUN, FORM, (Answer("own", option_id="no"),), "sam", 2)


def in_state(state: State) -> Evaluation:
    return replace(READY, state=state)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", State)
def test_only_the_steps_of_the_table_are_taken(state, step):
    after = STEPS.get((state, step))
    if after is None:
        with pytest.raises(StateRefused) as refused:
            moved(in_state(state), step, "p", 9)
        assert refused.value.code == "evaluation.state"
    else:
        made = moved(in_state(state), step, "p", 9, "why")
        assert (made.state, made.revision) == (after, 2)
        assert made.history == (() if step is Step.SAVE else (Event(step, "p", 9, "why"),))


def test_the_table_is_a_line_with_one_branch():
    assert {(a.value, s.value, b.value) for (a, s), b in STEPS.items()} == {
        ("DRAFT", "SAVE", "DRAFT"),
        ("DRAFT", "SUBMIT", "SUBMITTED"),
        ("SUBMITTED", "ACKNOWLEDGE", "ACKNOWLEDGED"),
        ("SUBMITTED", "DISPUTE", "DISPUTED"),
        ("DISPUTED", "RESOLVE", "RESOLVED"),
    }


def test_what_misses_an_answer_is_saved_but_not_submitted():
    assert moved(BEGUN, Step.SAVE, "p", 9).state is State.DRAFT
    with pytest.raises(StateRefused, match="these questions need an answer: own") as refused:
        moved(BEGUN, Step.SUBMIT, "p", 9)
    assert refused.value.code == "evaluation.incomplete"


def test_the_time_of_submitting_stays():
    submitted = moved(READY, Step.SUBMIT, "sam", 5)
    resolved = moved(moved(submitted, Step.DISPUTE, "ada", 6), Step.RESOLVE, "sam", 7)
    assert (submitted.submitted_ms, resolved.submitted_ms, resolved.revision) == (5, 5, 4)
    assert [event.by for event in resolved.history] == ["sam", "ada", "sam"]


class TestAnswers:
    def entry(self, evaluation: Evaluation, question_id: str):
        found = [e for e in evaluation.entries if e.answer.question_id == question_id]
        return found[0] if found else None

    def test_automation_answers_what_a_person_leaves_open(self):
        found = self.entry(BEGUN, "auto")
        assert (found.answer, found.by, found.automated) == (SAID.answer, AUTOMATION, SAID)
        assert self.entry(BEGUN, "own") is None
        assert BEGUN.score.status is Scored.INCOMPLETE

    def test_a_person_replaces_it_and_what_it_said_is_kept(self):
        made = answered(
            READY, FORM, (Answer("auto", option_id="no"), Answer("own", option_id="no")), "kim", 5
        )
        found = self.entry(made, "auto")
        assert (found.answer.option_id, found.by, found.at_ms, found.overridden) == (
            "no",
            "kim",
            5,
            True,
        )
        assert found.automated == SAID
        assert made.score.percent == 0.0

    def test_leaving_it_open_again_brings_it_back(self):
        made = answered(READY, FORM, (Answer("auto", option_id="no"),), "kim", 5)
        assert self.entry(answered(made, FORM, (), "kim", 6), "auto").by == AUTOMATION

    def test_agreeing_with_it_leaves_it_automation_s_and_keeps_a_note(self):
        made = answered(READY, FORM, (Answer("auto", option_id="yes", notes="indeed"),), "kim", 5)
        found = self.entry(made, "auto")
        assert (found.by, found.answer.notes, found.overridden) == (AUTOMATION, "indeed", False)

    def test_a_note_alone_leaves_the_automated_answer(self):
        found = self.entry(answered(READY, FORM, (Answer("auto", notes="hm"),), "kim", 5), "auto")
        assert (found.answer, found.by) == (Answer("auto", option_id="yes", notes="hm"), AUTOMATION)

    def test_an_answer_that_was_there_keeps_who_gave_it(self):
        made = answered(
            READY, FORM, (Answer("own", option_id="no"), Answer("t", text="fine")), "kim", 5
        )
        assert (self.entry(made, "own").by, self.entry(made, "own").at_ms) == ("sam", 2)
        assert (self.entry(made, "t").by, self.entry(made, "t").at_ms) == ("kim", 5)

    def test_they_stand_in_the_order_of_the_form(self):
        made = answered(
            READY, FORM, (Answer("t", text="x"), Answer("own", option_id="yes")), "kim", 5
        )
        assert [e.answer.question_id for e in made.entries] == ["auto", "own", "t"]


REFUSED = [
    ("an unknown question", [Answer("nobody", option_id="yes")], "question_id"),
    ("a question twice", [Answer("own", option_id="yes"), Answer("own", option_id="no")], "question_id"),
    ("an unknown option", [Answer("own", option_id="maybe")], "option_id"),
    ("a number to a choice", [Answer("own", number=1)], "number"),
    ("a text to a choice", [Answer("own", text="yes")], "text"),
    ("an option to a number", [Answer("n", option_id="yes")], "option_id"),
    ("a number below its bounds", [Answer("n", number=-0.5)], "number"),
    ("a number above its bounds", [Answer("n", number=10.5)], "number"),
    ("a number that is none", [Answer("n", number=float("nan"))], "number"),
    ("what always applies does not apply", [Answer("always", not_applicable=True)], "not_applicable"),
    ("what does not apply has a value", [Answer("own", option_id="yes", not_applicable=True)], "not_applicable"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "member"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_an_answer_is_refused(given, member):
    with pytest.raises(AnswerRefused) as refused:
        answered(READY, FORM, given, "kim", 5)
    assert (refused.value.question_id, refused.value.member) == (given[0].question_id, member)


class TestVersionsOfAForm:
    DRAFT = FormRecord("f", FORM, 1, "sam")
    OTHER = form(section("s", yes_no("x")))

    def test_saving_a_draft_leaves_its_version(self):
        made = saved(self.DRAFT, self.OTHER, "kim", 2, 50)
        assert (made.version, made.revision, made.draft, made.current) == (1, 2, True, None)

    def test_activating_freezes_and_the_next_save_opens_a_version(self):
        used = activated(self.DRAFT, "sam", 2)
        assert (used.current, used.draft, used.frozen[0].revision) == (1, False, 2)
        made = saved(used, self.OTHER, "kim", 3, 50)
        assert (made.version, made.current, made.draft, made.frozen) == (2, 1, True, used.frozen)
        again = activated(made, "kim", 4)
        assert ([one.version for one in again.frozen], again.current) == ([1, 2], 2)

    def test_what_is_in_use_is_not_activated_again(self):
        with pytest.raises(StateRefused, match="version 1 is in use already"):
            activated(activated(self.DRAFT, "sam", 2), "sam", 3)

    def test_what_was_put_out_of_use_comes_back_as_it_was(self):
        used = activated(self.DRAFT, "sam", 2)
        out = deactivated(used, "sam", 3)
        assert (out.current, out.frozen) == (None, used.frozen)
        assert activated(out, "sam", 4).frozen == used.frozen
        with pytest.raises(StateRefused, match="no version"):
            deactivated(out, "sam", 4)

    def test_there_are_so_many_versions_and_no_more(self):
        used = activated(self.DRAFT, "sam", 2)
        with pytest.raises(InputRefused, match="at most 1 versions"):
            saved(used, self.OTHER, "kim", 3, 1)
        assert saved(self.DRAFT, self.OTHER, "kim", 3, 1).version == 1
