"""What a search asks for in a body, and how it shows what it found."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, get_type_hints

from pydantic import ConfigDict, Field, create_model

from chalicelib.api.filters import Filter, TextFilter
from chalicelib.api.model_base import Model
from chalicelib.api.params import Integral


class _Body(Model):
    """Strict: the parameters of a query are words that are read, the members of a body are what they are."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _Paged(_Body):
    max_results: Annotated[int, Integral, Field(ge=1, le=100, description="Rows on a page.")] = 50
    next_token: Annotated[str | None, Field(max_length=4096)] = None


def _fields(*groups: type[Any]) -> dict[str, Any]:
    """The parameters of a query as the members of a body."""
    return {
        each.name: (
            Annotated[get_type_hints(group, include_extras=True)[each.name], Integral],
            each.default,
        )
        for group in groups
        for each in fields(group)
    }


ContactFilter = create_model("ContactFilter", __base__=_Body, **_fields(Filter, TextFilter))
ContactFilter.__doc__ = "Which contacts: the parameters of `GET /v1/contacts` as members."
SearchRequest = create_model("SearchRequest", __base__=_Paged, **_fields(Filter, TextFilter))
SearchRequest.__doc__ = "As `GET /v1/contacts`, in a body: no length of an address limits it."


def groups_of(body: Model) -> tuple[Filter, TextFilter]:
    """The filter and the words of a body."""
    given = dict(body)
    return (
        Filter(**{each.name: given[each.name] for each in fields(Filter)}),
        TextFilter(**{each.name: given[each.name] for each in fields(TextFilter)}),
    )
