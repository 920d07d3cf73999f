"""The resources of what follows a contact."""

from __future__ import annotations

from chalicelib.api import follow_up_models as models
from chalicelib.api import follow_ups
from chalicelib.api.route import Route
from chalicelib.domain.principal import REVIEWS

TAG = "follow-ups"

ROUTES = (
    Route(
        "GET",
        "/v1/contacts/{contactId}/follow-ups",
        follow_ups.list_contact_follow_ups,
        REVIEWS,
        models.FollowUpList,
        TAG,
        statuses=(404,),
    ),
    Route(
        "POST",
        "/v1/contacts/{contactId}/follow-ups",
        follow_ups.order_follow_up,
        REVIEWS,
        models.FollowUpInfo,
        TAG,
        status=202,
        statuses=(404, 413, 415, 422),
    ),
    Route("GET", "/v1/follow-ups", follow_ups.list_follow_ups, REVIEWS, models.FollowUpList, TAG),
)
