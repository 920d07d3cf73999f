"""Matched categories and their evidence, as the API shows them."""

from __future__ import annotations

from chalicelib.api.model_base import Model
from chalicelib.domain.rules.rule import CategoryMatch, PointOfInterest


class PointInfo(Model):
    """Characters of a segment with their time, or, without a segment (an empty id), a time alone."""

    segment_id: str
    begin_char: int
    end_char: int
    begin_offset_millis: int
    end_offset_millis: int

    @classmethod
    def of(cls, point: PointOfInterest) -> PointInfo:
        return cls(
            segment_id=point.turn_id,
            begin_char=point.begin,
            end_char=point.end,
            begin_offset_millis=point.begin_ms,
            end_offset_millis=point.end_ms,
        )


class GroundInfo(Model):
    """A condition that is met without a place to show: a figure, or something that was not said."""

    needed: str
    saw: str


class CategoryInfo(Model):
    """A matched category with its places and the grounds that have none."""

    name: str
    rule_id: str
    rule_version: int
    points_of_interest: list[PointInfo]
    grounds: list[GroundInfo]

    @classmethod
    def of(cls, match: CategoryMatch) -> CategoryInfo:
        return cls(
            name=match.name,
            rule_id=match.rule_id,
            rule_version=match.rule_version,
            points_of_interest=[PointInfo.of(point) for point in match.points],
            grounds=[GroundInfo(needed=one.needed, saw=one.saw) for one in match.grounds],
        )
