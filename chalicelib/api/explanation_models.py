"""Explanations as the API answers them."""

from __future__ import annotations

from chalicelib.api.model_base import EngineInfo, Model
from chalicelib.api.models import ChannelName, RoleName
from chalicelib.domain.explain.explanation import Metric


class ExplanationInput(Model):
    """One thing that a number is made of. ``what`` says what it is: a turn, a stretch of talk, words,
    a sentiment label. ``text`` is cut from the redacted segment."""

    what: str
    quantity: float | None
    weight: int | None
    begin_offset_millis: int | None
    end_offset_millis: int | None
    segment_id: str | None
    participant_role: RoleName | None
    text: str


class ExplanationInfo(Model):
    """``formulaId`` is an anchor of docs/metrics.md; ``comesOut``: whether the inputs alone give the
    value. ``part``: a quarter, begin or end, the first segment of a group, or a category."""

    channel: ChannelName | None
    metric: Metric
    participant_role: RoleName | None
    part: str
    value: float
    unit: str
    formula_id: str
    formula: str
    inputs: list[ExplanationInput]
    working: str
    comes_out: bool
    settings: dict[str, str | int | float | bool]
    engine: EngineInfo | None
    imported: bool
    published: float | None
    difference: float | None


class ExplanationList(Model):
    """``channel`` null: what the contact record says."""

    contact_id: str
    items: list[ExplanationInfo]
