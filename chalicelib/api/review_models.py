"""Reviews by people, as the API tells them and is told."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from chalicelib.api.model_base import EngineInfo, Model
from chalicelib.api.models import ChannelName

ReviewState = Literal["OPEN", "CLAIMED", "ANSWERED", "RESOLVED", "EXPIRED"]
ReviewKind = Literal["sentiment", "category", "pii", "risk", "transcript", "other"]
ReviewSource = Literal["LOW_CONFIDENCE", "DISAGREEMENT", "FEEDBACK", "RULE", "RANDOM", "RISK"]
NOTE, VALUE = 4000, 200


class ReviewPlace(Model):
    """What is judged: a segment of a conversation, or what the item is ``about``, such as a category."""

    channel: ChannelName | None
    segment_id: str | None
    begin_offset_millis: int | None
    about: str
    analysis_version: str


class MachineValue(Model):
    """What the machine says. ``confidence`` is 0..1 where the engine gives one."""

    value: str
    engine: EngineInfo | None
    confidence: float | None


class VerdictInfo(Model):
    """``informed``: who gave it had seen what the machine says."""

    by: str
    value: str
    at: str
    note: str
    informed: bool


class ReviewReason(Model):
    text: str
    name: str
    value: str


class ReviewItemInfo(Model):
    """``revision`` is what the next step has to name. ``by`` took the last step.

    ``blind``: the caller has not answered it yet, and is told neither ``machine``, ``verdicts``,
    ``reasons``, ``description`` nor ``note``: they are null or empty. ``options`` are the values of a
    verdict, none for a task. ``answers`` of ``wanted`` verdicts are there. ``decided``: what they came to.
    """

    id: str
    revision: int
    state: ReviewState
    contact_id: str
    rule_id: str
    rule_name: str
    rule_version: int
    name: str
    description: str
    opened_at: str
    changed_at: str
    by: str
    note: str
    kind: ReviewKind
    source: ReviewSource
    priority: int
    place: ReviewPlace
    options: list[str]
    blind: bool
    answers: int
    wanted: int
    machine: MachineValue | None
    verdicts: list[VerdictInfo] | None
    reasons: list[ReviewReason] | None
    decided: str
    claimed_until: str | None
    expires_at: str | None


class ReviewItemList(Model):
    items: list[ReviewItemInfo]
    truncated: bool


class ReviewClaim(Model):
    """``revision``: of the item as it was seen."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=1)


class ReviewResolution(ReviewClaim):
    note: str = Field(default="", max_length=NOTE)


class ReviewVerdict(ReviewClaim):
    """``value``: one of the item's options; for a task any word."""

    value: str = Field(min_length=1, max_length=VALUE)
    note: str = Field(default="", max_length=NOTE)


class Feedback(Model):
    """Something is wrong. ``segmentId`` names the turn, ``channel`` its conversation where there are two,
    ``about`` the category. ``value``: what it should be, an option of the kind; it is the first verdict."""

    model_config = ConfigDict(extra="forbid")

    kind: ReviewKind
    segment_id: str | None = Field(default=None, min_length=1, max_length=256)
    channel: ChannelName | None = None
    about: str = Field(default="", max_length=VALUE)
    value: str = Field(default="", max_length=VALUE)
    note: str = Field(default="", max_length=NOTE)


class CorrectionInfo(Model):
    """One version of what people decided. ``supersedes``: the machine's value, which stays in the analysis.
    ``confidence``: the share of verdicts that say so."""

    version: int
    value: str
    confidence: float
    by: list[str]
    at: str
    item_id: str
    source: ReviewSource
    supersedes: MachineValue | None


class Correction(Model):
    """What was judged, the value in force, and all its versions, the latest first."""

    kind: ReviewKind
    place: ReviewPlace
    value: str
    versions: list[CorrectionInfo]


class CorrectionList(Model):
    items: list[Correction]


class AgreementFigure(Model):
    """``value`` is null where it is undefined: ``reason`` says why, also for an interval that is not there.
    ``n``: the items it stands on. ``low`` to ``high``: 95 % of bootstrap samples."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str


class KindAgreement(Model):
    """``kappa``: of two fixed reviewers; ``alpha``: of any number of them."""

    kind: ReviewKind
    reviewers: int
    kappa: AgreementFigure
    alpha: AgreementFigure


class ReviewAgreement(Model):
    """Measured on the first two verdicts of each item, where neither giver knew the machine's value.
    ``truncated``: there are older items that were not looked at."""

    kinds: list[KindAgreement]
    truncated: bool
