# ruff: noqa: E501
"""Forms and evaluations for tests: small ones, and some that were made through the API."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import Any

from chalicelib.domain.evaluation.answer import Answer
from chalicelib.domain.evaluation.form import Form
from chalicelib.domain.principal import Principal, PrincipalRole
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


SUPERVISOR = Principal("sam", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-1"}))
ELSEWHERE = Principal("kim", PrincipalRole.SUPERVISOR, queues=frozenset({"queue-2"}))
ADA = Principal("ada", PrincipalRole.AGENT, agent_id="agent-1")
BOB = Principal("bob", PrincipalRole.AGENT, agent_id="agent-2")
FORMS = "/v1/evaluation-forms"
SMALL = document(
    section("s", yes_no("dispute", automation={"cases": [{"category": "Billing dispute", "option": "yes"}], "default": "no"}), yes_no("polite")),
    scoring="WEIGHTS",
)  # fmt: skip
POLITE = {"answers": [{"questionId": "polite", "optionId": "yes"}]}
RUDE = {"answers": [{"questionId": "polite", "optionId": "no"}]}


def at(answer) -> str:
    known = answer.json["evaluation"]
    return f"/v1/contacts/{known['contactId']}/evaluations/{known['evaluationId']}"


def problem(answer, status: int, code: str):
    assert (answer.status, answer.json["code"]) == (status, code), answer.text


def tag_of(world: World, path: str) -> str:
    return world.ask(path).headers["etag"].strip('"')


def do(world: World, path: str, step: str, body=None, who: Principal = ADMIN):
    """A step at the present revision."""
    return ask(world, "POST", f"{path}/{step}", body, tag=tag_of(world, path), who=who)


def save(world: World, path: str, body, who: Principal = ADMIN):
    return ask(world, "PUT", path, body, tag=tag_of(world, path), who=who)


def submitted(world: World, path: str) -> str:
    assert save(world, path, POLITE, SUPERVISOR).status == 200
    assert do(world, path, "submit", who=SUPERVISOR).status == 200
    return path
