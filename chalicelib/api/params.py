"""The parameters that endpoints share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Strict, StringConstraints

from chalicelib.api.models import ChannelName

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)")


def _rfc_3339(given: object) -> object:
    """Numbers and local times would be read as something; they are malformed here."""
    if not isinstance(given, datetime) and not (
        isinstance(given, str) and _RFC_3339.fullmatch(given)
    ):
        raise ValueError("a time is RFC 3339 with an offset, such as 2026-05-04T10:00:00Z")
    return given


Time = Annotated[AwareDatetime, Strict(strict=False), BeforeValidator(_rfc_3339)]
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def _kept(given: datetime) -> datetime:
    if not EARLIEST <= given <= LATEST:
        raise ValueError("this time is before 1970 or after 9999")
    return given


def _integral(given: object) -> object:
    """JSON has one kind of numbers: 3.0 is a whole one."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


Integral = BeforeValidator(_integral)
"""Makes a strict whole number take what JSON Schema calls an integer."""
Moment = Annotated[Time, AfterValidator(_kept)]
"""A time that is kept and shown again."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=256)]


@dataclass(frozen=True, slots=True)
class FreeQuery:
    """Marks a parameter that is many: every query key that goes on after ``prefix``. Its value is a
    mapping from what follows the prefix to the values that were given."""

    prefix: str
    description: str


ContactId = Annotated[str, Path(description="The contact's id.")]
RuleId = Annotated[str, Path(description="The rule's id.")]
MaxResults = Annotated[int, Query(ge=1, le=100, description="Rows on a page.")]
NextToken = Annotated[
    str | None,
    Query(max_length=4096, description="Where to go on, as the former page of this list gave it."),
]
ChannelChoice = Annotated[
    ChannelName | None, Query(description="Which conversation, for a contact that has two.")
]
