"""Every resource, once. The resolver, ``openapi.json``, the mounted routes and the local server's walk
are all made from this list."""

from __future__ import annotations

from chalicelib.api import (
    action_routes,
    bot_routes,
    contacts,
    erasure_routes,
    evaluation_routes,
    explanation_models,
    explanations,
    follow_up_routes,
    media,
    models,
    next_action_routes,
    operations,
    recordings,
    review_routes,
    rule_routes,
    theme_models,
    themes,
    upload_models,
)
from chalicelib.api.route import Route
from chalicelib.domain.principal import CONTACTS_READ, CONTACTS_WRITE, LISTEN, OPERATIONS

ROUTES = (
    Route(
        "GET", "/v1/contacts", contacts.list_contacts, CONTACTS_READ, models.ContactList, "contacts"
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}",
        contacts.get_contact,
        CONTACTS_READ,
        models.ContactDetail,
        "contacts",
        statuses=(404,),
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}/analysis",
        contacts.get_analysis,
        CONTACTS_READ,
        dict,
        "contacts",
        statuses=(404,),
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}/transcript",
        contacts.get_transcript,
        CONTACTS_READ,
        models.SegmentList,
        "contacts",
        statuses=(404,),
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}/explanations",
        explanations.get_explanations,
        CONTACTS_READ,
        explanation_models.ExplanationList,
        "contacts",
        statuses=(404,),
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}/waveform",
        media.get_waveform,
        CONTACTS_READ,
        models.Waveform,
        "media",
        statuses=(404,),
    ),
    Route(
        "GET",
        "/v1/contacts/{contactId}/recording",
        recordings.get_recording,
        LISTEN,
        models.Recording,
        "media",
        statuses=(404,),
    ),
    Route(
        "GET",
        "/v1/themes",
        themes.list_themes,
        CONTACTS_READ,
        theme_models.ThemeList,
        "contacts",
        statuses=(501,),
    ),
    Route(
        "POST",
        "/v1/uploads",
        media.create_upload,
        CONTACTS_WRITE,
        upload_models.Upload,
        "uploads",
        status=201,
        statuses=(413, 415, 422, 501),
    ),
    Route(
        "POST",
        "/v1/uploads/{uploadId}/complete",
        media.complete_upload,
        CONTACTS_WRITE,
        upload_models.UploadDone,
        "uploads",
        statuses=(404, 409, 413),
    ),
    *evaluation_routes.ROUTES,
    *rule_routes.ROUTES,
    *action_routes.ROUTES,
    *erasure_routes.ROUTES,
    *review_routes.ROUTES,
    *bot_routes.ROUTES,
    *follow_up_routes.ROUTES,
    *next_action_routes.ROUTES,
    Route("GET", "/v1/feed", operations.get_feed, CONTACTS_READ, models.Feed, "operations"),
    Route(
        "GET",
        "/v1/quarantine",
        operations.list_quarantine,
        OPERATIONS,
        models.QuarantineList,
        "operations",
    ),
    Route(
        "POST",
        "/v1/quarantine/{quarantineId}/replay",
        operations.replay_quarantine,
        OPERATIONS,
        operations.ReplayAccepted,
        "operations",
        status=202,
        statuses=(404, 413),
    ),
    Route(
        "GET",
        "/v1/health",
        operations.get_health,
        None,
        models.Health,
        "operations",
        open=True,
    ),
    Route("GET", "/v1/version", operations.get_version, None, operations.VersionInfo, "operations"),
    Route("GET", "/v1/openapi.json", operations.get_openapi, None, dict, "operations"),
)


def find(method: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
    """The route for a request, and the methods that its path knows."""
    here = [route for route in ROUTES if route.pattern.fullmatch(path)]
    chosen = next((route for route in here if route.method == method), None)
    known = {route.method for route in here}
    return chosen, tuple(sorted(known | {"HEAD"} if "GET" in known else known))
