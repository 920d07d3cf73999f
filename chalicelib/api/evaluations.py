"""Evaluations of a contact: begun from a form, answered, submitted, acknowledged or disputed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib import queries
from chalicelib.api import evaluation_views as shown
from chalicelib.api import if_match, new_ids
from chalicelib.api.call import Call, Reply
from chalicelib.api.evaluation_models import (
    AnswerRequest,
    AnswersRequest,
    ContactEvaluations,
    DisputeRequest,
    EvaluationRequest,
    ResolveRequest,
)
from chalicelib.api.params import ContactId
from chalicelib.domain.errors import (
    Forbidden,
    NotFound,
    RuleRefused,
    StateRefused,
)
from chalicelib.domain.evaluation.answer import Answer, AnswerRefused
from chalicelib.domain.evaluation.evaluation import Evaluation, Step, answered, moved
from chalicelib.domain.evaluation.form import Form
from chalicelib.domain.evaluation.versions import FormRecord
from chalicelib.domain.principal import EVALUATIONS_WRITE, PrincipalRole
from chalicelib.flow.evaluations import Evaluations, begun, is_evaluated, may_see, of_contact
from chalicelib.flow.form_book import form_book
from chalicelib.formats import evaluation_output
from chalicelib.formats.artifact import fingerprint

EvaluationId = Annotated[str, Path(description="The evaluation's id.")]


def list_contact_evaluations(call: Call, *, contact_id: ContactId) -> ContactEvaluations:
    """The evaluations of a contact, oldest first. An agent sees the own ones that were submitted."""
    found = _of(call, contact_id).all()
    return ContactEvaluations(
        items=[shown.summary(one) for one in found if may_see(call.principal, one)]
    )


def create_evaluation(call: Call, *, contact_id: ContactId, body: EvaluationRequest) -> Reply:
    """Begin an evaluation with the form's version in use; automation has answered what it can."""
    row = queries.contact(call.services, call.principal, contact_id)
    analysis = queries.analysed(call.services, row)
    asked = fingerprint(body.model_dump())
    evaluation_id = new_ids.new_id(call, f"evaluation of {contact_id}")
    book = of_contact(call.services, row)
    if evaluation_id not in book.ids():
        record, by = _usable(call, body.form_id), call.principal.id
        made = begun(call.services, row, analysis, record, evaluation_id=evaluation_id, by=by)
        book.create(replace(made, request=asked))
    new_ids.same_request(book.first(evaluation_id).request, asked)
    return _reply(call, book.latest(evaluation_id), 201)


def get_evaluation(
    call: Call,
    *,
    contact_id: ContactId,
    evaluation_id: EvaluationId,
    format: Annotated[  # noqa: A002 - the parameter's name
        Literal["native", "contactlens"],
        Query(description="As here, or as the file that Contact Lens exports, schema 3.1."),
    ] = "native",
) -> Reply:
    """An evaluation with its score, answers, what automation said and why, and its history."""
    found = _visible(call, contact_id, evaluation_id)
    if format == "native":
        return _reply(call, found)
    row = queries.contact(call.services, call.principal, contact_id)
    analysis = queries.analysis(call.services, row)
    record = analysis.record if analysis else None
    return Reply(
        evaluation_output.write(
            found,
            _form(call, found),
            account_id=(record and record.account_id) or "",
            instance_id=(record and record.instance_id) or "",
        )
    )


def put_evaluation(
    call: Call, *, contact_id: ContactId, evaluation_id: EvaluationId, body: AnswersRequest
) -> Reply:
    """Answer the questions of a draft. A person's answer replaces an automated one, which is kept."""
    found = _edited(call, contact_id, evaluation_id)
    moved(found, Step.SAVE, call.principal.id, call.services.clock())
    with_answers = replace(_answered(call, found, body.answers), notes=body.notes)
    return _step(call, with_answers, Step.SAVE)


