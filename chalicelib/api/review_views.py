"""Review items, labels and agreement as the API shows them; who is blind is told nothing to copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from chalicelib.api import views
from chalicelib.api.models import ChannelName
from chalicelib.api.review_models import (
    AgreementFigure,
    Correction,
    CorrectionInfo,
    KindAgreement,
    MachineValue,
    ReviewItemInfo,
    ReviewKind,
    ReviewPlace,
    ReviewReason,
    ReviewSource,
    ReviewState,
    VerdictInfo,
)
from chalicelib.domain.agreement import Agreement
from chalicelib.domain.review import (
    OPTIONS,
    PRIORITY,
    Kind,
    Machine,
    Place,
    ReviewItem,
    Source,
    State,
    blind,
)
from chalicelib.domain.transcript import Channel
from chalicelib.flow.agreement import OfKind
from chalicelib.flow.labels import Label
from chalicelib.formats.instants import iso

DIGITS = 4
STATES: dict[State, ReviewState] = dict(zip(State, get_args(ReviewState), strict=True))
KINDS: dict[Kind, ReviewKind] = dict(zip(Kind, get_args(ReviewKind), strict=True))
SOURCES: dict[Source, ReviewSource] = dict(zip(Source, get_args(ReviewSource), strict=True))
_CHANNELS: dict[str, ChannelName] = {Channel.VOICE.value: "VOICE", Channel.CHAT.value: "CHAT"}


def item(one: ReviewItem, who: str) -> ReviewItemInfo:
    """The item as this person may see it."""
    hidden = blind(one, who)
    verdicts = [
        VerdictInfo(by=v.by, value=v.value, at=iso(v.at_ms), note=v.note, informed=v.informed)
        for v in one.verdicts
    ]
    reasons = [ReviewReason(text=r.text, name=r.name, value=r.value) for r in one.reasons]
    return ReviewItemInfo(
        id=one.id,
        revision=one.revision,
        state=STATES[one.state],
        contact_id=one.contact_id,
        rule_id=one.rule_id,
        rule_name=one.rule_name,
        rule_version=one.rule_version,
        name=one.name,
        description="" if hidden else one.description,
        opened_at=iso(one.opened_ms),
        changed_at=iso(one.changed_ms),
        by=one.by,
        note="" if hidden else one.note,
        kind=KINDS[one.kind],
        source=SOURCES[one.source],
        priority=PRIORITY[one.source] if hidden else one.priority,
        place=place(one.place),
        options=list(OPTIONS[one.kind]),
        blind=hidden,
        answers=len(one.verdicts),
        wanted=one.wanted,
        machine=None if hidden else machine(one.machine),
        verdicts=None if hidden else verdicts,
        reasons=None if hidden else reasons,
        decided=one.decided,
        claimed_until=views.iso_or_none(one.lease_ms),
        expires_at=views.iso_or_none(one.expires_ms),
    )


def place(given: Place) -> ReviewPlace:
    return ReviewPlace(
        channel=_CHANNELS.get(given.channel),
        segment_id=given.turn_id or None,
        begin_offset_millis=given.begin_ms,
        about=given.about,
        analysis_version=given.analysis_key.rpartition("/")[2].removesuffix(".json"),
    )


def machine(given: Machine | None) -> MachineValue | None:
    if given is None:
        return None
    engine = views.engine(given.engine) if given.engine else None
    return MachineValue(value=given.value, engine=engine, confidence=given.confidence)


def correction(versions: Sequence[Label]) -> Correction:
    """A corrected thing with its versions, of which the last one is in force."""
    latest = versions[-1]
    return Correction(
        kind=KINDS[latest.kind],
        place=place(latest.place),
        value=latest.value,
        versions=[_version(label) for label in reversed(versions)],
    )


def _version(label: Label) -> CorrectionInfo:
    return CorrectionInfo(
        version=label.version,
        value=label.value,
        confidence=round(label.confidence, DIGITS),
        by=list(label.by),
        at=iso(label.at_ms),
        item_id=label.item_id,
        source=SOURCES[label.source],
        supersedes=machine(label.machine),
    )


def agreement(found: OfKind) -> KindAgreement:
    return KindAgreement(
        kind=KINDS[found.kind],
        reviewers=found.reviewers,
        kappa=_figure(found.kappa),
        alpha=_figure(found.alpha),
    )


def _figure(one: Agreement) -> AgreementFigure:
    return AgreementFigure(
        value=_rounded(one.value),
        low=_rounded(one.low),
        high=_rounded(one.high),
        n=one.n,
        reason=one.reason,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
