"""The resources of reviews."""

from __future__ import annotations

from chalicelib.api import review_models as models
from chalicelib.api import reviews
from chalicelib.api.route import Route
from chalicelib.domain.principal import REVIEWS

TAG = "reviews"
STEP = (404, 409, 413, 415, 422)

ROUTES = (
    Route(
        "GET",
        "/v1/review-items",
        reviews.list_review_items,
        REVIEWS,
        models.ReviewItemList,
        TAG,
    ),
    Route(
        "POST",
        "/v1/review-items/{itemId}/claim",
        reviews.claim_review_item,
        REVIEWS,
        models.ReviewItemInfo,
        TAG,
        statuses=STEP,
    ),
    Route(
        "POST",
        "/v1/review-items/{itemId}/verdict",
        reviews.give_verdict,
        REVIEWS,
        models.ReviewItemInfo,
        TAG,
        statuses=STEP,
    ),
    Route(
        "POST",
        "/v1/review-items/{itemId}/resolve",
        reviews.resolve_review_item,
        REVIEWS,
        models.ReviewItemInfo,
        TAG,
        statuses=STEP,
    ),
    Route(
        "POST",
        "/v1/contacts/{contactId}/feedback",
        reviews.give_feedback,
        REVIEWS,
        models.ReviewItemInfo,
        TAG,
        status=201,
        statuses=(404, 413, 415, 422),
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}/corrections",
        reviews.list_corrections,
        REVIEWS,
        models.CorrectionList,
        TAG,
        statuses=(404,),
    ),
    Route(
        "GET",
        "/v1/review-agreement",
        reviews.get_review_agreement,
        REVIEWS,
        models.ReviewAgreement,
        TAG,
    ),
)
