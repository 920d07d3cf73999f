"""Forms and evaluations for tests: small ones, and some that were made through the API."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import Any

from chalicelib.domain.evaluation.answer import Answer
from chalicelib.domain.evaluation.form import Form
from chalicelib.domain.principal import Principal
from chalicelib.formats import evaluation_form_writing, evaluation_forms
from tests.unit.api_world import ADMIN, World

KEY = "made for tests"


def _id(purpose: str) -> str:
    told = json.dumps([purpose, ADMIN.id, KEY], separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def evaluation_id(contact_id: str) -> str:
    return _id(f"evaluation of {contact_id}")


FORM = _id("evaluation-form")
EVALUATION = evaluation_id("11111111-0000-4000-8000-000000000001")
SAMPLE = evaluation_form_writing.document(evaluation_forms.sample())


def yes_no(question_id: str, **members: Any) -> dict[str, Any]:
    """A question whose answers are yes (1 point), no (0) and fatal (fails everything)."""
    options = [
        {"id": "yes", "text": "Yes", "points": 1},
        {"id": "no", "text": "No"},
        {"id": "fatal", "text": "Never", "automaticFail": True},
    ]
    told = {"id": question_id, "title": question_id, "type": "SINGLESELECT", "options": options}
    return {**told, "notApplicable": True, **members}


def section(section_id: str, *questions: dict[str, Any], **members: Any) -> dict[str, Any]:
    asked = {"questions": list(questions)} if questions else {}
    return {"id": section_id, "title": section_id, **asked, **members}


def document(*sections: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"title": "A form", "sections": list(sections), **members}


def form(*sections: dict[str, Any], **members: Any) -> Form:
    return evaluation_forms.read(document(*sections, **members))


def answer(question_id: str, told: Any) -> Answer:
    """By what is told: an option, a number, ``"n/a"``."""
    if told == "n/a":
        return Answer(question_id, not_applicable=True)
    if isinstance(told, int | float):
        return Answer(question_id, number=told)
    return Answer(question_id, option_id=told)


def answers(**told: Any) -> dict[str, Answer]:
    return {name: answer(name, one) for name, one in told.items()}


def ask(
    world: World, method: str, path: str, body: Any = None, *, tag: str = "", **known: Any
) -> SimpleNamespace:
    """A request; ``tag`` is the revision that it is made for."""
    headers = {"If-Match": f'"{tag}"'} if tag else {}
    headers |= known.pop("headers", {})
    return world.ask(path, method=method, body=body, headers=headers, **known)


def active_form(
    world: World, told: dict[str, Any] | None = None, *, key: str = KEY, who: Principal = ADMIN
) -> str:
    """The id of a form that is in use."""
    made = ask(
        world, "POST", "/v1/evaluation-forms", told or SAMPLE,
        who=who, headers={"Idempotency-Key": key},
    )  # fmt: skip
    assert made.status == 201, made.text
    form_id: str = made.json["formId"]
    used = ask(world, "POST", f"/v1/evaluation-forms/{form_id}/activate", tag="1", who=who)
    assert used.status == 200, used.text
    return form_id


def evaluate(world: World, contact_id: str, told: dict[str, Any] | None = None) -> SimpleNamespace:
    """A new evaluation of a contact with a form that is in use."""
    made = ask(
        world, "POST", f"/v1/contacts/{contact_id}/evaluations", {"formId": active_form(world, told)},
        headers={"Idempotency-Key": KEY},
    )  # fmt: skip
    assert made.status == 201, made.text
    return made
