"""The resources of searches over contacts."""

from __future__ import annotations

from chalicelib.api import models, searches
from chalicelib.api.route import Route
from chalicelib.domain.principal import CONTACTS_READ

ROUTES = (
    Route(
        "POST",
        "/v1/contacts:search",
        searches.search_contacts,
        CONTACTS_READ,
        models.ContactList,
        "contacts",
        statuses=(413, 415, 422, 501),
    ),
    Route(
        "GET",
        "/v1/searches/{searchId}",
        searches.get_search,
        CONTACTS_READ,
        models.ContactList,
        "contacts",
        statuses=(404, 501),
    ),
)
