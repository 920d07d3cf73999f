"""What an imported source said of a conversation, as the API answers it."""

from __future__ import annotations

from chalicelib.api.model_base import EngineInfo, Model


class BroughtItemInfo(Model):
    """A stretch of a segment's ``content``; without characters the whole segment."""

    segment_id: str
    begin_char: int | None
    end_char: int | None


class BroughtPointInfo(Model):
    """One place of evidence: a time of a call, or segments of a chat."""

    begin_offset_millis: int | None
    end_offset_millis: int | None
    items: list[BroughtItemInfo]


class BroughtCategoryInfo(Model):
    """``foundByRules``: a rule of Loupe's matched under this name too."""

    name: str
    found_by_rules: bool
    points_of_interest: list[BroughtPointInfo]


class BroughtSummaryInfo(Model):
    """The source's summary; ``masked`` names what was masked in it, by ``detector``."""

    text: str
    masked: list[str]
    detector: EngineInfo | None


class BroughtInfo(Model):
    """What ``source`` said, apart from what Loupe found."""

    source: EngineInfo
    categories: list[BroughtCategoryInfo]
    summary: BroughtSummaryInfo | None