def submit_evaluation(call: Call, *, contact_id: ContactId, evaluation_id: EvaluationId) -> Reply:
    """Submit a draft whose required questions are answered; the agent sees it from then on."""
    return _step(call, _edited(call, contact_id, evaluation_id), Step.SUBMIT)


def acknowledge_evaluation(
    call: Call, *, contact_id: ContactId, evaluation_id: EvaluationId
) -> Reply:
    """The agent who was evaluated has read it and agrees."""
    return _step(call, _own(call, contact_id, evaluation_id), Step.ACKNOWLEDGE)


def dispute_evaluation(
    call: Call, *, contact_id: ContactId, evaluation_id: EvaluationId, body: DisputeRequest
) -> Reply:
    """The agent who was evaluated does not agree, and says why."""
    return _step(call, _own(call, contact_id, evaluation_id), Step.DISPUTE, body.comment)


def resolve_evaluation(
    call: Call, *, contact_id: ContactId, evaluation_id: EvaluationId, body: ResolveRequest
) -> Reply:
    """End a dispute with a comment, and with other answers where the agent was right."""
    found = _edited(call, contact_id, evaluation_id)
    if body.answers is not None:
        moved(found, Step.RESOLVE, call.principal.id, call.services.clock())
        found = _answered(call, found, body.answers)
    return _step(call, found, Step.RESOLVE, body.comment)


def _of(call: Call, contact_id: str) -> Evaluations:
    """The evaluations of a visible contact."""
    row = queries.contact(call.services, call.principal, contact_id)
    return of_contact(call.services, row)


def _visible(call: Call, contact_id: str, evaluation_id: str) -> Evaluation:
    found = _of(call, contact_id).latest(evaluation_id)
    if not may_see(call.principal, found):
        raise NotFound
    return found


def _edited(call: Call, contact_id: str, evaluation_id: str) -> Evaluation:
    found = _visible(call, contact_id, evaluation_id)
    if_match.require(call, found.revision)
    return found


def _own(call: Call, contact_id: str, evaluation_id: str) -> Evaluation:
    """An evaluation of the caller. An admin may act for the agent; the history says who did."""
    found = _visible(call, contact_id, evaluation_id)
    admin = call.principal.role is PrincipalRole.ADMIN
    if not (admin or is_evaluated(call.principal, found)):
        raise Forbidden(EVALUATIONS_WRITE)
    if_match.require(call, found.revision)
    return found


def _usable(call: Call, form_id: str) -> FormRecord:
    try:
        record = form_book(call.services).latest(form_id)
    except NotFound as unknown:
        raise RuleRefused("evaluation.form", "there is no such form", "/formId") from unknown
    if record.current is None:
        raise StateRefused("form.inactive", "No version of this form is in use.")
    return record


def _answered(call: Call, found: Evaluation, answers: Sequence[AnswerRequest]) -> Evaluation:
    given = [Answer(**answer.model_dump()) for answer in answers]
    try:
        now = call.services.clock()
        return answered(found, _form(call, found), given, call.principal.id, now)
    except AnswerRefused as refused:
        raise RuleRefused(refused.code, refused.detail, _place(answers, refused)) from refused


def _place(answers: Sequence[AnswerRequest], refused: AnswerRefused) -> str:
    """The pointer to the last answer to the question: of two it is the one too many."""
    last = max(i for i, answer in enumerate(answers) if answer.question_id == refused.question_id)
    name = AnswerRequest.model_fields[refused.member].alias or refused.member
    return f"/answers/{last}/{name}"


def _form(call: Call, of: Evaluation) -> Form:
    return form_book(call.services).version(of.form_id, of.form_version)


def _step(call: Call, evaluation: Evaluation, step: Step, comment: str = "") -> Reply:
    made = moved(evaluation, step, call.principal.id, call.services.clock(), comment)
    _of(call, made.contact_id).write(made)
    return _reply(call, made)


def _reply(call: Call, evaluation: Evaluation, status: int = 200) -> Reply:
    content = shown.detail(evaluation, _form(call, evaluation))
    return Reply(content, status, headers={"ETag": if_match.etag(evaluation.revision)})
