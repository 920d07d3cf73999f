"""Errors as RFC 9457 problem documents: the one place that maps the error tree to HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)

from chalicelib.api.models import Problem, ProblemPointer
from chalicelib.domain.errors import (
    Absent,
    BadRequest,
    Contention,
    EngineMissing,
    Forbidden,
    InputRefused,
    NotFound,
    RuleRefused,
    StateRefused,
    Unavailable,
    VersionMoved,
)
from chalicelib.formats.rule_places import NOT_EXPRESSIBLE
from chalicelib.metric_queries.question import MetricRefused

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = "5"


class Refusal(Exception):
    """A request that HTTP itself refuses, with the status to answer."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def problem(
    status: int,
    code: str,
    detail: str = "",
    *,
    instance: str = "",
    errors: Sequence[ProblemPointer] = (),
) -> Problem:
    return Problem(
        title=phrase(status),
        status=status,
        detail=detail,
        instance=instance,
        code=code,
        errors=list(errors),
    )


def of(error: Exception, instance: str) -> tuple[Problem, dict[str, str]]:
    """The problem that an exception is, and headers that go with it. What is not known is a 500
    that tells nothing of the inside."""
    if isinstance(error, Refusal):
        return problem(error.status, error.code, error.detail, instance=instance), error.headers
    if isinstance(error, RequestValidationError):
        return _validation(error, instance), {}
    if isinstance(error, BadRequest):
        return _bad_request(error, instance), {}
    if isinstance(error, RuleRefused | MetricRefused):
        return _placed(error, instance), {}
    for kind, status, code, detail in _KNOWN:
        if isinstance(error, kind):
            own = getattr(error, "code", code), getattr(error, "detail", detail)
            return problem(status, *own, instance=instance), dict(_HEADERS.get(status, {}))
    return problem(500, "internal", "Something went wrong on our side.", instance=instance), {}


_KNOWN: tuple[tuple[type[Exception], int, str, str], ...] = (
    (Absent, 404, "", ""),
    (NotFound, 404, "not_found", "There is nothing here."),
    (Forbidden, 403, "forbidden", "You do not have the permission this needs."),
    (InputRefused, 422, "", ""),
    (StateRefused, 409, "", ""),
    (VersionMoved, 412, "precondition.stale", "Somebody else changed it first; read it again."),
    (Contention, 503, "busy", "Too much happens to this contact at once; try again."),
    (Unavailable, 503, "unavailable", "A service that this needs does not answer; try again."),
    (EngineMissing, 503, "engine.missing", "The engine that this needs is not installed."),
    (RequestUnsupportedContentType, 415, "content_type", "The body has to be application/json."),
)


def phrase(status: int) -> str:
    return HTTPStatus(status).phrase


_HEADERS = {503: {"Retry-After": RETRY_AFTER_S}}


def _bad_request(error: BadRequest, instance: str) -> Problem:
    pointer = [ProblemPointer(pointer=error.pointer, detail=error.detail)] if error.pointer else []
    return problem(400, error.code, error.detail, instance=instance, errors=pointer)


def _placed(error: RuleRefused | MetricRefused, instance: str) -> Problem:
    """A refusal that names the place which is at fault."""
    if isinstance(error, RuleRefused):
        return _rule_refused(error, instance)
    where = ProblemPointer(pointer=error.pointer, detail=error.detail)
    return problem(422, error.code, error.detail, instance=instance, errors=[where])


def _rule_refused(error: RuleRefused, instance: str) -> Problem:
    """The place is one in the body, or in the document that the rule cannot be written as."""
    document = "document" if error.code == NOT_EXPRESSIBLE else "body"
    where = ProblemPointer(
        pointer=f"/{document}{error.pointer}", code=error.code, detail=error.reason
    )
    return problem(422, error.code, error.detail, instance=instance, errors=[where])


def _validation(error: RequestValidationError, instance: str) -> Problem:
    """A malformed parameter or body is 400; a well-formed body that breaks the schema is 422."""
    found: Sequence[Mapping[str, Any]] = error.errors()
    broken = [e for e in found if e["loc"][0] != "body" or e["type"] == "json_invalid"]
    status, code, detail = (
        (400, "parameter", "A parameter is malformed or out of range.")
        if broken
        else (422, "body", "The body does not fit its schema.")
    )
    if any(e["type"] == "json_invalid" for e in found):
        code, detail = "json", "The body is not a JSON document."
    return problem(status, code, detail, instance=instance, errors=_pointers(broken or found))


def _pointers(errors: Iterable[Mapping[str, Any]]) -> list[ProblemPointer]:
    """JSON pointers into the request. Messages are the validator's; the input is not repeated."""
    return [
        ProblemPointer(pointer="/" + "/".join(str(part) for part in e["loc"]), detail=e["msg"])
        for e in errors
    ]
