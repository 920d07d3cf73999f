"""Exports of contacts: a job that writes one file, and the address of the file."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field

from chalicelib.api import new_ids
from chalicelib.api.call import Call, Reply
from chalicelib.api.model_base import Model
from chalicelib.api.route import Route
from chalicelib.api.search_models import ContactFilter, groups_of
from chalicelib.api.searches import in_body
from chalicelib.domain.audit import Act
from chalicelib.domain.errors import RuleRefused
from chalicelib.domain.principal import EXPORT
from chalicelib.flow import exports
from chalicelib.flow.exports import Export
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.instants import iso

RETRY_AFTER = {"Retry-After": "2"}


class ExportRequest(Model):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["contacts"] = "contacts"
    format: Literal["csv", "jsonl", "parquet"]
    query: ContactFilter = Field(description="as `POST /v1/contacts:search` takes it")


class ExportInfo(Model):
    """``url`` is there once the state is DONE, and reads the file for five minutes: ask again for
    another."""

    id: str
    kind: Literal["contacts"] = "contacts"
    format: Literal["csv", "jsonl", "parquet"]
    state: Literal["RUNNING", "DONE", "FAILED", "EXPIRED"]
    rows: int = Field(description="so far")
    url: str | None = None
    expires_at: str = Field(description="when the file is removed")
    reason: str | None = Field(default=None, description="why it failed")


def create_export(call: Call, *, body: ExportRequest) -> Reply:
    """Write the contacts that the caller sees and the query finds into one file, redacted."""
    services = call.services
    if body.format == "parquet" and services.parquet is None:
        raise RuleRefused("export.format", exports.NO_PARQUET, "/format")
    wanted, text = groups_of(body.query)
    query, words = in_body(lambda: (wanted.query("body/query"), text.words("body/query")))
    asked = fingerprint(body.model_dump(mode="json"))
    export_id = new_ids.new_id(call, "export")
    call.audit(Act.EXPORT, export_id)
    made = exports.start(
        services,
        Export(
            id=exports.PREFIX + export_id,
            by=call.principal,
            format=body.format,
            query=query,
            words=words,
            at_ms=services.clock(),
            request=asked,
        ),
    )
    new_ids.same_request(made.request, asked)
    return Reply(_info(call, made), 202, stored=False, headers=RETRY_AFTER)


def get_export(
    call: Call, *, export_id: Annotated[str, Path(description="The export's id.")]
) -> Reply:
    """How far an export is, and where its file is."""
    found = exports.get(call.services, call.principal, export_id)
    return Reply(_info(call, found), stored=False)


def _info(call: Call, export: Export) -> ExportInfo:
    return ExportInfo.model_validate(
        {
            "id": export.id.removeprefix(exports.PREFIX),
            "format": export.format,
            "state": export.state,
            "rows": export.rows,
            "url": exports.address(call.services, export),
            "expiresAt": iso(export.expires_ms),
            "reason": export.reason or None,
        }
    )


ROUTES = (
    Route(
        "POST",
        "/v1/exports",
        create_export,
        EXPORT,
        ExportInfo,
        "exports",
        status=202,
        statuses=(413, 415, 422),
    ),
    Route(
        "GET", "/v1/exports/{exportId}", get_export, EXPORT, ExportInfo, "exports", statuses=(404,)
    ),
)
