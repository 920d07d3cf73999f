"""Evaluation forms: one draft at a time, and versions that were activated and never change."""

from __future__ import annotations

import json
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from chalicelib.api import evaluation_views as shown
from chalicelib.api import if_match, new_ids
from chalicelib.api.call import Call, Reply
from chalicelib.api.evaluation_models import FormList
from chalicelib.domain.evaluation.form import Form
from chalicelib.domain.evaluation.versions import FormRecord, activated, deactivated, saved
from chalicelib.flow.form_book import form_book
from chalicelib.formats import evaluation_forms
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.evaluation_forms import DEFAULTS

FormId = Annotated[str, Path(description="The form's id.")]
FormBody = Annotated[
    dict[str, Any], Body(description="A form, as `EvaluationForm`; docs/evaluations.md has it all.")
]


def list_evaluation_forms(call: Call) -> FormList:
    """All evaluation forms, each as it was last saved."""
    records = sorted(
        form_book(call.services).all(), key=lambda record: (record.form.title, record.id)
    )
    return FormList(items=[shown.form_summary(record) for record in records])


def create_evaluation_form(call: Call, *, body: FormBody) -> Reply:
    """A new form, as draft. It is used for evaluations once it is activated."""
    book, form = form_book(call.services), _form(body)
    asked = fingerprint(body)
    form_id = new_ids.new_id(call, "evaluation-form")
    record = FormRecord(form_id, form, call.services.clock(), call.principal.id, request=asked)
    book.create(record)
    new_ids.same_request(book.first(form_id).request, asked)
    return _reply(book.latest(form_id), 201)


def get_evaluation_form(
    call: Call,
    *,
    form_id: FormId,
    version: Annotated[
        int | None, Query(ge=1, le=DEFAULTS.versions, description="A version that was activated.")
    ] = None,
) -> Reply:
    """A form as it was last saved, or one of its activated versions."""
    book = form_book(call.services)
    record = book.latest(form_id)
    if version is None:
        return _reply(record)
    return Reply(shown.form_detail(record, book.version(form_id, version), version))


def put_evaluation_form(call: Call, *, form_id: FormId, body: FormBody) -> Reply:
    """Save the form as its draft; after an activation that is the next version."""
    record = _edited(call, form_id)
    now = call.services.clock()
    made = saved(record, _form(body), call.principal.id, now, DEFAULTS.versions)
    return _written(call, made)


def activate_evaluation_form(call: Call, *, form_id: FormId) -> Reply:
    """Freeze the draft and use it for new evaluations. Where there is no draft, the latest version is
    put to use again."""
    record = _edited(call, form_id)
    return _written(call, activated(record, call.principal.id, call.services.clock()))


def deactivate_evaluation_form(call: Call, *, form_id: FormId) -> Reply:
    """Use no version of the form for new evaluations; those that there are stay as they are."""
    record = _edited(call, form_id)
    return _written(call, deactivated(record, call.principal.id, call.services.clock()))


def _form(body: dict[str, Any]) -> Form:
    """Read as a file would be: no lone surrogates, no endless numbers, not too deep."""
    return evaluation_forms.load(json.dumps(body).encode())


def _edited(call: Call, form_id: str) -> FormRecord:
    record = form_book(call.services).latest(form_id)
    if_match.require(call, record.revision)
    return record


def _written(call: Call, record: FormRecord) -> Reply:
    form_book(call.services).write(record)
    return _reply(record)


def _reply(record: FormRecord, status: int = 200) -> Reply:
    content = shown.form_detail(record, record.form, record.version)
    return Reply(content, status, headers={"ETag": if_match.etag(record.revision)})
