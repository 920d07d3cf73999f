"""How the installation is doing: feed, quarantine, health, version, the API's own description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib import queries
from chalicelib.api import seals, views
from chalicelib.api.call import Call, Reply
from chalicelib.api.model_base import Model
from chalicelib.api.models import (
    Feed,
    Health,
    QuarantineList,
    QueueDepth,
)
from chalicelib.api.params import MaxResults, NextToken
from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.events import Hint
from chalicelib.domain.principal import OPERATIONS
from chalicelib.ports.services import Services

FEED_PAGE = 50
POLL_MS, BUSY_POLL_MS = 5000, 1000
ESSENTIAL = ("acoustics", "transcript", "sentiment", "pii")


class VersionInfo(Model):
    version: str
    api: Literal["v1"] = "v1"
    analysis_schema: str


class ReplayAccepted(Model):
    """The contact is looked at again; the feed tells how it went."""

    contact_id: str
    object_key: str


def get_feed(
    call: Call,
    *,
    since: Annotated[
        str | None, Query(max_length=4096, description="The former answer's cursor.")
    ] = None,
) -> Feed:
    """What happened to contacts after ``since``, each contact once, as it is now. Without ``since``:
    the latest 50."""
    seal, principal = call.desk.seals, call.principal
    cursor = seals.page_of(seal, principal, "feed", since or None)
    found = queries.changes(call.services, principal, cursor, FEED_PAGE)
    return Feed(
        events=[views.event(row) for row in found.rows],
        cursor=seals.of_page(seal, principal, "feed", found.cursor) or "",
        poll_after_ms=BUSY_POLL_MS if queries.busy(call.services, principal) else POLL_MS,
    )


def list_quarantine(
    call: Call, *, max_results: MaxResults = 50, next_token: NextToken = None
) -> QuarantineList:
    """Every refused object and failed stage, newest contact first. A page covers ``maxResults``
    contacts."""
    seal, principal = call.desk.seals, call.principal
    cursor = seals.page_of(seal, principal, "quarantine", next_token)
    items, after = queries.quarantine(call.services, principal, cursor=cursor, limit=max_results)
    return QuarantineList(
        items=[views.quarantine_item(item) for item in items],
        next_token=seals.of_page(seal, principal, "quarantine", after),
    )


def replay_quarantine(
    call: Call, *, quarantine_id: Annotated[str, Path(description="The entry's id.")]
) -> Reply:
    """Judge the object again, or try the failed stage again."""
    item = queries.refused(call.services, call.principal, quarantine_id)
    hint = Hint(key=item.key or None, contact_id=item.contact_id, reason="retry")
    call.services.queues.ingest.send(hint.to_body())
    return Reply(ReplayAccepted(contact_id=item.contact_id, object_key=item.key), 202)


def get_health(call: Call) -> Health:
    """Whether everything works. Without a token only status and version; queues need the permission
    for operations."""
    engines = list(call.desk.capabilities())
    depths = _depths(call.services)
    healthy = depths is not None and not any(queue.dead for queue in depths)
    healthy = healthy and all(e.state == "OK" for e in engines if e.capability in ESSENTIAL)
    known = call.given
    return Health(
        status="OK" if healthy else "DEGRADED",
        version=call.desk.version,
        queues=depths or [] if known and known.may(OPERATIONS) else [],
        engines=engines if known else [],
        synthetic_samples=queries.synthetic(call.services, known) if known else False,
    )


def _depths(services: Services) -> list[QueueDepth] | None:
    """None when a store does not answer: health has to answer all the same."""
    try:
        return list(_each_depth(services))
    except Unavailable:
        return None


def _each_depth(services: Services) -> Iterator[QueueDepth]:
    queues = services.queues
    every = (
        queues.ingest, queues.acoustics, queues.speech, queues.facts, queues.audio_redaction,
        queues.follow_ups,
    )  # fmt: skip
    for queue in every:
        now = queue.depth()
        yield QueueDepth(
            name=queue.name,
            waiting=now.waiting,
            in_flight=now.in_flight,
            dead=now.dead,
            oldest_age_seconds=now.oldest_age_s,
        )


def get_version(call: Call) -> VersionInfo:
    """The versions of Loupe, of this API and of the analysis document."""
    return VersionInfo(version=call.desk.version, analysis_schema=ContactAnalysis("", ()).schema)


def get_openapi(call: Call) -> Reply:
    """This description."""
    return Reply(call.desk.document())
