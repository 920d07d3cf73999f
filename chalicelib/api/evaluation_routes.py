"""The resources of evaluations. Acknowledging and disputing need no more than reading: who may do it is
decided by whose evaluation it is."""

from __future__ import annotations

from chalicelib.api import evaluation_forms as forms
from chalicelib.api import evaluation_models as models
from chalicelib.api import evaluation_scores as scores
from chalicelib.api import evaluations
from chalicelib.api.route import Route
from chalicelib.domain.principal import EVALUATIONS_READ, EVALUATIONS_WRITE

TAG = "evaluations"

ROUTES = (
    Route(
        "GET",
        "/v1/evaluation-forms",
        forms.list_evaluation_forms,
        EVALUATIONS_READ,
        models.FormList,
        TAG,
    ),
    Route(
        "POST",
        "/v1/evaluation-forms",
        forms.create_evaluation_form,
        EVALUATIONS_WRITE,
        models.FormDetail,
        TAG,
        status=201,
        statuses=(422,),
    ),
    Route(
        "GET",
        "/v1/evaluation-forms/{formId}",
        forms.get_evaluation_form,
        EVALUATIONS_READ,
        models.FormDetail,
        TAG,
        statuses=(404,),
    ),
    Route(
        "PUT",
        "/v1/evaluation-forms/{formId}",
        forms.put_evaluation_form,
        EVALUATIONS_WRITE,
        models.FormDetail,
        TAG,
        statuses=(404, 412, 422, 428),
    ),
    Route(
        "POST",
        "/v1/evaluation-forms/{formId}/activate",
        forms.activate_evaluation_form,
        EVALUATIONS_WRITE,
        models.FormDetail,
        TAG,
        statuses=(404, 409, 412, 428),
    ),
    Route(
        "POST",
        "/v1/evaluation-forms/{formId}/deactivate",
        forms.deactivate_evaluation_form,
        EVALUATIONS_WRITE,
        models.FormDetail,
        TAG,
        statuses=(404, 409, 412, 428),
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}/evaluations",
        evaluations.list_contact_evaluations,
        EVALUATIONS_READ,
        models.ContactEvaluations,
        TAG,
        statuses=(404,),
    ),
    Route(
        "POST",
        "/v1/contacts/{contactId}/evaluations",
        evaluations.create_evaluation,
        EVALUATIONS_WRITE,
        models.EvaluationDetail,
        TAG,
        status=201,
        statuses=(404, 409, 422),
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}/evaluations/{evaluationId}",
        evaluations.get_evaluation,
        EVALUATIONS_READ,
        models.EvaluationDetail,
        TAG,
        statuses=(404,),
    ),
    Route(
        "PUT",
        "/v1/contacts/{contactId}/evaluations/{evaluationId}",
        evaluations.put_evaluation,
        EVALUATIONS_WRITE,
        models.EvaluationDetail,
        TAG,
        statuses=(404, 409, 412, 422, 428),
    ),
    Route(
        "POST",
        "/v1/contacts/{contactId}/evaluations/{evaluationId}/submit",
        evaluations.submit_evaluation,
        EVALUATIONS_WRITE,
        models.EvaluationDetail,
        TAG,
        statuses=(404, 409, 412, 428),
    ),
    Route(
        "POST",
        "/v1/contacts/{contactId}/evaluations/{evaluationId}/acknowledge",
        evaluations.acknowledge_evaluation,
        EVALUATIONS_READ,
        models.EvaluationDetail,
        TAG,
        statuses=(404, 409, 412, 428),
    ),
    Route(
        "POST",
        "/v1/contacts/{contactId}/evaluations/{evaluationId}/dispute",
        evaluations.dispute_evaluation,
        EVALUATIONS_READ,
        models.EvaluationDetail,
        TAG,
        statuses=(404, 409, 412, 422, 428),
    ),
    Route(
        "POST",
        "/v1/contacts/{contactId}/evaluations/{evaluationId}/resolve",
        evaluations.resolve_evaluation,
        EVALUATIONS_WRITE,
        models.EvaluationDetail,
        TAG,
        statuses=(404, 409, 412, 422, 428),
    ),
    Route(
        "GET",
        "/v1/evaluations",
        scores.list_evaluations,
        EVALUATIONS_READ,
        models.EvaluationList,
        TAG,
    ),
    Route(
        "GET",
        "/v1/evaluations/scores",
        scores.get_evaluation_scores,
        EVALUATIONS_READ,
        models.EvaluationScores,
        TAG,
    ),
)
