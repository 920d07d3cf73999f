"""A contact as one row of the data lake, for SQL and BI tools.

The first columns are those of Amazon Connect's analytics data lake, table
``contact_lens_conversational_analytics``, so that a query over one reads the other. Loupe's own follow. The
schema here is the only one: writer, Glue table and ``docs/lake.md`` are held against it. Everything in a row
is redacted: it is made of the published analysis alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRecord, ContactRow, Publication
from chalicelib.domain.follow_up import Result
from chalicelib.domain.transcript import Role
from chalicelib.formats import instants
from chalicelib.formats.lake_schema import COLUMNS

Value = str | int | float | bool | list[str] | None
Cells = Mapping[str, Value]
A, C = Role.AGENT, Role.CUSTOMER


@dataclass(frozen=True, slots=True)
class _Known:
    """What a row is made of; ``main`` is the conversation whose figures were published."""

    contact_id: str
    published: Publication
    record: ContactRecord | None
    main: Conversation
    conversations: tuple[Conversation, ...]
    risk: Result | None


def row_of(row: ContactRow, analysis: ContactAnalysis, risk: Result | None = None) -> Cells:
    """The cells by column, in the order of the schema. Raises ``ValueError`` for a contact without an
    analysis."""
    published = row.publication
    if published is None or not analysis.conversations:
        raise ValueError("a contact without an analysis has no row in the lake")
    parts = analysis.conversations
    main = next((c for c in parts if c.channel is published.channel), parts[0])
    known = _Known(row.contact_id, published, analysis.record, main, parts, risk)
    cells = {**_connect(known), **_figures(known), **_interruptions(known), **_own(known)}
    return {column.name: cells[column.name] for column in COLUMNS}


def line(cells: Cells) -> bytes:
    """One line of JSON."""
    return json.dumps(cells, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _connect(known: _Known) -> dict[str, Value]:
    told, record, main = known.published, known.record, known.main
    return {
        "aws_account_id": record.account_id if record else None,
        "version": None,
        "instance_id": record.instance_id if record else None,
        "instance_arn": record.instance_arn if record else None,
        "contact_id": known.contact_id,
        "channel": told.channel.value,
        "language_locale": main.language.code if main.language else main.transcript.language,
        "feature": "contact_lens_conversational_analytics",
        "categories": list(told.categories),
        "disconnect_timestamp": _time(told.disconnect_ms),
        "data_lake_last_processed_timestamp": None,
    }


def _figures(known: _Known) -> dict[str, Value]:
    told, figures, mood = known.published, known.main.characteristics, known.main.sentiment
    answers, speed = figures.response_time, figures.talk_speed_wpm
    ends = {role: shift.end for role, shift in mood.shift.items()}
    return {
        "greeting_time_agent_ms": figures.greeting_ms,
        "non_talk_time_total_ms": told.non_talk_ms,
        "talk_time_total_ms": None if told.talk_ms is None else figures.talk_time_sum_ms,
        "talk_time_agent_ms": told.agent_talk_ms,
        "talk_time_customer_ms": told.customer_talk_ms,
        "total_conversation_duration_ms": figures.total_duration_ms,
        "talk_speed_agent_wpm": _real(speed.get(A)),
        "talk_speed_customer_wpm": _real(speed.get(C)),
        "sentiment_overall_score_agent": told.sentiment_agent,
        "sentiment_overall_score_customer": told.sentiment_customer,
        "sentiment_interaction_score_customer_with_agent": mood.with_agent,
        "sentiment_interaction_score_customer_without_agent": mood.without_agent,
        "sentiment_end_score_agent": ends.get(A),
        "sentiment_end_score_customer": ends.get(C),
        "response_time_average_agent_ms": answers[A].average_ms if A in answers else None,
        "response_time_average_customer_ms": answers[C].average_ms if C in answers else None,
        "response_time_maximum_agent_ms": answers[A].maximum_ms if A in answers else None,
        "response_time_maximum_customer_ms": answers[C].maximum_ms if C in answers else None,
    }


def _interruptions(known: _Known) -> dict[str, Value]:
    found = known.main.characteristics.interruptions
    heard = found is not None and known.published.interruptions is not None

    def by(*roles: Role) -> tuple[int | None, int | None]:
        own = [i.duration_ms for i in found or () if i.interrupter in roles]
        return (sum(own), len(own)) if heard else (None, None)

    (total, agent, customer) = by(A, C), by(A), by(C)
    return {
        "interruptions_time_total_ms": total[0],
        "interruptions_time_agent_ms": agent[0],
        "interruptions_time_customer_ms": customer[0],
        "interruptions_total_count": total[1],
        "interruptions_agent_count": agent[1],
        "interruptions_customer_count": customer[1],
    }


def _own(known: _Known) -> dict[str, Value]:
    told, risk = known.published, known.risk
    summaries = [c.summary for c in known.conversations if c.summary]
    engines = (f"{n}={e.name} {e.version}" for n, e in sorted(told.engines.items()))
    written = [s.generated.text for s in summaries if s.generated]
    return {
        "loupe_channels": [channel.value for channel in told.channels],
        "initiation_timestamp": _time(told.initiation_ms),
        "initiation_method": told.initiation_method,
        "duration_ms": told.duration_ms,
        "talk_ms": told.talk_ms,
        "handle_ms": told.handle_ms,
        "queue_id": told.queue_id,
        "queue_name": told.queue_name,
        "agent_id": told.agent_id,
        "agent_name": told.agent_name,
        "customer_ref": told.customer_ref,
        "attributes": json.dumps(dict(told.attributes), ensure_ascii=False, sort_keys=True),
        "turns": told.turns,
        "sentiment_shift": told.sentiment_shift,
        "brought_categories": list(told.brought_categories),
        "risk_score": risk.score if risk else None,
        "risk_outcome": risk.outcome if risk else None,
        "summary": _joined((s.text for s in summaries), " "),
        "summary_generated": _joined(written, " "),
        "text_agent": _text(known.conversations, A),
        "text_customer": _text(known.conversations, C),
        "loupe_rule_set": told.rule_set or None,
        "loupe_engines": list(engines),
        "loupe_skipped": sorted({f"{s.capability}:{s.reason}" for s in told.skipped}),
        "loupe_flags": list(told.flags),
        "loupe_synthetic": told.synthetic,
    }


def _text(conversations: Iterable[Conversation], role: Role) -> str | None:
    """What one side said, a turn a line."""
    turns = (t.text for c in conversations for t in c.transcript.analysed_turns(role))
    return _joined(turns, "\n")


def _joined(texts: Iterable[str], by: str) -> str | None:
    return by.join(text for text in texts if text.strip()) or None


def _time(at_ms: int) -> str:
    return instants.iso(at_ms).replace("T", " ").removesuffix("Z")


def _real(value: int | None) -> float | None:
    return None if value is None else float(value)
