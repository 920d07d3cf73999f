"""Themes as the API answers them."""

from __future__ import annotations

from pydantic import Field

from chalicelib.api.model_base import EngineInfo, Model
from chalicelib.api.models import ChannelName


class ThemeQuote(Model):
    """Text of one redacted segment of the contact, cut when it is long."""

    channel: ChannelName
    segment_id: str
    text: str


class ThemeContactInfo(Model):
    """``similarity``: to the middle of the theme's other contacts, at most 1."""

    contact_id: str
    similarity: float
    quote: ThemeQuote


class ThemeInfo(Model):
    """``terms`` tell it from the other themes, weightiest first; ``label`` is made of the first of them.
    ``contacts``: the most typical first, as many as were asked for of ``count``."""

    id: str = Field(description="the same contacts, the same id")
    label: str
    terms: list[str]
    count: int
    share_percent: float = Field(description="of the contacts with text")
    contacts: list[ThemeContactInfo]


class ThemeList(Model):
    """``contactsConsidered`` counts analysed contacts; ``contactsWithoutText`` of them said nothing to go
    by, ``unassigned`` are like no others. ``truncated``: there are more contacts, and only the newest, back
    to ``searchedTo``, were considered."""

    themes: list[ThemeInfo]
    contacts_considered: int
    contacts_without_text: int
    unassigned: int
    truncated: bool = False
    searched_to: str | None = None
    engine: EngineInfo
    grouping: EngineInfo
