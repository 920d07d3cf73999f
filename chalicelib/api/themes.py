"""What contacts are about, by what they have in common."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.api import views
from chalicelib.api.call import Call
from chalicelib.api.filters import Filter
from chalicelib.api.problems import Refusal
from chalicelib.api.theme_models import ThemeContactInfo, ThemeInfo, ThemeList, ThemeQuote
from chalicelib.domain.errors import EngineMissing, IntegrityError
from chalicelib.domain.themes import Theme, ThemeContact, ThemeSet
from chalicelib.flow.themes import find_themes

CONTACTS_SHOWN = 10


def list_themes(
    call: Call,
    *,
    wanted: Filter,
    contacts_per_theme: Annotated[
        int, Query(ge=1, le=100, description="Contacts that are named of each theme.")
    ] = CONTACTS_SHOWN,
) -> ThemeList:
    """Themes of the contacts that a list with these filters has, largest first. Contacts are compared by
    the issue they were about, as quoted from the redacted text."""
    try:
        found = find_themes(call.services, call.principal, wanted.query())
    except (EngineMissing, IntegrityError) as missing:
        reason = missing.reason if isinstance(missing, EngineMissing) else str(missing)
        detail = f"Themes are not available here: {reason}."
        raise Refusal(501, "themes.unavailable", detail) from missing
    return theme_list(found, contacts_per_theme)


def theme_list(found: ThemeSet, contacts_per_theme: int) -> ThemeList:
    """The answer, with so many contacts of each theme."""
    vectors, grouping = found.engines
    return ThemeList(
        themes=[_theme(theme, contacts_per_theme) for theme in found.themes],
        contacts_considered=found.considered,
        contacts_without_text=found.silent,
        unassigned=found.unassigned,
        truncated=found.searched_to_ms is not None,
        searched_to=views.iso_or_none(found.searched_to_ms),
        engine=views.engine(vectors),
        grouping=views.engine(grouping),
    )


def _theme(theme: Theme, contacts: int) -> ThemeInfo:
    return ThemeInfo(
        id=theme.id,
        label=theme.label,
        terms=list(theme.terms),
        count=len(theme.contacts),
        share_percent=round(100 * theme.share, 1),
        contacts=[_contact(one) for one in theme.contacts[:contacts]],
    )


def _contact(one: ThemeContact) -> ThemeContactInfo:
    return ThemeContactInfo(
        contact_id=one.contact_id,
        similarity=round(one.similarity, 3),
        quote=ThemeQuote(
            channel=one.quote.channel.value, segment_id=one.quote.turn_id, text=one.quote.text
        ),
    )
