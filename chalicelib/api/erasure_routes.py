"""The resources of erasure."""

from __future__ import annotations

from chalicelib.api import erasure_models, erasures
from chalicelib.api.route import Route
from chalicelib.domain.principal import ERASE

ROUTES = (
    Route(
        "DELETE",
        "/v1/contacts/{contactId}",
        erasures.erase_contact,
        ERASE,
        erasure_models.Receipt,
        "erasure",
        status=202,
        statuses=(404, 409),
    ),
    Route(
        "POST",
        "/v1/erasures",
        erasures.create_erasure,
        ERASE,
        erasure_models.Receipt,
        "erasure",
        status=202,
        statuses=(404, 409, 413, 415, 422),
    ),
    Route(
        "GET",
        "/v1/erasures/{erasureId}",
        erasures.get_erasure,
        ERASE,
        erasure_models.Receipt,
        "erasure",
        statuses=(404,),
    ),
)
