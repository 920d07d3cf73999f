"""An evaluation form as the JSON that ``evaluation_forms`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.evaluation.form import (
    Automation,
    Figure,
    Form,
    Option,
    Question,
    QuestionType,
    Range,
    Section,
    WhenCategory,
    WhenFigure,
)


def document(form: Form) -> dict[str, Any]:
    """The form's JSON: ``read`` gives an equal form back."""
    told = {
        "title": form.title,
        "description": form.description,
        "scoring": form.scoring.value,
        "sections": [_write_section(section) for section in form.sections],
    }
    return _short(told, {"description": ""})


def _short(told: dict[str, Any], defaults: Mapping[str, object]) -> dict[str, Any]:
    return {k: v for k, v in told.items() if k not in defaults or v != defaults[k]}


def _write_section(section: Section) -> dict[str, Any]:
    told = {
        "id": section.id,
        "title": section.title,
        "instructions": section.instructions,
        "weight": section.weight,
        "questions": [_write_question(question) for question in section.questions],
        "sections": [_write_section(inner) for inner in section.sections],
    }
    return _short(told, {"instructions": "", "weight": 1, "questions": [], "sections": []})


def _write_question(question: Question) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": question.id,
        "title": question.title,
        "type": question.type.value,
        "instructions": question.instructions,
        "weight": question.weight,
        "required": question.required,
        "notApplicable": question.not_applicable,
        "options": [{"id": o.id, "text": o.text, **_write_worth(o)} for o in question.options],
        "ranges": [{"upTo": _plain(r.up_to), **_write_worth(r)} for r in question.ranges],
    }
    if question.type is QuestionType.NUMERIC:
        told |= {"min": _plain(question.minimum), "max": _plain(question.maximum)}
    if question.automation:
        told["automation"] = _write_automation(question.automation)
    return _short(told, {
        "instructions": "", "weight": 1, "required": question.type is not QuestionType.TEXT,
        "notApplicable": False, "options": [], "ranges": [],
    })  # fmt: skip


def _write_worth(choice: Option | Range) -> dict[str, Any]:
    told = {"points": choice.points, "automaticFail": choice.automatic_fail}
    return _short(told, {"points": 0, "automaticFail": False})


def _write_automation(automation: Automation) -> dict[str, Any]:
    if automation.figure:
        return _write_figure(automation.figure)
    told = {
        "cases": [_write_case(case) for case in automation.cases],
        "default": automation.default,
    }
    return _short(told, {"default": None})


def _write_figure(figure: Figure) -> dict[str, Any]:
    return _short({"metric": figure.metric, "role": figure.role}, {"role": None})


def _write_case(case: WhenCategory | WhenFigure) -> dict[str, Any]:
    if isinstance(case, WhenCategory):
        condition = "PRESENT" if case.present else "NOT_PRESENT"
        told = {"category": case.category, "condition": condition, "option": case.option_id}
        return _short(told, {"condition": "PRESENT"})
    bounds: dict[str, Any] = {"atLeast": _plain(case.at_least), "atMost": _plain(case.at_most)}
    told = {**_write_figure(case.figure), **bounds, "option": case.option_id}
    return _short(told, {"atLeast": None, "atMost": None})


def _plain(number: float | None) -> float | None:
    """Whole numbers without a fraction."""
    return int(number) if number is not None and number.is_integer() else number
