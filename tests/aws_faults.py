"""What goes wrong between a caller and a service of AWS, beside the errors that it names (``Refused``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.aws_wire import Refused


@dataclass(frozen=True)
class Cut:
    """The connection ends after so many bytes of the body."""

    after: int = 1


@dataclass(frozen=True)
class Stall:
    """No answer for so long; the work was done."""

    seconds: float


@dataclass(frozen=True)
class Garbage:
    """An answer by something else than the service."""

    body: bytes = b"<html>Bad gateway</html>"
    status: int = 200
    content_type: str = "text/html"


@dataclass(frozen=True)
class Altered:
    """The right answer, changed: fields that nobody knows yet, values that no enum has."""

    change: Callable[[dict[str, Any]], Mapping[str, Any]]


Fault = Refused | Cut | Stall | Garbage | Altered

THROTTLED = Refused(429, "ThrottlingException", "Rate exceeded")
BROKEN = Refused(500, "InternalServerException", "an error of the service")
DEPENDENCY = Refused(424, "DependencyFailedException", "the function failed")
GATEWAY = Refused(502, "BadGatewayException", "the function answered wrongly")


def with_fields(**fields: Any) -> Altered:
    """More fields than the model knows, or other values in those that it knows."""
    return Altered(lambda answer: {**answer, **fields})


def with_errors(code: str, *indexes: int) -> Altered:
    """A batch of which these texts failed: told in ``ErrorList``, left out of ``ResultList``."""

    def change(answer: dict[str, Any]) -> Mapping[str, Any]:
        errors = [{"Index": i, "ErrorCode": code, "ErrorMessage": "cannot read"} for i in indexes]
        kept = [each for each in answer["ResultList"] if each["Index"] not in indexes]
        return {**answer, "ResultList": kept, "ErrorList": [*answer["ErrorList"], *errors]}

    return Altered(change)
