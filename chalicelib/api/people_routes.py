"""The resources of people and of the audit trail."""

from __future__ import annotations

from chalicelib.api import people
from chalicelib.api import people_models as models
from chalicelib.api.route import Route
from chalicelib.domain.principal import AUDIT_READ, OPERATIONS

TAG = "people"

ROUTES = (
    Route("GET", "/v1/me", people.get_me, None, models.Me, TAG),
    Route("GET", "/v1/people", people.list_people, OPERATIONS, models.PersonList, TAG),
    Route(
        "PUT",
        "/v1/people/{personId}",
        people.put_person,
        OPERATIONS,
        models.PersonInfo,
        TAG,
        statuses=(404, 413, 415, 422),
    ),
    Route("GET", "/v1/audit", people.list_audit, AUDIT_READ, models.AuditList, TAG),
    Route(
        "GET", "/v1/audit/verification", people.verify_audit, AUDIT_READ, models.AuditVerdict, TAG
    ),
)
