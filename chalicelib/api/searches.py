"""Lists of contacts, by their figures and by what was said in them.

A search that takes its time answers 202 with a ``searchId``: a token that holds the question itself, for
who asked it alone. Nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib import queries
from chalicelib.api import seals, views
from chalicelib.api.call import Call, Reply
from chalicelib.api.models import ContactList, ContactSummary
from chalicelib.api.params import MaxResults, NextToken
from chalicelib.api.problems import Refusal
from chalicelib.api.search_models import SearchRequest, groups_of
from chalicelib.api.snippet_models import SnippetInfo
from chalicelib.domain.errors import BadRequest, EngineMissing, RuleRefused
from chalicelib.domain.passages import Snippet, Words
from chalicelib.flow import word_search
from chalicelib.flow.word_search import Asked, Found
from chalicelib.formats.artifact import dump, fingerprint, load
from chalicelib.ports.search import Running, TextQuery
from chalicelib.ports.storage import ContactQuery

T = TypeVar("T")

LONGEST_ID = 4000
ASK_AGAIN_S = "1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list: how many from where on."""

    max_results: int
    next_token: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a ``searchId`` stands for."""

    search_id: str
    query: TextQuery


def search_contacts(call: Call, *, body: SearchRequest) -> ContactList | Reply:
    """Contacts, newest first, as `GET /v1/contacts` lists them, asked for in a body."""
    wanted, text = groups_of(body)
    query, words = in_body(lambda: (wanted.query("body"), text.words("body")))
    return listed(call, query, words, Place(body.max_results, body.next_token))


def get_search(
    call: Call,
    *,
    search_id: Annotated[str, Path(description="As the search answered it.")],
    max_results: MaxResults = 50,
    next_token: NextToken = None,
) -> ContactList | Reply:
    """What a search found that takes its time; 202 while it still runs."""
    text = call.desk.seals.open("search", call.principal.id, "", search_id)
    kept = load(Kept, text.encode())
    asked = Asked(call.services, call.principal, kept.query, kept.search_id)
    return _found(call, asked, Place(max_results, next_token))


def listed(
    call: Call, query: ContactQuery, words: Words | None, place: Place
) -> ContactList | Reply:
    """The page of a list, with snippets where words are asked for."""
    if words is not None:
        return _found(call, Asked(call.services, call.principal, TextQuery(words, query)), place)
    bound = fingerprint(["contacts", asdict(query)])
    page = queries.contacts(
        call.services,
        call.principal,
        query,
        cursor=seals.page_of(call.desk.seals, call.principal, bound, place.next_token),
        limit=place.max_results,
    )
    return ContactList(
        items=[views.summary(row) for row in page.rows],
        next_token=seals.of_page(call.desk.seals, call.principal, bound, page.cursor),
        truncated=page.searched_to_ms is not None,
        searched_to=views.iso_or_none(page.searched_to_ms),
    )


def in_body(read: Callable[[], T]) -> T:
    """What a body says; a range in it that cannot be is the body's fault."""
    try:
        return read()
    except BadRequest as refused:
        pointer = refused.pointer.removeprefix("/body")
        raise RuleRefused(refused.code, refused.detail, pointer) from None


def _found(call: Call, asked: Asked, place: Place) -> ContactList | Reply:
    seal, principal = call.desk.seals, call.principal
    bound = fingerprint(["words", asked.search_id, asdict(asked.query)])
    cursor = seals.page_of(seal, principal, bound, place.next_token)
    try:
        page = word_search.find(asked, cursor=cursor, limit=place.max_results)
    except EngineMissing as missing:
        detail = f"Words cannot be searched here: {missing.reason}."
        raise Refusal(501, "search.unavailable", detail) from missing
    if isinstance(page, Running):
        told = ContactList(items=[], search_id=_token(call, Kept(page.search_id, asked.query)))
        return Reply(told, 202, stored=False, headers={"Retry-After": ASK_AGAIN_S})
    return ContactList(
        items=[_shown(each) for each in page.found],
        next_token=seals.of_page(seal, principal, bound, page.cursor),
    )


def _token(call: Call, kept: Kept) -> str:
    token = call.desk.seals.seal("search", call.principal.id, "", dump(kept).decode())
    if len(token) > LONGEST_ID:
        raise BadRequest(
            "query", "This asks for too much at once for a search that takes its time."
        )
    return token


def _shown(each: Found) -> ContactSummary:
    told = [_snippet(one) for one in each.snippets]
    return views.summary(each.row).model_copy(update={"snippets": told})


def _snippet(one: Snippet) -> SnippetInfo:
    return SnippetInfo.model_validate(
        {
            "segmentId": one.segment_id,
            "channel": one.channel,
            "participantRole": one.role,
            "text": one.text,
            "offset": one.offset,
            "ranges": list(one.ranges),
        }
    )
