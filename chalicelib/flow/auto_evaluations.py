"""``SUBMIT_AUTO_EVALUATION``: an evaluation that a rule begins, and automation answers.

Its id is made of the order's, so an order that is tried again goes on with the evaluation that is there. It
is submitted when no required question is open; otherwise it stays a draft for a person. What a person has
changed meanwhile is left alone.
"""

from __future__ import annotations

from chalicelib import queries
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.contact import ContactRow, Status
from chalicelib.domain.errors import InputRefused, NotFound, StateRefused, VersionMoved
from chalicelib.domain.evaluation.evaluation import Evaluation, State, Step, moved
from chalicelib.domain.evaluation.versions import FormRecord
from chalicelib.domain.rules.actions import Order
from chalicelib.flow.evaluations import Evaluations, begun, of_contact
from chalicelib.flow.form_book import form_book
from chalicelib.ports.services import Services

FORM = "EvaluationFormId"


class NotBegun(Exception):
    """Why there is no evaluation, for a person."""


def fill_in(services: Services, order: Order) -> str:
    """Evaluate the order's contact; what is worth knowing about it. Raises ``NotBegun``."""
    row, analysis = _analysed(services, order)
    book = of_contact(services, row)
    evaluation_id = order.id[:32]
    try:
        found = book.latest(evaluation_id)
    except NotFound:
        record, by = _form(services, order), f"rule:{order.rule_id}"
        made = begun(services, row, analysis, record, evaluation_id=evaluation_id, by=by)
        found = _created(book, made)
    return _submitted(services, book, found)


def _analysed(services: Services, order: Order) -> tuple[ContactRow, ContactAnalysis]:
    row = services.contacts.get(order.contact_id)
    gone = row is None or row.status is Status.DELETED
    analysis = None if row is None or gone else queries.analysis(services, row)
    if row is None or analysis is None:
        raise NotBegun("the contact or its analysis is not there any more")
    return row, analysis


def _form(services: Services, order: Order) -> FormRecord:
    form_id = order.body.get(FORM)
    if not isinstance(form_id, str) or not form_id:
        raise NotBegun(f"the action names no form by {FORM}")
    try:
        record = form_book(services).latest(form_id)
    except NotFound as unknown:
        raise NotBegun(f"there is no evaluation form {form_id}") from unknown
    if record.current is None:
        raise NotBegun(f"no version of the evaluation form {form_id} is in use")
    return record


def _created(book: Evaluations, made: Evaluation) -> Evaluation:
    try:
        book.create(made)
    except InputRefused as refused:
        raise NotBegun(refused.detail) from refused
    return book.latest(made.id)


def _submitted(services: Services, book: Evaluations, found: Evaluation) -> str:
    if found.state is not State.DRAFT or found.revision > 1:
        return ""
    try:
        book.write(moved(found, Step.SUBMIT, found.evaluator, services.clock()))
    except StateRefused as open_questions:
        return f"the evaluation {found.id} is left as a draft: {open_questions.detail}"
    except VersionMoved:  # a person was first, or another attempt
        return ""
    return ""
