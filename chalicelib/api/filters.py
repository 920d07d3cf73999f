"""Which contacts: the parameters that every resource over a set of contacts takes, and the query they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field, StringConstraints

from chalicelib.api.models import ChannelName, StatusName
from chalicelib.api.params import FreeQuery, Time, Word
from chalicelib.domain import passages
from chalicelib.domain.contact import Status
from chalicelib.domain.errors import BadRequest
from chalicelib.domain.figures import Figure, Range
from chalicelib.ports.storage import CategoryMatch, ContactQuery

StartTime = Annotated[Time | None, Query(description="Disconnected at or after.")]
EndTime = Annotated[Time | None, Query(description="Disconnected before.")]
Words = Annotated[list[Word] | None, Query(max_length=100)]
Score = Annotated[float | None, Field(ge=-5, le=5)]
Shift = Annotated[float | None, Field(ge=-10, le=10)]
Percent = Annotated[float | None, Field(ge=0, le=100)]
Count = Annotated[int | None, Field(ge=0, le=1_000_000)]
Millis = Annotated[int | None, Field(ge=0, le=10**12)]
Participant = Literal["CUSTOMER", "AGENT"]
Match = Literal["ANY", "ALL", "NONE"]
Measure = Literal[
    "ANALYSIS", "DURATION", "HANDLE_TIME", "TALK_TIME", "TALK_TIME_AGENT", "TALK_TIME_CUSTOMER",
    "NON_TALK", "INTERRUPTIONS", "INTERRUPTIONS_AGENT", "SENTIMENT_CUSTOMER", "SENTIMENT_AGENT",
    "SENTIMENT_SHIFT",
]  # fmt: skip
MANY = 100
Attributes = Annotated[
    dict[Word, Annotated[list[Annotated[str, StringConstraints(max_length=1024)]], Field(max_length=MANY)]],
    Field(max_length=20),
]  # fmt: skip

_SENTIMENT = {"CUSTOMER": Figure.SENTIMENT_CUSTOMER, "AGENT": Figure.SENTIMENT_AGENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The parameters as they were given; alternatives within one, all of them together.

    Figures are compared as the list shows them; a contact whose figure is not known is in no range.
    """

    start_time: StartTime = None
    end_time: EndTime = None
    channel: Annotated[list[ChannelName] | None, Query()] = None
    queue_id: Words = None
    agent_id: Words = None
    status: Annotated[list[StatusName] | None, Query()] = None
    category: Words = None
    category_match: Annotated[
        Match,
        Query(description="ALL of the categories, or analysed contacts with NONE of them."),
    ] = "ANY"
    sentiment_min: Annotated[Score, Query(description="-5 to 5, included.")] = None
    sentiment_max: Annotated[Score, Query(description="-5 to 5, included.")] = None
    sentiment_participant: Annotated[
        Participant, Query(description="Whose sentiment is meant.")
    ] = "CUSTOMER"
    shift_min: Annotated[Shift, Query(description="Of the customer's sentiment, end - begin.")] = (
        None
    )
    shift_max: Annotated[Shift, Query(description="Included.")] = None
    non_talk_percent_min: Annotated[Percent, Query(description="Of the conversation.")] = None
    non_talk_percent_max: Annotated[Percent, Query(description="Included.")] = None
    interruptions_min: Annotated[Count, Query(description="Of both sides.")] = None
    interruptions_max: Annotated[Count, Query(description="Included.")] = None
    duration_min: Annotated[Millis, Query(description="Milliseconds.")] = None
    duration_max: Annotated[Millis, Query(description="Milliseconds, included.")] = None
    measured: Annotated[
        list[Measure] | None,
        Query(description="Analysed contacts of which all of this is known: what a metric counts."),
    ] = None
    customer_ref: Annotated[
        list[Word] | None, Query(max_length=MANY, description="The pseudonym of a customer.")
    ] = None
    refused: Annotated[
        bool, Query(description="Only contacts of which something was refused or failed.")
    ] = False
    attr: Annotated[
        Attributes | None,
        FreeQuery("attr.", "Value of the contact attribute that the key names."),
    ] = None

    def query(self, place: str = "query") -> ContactQuery:
        """Raises ``BadRequest`` for a range that ends before it begins, naming it within ``place``."""
        start_ms, end_ms = ms(self.start_time), ms(self.end_time)
        check_range(start_ms, end_ms, f"/{place}/startTime")
        return ContactQuery(
            start_ms=start_ms,
            end_ms=end_ms,
            channels=tuple(self.channel or ()),
            queue_ids=tuple(self.queue_id or ()),
            agent_ids=tuple(self.agent_id or ()),
            statuses=tuple(Status(name) for name in self.status or ()),
            categories=tuple(self.category or ()),
            category_match=CategoryMatch(self.category_match),
            ranges=tuple(self._ranges(place)),
            customer_refs=tuple(self.customer_ref or ()),
            refused=self.refused,
            attributes=tuple((key, tuple(values)) for key, values in (self.attr or {}).items()),
        )

    def _ranges(self, place: str) -> Iterator[Range]:
        if self.measured:
            yield from (Range(Figure(name)) for name in sorted({"ANALYSIS", *self.measured}))
        mood = _SENTIMENT[self.sentiment_participant]
        bounds: tuple[tuple[str, Figure, float | None, float | None, int], ...] = (
            ("sentimentMin", mood, self.sentiment_min, self.sentiment_max, 10),
            ("shiftMin", Figure.SENTIMENT_SHIFT, self.shift_min, self.shift_max, 10),
            ("nonTalkPercentMin", Figure.NON_TALK, self.non_talk_percent_min, self.non_talk_percent_max, 10),
            ("interruptionsMin", Figure.INTERRUPTIONS, self.interruptions_min, self.interruptions_max, 1),
            ("durationMin", Figure.DURATION, self.duration_min, self.duration_max, 1),
        )  # fmt: skip
        for name, figure, least, most, scale in bounds:
            check_range(least, most, f"/{place}/{name}")
            if least is not None or most is not None:
                yield Range(
                    figure, _scaled(least, scale, ROUND_CEILING), _scaled(most, scale, ROUND_FLOOR)
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter:
    """What was said, and by whom."""

    q: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=256,
            description='Words and `"phrases in quotes"` in the redacted transcript.',
        ),
    ] = None
    q_participant_role: Annotated[
        Participant | None, Query(description="Who said it; left out: anybody.")
    ] = None
    q_match: Annotated[
        Literal["ANY", "ALL", "EXACT"],
        Query(description="Any or all of the words and phrases, or all words as one phrase."),
    ] = "ALL"

    def words(self, place: str = "query") -> passages.Words | None:
        """None when nothing is asked. Raises ``BadRequest`` for a question without a word."""
        if self.q is None:
            return None
        found = passages.words_of(self.q, passages.WordMatch(self.q_match), self.q_participant_role)
        if not found.phrases:
            raise BadRequest("words", "There is no word to look for.", pointer=f"/{place}/q")
        return found


def _scaled(bound: float | None, scale: int, rounding: str) -> int | None:
    """A bound between two values that a figure can have is the nearer one within."""
    if bound is None:
        return None
    return int((Decimal(repr(bound)) * scale).to_integral_value(rounding))


def ms(at: datetime | None) -> int | None:
    """Epoch milliseconds."""
    return None if at is None else round(at.timestamp() * 1000)


def check_range(first: float | None, last: float | None, pointer: str) -> None:
    """Raise ``BadRequest`` where the last is before the first."""
    if first is not None and last is not None and last < first:
        raise BadRequest("range", "The range ends before it begins.", pointer=pointer)
