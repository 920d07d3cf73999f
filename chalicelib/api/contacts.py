"""Contacts, their analyses and transcripts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from chalicelib import queries
from chalicelib.api import conversation_views, seals, searches, views
from chalicelib.api.call import Call, Reply
from chalicelib.api.filters import Filter, TextFilter, check_range
from chalicelib.api.models import (
    ContactDetail,
    ContactList,
    RoleName,
    SegmentList,
)
from chalicelib.api.params import ChannelChoice, ContactId, MaxResults, NextToken, Word
from chalicelib.domain.analysis import Conversation
from chalicelib.domain.transcript import Channel, Turn
from chalicelib.formats import contact_lens_writer, native
from chalicelib.formats.artifact import fingerprint

SEGMENTS_ON_A_PAGE = 200


def list_contacts(
    call: Call,
    *,
    wanted: Filter,
    text: TextFilter,
    max_results: MaxResults = 50,
    next_token: NextToken = None,
) -> ContactList | Reply:
    """Contacts, newest first. Repeated parameters are alternatives; without times there is no bound. With
    `q` each has snippets of what was said; 202 with a `searchId` where the search takes its time."""
    return searches.listed(
        call, wanted.query(), text.words(), searches.Place(max_results, next_token)
    )


def list_related(
    call: Call,
    *,
    contact_id: ContactId,
    max_results: MaxResults = 50,
    next_token: NextToken = None,
) -> ContactList:
    """Earlier contacts of the same customer, newest first; none where the customer is not known."""
    row = queries.contact(call.services, call.principal, contact_id)
    bound = fingerprint(["related", contact_id])
    page = queries.related(
        call.services,
        call.principal,
        row,
        cursor=seals.page_of(call.desk.seals, call.principal, bound, next_token),
        limit=max_results,
    )
    return ContactList(
        items=[views.summary(each) for each in page.rows],
        next_token=seals.of_page(call.desk.seals, call.principal, bound, page.cursor),
        truncated=page.searched_to_ms is not None,
        searched_to=views.iso_or_none(page.searched_to_ms),
    )


def get_contact(call: Call, *, contact_id: ContactId) -> ContactDetail:
    """One contact with its figures, parts and history, without its transcript."""
    row = queries.contact(call.services, call.principal, contact_id)
    hearing = conversation_views.Hearing.of(call.principal)
    return conversation_views.detail(row, queries.analysis(call.services, row), hearing)


def get_analysis(
    call: Call,
    *,
    contact_id: ContactId,
    format: Annotated[  # noqa: A002 - the parameter's name
        Literal["native", "contactlens"],
        Query(description="Loupe's own document, or a Contact Lens output file, schema 1.1.0."),
    ] = "native",
    channel: ChannelChoice = None,
    version: Annotated[
        Word | None, Query(description="An id of ``/versions``: what was published then.")
    ] = None,
) -> Reply:
    """The whole analysis, redacted. ``contactlens`` holds one conversation: the voice one, or the one
    that ``channel`` names."""
    row = queries.contact(call.services, call.principal, contact_id)
    analysis = (
        queries.analysis_version(call.services, row, version)
        if version
        else queries.analysed(call.services, row)
    )
    chosen = queries.of_channel(analysis, Channel(channel) if channel else None)
    if format == "native":
        return Reply(native.document(analysis))
    document: dict[str, Any] = contact_lens_writer.write(analysis, chosen[0], redacted=True)
    return Reply(document)


def get_transcript(
    call: Call,
    *,
    contact_id: ContactId,
    channel: ChannelChoice = None,
    participant_role: Annotated[RoleName | None, Query()] = None,
    from_: Annotated[
        int, Field(ge=0), Query(alias="from", description="Offset in ms: ends after.")
    ] = 0,
    to: Annotated[
        int | None, Field(ge=0), Query(description="Offset in ms: begins before.")
    ] = None,
    next_token: NextToken = None,
) -> SegmentList:
    """Turns and chat items, redacted, in time order, 200 on a page; a voice conversation comes before
    a chat."""
    check_range(from_, to, "/query/from")
    row = queries.contact(call.services, call.principal, contact_id)
    found = queries.conversations(call.services, row, Channel(channel) if channel else None)
    chosen = [
        (conversation, turn)
        for conversation in found
        for turn in conversation.transcript.turns
        if participant_role in (None, turn.role) and _within(turn, from_, to)
    ]
    key = row.publication.analysis_key if row.publication else ""
    bound = fingerprint(["transcript", key, channel, participant_role, from_, to])
    first = int(seals.page_of(call.desk.seals, call.principal, bound, next_token) or 0)
    last = first + SEGMENTS_ON_A_PAGE
    cursor = str(last) if last < len(chosen) else None
    return SegmentList(
        segments=[
            segment
            for conversation in found
            for segment in conversation_views.segments(
                conversation, _turns_of(conversation, chosen[first:last])
            )
        ],
        next_token=seals.of_page(call.desk.seals, call.principal, bound, cursor),
    )


def _within(turn: Turn, begin_ms: int, end_ms: int | None) -> bool:
    """Whether the turn overlaps the range; a chat message has no length and counts where it begins."""
    starts_before_end = end_ms is None or turn.begin_ms < end_ms
    return starts_before_end and (turn.end_ms > begin_ms or turn.begin_ms >= begin_ms)


def _turns_of(conversation: Conversation, chosen: list[tuple[Conversation, Turn]]) -> list[Turn]:
    return [turn for owner, turn in chosen if owner is conversation]
