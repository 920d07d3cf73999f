"""A contact record as it may be shown: customers' data in its attributes is masked."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.contact import ContactRecord
from chalicelib.domain.redaction import EVERYTHING, RedactionPolicy, redact
from chalicelib.domain.transcript import Channel, Role, Transcript, Turn
from chalicelib.ports.language import PiiDetector


def shown(
    record: ContactRecord,
    detector: PiiDetector,
    language: str,
    policy: RedactionPolicy = EVERYTHING,
) -> ContactRecord:
    """The record without the customer's address, each attribute's value masked like a turn's text.

    What is masked already stays as it is. Raises ``EngineMissing`` and ``Unavailable``.
    """
    masked = {
        name: _masked(text, detector, language, policy) for name, text in record.attributes.items()
    }
    return replace(record, attributes=masked, customer_address=None)


def _masked(text: str, detector: PiiDetector, language: str, policy: RedactionPolicy) -> str:
    """Each value alone: attributes do not answer one another."""
    turn = Turn("attribute", "attribute", Role.UNKNOWN, 0, 0, text)
    value = Transcript(Channel.CHAT, language, (), (turn,), detector.engine)
    spans = policy.applied(detector.spans(value.turns, language))
    return redact(value, spans, policy).turns[0].text
