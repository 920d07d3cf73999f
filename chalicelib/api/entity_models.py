"""The entities of a conversation, as the API answers them."""

from __future__ import annotations

from typing import Literal

from chalicelib.api.model_base import EngineInfo, Model

EntityType = Literal[
    "PERSON",
    "LOCATION",
    "ORGANIZATION",
    "COMMERCIAL_ITEM",
    "EVENT",
    "DATE",
    "QUANTITY",
    "TITLE",
    "OTHER",
]


class EntityMention(Model):
    """A stretch of a segment's ``content``; ``score`` (0..1) where the engine gives one."""

    type: EntityType
    text: str
    segment_id: str
    begin_char: int
    end_char: int
    score: float | None


class EntityGroupInfo(Model):
    """One thing that was spoken of, as it was first said."""

    type: EntityType
    text: str
    count: int
    segment_ids: list[str]


class EntitiesInfo(Model):
    """Found in the redacted text. Of types in ``not_looked_for`` nobody can say whether they are
    there; ``unread``: reasons by segment id."""

    engine: EngineInfo
    looked_for: list[EntityType]
    not_looked_for: list[EntityType]
    mentions: list[EntityMention]
    groups: list[EntityGroupInfo]
    unread: dict[str, str]
