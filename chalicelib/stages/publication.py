"""The row's publication: what lists, tiles and roll-ups see of an analysed contact."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.analysis import Conversation
from chalicelib.domain.brought import recording_uri, row_names
from chalicelib.domain.characteristics import Interruption
from chalicelib.domain.contact import ContactRecord, Part, Publication, SkippedAnalysis
from chalicelib.domain.transcript import Channel, Role
from chalicelib.formats import instants
from chalicelib.formats.object_keys import analysed_ms, started_ms

NO_RECORD = ContactRecord(contact_id="")


def publish(
    conversations: tuple[Conversation, ...],
    record: ContactRecord | None,
    parts: Iterable[Part],
    *,
    analysis_key: str,
    rule_set: str,
) -> Publication:
    """Headline figures of the contact; the voice conversation speaks for it when there are two."""
    main = conversations[0]
    known = record or NO_RECORD
    started, ended = _times(known, main, parts)
    figures, mood = main.characteristics, main.sentiment
    talk = figures.talk_time_ms
    shift = mood.shift.get(Role.CUSTOMER)
    voice = main.channel is Channel.VOICE
    spoken = voice and bool(talk)
    found = {m.name for c in conversations for m in c.categories}
    said = {name for c in conversations for name in row_names(c.brought)} - found
    return Publication(
        analysis_key=analysis_key,
        channel=main.channel,
        channels=tuple(c.channel for c in conversations),
        initiation_ms=started,
        disconnect_ms=ended,
        duration_ms=main.duration_ms,
        agent_id=known.agent_id,
        agent_name=known.agent_name,
        queue_id=known.queue_id,
        queue_name=known.queue_name,
        initiation_method=known.initiation_method,
        sentiment_agent=mood.overall.get(Role.AGENT),
        sentiment_customer=mood.overall.get(Role.CUSTOMER),
        sentiment_shift=None if shift is None else shift.end - shift.begin,
        talk_ms=figures.talk_time_union_ms if spoken else None,
        agent_talk_ms=talk.get(Role.AGENT) if spoken else None,
        customer_talk_ms=talk.get(Role.CUSTOMER) if spoken else None,
        non_talk_ms=figures.non_talk_ms if voice else None,
        interruptions=_count(figures.interruptions) if spoken else None,
        agent_interruptions=_by_agent(main) if spoken else None,
        handle_ms=_handle(known),
        turns=len(main.transcript.analysed_turns()),
        categories=tuple(sorted(found | said)),
        attributes=known.attributes,
        engines={
            f"{c.channel.lower()}/{n}": e for c in conversations for n, e in c.engines.items()
        },
        skipped=tuple(s for c in conversations for s in c.skipped),
        flags=tuple(dict.fromkeys(f for c in conversations for f in c.transcript.flags)),
        synthetic=known.attributes.get("synthetic", "").lower() == "true",
        rule_set=rule_set,
        brought_categories=tuple(sorted(said)),
    )


def publish_record(record: ContactRecord, parts: Iterable[Part]) -> Publication:
    """A contact of which only its contact record is known: listed, counted nowhere."""
    started = _ms(record.initiation_time) or min(p.modified_ms for p in parts)
    ended = _ms(record.disconnect_time) or started
    channel = Channel.CHAT if record.channel == "CHAT" else Channel.VOICE
    return Publication(
        analysis_key="",
        channel=channel,
        channels=(channel,),
        initiation_ms=started,
        disconnect_ms=ended,
        duration_ms=ended - started,
        agent_id=record.agent_id,
        agent_name=record.agent_name,
        queue_id=record.queue_id,
        queue_name=record.queue_name,
        initiation_method=record.initiation_method,
        handle_ms=_handle(record),
        attributes=record.attributes,
        skipped=(SkippedAnalysis("transcript", "NO_MEDIA", "no recording or chat has arrived"),),
        synthetic=record.attributes.get("synthetic", "").lower() == "true",
    )


def _count(found: tuple[Interruption, ...] | None) -> int | None:
    return None if found is None else len(found)


def _by_agent(conversation: Conversation) -> int | None:
    found = conversation.characteristics.interruptions
    return None if found is None else sum(1 for i in found if i.interrupter is Role.AGENT)


def _handle(record: ContactRecord) -> int | None:
    """Handle time as the contact record gives it: interaction + hold + after-contact work."""
    if record.agent_interaction_s is None:
        return None
    seconds = record.agent_interaction_s + (record.hold_s or 0) + (record.after_contact_work_s or 0)
    return seconds * 1000


def _times(record: ContactRecord, main: Conversation, parts: Iterable[Part]) -> tuple[int, int]:
    """Initiation and disconnect: the contact record, else what the source itself says. An import
    ends when it was analysed, if its recording tells no time; only else when it arrived."""
    started = (
        _ms(record.initiation_time)
        or _first_item(main)
        or started_ms(main.source_key)
        or started_ms(recording_uri(main.transcript) or "")
    )
    if started is None:
        arrived = next(p.modified_ms for p in parts if p.key == main.source_key)
        started = (analysed_ms(main.source_key) or arrived) - main.duration_ms
    return started, _ms(record.disconnect_time) or started + main.duration_ms


def _first_item(conversation: Conversation) -> int | None:
    times = (t.absolute_time for t in conversation.transcript.turns if t.absolute_time)
    return _ms(next(times, None))


def _ms(iso: str | None) -> int | None:
    found = instants.parse(iso)
    return found.ms if found else None
