"""Which contacts: the parameters that every resource over a set of contacts takes, and the query they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.api.models import ChannelName, StatusName
from chalicelib.api.params import Time, Word
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import BadRequest
from chalicelib.ports.storage import ContactQuery

StartTime = Annotated[Time | None, Query(description="Disconnected at or after.")]
EndTime = Annotated[Time | None, Query(description="Disconnected before.")]
Channels = Annotated[list[ChannelName] | None, Query()]
Statuses = Annotated[list[StatusName] | None, Query()]
Words = Annotated[list[Word] | None, Query(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The parameters as they were given; alternatives within one, all of them together."""

    start_time: datetime | None = None
    end_time: datetime | None = None
    channel: Sequence[ChannelName] | None = None
    queue_id: Sequence[str] | None = None
    agent_id: Sequence[str] | None = None
    status: Sequence[StatusName] | None = None
    category: Sequence[str] | None = None

    def query(self) -> ContactQuery:
        """Raises ``BadRequest`` for a range that ends before it begins."""
        start_ms, end_ms = _ms(self.start_time), _ms(self.end_time)
        check_range(start_ms, end_ms, "/query/startTime")
        return ContactQuery(
            start_ms=start_ms,
            end_ms=end_ms,
            channels=tuple(self.channel or ()),
            queue_ids=tuple(self.queue_id or ()),
            agent_ids=tuple(self.agent_id or ()),
            statuses=tuple(Status(name) for name in self.status or ()),
            categories=tuple(self.category or ()),
        )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)


def check_range(first: int | None, last: int | None, pointer: str) -> None:
    """Raise ``BadRequest`` where the last is before the first."""
    if first is not None and last is not None and last < first:
        raise BadRequest("range", "The range ends before it begins.", pointer=pointer)
