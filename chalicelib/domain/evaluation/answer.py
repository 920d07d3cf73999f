"""Answers: what somebody said to a question, what automation said, and why.

An automated answer that a person replaces is kept beside the person's, with its evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import InputRefused
from chalicelib.domain.evaluation.form import Option, Question, QuestionType, Range
from chalicelib.domain.rules.rule import PointOfInterest

AUTOMATION = "automation"


@dataclass(frozen=True, slots=True)
class Answer:
    """One of ``option_id``, ``number``, ``text`` by the question's type, or ``not_applicable``."""

    question_id: str
    option_id: str | None = None
    number: float | None = None
    text: str | None = None
    not_applicable: bool = False
    notes: str = ""

    @property
    def given(self) -> bool:
        """Whether it says anything besides notes; a blank text does not."""
        chosen = self.option_id is not None or self.number is not None
        return self.not_applicable or chosen or bool((self.text or "").strip())


@dataclass(frozen=True, slots=True)
class Evidence:
    """What automation looked at: a category (``present``, with its points of interest and rule) or a
    metric (``value``, in the unit of its name). ``channel``: the conversation it was found in."""

    name: str
    present: bool | None = None
    value: float | None = None
    role: str | None = None
    channel: str | None = None
    rule_id: str = ""
    rule_version: int | None = None
    points: tuple[PointOfInterest, ...] = ()


@dataclass(frozen=True, slots=True)
class Automated:
    """What automation said. Without ``answer``, ``reason`` says why it said nothing."""

    answer: Answer | None
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """The answer in force with who gave it (``AUTOMATION`` or a principal's id) and when."""

    answer: Answer
    by: str
    at_ms: int
    automated: Automated | None = None

    @property
    def overridden(self) -> bool:
        """Whether a person's answer stands in place of an automated one."""
        return self.by != AUTOMATION and bool(self.automated and self.automated.answer)


class AnswerRefused(InputRefused):
    """An answer that its question does not take; ``question_id`` and ``member`` tell which."""

    def __init__(self, question_id: str, member: str, detail: str) -> None:
        super().__init__("evaluation.answer", detail)
        self.question_id = question_id
        self.member = member


_MEMBER: Mapping[QuestionType, str] = {
    QuestionType.SINGLESELECT: "option_id",
    QuestionType.NUMERIC: "number",
    QuestionType.TEXT: "text",
}


def check(question: Question, answer: Answer) -> None:
    """Raise ``AnswerRefused`` unless the question takes this answer; one without a value it takes."""
    wanted = _MEMBER[question.type]
    for member in _MEMBER.values():
        if member != wanted and getattr(answer, member) is not None:
            raise AnswerRefused(
                question.id, member, f"a {question.type.value} question has no such answer"
            )
    if answer.not_applicable:
        _check_not_applicable(question, getattr(answer, wanted) is not None)
    elif answer.option_id is not None and choice(question, answer) is None:
        raise AnswerRefused(question.id, "option_id", "the question has no such option")
    elif answer.number is not None and not question.minimum <= answer.number <= question.maximum:
        bounds = f"{question.minimum:g} to {question.maximum:g}"
        raise AnswerRefused(question.id, "number", f"the number is not in {bounds}")


def _check_not_applicable(question: Question, also_a_value: bool) -> None:
    if not question.not_applicable:
        raise AnswerRefused(question.id, "not_applicable", "the question always applies")
    if also_a_value:
        raise AnswerRefused(question.id, "not_applicable", "what does not apply has no value")


def choice(question: Question, answer: Answer) -> Option | Range | None:
    """The option or range that an answer falls on; None for none of them."""
    if answer.option_id is not None:
        return next((o for o in question.options if o.id == answer.option_id), None)
    if answer.number is not None:
        number = answer.number
        return next((r for r in question.ranges if number <= r.up_to), None)
    return None
