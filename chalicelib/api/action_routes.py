"""The resources of what rules bring about."""

from __future__ import annotations

from chalicelib.api import action_models, actions
from chalicelib.api.route import Route
from chalicelib.domain.principal import OPERATIONS, REVIEWS

ROUTES = (
    Route(
        "GET", "/v1/actions", actions.list_actions, OPERATIONS, action_models.ActionList, "actions"
    ),
    Route("GET", "/v1/alerts", actions.list_alerts, REVIEWS, action_models.AlertList, "actions"),
)
