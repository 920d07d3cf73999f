"""The resources of what became of next actions."""

from __future__ import annotations

from chalicelib.api import next_action_models, next_actions
from chalicelib.api.route import Route
from chalicelib.domain.principal import REVIEWS

PATH = "/v1/contacts/{contactId}/next-actions/{followUpId}/outcomes"

ROUTES = (
    Route(
        "GET",
        PATH,
        next_actions.list_next_action_outcomes,
        REVIEWS,
        next_action_models.NextActionOutcomeList,
        "follow-ups",
        statuses=(404,),
    ),
    Route(
        "POST",
        PATH,
        next_actions.tell_next_action_outcome,
        REVIEWS,
        next_action_models.NextActionOutcome,
        "follow-ups",
        statuses=(404, 409, 413, 415, 422),
    ),
)
