"""A contact record as it may be shown: customers' data in its attributes is masked."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.redaction import EVERYTHING, RedactionPolicy, redact
from chalicelib.domain.transcript import Channel, Transcript
from chalicelib.ports.language import PiiDetector
from chalicelib.stages.pii import as_turn


def shown(
    record: ContactRecord,
    detector: PiiDetector,
    language: str,
    policy: RedactionPolicy = EVERYTHING,
) -> ContactRecord:
    """The record without the customer's address; attributes, segment attributes and tags masked, each
    value like a turn's text.

    What is masked already stays as it is. Raises ``EngineMissing`` and ``Unavailable``.
    """

    def masked(text: str) -> str:
        return _masked(text, detector, language, policy)

    return replace(
        record,
        attributes={name: masked(text) for name, text in record.attributes.items()},
        segment_attributes={
            name: tuple(map(masked, texts)) for name, texts in record.segment_attributes.items()
        },
        tags={name: masked(text) for name, text in record.tags.items()},
        customer_address=None,
    )


def _masked(text: str, detector: PiiDetector, language: str, policy: RedactionPolicy) -> str:
    """Each value alone: attributes do not answer one another."""
    value = Transcript(Channel.CHAT, language, (), (as_turn("attribute", text),), detector.engine)
    spans = policy.applied(detector.spans(value.turns, language))
    return redact(value, spans, policy).turns[0].text
