"""Saved searches: what somebody asks again and again, under a name."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field

from chalicelib.api import if_match, new_ids
from chalicelib.api.call import Call, Reply
from chalicelib.api.model_base import Model
from chalicelib.api.route import Route
from chalicelib.api.search_models import ContactFilter, groups_of
from chalicelib.api.searches import in_body
from chalicelib.domain.principal import CONTACTS_READ
from chalicelib.flow import saved_searches
from chalicelib.flow.saved_searches import SavedSearch
from chalicelib.formats.artifact import fingerprint
from chalicelib.formats.instants import iso

SavedSearchId = Annotated[str, Path(description="The saved search's id.")]


class SavedSearchRequest(Model):
    """``shared``: everybody sees it, and finds in it what they may see."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=200)
    query: ContactFilter
    shared: bool = False


class SavedSearchInfo(Model):
    id: str
    name: str
    query: dict[str, Any] = Field(description="as `POST /v1/contacts:search` takes it")
    owner: str
    shared: bool
    updated_at: str


class SavedSearchList(Model):
    items: list[SavedSearchInfo]


def list_saved_searches(call: Call) -> SavedSearchList:
    """The caller's saved searches and those that are shared, by name."""
    found = saved_searches.listed(call.services, call.principal)
    return SavedSearchList(items=[_info(one) for one in found])


def create_saved_search(call: Call, *, body: SavedSearchRequest) -> Reply:
    """Keep a search under a name."""
    asked = fingerprint(body.model_dump(mode="json"))
    made = SavedSearch(
        id=new_ids.new_id(call, "saved-search"),
        owner=call.principal.id,
        at_ms=call.services.clock(),
        request=asked,
        **_fields(body),
    )
    first = saved_searches.book(call.services).create(made)
    new_ids.same_request(first.request, asked)
    return _reply(saved_searches.book(call.services).latest(first.id), 201)


def get_saved_search(call: Call, *, saved_search_id: SavedSearchId) -> Reply:
    """One saved search."""
    return _reply(saved_searches.get(call.services, call.principal, saved_search_id))


def put_saved_search(
    call: Call, *, saved_search_id: SavedSearchId, body: SavedSearchRequest
) -> Reply:
    """Change it; its owner and admins may."""
    before = _edited(call, saved_search_id)
    return _reply(saved_searches.written(call.services, before, **_fields(body)))


def delete_saved_search(call: Call, *, saved_search_id: SavedSearchId) -> Reply:
    """Remove it; its owner and admins may."""
    before = _edited(call, saved_search_id)
    saved_searches.written(call.services, before, name="", query={}, deleted=True)
    return Reply({}, 204)


def _edited(call: Call, saved_search_id: str) -> SavedSearch:
    found = saved_searches.editable(call.services, call.principal, saved_search_id)
    if_match.require(call, found.revision)
    return found


def _fields(body: SavedSearchRequest) -> dict[str, Any]:
    """A search that could not be asked is not saved."""
    wanted, text = groups_of(body.query)
    in_body(lambda: (wanted.query("body/query"), text.words("body/query")))
    query = body.query.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"name": body.name, "query": query, "shared": body.shared}


def _reply(one: SavedSearch, status: int = 200) -> Reply:
    return Reply(_info(one), status, headers={"ETag": if_match.etag(one.revision)})


def _info(one: SavedSearch) -> SavedSearchInfo:
    return SavedSearchInfo(
        id=one.id,
        name=one.name,
        query=dict(one.query),
        owner=one.owner,
        shared=one.shared,
        updated_at=iso(one.at_ms),
    )


PATH, TAG = "/v1/saved-searches", "saved searches"
ONE = f"{PATH}/{{savedSearchId}}"
EDITS = (403, 404, 412, 428)

ROUTES = (
    Route("GET", PATH, list_saved_searches, CONTACTS_READ, SavedSearchList, TAG),
    Route(
        "POST",
        PATH,
        create_saved_search,
        CONTACTS_READ,
        SavedSearchInfo,
        TAG,
        status=201,
        statuses=(413, 415, 422),
    ),
    Route("GET", ONE, get_saved_search, CONTACTS_READ, SavedSearchInfo, TAG, statuses=(404,)),
    Route(
        "PUT",
        ONE,
        put_saved_search,
        CONTACTS_READ,
        SavedSearchInfo,
        TAG,
        statuses=(*EDITS, 413, 415, 422),
    ),
    Route("DELETE", ONE, delete_saved_search, CONTACTS_READ, dict, TAG, status=204, statuses=EDITS),
)
