"""Contact rows as the API shows them. What is not known is null, never 0."""

from __future__ import annotations

from chalicelib.api.model_base import EngineInfo
from chalicelib.api.models import (
    ContactSummary,
    FeedEvent,
    Named,
    PartError,
    PartInfo,
    QuarantineItem,
    SentimentSummary,
    Skipped,
    StageInfo,
    TalkSummary,
)
from chalicelib.domain.contact import (
    ContactRow,
    Part,
    Publication,
    Refusal,
    SkippedAnalysis,
    StageRun,
    Status,
)
from chalicelib.domain.transcript import Engine
from chalicelib.formats.instants import iso
from chalicelib.queries import Refused

UNFINISHED = ("RUNNING", "WAITING", "FAILED")
EVENTS = {
    Status.IN_PROGRESS: "contact.started",
    Status.COMPLETED: "contact.completed",
    Status.FAILED: "contact.failed",
    Status.QUARANTINED: "contact.quarantined",
    Status.DELETED: "contact.deleted",
}


def iso_or_none(ms: int | None) -> str | None:
    return iso(ms) if ms else None


def named(id_: str | None, name: str | None) -> Named | None:
    return Named(id=id_, name=name or id_) if id_ else None


def tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def percent(part_ms: int | None, whole_ms: int) -> float | None:
    return None if part_ms is None or whole_ms <= 0 else round(100 * part_ms / whole_ms, 1)


def engine(made_by: Engine) -> EngineInfo:
    return EngineInfo(name=made_by.name, version=made_by.version, detail=made_by.detail)


def skipped(skip: SkippedAnalysis) -> Skipped:
    return Skipped(
        capability=skip.capability,
        reason=skip.reason,
        detail=skip.detail,
        conversation=skip.conversation,
    )


def error(refusal: Refusal, key: str | None = None) -> PartError:
    return PartError(
        code=refusal.code,
        detail=refusal.detail,
        object_key=key,
        first_seen=iso_or_none(refusal.first_seen_ms),
    )


def summary(row: ContactRow) -> ContactSummary:
    known = row.publication
    return ContactSummary(
        contact_id=row.contact_id,
        channel=known.channel.value if known else None,
        channels=[c.value for c in known.channels] if known else [],
        status=row.status.value,
        version=row.version,
        initiation_timestamp=iso(known.initiation_ms) if known else None,
        disconnect_timestamp=iso(known.disconnect_ms) if known else None,
        updated_timestamp=iso(row.updated_ms),
        duration_millis=known.duration_ms if known else None,
        queue=named(known.queue_id, known.queue_name) if known else None,
        agent=named(known.agent_id, known.agent_name) if known else None,
        sentiment=_sentiment(known),
        talk=_talk(known),
        interruptions=known.interruptions if known else None,
        categories=list(known.categories) if known else [],
        brought_categories=list(known.brought_categories) if known else [],
        stage=_stage(row),
        error=_error(row),
        skipped=[skipped(s) for s in known.skipped] if known else [],
        synthetic=known.synthetic if known else False,
    )


def _sentiment(known: Publication | None) -> SentimentSummary:
    if known is None:
        return SentimentSummary()
    return SentimentSummary(
        agent=tenths(known.sentiment_agent),
        customer=tenths(known.sentiment_customer),
        shift=tenths(known.sentiment_shift),
    )


def _talk(known: Publication | None) -> TalkSummary:
    if known is None:
        return TalkSummary()
    return TalkSummary(
        agent_percent=percent(known.agent_talk_ms, known.duration_ms),
        customer_percent=percent(known.customer_talk_ms, known.duration_ms),
        non_talk_percent=percent(known.non_talk_ms, known.duration_ms),
    )


def _stage(row: ContactRow) -> str | None:
    """The stage that failed, runs or is waited for."""
    if row.status not in (Status.IN_PROGRESS, Status.FAILED):
        return None
    if row.failed_stage:
        return row.failed_stage
    running = (run.stage for run in row.stages if run.state in UNFINISHED)
    waiting = (name.rpartition("/")[2] for name in row.waiting)
    return next(running, None) or next(waiting, None)


def _error(row: ContactRow) -> PartError | None:
    if row.failure:
        return error(row.failure)
    return next((error(p.refusal, p.key) for p in row.refused_parts if p.refusal), None)


def stage(run: StageRun) -> StageInfo:
    return StageInfo.model_validate(
        {
            "stage": run.stage,
            "conversation": run.conversation,
            "state": run.state,
            "attempts": run.attempt + 1 if run.started_ms else run.attempt,
            "startedAt": iso_or_none(run.started_ms),
            "millis": run.duration_ms,
            "engine": engine(run.engine) if run.engine else None,
            "fingerprint": run.fingerprint,
            "error": error(run.error) if run.error else None,
        }
    )


def part(source: Part) -> PartInfo:
    return PartInfo(
        key=source.key,
        kind=source.kind.value,
        state=source.state.value,
        size=source.size,
        superseded=source.superseded,
        flags=list(source.flags),
        error=error(source.refusal, source.key) if source.refusal else None,
    )


def event(row: ContactRow) -> FeedEvent:
    """One per commit: the id holds the version."""
    return FeedEvent.model_validate(
        {
            "id": f"{row.contact_id}.{row.version}",
            "type": EVENTS[row.status],
            "at": iso(row.updated_ms),
            "contactId": row.contact_id,
            "contact": summary(row),
        }
    )


def quarantine_item(item: Refused) -> QuarantineItem:
    return QuarantineItem(
        id=item.id,
        contact_id=item.contact_id,
        object_key=item.key,
        code=item.refusal.code,
        detail=item.refusal.detail,
        first_seen=iso(item.refusal.first_seen_ms),
    )
