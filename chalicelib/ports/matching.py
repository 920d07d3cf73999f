"""What a contact query means, and a row's place in a list: the same in every store and for whoever judges
a row that another index named."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chalicelib.domain.contact import ContactRow, PartKind, PartState, Status
from chalicelib.domain.figures import figures
from chalicelib.domain.transcript import Channel
from chalicelib.ports.storage import CategoryMatch, ContactQuery

LAST_MS = 253_402_300_799_999  # the end of year 9999

_CHANNEL_OF_PART = {PartKind.RECORDING: Channel.VOICE, PartKind.CHAT: Channel.CHAT}


def sort_ms(row: ContactRow) -> int:
    """Disconnect time of the publication, else when the contact was first seen; years 1970 to 9999."""
    at = row.publication.disconnect_ms if row.publication else row.first_seen_ms
    return min(max(at, 0), LAST_MS)


def channels(row: ContactRow) -> frozenset[str]:
    """The publication's channels; before there is one, those that the parts' kinds tell."""
    if row.publication:
        return frozenset(row.publication.channels)
    kinds = {part.kind for part in row.parts if part.state is not PartState.GONE}
    return frozenset(_CHANNEL_OF_PART[kind] for kind in kinds & _CHANNEL_OF_PART.keys())


def categories(row: ContactRow) -> frozenset[str]:
    return frozenset(row.publication.categories if row.publication else ())


def queue_id(row: ContactRow) -> str | None:
    return row.publication.queue_id if row.publication else None


def agent_id(row: ContactRow) -> str | None:
    return row.publication.agent_id if row.publication else None


def customer_ref(row: ContactRow) -> str | None:
    return row.publication.customer_ref if row.publication else None


def attributes(row: ContactRow) -> Mapping[str, str]:
    return row.publication.attributes if row.publication else {}


def analysed(row: ContactRow) -> bool:
    """Whether anybody looked for categories."""
    return bool(row.publication and row.publication.analysis_key)


def refused(row: ContactRow) -> bool:
    """Whether a part that is present was refused, or a stage failed for good."""
    return bool(row.refused_parts) or row.failure is not None


def matches(row: ContactRow, query: ContactQuery) -> bool:
    """Whether ``find`` may return this row: any value within a filter, all of the filters."""
    return (
        row.status is not Status.DELETED
        and _within(sort_ms(row), query)
        and (refused(row) or not query.refused)
        and _any_of(query.statuses, {row.status})
        and _any_of(query.queue_ids, {queue_id(row)})
        and _any_of(query.agent_ids, {agent_id(row)})
        and _any_of(query.customer_refs, {customer_ref(row)})
        and _any_of(query.channels, channels(row))
        and categories_match(query, categories(row), known=analysed(row))
        and _figures_match(row, query)
        and all(attributes(row).get(key) in values for key, values in query.attributes)
    )


def categories_match(query: ContactQuery, present: Collection[str], *, known: bool) -> bool:
    """``known``: whether the contact was analysed."""
    if not query.categories or query.category_match is CategoryMatch.ANY:
        return _any_of(query.categories, present)
    if query.category_match is CategoryMatch.ALL:
        return set(query.categories) <= set(present)
    return known and set(query.categories).isdisjoint(present)


def _figures_match(row: ContactRow, query: ContactQuery) -> bool:
    known = figures(row.publication) if query.ranges else {}
    return all(each.holds(known.get(each.figure)) for each in query.ranges)


def _within(at_ms: int, query: ContactQuery) -> bool:
    return (query.start_ms is None or query.start_ms <= at_ms) and (
        query.end_ms is None or at_ms < query.end_ms
    )


def _any_of(wanted: Collection[str], present: Collection[str | None]) -> bool:
    return not wanted or not set(wanted).isdisjoint(present)
