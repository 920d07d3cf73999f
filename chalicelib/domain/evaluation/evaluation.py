"""An evaluation of a contact and what may happen to it.

    DRAFT ──submit──> SUBMITTED ──acknowledge──> ACKNOWLEDGED
    (save)                └─────dispute──> DISPUTED ──resolve──> RESOLVED

The agent who was evaluated acknowledges or disputes; whoever may evaluate does the rest. Resolving may
change answers and thereby the score. Every step is kept with who took it, when, and the comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.errors import StateRefused
from chalicelib.domain.evaluation.answer import (
    AUTOMATION,
    Answer,
    AnswerRefused,
    Automated,
    Entry,
    check,
)
from chalicelib.domain.evaluation.form import Form
from chalicelib.domain.evaluation.scoring import Score, Scored, score


class State(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    DISPUTED = "DISPUTED"
    RESOLVED = "RESOLVED"


class Step(StrEnum):
    SAVE = "SAVE"
    SUBMIT = "SUBMIT"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    DISPUTE = "DISPUTE"
    RESOLVE = "RESOLVE"


STEPS: Mapping[tuple[State, Step], State] = {
    (State.DRAFT, Step.SAVE): State.DRAFT,
    (State.DRAFT, Step.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Step.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.SUBMITTED, Step.DISPUTE): State.DISPUTED,
    (State.DISPUTED, Step.RESOLVE): State.RESOLVED,
}


@dataclass(frozen=True, slots=True)
class Event:
    step: Step
    by: str
    at_ms: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``revision`` counts its writes from 1. ``entries`` are in the form's order. ``request`` tells
    whether a repeated request asks for the same."""

    id: str
    contact_id: str
    form_id: str
    form_version: int
    agent_id: str | None
    agent_name: str | None
    evaluator: str
    created_ms: int
    score: Score
    entries: tuple[Entry, ...] = ()
    automated: Mapping[str, Automated] | None = None
    state: State = State.DRAFT
    submitted_ms: int | None = None
    notes: str = ""
    history: tuple[Event, ...] = ()
    analysis_key: str = ""
    request: str = ""
    revision: int = 1


def answered(
    evaluation: Evaluation, form: Form, answers: Iterable[Answer], by: str, at_ms: int
) -> Evaluation:
    """The evaluation with these answers of a person; what they leave open automation answers.

    An answer that equals the automated one stays automation's, and one that was there already keeps who
    gave it and when. Raises ``AnswerRefused``.
    """
    told = _by_question(form, answers)
    former = {entry.answer.question_id: entry for entry in evaluation.entries}
    automated = evaluation.automated or {}
    entries = (
        _entry(told.get(q.id), automated.get(q.id), former.get(q.id), by, at_ms)
        for q in form.questions()
    )
    kept = tuple(entry for entry in entries if entry)
    scored = score(form, {entry.answer.question_id: entry.answer for entry in kept})
    return replace(evaluation, entries=kept, score=scored)


def _by_question(form: Form, answers: Iterable[Answer]) -> dict[str, Answer]:
    questions = {question.id: question for question in form.questions()}
    told: dict[str, Answer] = {}
    for answer in answers:
        if answer.question_id not in questions:
            raise AnswerRefused(answer.question_id, "question_id", "the form has no such question")
        if answer.question_id in told:
            raise AnswerRefused(answer.question_id, "question_id", "there are two answers to it")
        check(questions[answer.question_id], answer)
        told[answer.question_id] = answer
    return told


def _entry(
    told: Answer | None, automated: Automated | None, former: Entry | None, by: str, at_ms: int
) -> Entry | None:
    own = automated.answer if automated else None
    if told is None or not (told.given or told.notes):
        return Entry(own, AUTOMATION, _since(former, own, at_ms), automated) if own else None
    if own and not told.given:
        told = replace(own, notes=told.notes)
    if own and replace(told, notes="") == own:
        by = AUTOMATION
    if former and former.answer == told:
        return former
    return Entry(told, by, at_ms, automated)


def _since(former: Entry | None, answer: Answer | None, at_ms: int) -> int:
    return former.at_ms if former and former.answer == answer else at_ms


def moved(evaluation: Evaluation, step: Step, by: str, at_ms: int, comment: str = "") -> Evaluation:
    """The evaluation after a step. Raises ``StateRefused`` for one that its state does not allow, and
    for submitting it before every required question is answered."""
    after = STEPS.get((evaluation.state, step))
    if after is None:
        told = f"an evaluation that is {evaluation.state} cannot be changed by {step}"
        raise StateRefused("evaluation.state", told)
    if step is not Step.SAVE and evaluation.score.status is Scored.INCOMPLETE:
        missing = ", ".join(evaluation.score.missing)
        raise StateRefused("evaluation.incomplete", f"these questions need an answer: {missing}")
    submitted = at_ms if step is Step.SUBMIT else evaluation.submitted_ms
    history = (*evaluation.history, Event(step, by, at_ms, comment))
    return replace(
        evaluation,
        state=after,
        submitted_ms=submitted,
        history=evaluation.history if step is Step.SAVE else history,
        revision=evaluation.revision + 1,
    )
