"""All explanations of a contact, from its stored, redacted analysis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.analysis import ContactAnalysis, Conversation
from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.explain.chat import chat
from chalicelib.domain.explain.evidence import Bench, categories, redactions
from chalicelib.domain.explain.explanation import Explanation, Input, Metric
from chalicelib.domain.explain.mood import sentiment
from chalicelib.domain.explain.published import published_figures
from chalicelib.domain.explain.talk import total_duration, voice
from chalicelib.domain.transcript import Channel, Engine

CONTACT_RECORD = Engine("contact record", "", "Amazon Connect's own figures")


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanations of one conversation, or of the contact record where ``channel`` is None."""

    channel: Channel | None
    explanations: tuple[Explanation, ...]


def explain_contact(analysis: ContactAnalysis) -> tuple[Explained, ...]:
    """Conversation by conversation, then what the contact record says."""
    told = [Explained(c.channel, explain(c)) for c in analysis.conversations]
    if analysis.record is not None and (holds := tuple(_holds(analysis.record))):
        told.append(Explained(None, holds))
    return tuple(told)


def explain(conversation: Conversation) -> tuple[Explanation, ...]:
    """Every number of one conversation, with what an imported source published beside it."""
    bench = Bench.of(conversation)
    published = published_figures(conversation.channel, conversation.transcript.published)
    said = conversation.brought.categories if conversation.brought else ()
    published |= {(Metric.CATEGORY, None, c.name): len(c.points) for c in said}
    return tuple(
        replace(each, published=published.get((each.metric, each.role, each.part)))
        for each in _all(bench)
    )


def comparison(conversation: Conversation) -> tuple[Explanation, ...]:
    """The numbers that the source published too."""
    if not conversation.transcript.published and not conversation.brought:
        return ()
    return tuple(each for each in explain(conversation) if each.published is not None)


def _all(bench: Bench) -> Iterator[Explanation]:
    yield total_duration(bench)
    yield from (voice if bench.conversation.channel is Channel.VOICE else chat)(bench)
    yield from sentiment(bench)
    yield from categories(bench)
    yield from redactions(bench)


def _holds(record: ContactRecord) -> Iterable[Explanation]:
    for metric, value, unit in (
        (Metric.HOLD_TIME, record.hold_s, "s"),
        (Metric.LONGEST_HOLD, record.longest_hold_s, "s"),
        (Metric.HOLDS, record.holds, "count"),
    ):
        if value is not None:
            yield Explanation(
                metric,
                value,
                (Input("record", value),),
                unit=unit,
                engine=CONTACT_RECORD,
                imported=True,
            )
