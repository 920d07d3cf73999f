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
    Route(
        "GET",
        "/v1/review-items",
        actions.list_review_items,
        REVIEWS,
        action_models.ReviewItemList,
        "actions",
    ),
    Route(
        "POST",
        "/v1/review-items/{itemId}/claim",
        actions.claim_review_item,
        REVIEWS,
        action_models.ReviewItemInfo,
        "actions",
        statuses=(404, 409, 413, 415, 422),
    ),
    Route(
        "POST",
        "/v1/review-items/{itemId}/resolve",
        actions.resolve_review_item,
        REVIEWS,
        action_models.ReviewItemInfo,
        "actions",
        statuses=(404, 409, 413, 415, 422),
    ),
)
